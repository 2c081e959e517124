"""The devices' load: signs of life, a command to a class, pictures, and passes meanwhile.

`python -m bench.devices [--quick] [--database sqlite|postgres|both]` measures it on servers of its
own, and keeps the figures in devices.json and README.md (not with --quick).
"""

import argparse
import asyncio
import base64
import json
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop
from PIL import Image

from bench import load, machine, report
from bench.client import Client
from bench.device import Device, framed
from bench.machine import processor_seconds, resident_bytes, spread
from bench.target import Target, started

People = dict[str, Any]
RESULTS = Path(__file__).with_name("devices.json")
CLASSES, STUDENTS = 20, 40
_BEATS = re.compile(rb"^corridor_signs_of_life_total (\S+)$", re.MULTILINE)
PICTURE_BYTES = 12_000


class Classes:
    """Running classes with all their devices connected."""

    def __init__(self, target: Target, people: People) -> None:
        self.target = target
        self.people = people
        self.devices: list[list[Device]] = []
        self.heard: dict[int, list[float]] = {}

    async def open(self) -> dict[str, Any]:
        """Connect every device, some at a time; how fast, and what each costs in memory."""
        before, begun = resident_bytes(self.target.server_process), time.perf_counter()
        for found in self.people["classes"]:
            self.devices.append(list(await asyncio.gather(
                *(self._connect(student["email"]) for student in found["students"])
            )))  # fmt: skip
        took = time.perf_counter() - begun
        await asyncio.sleep(1)
        count = len(self.all)
        memory = resident_bytes(self.target.server_process) - before
        return {
            "devices": count,
            "connected_per_second": round(count / took),
            "kb_each": round(memory / count / 1000, 1),
        }

    @property
    def all(self) -> list[Device]:
        """Every device."""
        return [device for devices in self.devices for device in devices]

    def close(self) -> None:
        """Hang up."""
        for device in self.all:
            device.close()

    async def _connect(self, email: str) -> Device:
        device: Device

        def told(said: dict[str, Any]) -> None:
            if said.get("type") == "command":
                self.heard.setdefault(said["id"], []).append(time.perf_counter())
                device.say({"type": "ack", "command": said["id"]})

        device = await Device.connect(self.target.port, self.people["key"], email, told)
        return device


