"""Measure Pass in Classroom: `python -m bench.integration [--seconds 300] [--database both]`.

Thirty consoles of thirty cards in a school of 1,000 students, in which twenty students a second ask
for a pass; their teachers approve and end it from Classroom. From the student's press until the
request has popped up in the teacher's console. Keeps the figures in integration.json and README.md
(not with --quick).
"""

import argparse
import asyncio
import json
import os
import random
import re
import tempfile
import time
from collections import deque
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

from bench import machine, report
from bench.client import Client, Console, Told, Waiting
from bench.machine import processor_seconds, resident_bytes, spread
from bench.target import Target, started

RESULTS = Path(__file__).with_name("integration.json")
CONSOLES, CARDS, STUDENTS = 30, 30, 1_000
A_SECOND = 20
BURST = 50


class Popups(Waiting):
    """A teacher's console: when each request popped up, and what else was heard."""

    def __init__(self) -> None:
        super().__init__()
        self.at: deque[float] = deque()
        self.heard = 0

    def told(self, event: Told) -> None:
        """Note the time of a request, before anybody wakes up to answer it."""
        if event.kind == "card" and event.number is not None:
            self.heard += 1
            if b"popup" in event.data and self._ROW.search(event.data):
                self.at.append(time.perf_counter())
        super().told(event)


class Class:
    """A running class: its teacher's console, and its students one after the other."""

    def __init__(self, target: Target, teacher: dict[str, Any]) -> None:
        self._target, self._teacher = target, teacher
        self.students = cycle(teacher["students"])
        self.popups = Popups()
        self._console: Console | None = None

    async def open(self, after: int) -> None:
        """The teacher looks at the class."""
        face = f"console?session={self._teacher['class_session']}&"
        self._console = await Console.listen(
            self._target.port, face, self._teacher["session"], after, told=self.popups.told
        )
        if await self._console.ready != 200:
            raise RuntimeError("The console's stream was refused.")

    def close(self) -> None:
        """The page is closed."""
        if self._console is not None:
            self._console.close()
            self._console = None

    async def ask(self, client: Client, place: int, student: dict[str, Any] | None = None) -> float:
        """A student (the next one) asks; the time of the press."""
        begun = time.perf_counter()
        student = student or next(self.students)
        answer = await client.ask(student["session"], self._teacher["room"], place)
        if answer.status != 302:
            raise RuntimeError(f"asking was answered with {answer.status}")
        return begun

    async def answer(self, client: Client, number: int | None = None) -> None:
        """The teacher approves what popped up (or this pass), and ends it."""
        number = await self.popups.next() if number is None else number
        for move in ("approve", "end"):
            await self._press(client, number, move)

    async def _press(self, client: Client, number: int, move: str) -> None:
        path = f"/classroom/passes/{number}/{move}"
        answer = await client.post(path, self._teacher["session"], {}, live=True)
        if answer.status != 200:
            raise RuntimeError(f"{move} was answered with {answer.status}")


class Board:
    """The office's dashboard: which number the pass of each student has."""

    _ROW = re.compile(rb'data-id="(\d+)"[^>]*data-section="waiting".*?<bdi>([^<]+)<', re.DOTALL)

    def __init__(self) -> None:
        self._awaited: dict[str, asyncio.Future[int]] = {}

    def told(self, event: Told) -> None:
        """Tell whoever waits for this student's pass."""
        found = self._ROW.search(event.data) if event.kind == "card" else None
        if found is not None and (waits := self._awaited.pop(found[2].decode().strip(), None)):
            waits.set_result(int(found[1]))

    def number_of(self, student: dict[str, Any]) -> asyncio.Future[int]:
        """The number that the next pass of this student will have."""
        found = asyncio.get_running_loop().create_future()
        self._awaited[student["name"]] = found
        return found


