"""The loads: clients that ask, approve and end; consoles that hear; streams that idle."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from bench.client import Client, Console, Told, Waiting
from bench.machine import processor_seconds, resident_bytes, spread
from bench.target import Target

People = dict[str, Any]


class Flow:
    """One client: a student asks, the teacher's console hears it, the teacher answers and ends.

    Each time another student, as in a school; their sign-ins are new to the server, the
    teachers' are not.
    """

    def __init__(
        self, target: Target, people: People, adult: People, students: Iterator[People]
    ) -> None:
        self._target = target
        self._people = people
        self._adult = adult
        self._students = students
        self.took: dict[str, list[float]] = defaultdict(list)
        self._waiting = Waiting()

    async def open(self, after: int) -> None:
        """Connect both, and open the teacher's console."""
        self._client = Client(self._target.port)
        await self._client.open()
        self._console = await Console.listen(
            self._target.port, "staff", self._adult["session"], after, told=self._waiting.told
        )

    async def run(self, until: float) -> None:
        """One pass after the other."""
        places = cycle(self._people["places"])
        while time.perf_counter() < until:
            begun = time.perf_counter()
            answer = await self._client.ask(
                next(self._students)["session"], self._adult["room"], next(places)
            )
            self._note("ask", begun, answer.status, 302)
            number = await self._waiting.next()
            for move in ("approve", "end"):
                begun = time.perf_counter()
                answer = await self._client.press(self._adult["session"], number, move)
                self._note(move, begun, answer.status, 200)

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        self._console.close()

    def _note(self, what: str, begun: float, status: int, wanted: int) -> None:
        if status != wanted:
            raise RuntimeError(f"{what} was answered with {status}, not {wanted}")
        self.took[what].append((time.perf_counter() - begun) * 1000)


async def life(
    target: Target, people: People, students: Iterator[People], clients: int, seconds: float
) -> dict[str, Any]:
    """Passes from request to end by so many clients at once: rate, times, processor time."""
    after = target.last_number(people["school"])
    flows = [Flow(target, people, adult, students) for adult in people["adults"][:clients]]
    await asyncio.gather(*(flow.open(after) for flow in flows))
    try:
        await _run(flows, 0.5)
        for flow in flows:
            flow.took.clear()
        used, begun = processor_seconds(target.processes()), time.perf_counter()
        server = processor_seconds([target.server_process])
        await _run(flows, seconds)
        took = time.perf_counter() - begun
        used = processor_seconds(target.processes()) - used
        server = processor_seconds([target.server_process]) - server
    finally:
        for flow in flows:
            flow.close()
    all_of = {
        what: [ms for flow in flows for ms in flow.took[what]] for what in ("ask", "approve", "end")
    }
    count = sum(map(len, all_of.values()))
    return {
        "clients": clients,
        "requests_per_second": round(count / took, 1),
        "processor_ms_per_request": round(used / count * 1000, 3),
        "of_it_server_ms": round(server / count * 1000, 3),
        "all": spread([ms for found in all_of.values() for ms in found]),
        **{what: spread(found) for what, found in all_of.items()},
    }


async def _run(flows: list[Flow], seconds: float) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(*(flow.run(until) for flow in flows))


async def pages(target: Target, path: str, session: str, seconds: float) -> dict[str, Any]:
    """One page loaded again and again by one client."""
    client = Client(target.port)
    await client.get(path, session)
    took: list[float] = []
    until = time.perf_counter() + seconds
    used = processor_seconds(target.processes())
    size = 0
    while (begun := time.perf_counter()) < until:
        answer = await client.get(path, session)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        took.append((time.perf_counter() - begun) * 1000)
        size = len(answer.body)
    used = processor_seconds(target.processes()) - used
    client.close()
    return {
        "processor_ms_per_request": round(used / len(took) * 1000, 3),
        "bytes": size,
        **spread(took),
    }


class Heard:
    """A console that notes when it heard its last row, and of which event."""

    number = 0
    at = 0.0

    def told(self, event: Told) -> None:
        """Note the time."""
        if event.number is not None:
            self.number, self.at = event.number, time.perf_counter()