async def beats(classes: Classes, a_second: int, seconds: float) -> dict[str, Any]:
    """So many signs of life a second, each saying what is open now; how many were heard."""
    state = {"url": "https://example.org/book", "tabs": 3, "can_show": True}
    frames = [
        framed(
            {"type": "beat", "state": {**state, "title": f"Page {n // 7}", "idle_seconds": n % 9}}
        )
        for n in range(70)
    ]
    devices, client, sent = classes.all, Client(classes.target.port), 0
    heard = await _heard(client)
    used, begun = processor_seconds([classes.target.server_process]), time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        while sent < passed * a_second:
            devices[sent % len(devices)].send(frames[sent // len(devices) % len(frames)])
            sent += 1
        await asyncio.sleep(0.005)
    while await _heard(client) - heard < sent and time.perf_counter() - begun < seconds + 5:
        await asyncio.sleep(0.01)
    took = time.perf_counter() - begun
    used = processor_seconds([classes.target.server_process]) - used
    heard = await _heard(client) - heard
    client.close()
    return {
        "sent": sent,
        "heard": int(heard),
        "heard_per_second": round(heard / took),
        "processor_ms_each": round(used / heard * 1000, 3),
    }


async def _heard(client: Client) -> float:
    answer = await client.get("/metrics", "")
    found = _BEATS.search(answer.body)
    assert found is not None
    return float(found[1])


async def command(classes: Classes, times: int) -> dict[str, Any]:
    """A teacher asks something of the whole class, until the last device has heard it."""
    client, last, answers = Client(classes.target.port), [], []
    for number in range(times):
        found = classes.people["classes"][number % len(classes.people["classes"])]
        path = f"/classroom/sessions/{found['session']}/send/announcement"
        fields = {"text": f"Number {number}", "request_id": str(uuid4())}
        students = [("students", str(student["id"])) for student in found["students"]]
        before, begun = set(classes.heard), time.perf_counter()
        answer = await client.post_pairs(path, found["teacher"], [*fields.items(), *students])
        answers.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"A command was answered with {answer.status}: {answer.body!r}")
        [command_id] = set(classes.heard) - before or {0}
        while len(classes.heard.get(command_id, [])) < len(found["students"]):
            await asyncio.sleep(0.001)
            command_id = next(iter(set(classes.heard) - before), 0)
        last.append((max(classes.heard[command_id]) - begun) * 1000)
        await asyncio.sleep(0.3)  # their answers are recorded
    client.close()
    return {"last_device_ms": spread(last), "answer_ms": spread(answers)}


async def picture(classes: Classes, times: int) -> dict[str, Any]:
    """A picture comes from a device, and is given to a console: processor time of each."""
    found, device = classes.people["classes"][0], classes.devices[0][0]
    student, session = found["students"][0]["id"], found["session"]
    client, server = Client(classes.target.port), [classes.target.server_process]
    look = f"/classroom/sessions/{session}/look"
    await client.post(look, found["teacher"], {"students": str(student)})
    address = f"/classroom/picture?session={session}&student={student}"
    frames = [_picture(number) for number in range(times)]
    used = processor_seconds(server)
    for frame in frames:  # one device is given four a second; its first forty at once
        device.send(frame)
    await asyncio.sleep(1)
    taken = (processor_seconds(server) - used) / times
    answer = await client.get(address, found["teacher"])
    assert answer.status == 200 and len(answer.body) == PICTURE_BYTES, answer.status
    used, took = processor_seconds(server), []
    for _ in range(400):
        begun = time.perf_counter()
        answer = await client.get(address, found["teacher"])
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200
    used = (processor_seconds(server) - used) / 400
    client.close()
    return {
        "bytes": PICTURE_BYTES,
        "taken_processor_ms": round(taken * 1000, 3),
        "given_processor_ms": round(used * 1000, 3),
        "given_ms": spread(took),
    }


def _picture(number: int) -> bytes:
    """A JPEG of the usual size; each one differs from the one before."""
    file = BytesIO()
    Image.effect_noise((480, 270), 20).save(file, "JPEG", quality=15)
    data = file.getvalue() + f"{number:08}".encode()
    data += bytes(PICTURE_BYTES - len(data))
    return framed({"type": "picture", "data": base64.b64encode(data).decode()})


async def measured(
    target: Target, people: People, passes: People, students: Iterator[People], *, quick: bool
) -> dict[str, Any]:
    """Everything, with the pass figures before, and while all devices give signs of life."""
    classes = Classes(target, people)
    seconds = 2 if quick else 5
    found: dict[str, Any] = {"passes": {}}
    alone = await load.life(target, passes, students, 16, seconds)
    found["open"] = await classes.open()
    found["beats"] = await beats(classes, 1500, 2 if quick else 8)
    found["command"] = await command(classes, 10 if quick else 100)
    found["picture"] = await picture(classes, 30)
    connected = await load.life(target, passes, students, 16, seconds)
    beating = asyncio.create_task(beats(classes, 1000, seconds + 1.5))
    meanwhile = await load.life(target, passes, students, 16, seconds)
    beats_meanwhile = (await beating)["heard_per_second"]
    classes.close()
    for name, run in (("alone", alone), ("connected", connected), ("beating", meanwhile)):
        found["passes"][name] = {
            "requests_per_second": run["requests_per_second"],
            "of_it_server_ms": run["of_it_server_ms"],
            **run["all"],
        }
    return found | {"beats_meanwhile": beats_meanwhile}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.devices")
    parser.add_argument("--quick", action="store_true", help="small numbers, nothing is kept")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    chosen = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, Any] = {"machine": machine.described(Path(folder))}
    for database in ("sqlite", "postgres") if chosen.database == "both" else (chosen.database,):
        with started(database) as target:
            passes = target.add_school(2_000, 64)
            people = target.add_classes(passes["school"], CLASSES, STUDENTS)
            students = cycle(passes["students"])
            work = measured(target, people, passes, students, quick=chosen.quick)
            results[database] = uvloop.run(work)
            print(f"{database}: {json.dumps(results[database])}", flush=True)
    if not chosen.quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        report.write_devices(results)


if __name__ == "__main__":
    main()
