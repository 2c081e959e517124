"""Ten thousand appointments of one school that are due in the same minute, beside a load.

`python -m bench.appointments` measures on both databases, prints the figures and fails if one is
missed;
`python -m bench.appointments arrange people.json file` makes them, in the environment of a server.
"""

import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bench.load import Flow
from bench.machine import spread
from bench.target import Target, started

COUNT: Final = 10_000
ROOMS: Final = 400
CLIENTS: Final = 4
# What is promised: so long until the last has surfaced, and so slow 1 request in 100 meanwhile.
MOST_SECONDS: Final = 10.0
MOST_MS: Final = 250
# So long the load runs before they are due, and after.
BEFORE, AFTER = 10.0, 20.0


def arrange(people: dict[str, Any]) -> dict[str, Any]:
    """Make them, and say how long the school waits for a press that makes 2000."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
    import django

    django.setup()
    from corridor import clock
    from corridor.accounts.actors import Actor
    from corridor.live.log import turn
    from corridor.passes.appointments import make_appointments
    from corridor.passes.arranging import MOST_AT_ONCE, Wish
    from corridor.roster.settings import settings_in

    adult = people["adults"][-1]
    by = Actor(adult["id"], people["school"], "admin", adult["name"], "bench")
    due = clock.now() + timedelta(seconds=BEFORE + 25)
    ids = [student["id"] for student in people["students"][:COUNT]]
    rooms = [adult["room"] for adult in people["adults"][:-1]]

    def make(some: list[int], room: int, when: datetime) -> float:
        begun = time.perf_counter()
        with turn(people["school"]) as tx:
            local = when.astimezone(settings_in(tx).zone)
            wish = Wish(
                origin_id=room, destination_id=people["places"][room % len(people["places"])],
                day=local.date(), wall=local.time(),
            )  # fmt: skip
            make_appointments(tx, wish, student_ids=some, by=by, at=clock.now())
        return time.perf_counter() - begun

    each = COUNT // len(rooms)
    for number, room in enumerate(rooms):
        make(ids[number * each : (number + 1) * each], room, due + timedelta(minutes=5))
    # What one press waits that makes as many as it may; these are far away.
    longest = make(ids[:MOST_AT_ONCE], rooms[0], due + timedelta(days=30))
    return {"due": due.timestamp(), "seconds_to_make_2000": round(longest, 2)}


async def measure(target: Target) -> dict[str, Any]:
    """Make them, then watch them surface while others ask, approve and end."""
    people = target.add_school(COUNT + 3000, ROOMS)
    path = target.server.data / "people.json"
    path.write_text(json.dumps(people))
    out = target.server.data / "arranged.json"
    target.server.run("bench.appointments", "arrange", str(path), str(out))
    made = json.loads(out.read_text())
    students = cycle(people["students"][COUNT:])
    flows = [Flow(target, people, adult, students) for adult in people["adults"][:CLIENTS]]
    after = target.last_number(people["school"])
    await asyncio.gather(*(flow.open(after) for flow in flows))
    before = await _load(flows, made["due"] - time.time() - 0.5)
    surfacing = asyncio.create_task(_surfaced(target, people["school"], made["due"]))
    during = await _load(flows, AFTER)
    took = await surfacing
    for flow in flows:
        flow.close()
    return {
        "database": target.name, "seconds_to_surface": took,
        "seconds_to_make_2000": made["seconds_to_make_2000"], "before": before, "during": during,
    }  # fmt: skip


async def _load(flows: list[Flow], seconds: float) -> dict[str, Any]:
    for flow in flows:
        flow.took.clear()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(flow.run(until) for flow in flows))
    found = sorted(ms for flow in flows for many in flow.took.values() for ms in many)
    return spread(found) | {"requests": len(found), "p99": found[len(found) * 99 // 100]}


async def _surfaced(target: Target, school_id: int, due: float) -> float:
    """How long after they were due the last one has surfaced."""
    while True:
        await asyncio.sleep(0.25)
        left = await asyncio.to_thread(
            target.query,
            "SELECT EXISTS (SELECT 1 FROM passes_comingpass WHERE school_id = %s"
            " AND begins_at < %s)", [school_id, _in_sql(target, due + 600)],
        )  # fmt: skip
        if not left[0][0]:
            return round(time.time() - due, 1)


def _in_sql(target: Target, seconds: float) -> Any:
    at = datetime.fromtimestamp(seconds, UTC)
    return at if target.postgres else at.replace(tzinfo=None).isoformat(" ", "microseconds")


def missed(found: dict[str, Any]) -> list[str]:
    """What a run does not keep of what is promised."""
    told = []
    if found["seconds_to_surface"] > MOST_SECONDS:
        told.append(f"{COUNT} surfaced in {found['seconds_to_surface']} s, not in {MOST_SECONDS} s")
    if found["during"]["p99"] > MOST_MS:
        told.append(f"the p99 of requests was {found['during']['p99']:.0f} ms, not {MOST_MS} ms")
    return [f"{found['database']}: {text}" for text in told]


def main() -> int:
    """Both databases; 1 if one of them has missed a figure."""
    told: list[str] = []
    for database in ("sqlite", "postgres"):
        with started(database) as target:
            found = asyncio.run(measure(target))
        print(json.dumps(found, indent=1), flush=True)
        told += missed(found)
    print("\n".join(told) or "Every figure is kept.", flush=True)
    return 1 if told else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["arrange"]:
        made = arrange(json.loads(Path(sys.argv[2]).read_text()))
        Path(sys.argv[3]).write_text(json.dumps(made))
    else:
        sys.exit(main())