async def one_asks(
    target: Target, people: People, students: Iterator[People], consoles: int, times: int
) -> dict[str, Any]:
    """From a student's press until each console of the whole building has the row."""
    adults = people["adults"]
    after = target.last_number(people["school"])
    heard = [Heard() for _ in range(consoles)]
    open_consoles = [
        await Console.listen(
            target.port, "staff", adults[n % len(adults)]["session"], after, scope="all",
            told=heard[n].told,
        )
        for n in range(consoles)
    ]  # fmt: skip
    client, adult = Client(target.port), adults[0]
    last: list[float] = []
    each: list[float] = []
    asked, used, number = 0.0, 0.0, after
    for n in range(times):
        student, place = next(students), people["places"][n % len(people["places"])]
        await client.get("/student", student["session"])  # As people do: first the page.
        await asyncio.sleep(0.02)
        before, begun = processor_seconds(target.processes()), time.perf_counter()
        await client.ask(student["session"], adult["room"], place)
        asked += (time.perf_counter() - begun) * 1000
        while not all(console.number > number for console in heard):
            await asyncio.sleep(0.001)
        used += processor_seconds(target.processes()) - before
        came = [(console.at - begun) * 1000 for console in heard]
        each += came
        last.append(max(came))
        number = heard[0].number
        await client.press(adult["session"], number, "cancel")
        while not all(console.number > number for console in heard):
            await asyncio.sleep(0.001)
        number = heard[0].number
    for console in open_consoles:
        console.close()
    client.close()
    return {
        "consoles": consoles,
        "last_console_ms": spread(last),
        "each_console_ms": spread(each),
        "answer_ms": round(asked / times, 2),
        "processor_ms": round(used / times * 1000, 2),
    }


async def all_ask(
    target: Target, people: People, students: Iterator[People], consoles: int, times: int
) -> dict[str, Any]:
    """So many students ask at once, each another adult; from the press until that adult knows."""
    adults = people["adults"][:consoles]
    after = target.last_number(people["school"])
    knows: list[float] = []
    strangers = 0
    clients = [Client(target.port) for _ in adults]
    waits = [Waiting() for _ in adults]
    heard = [0] * len(adults)

    def telling(n: int) -> Any:
        def told(event: Told) -> None:
            heard[n] += event.kind == "card"
            waits[n].told(event)

        return told

    open_consoles = [
        await Console.listen(target.port, "staff", adult["session"], after, told=telling(n))
        for n, adult in enumerate(adults)
    ]
    await asyncio.gather(*(client.open() for client in clients))

    async def ask(n: int) -> int:
        begun = time.perf_counter()
        asking = asyncio.ensure_future(
            clients[n].ask(
                next(students)["session"], adults[n]["room"],
                people["places"][n % len(people["places"])],
            )
        )  # fmt: skip
        number = await waits[n].next()
        knows.append((time.perf_counter() - begun) * 1000)
        await asking
        return number

    for _ in range(times):
        heard[:] = [0] * len(adults)
        numbers = await asyncio.gather(*(ask(n) for n in range(len(adults))))
        await asyncio.sleep(0.1)
        strangers += sum(heard) - len(adults)
        for n, number in enumerate(numbers):
            await clients[n].press(adults[n]["session"], number, "cancel")
    for console in open_consoles:
        console.close()
    for client in clients:
        client.close()
    return {"consoles": consoles, "knows_ms": spread(knows), "heard_by_others": strangers}


async def idle(
    target: Target, people: People, students: Iterator[People], count: int, seconds: float
) -> dict[str, Any]:
    """So many students' streams open at once: memory each, and what the server still does."""
    after = target.last_number(people["school"])
    before = resident_bytes(target.server_process)
    begun = time.perf_counter()
    open_streams: list[Console] = []
    for start in range(0, count, 100):
        open_streams += await asyncio.gather(
            *(
                Console.listen(target.port, "student", person["session"], after)
                for person in people["students"][-count:][start : start + 100]
            )
        )
    opened = time.perf_counter() - begun
    await asyncio.sleep(1)
    memory = resident_bytes(target.server_process) - before
    used = processor_seconds(target.processes())
    await asyncio.sleep(seconds)
    used = processor_seconds(target.processes()) - used
    with_idle = await one_asks(target, people, students, 1, 10)
    still_open = sum(not stream.ended.done() for stream in open_streams)
    for stream in open_streams:
        stream.close()
    await asyncio.sleep(0.5)
    return {
        "streams": still_open,
        "kb_each": round(memory / count / 1000, 1),
        "opened_per_second": round(count / opened),
        "processor_percent_while_idle": round(used / seconds * 100, 1),
        "one_asks_meanwhile": with_idle["last_console_ms"],
    }