class Clients:
    """Connections that are free; a new one when there is none."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Client] = []

    def take(self) -> Client:
        """One for now."""
        return self._free.pop() if self._free else Client(self._port)

    def give_back(self, client: Client) -> None:
        """It is free again."""
        self._free.append(client)

    def close(self) -> None:
        """Hang up all."""
        for client in self._free:
            client.close()


async def steady(
    target: Target, school: dict[str, Any], consoles: int, seconds: float
) -> dict[str, Any]:
    """Twenty requests a second with so many consoles open; one of them answers each."""
    classes = await _opened(target, school, consoles)
    clients, places = Clients(target.port), cycle(school["places"])
    took: list[float] = []
    memory: list[int] = []
    slowest: dict[int, float] = {}  # of each ten seconds

    async def one(of: Class) -> None:
        client = clients.take()
        pressed = await of.ask(client, next(places))
        await of.answer(client)
        took.append((of.popups.at.popleft() - pressed) * 1000)
        ten = int((pressed - begun) / 10)
        slowest[ten] = max(slowest.get(ten, 0.0), took[-1])
        clients.give_back(client)

    used = processor_seconds(target.processes())
    server = processor_seconds([target.server_process])
    tasks, turn, begun = [], cycle(classes), time.perf_counter()
    for n in range(int(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, begun + n / A_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(one(next(turn))))
        if n % (A_SECOND * 10) == 0:
            memory.append(resident_bytes(target.server_process))
    await asyncio.gather(*tasks)
    lasted = time.perf_counter() - begun
    used = processor_seconds(target.processes()) - used
    server = processor_seconds([target.server_process]) - server
    memory.append(resident_bytes(target.server_process))
    await _closed(classes, clients)
    presses = 3 * len(took)
    return {
        "consoles": consoles,
        "requests_per_second": round(len(took) / lasted, 1),
        "presses_per_second": round(presses / lasted, 1),
        "popup_ms": spread(took) | {"p99": _percentile(took, 0.99), "most": round(max(took), 1)},
        "processor_ms_per_press": round(used / presses * 1000, 3),
        "of_it_server_ms": round(server / presses * 1000, 3),
        "processor_of_two_cores": round(used / lasted / 2, 3),
        "memory_mb": [round(one / 2**20) for one in memory],
        "slowest_ms_of_ten_seconds": [round(slowest[ten]) for ten in sorted(slowest)],
    }


async def cost(
    target: Target, school: dict[str, Any], consoles: int, seconds: float
) -> dict[str, Any]:
    """What a press costs with so many consoles of classes open, beside the office's dashboard."""
    board = Board()
    after = target.last_number(school["school"])
    office = await Console.listen(
        target.port, "staff", school["office"]["session"], after, scope="all", told=board.told
    )
    classes = [Class(target, teacher) for teacher in school["adults"]]
    await asyncio.gather(*(of.open(after) for of in classes[:consoles]))
    await asyncio.sleep(1)
    clients, places = Clients(target.port), cycle(school["places"])

    async def one(of: Class) -> None:
        client, student = clients.take(), next(of.students)
        number = board.number_of(student)
        await of.ask(client, next(places), student)
        await of.answer(client, await asyncio.wait_for(number, 10))
        clients.give_back(client)

    used = processor_seconds(target.processes())
    tasks, turn, begun = [], cycle(classes), time.perf_counter()
    for n in range(int(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, begun + n / A_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(one(next(turn))))
    await asyncio.gather(*tasks)
    used = processor_seconds(target.processes()) - used
    office.close()
    await _closed(classes, clients)
    presses = 3 * len(tasks)
    heard = sum(of.popups.heard for of in classes)
    return {
        "consoles": consoles,
        "presses": presses,
        "processor_ms_per_press": round(used / presses * 1000, 3),
        "pushes_per_press": round(heard / presses, 2),
    }


async def burst(
    target: Target, school: dict[str, Any], times: int, within: float
) -> dict[str, Any]:
    """Fifty students ask within so many seconds; what their teachers, and nobody else, hear.

    Within 0 seconds, in the same instant, the time counts from the first press of all.
    """
    classes = await _opened(target, school, CONSOLES)
    clients, places = Clients(target.port), cycle(school["places"])
    chance = random.Random(50)
    took: list[float] = []
    strangers = 0

    async def ask(of: Class, client: Client, wait: float) -> float:
        await asyncio.sleep(wait)
        return await of.ask(client, next(places))

    for _ in range(times):
        before = [of.popups.heard for of in classes]
        asked = [classes[n % CONSOLES] for n in range(BURST)]
        taken = [clients.take() for _ in asked]
        waits = sorted(chance.uniform(0, within) for _ in asked)
        await asyncio.gather(*(client.open() for client in taken))
        begun = await asyncio.gather(*(ask(*one) for one in zip(asked, taken, waits, strict=True)))
        await asyncio.sleep(1)
        for of in classes:
            own = [at for one, at in zip(asked, begun, strict=True) if one is of]
            for press, at in zip(own, of.popups.at, strict=True):
                took.append((at - (press if within else min(begun))) * 1000)
            of.popups.at.clear()
        heard = [of.popups.heard - b for of, b in zip(classes, before, strict=True)]
        strangers += sum(heard) - BURST
        for of, client in zip(asked, taken, strict=True):
            await of.answer(client)
            clients.give_back(client)
        for of in classes:
            of.popups.at.clear()
    await _closed(classes, clients)
    return {"asked": BURST, "popup_ms": spread(took), "heard_by_others": strangers}


async def _opened(target: Target, school: dict[str, Any], consoles: int) -> list[Class]:
    after = target.last_number(school["school"])
    classes = [Class(target, teacher) for teacher in school["adults"][:consoles]]
    await asyncio.gather(*(of.open(after) for of in classes))
    await asyncio.sleep(1)
    return classes


async def _closed(classes: list[Class], clients: Clients) -> None:
    for of in classes:
        of.close()
    clients.close()
    await asyncio.sleep(0.5)


def _percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2)


