"""Measure Corridor: `python -m bench [--quick] [--database sqlite|postgres|both]`."""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import uvloop

from bench import limit, load, machine, past, profile, report
from bench.client import Client, Console, Waiting
from bench.target import Target, started

T = TypeVar("T")
RESULTS = Path(__file__).with_name("results.json")
CLIENTS = (1, 16, 50, 64)


class Plan:
    """How long and how often; `quick` looks only whether everything works."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.seconds = 1.0 if quick else 1.5
        self.repeats = 1 if quick else 3
        self.students = 10_000
        self.past_events = 100_000 if quick else 5_000_000
        self.streams = 500 if quick else 5_000
        self.presses = 10 if quick else 40
        self.imported = 2_000 if quick else 20_000


def main() -> int:
    """Measure, print, and keep the figures in results.json and README.md (not with --quick)."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, nothing is kept")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    chosen = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    begun, plan = time.monotonic(), Plan(chosen.quick)
    with tempfile.TemporaryDirectory() as folder:
        results: dict[str, Any] = {"machine": machine.described(Path(folder))}
    for database in ("sqlite", "postgres") if chosen.database == "both" else (chosen.database,):
        with started(database) as target:
            results[database] = measure(target, plan)
    results["minutes"] = round((time.monotonic() - begun) / 60, 1)
    if not plan.quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        report.write(results)
    say("done", {"minutes": results["minutes"]})
    return 0


def say(what: str, found: Any) -> None:
    """A line for whoever waits."""
    print(f"{what}: {json.dumps(found)}", flush=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one load in an event loop of its own."""
    return uvloop.run(work)


def measure(target: Target, plan: Plan) -> dict[str, Any]:
    """Every figure on one database."""
    target.add_school(20, 3)  # So that ids of people and of places differ in the next one.
    tiny = target.add_school(50, 5)
    statements = limit.recorded(target, tiny)
    small = target.add_school(100, 64)
    large = target.add_school(plan.students, 100)
    of_limit = target.add_school(plan.students, 5)
    students = cycle(large["students"])
    results: dict[str, Any] = {"statements": counted(statements)}
    say(f"{target.name} statements", results["statements"])
    results["life"] = [
        beside_limit(target, plan, large, of_limit, students, statements, clients)
        for clients in CLIENTS
    ]
    results |= listed(target, plan, large, students)
    results["knows"] = [
        run(load.one_asks(target, large, students, consoles, plan.presses))
        for consoles in (1, 30, 50, 100)
    ]
    say(f"{target.name} one asks", results["knows"])
    results["all_ask"] = run(load.all_ask(target, large, students, 50, 3 if plan.quick else 10))
    say(f"{target.name} 50 ask at once", results["all_ask"])
    results["idle"] = run(load.idle(target, large, students, plan.streams, 3 if plan.quick else 10))
    say(f"{target.name} idle", results["idle"])
    results["flat"] = flat(target, plan, small, large, students)
    results["people"] = imported(target, plan.imported)
    say(f"{target.name} people imported", results["people"])
    results["plans"] = limit.plans(target, large, statements)
    results["profile"] = profile.taken(target, small)
    say(f"{target.name} profile", results["profile"])
    return results


def imported(target: Target, count: int) -> dict[str, Any]:
    """A school's people from a file, beside the server."""
    path = target.server.data / "people.json"
    target.server.run("bench.people", str(count), str(path))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def counted(statements: dict[str, Any]) -> dict[str, Any]:
    """Statements from begin to commit, those before it (a sign-in not asked for in the last five
    seconds), and whether the commit is the last."""
    return {
        name: {
            "in_transaction": found["count"],
            "for_a_new_sign_in": found["before_begin"],
            "after_commit": 0 if found["last"] == "COMMIT" else 1,
        }
        for name, found in statements.items()
    }


def beside_limit(
    target: Target,
    plan: Plan,
    people: dict[str, Any],
    of_limit: dict[str, Any],
    students: Iterator[dict[str, Any]],
    statements: dict[str, Any],
    clients: int,
) -> dict[str, Any]:
    """Corridor and the limit in turns; the run with the median rate of each."""
    ours, limits = [], []
    for _ in range(plan.repeats):
        ours.append(run(load.life(target, people, students, clients, plan.seconds)))
        if target.postgres is not None:
            limits.append(limit.pgbench(target, of_limit, statements, clients, round(plan.seconds)))
        else:
            limits.append(limit.plain_sqlite(target, of_limit, statements, plan.seconds))
    found = by_rate(ours)
    found["limit"] = by_rate(limits)
    found["of_limit"] = round(
        found["requests_per_second"] / found["limit"]["requests_per_second"], 2
    )
    say(f"{target.name} {clients} clients", found)
    return found


def by_rate(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run with the median rate."""
    middle = median(run["requests_per_second"] for run in runs)
    return min(runs, key=lambda run: abs(run["requests_per_second"] - middle))


def listed(
    target: Target, plan: Plan, people: dict[str, Any], students: Iterator[dict[str, Any]]
) -> dict[str, Any]:
    """Pages with 50 running passes; the student's two."""

    async def fill() -> None:
        client, adult = Client(target.port), people["adults"][0]
        after = target.last_number(people["school"])
        waiting = Waiting()
        console = await Console.listen(
            target.port, "staff", adult["session"], after, told=waiting.told
        )
        for n in range(50):
            place = people["places"][n % len(people["places"])]
            await client.ask(next(students)["session"], adult["room"], place)
            running.append(await waiting.next())
            await client.press(adult["session"], running[-1], "approve")
        console.close()
        client.close()

    async def empty() -> None:
        client = Client(target.port)
        for number in running:
            await client.press(people["adults"][0]["session"], number, "end")
        client.close()

    running: list[int] = []
    run(fill())
    office, pupil = people["adults"][-1]["session"], next(students)["session"]
    found = {
        "list_of_50": run(load.pages(target, "/staff?scope=all", office, plan.seconds)),
        "student_page": run(load.pages(target, "/student", pupil, plan.seconds)),
        "nothing": run(load.pages(target, "/healthz", office, plan.seconds)),
    }
    run(empty())
    say(f"{target.name} pages", found)
    return found


def flat(
    target: Target,
    plan: Plan,
    small: dict[str, Any],
    large: dict[str, Any],
    students: Iterator[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The same load in a small school, in a large one, and after years of events."""

    def step(name: str, people: dict[str, Any], who: Iterator[dict[str, Any]]) -> dict[str, Any]:
        runs = [run(load.life(target, people, who, 1, plan.seconds)) for _ in range(plan.repeats)]
        found = {"school": name, **by_rate(runs)}
        say(f"{target.name} flat", found)
        return found

    steps = [
        step("100 students", small, cycle(small["students"])),
        step(f"{plan.students} students", large, students),
    ]
    begun = time.monotonic()
    past.add(target, large, plan.past_events)
    say(f"{target.name} past events, seconds to write them", round(time.monotonic() - begun))
    steps.append(step(f"{plan.students} students, {plan.past_events} past events", large, students))
    return steps


if __name__ == "__main__":
    sys.exit(main())