def school_of(target: Target, teachers: int, cards: int) -> dict[str, Any]:
    """A school with this many running classes, made beside the server."""
    path = target.server.data / "classes.json"
    target.server.run("bench.classroom_school", str(STUDENTS), str(teachers), str(cards), str(path))
    made: dict[str, Any] = json.loads(path.read_text())
    return made


def measure(target: Target, seconds: float) -> dict[str, Any]:
    """Every figure on one database."""
    results: dict[str, Any] = {"seconds": seconds, "load_before": os.getloadavg()[0]}

    def keep(name: str, found: Any) -> None:
        results[name] = found
        print(target.name, name, json.dumps(found), flush=True)

    many = school_of(target, 100, 10)
    for consoles in (0, 1, 100):
        found = uvloop.run(cost(target, many, consoles, min(seconds, 30)))
        keep(f"cost_{consoles}", found)
    school = school_of(target, CONSOLES, CARDS)
    times = 10 if seconds >= 60 else 3
    keep("at_once", uvloop.run(burst(target, school, times, 0)))
    keep("in_a_second", uvloop.run(burst(target, school, times, 1)))
    keep("steady", uvloop.run(steady(target, school, CONSOLES, seconds)))
    results["load_after"] = os.getloadavg()[0]
    return results


def main() -> None:
    """Measure, print, keep: what was measured before on the other database stays."""
    parser = argparse.ArgumentParser(prog="python -m bench.integration", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten seconds, nothing is kept")
    parser.add_argument("--seconds", type=float, default=300, help="how long the steady load lasts")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    chosen = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        results["machine"] = machine.described(Path(folder))
    for database in ("sqlite", "postgres") if chosen.database == "both" else (chosen.database,):
        with started(database) as target:
            results[database] = measure(target, 10 if chosen.quick else chosen.seconds)
    if not chosen.quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        report.write_integration(results)


if __name__ == "__main__":
    main()
