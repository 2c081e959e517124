"""Import people beside a server: how long the look takes, and for how long the school waits.

Run in the environment of a server (`python -m bench.people count file`): a new school gets this
many people from a file of which one row in a hundred is broken; then the same file once more, then
every tenth person changed. Writes the figures to the file.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from corridor import clock  # noqa: E402
from corridor.accounts import imports  # noqa: E402
from corridor.accounts.actors import Actor  # noqa: E402
from corridor.accounts.importing import Used  # noqa: E402
from corridor.accounts.models import PeopleImport  # noqa: E402
from corridor.accounts.people import students_named  # noqa: E402
from corridor.accounts.people_csv import Options  # noqa: E402
from corridor.live.log import turn  # noqa: E402
from corridor.roster.models import District, School  # noqa: E402
from corridor.roster.schools import open_school  # noqa: E402
from corridor.roster.settings import SchoolSettings  # noqa: E402

T = TypeVar("T")
OPTIONS = Options(leave_out=True)
SYLLABLES = ("jo", "smi", "ana", "lo", "pez", "ka", "ri", "ver", "ben", "car", "mo", "del", "gar")


def text(count: int, grade: int = 9) -> str:
    """A file of so many people; one in a hundred has no proper address."""
    lines = ["Student ID,First Name,Last Name,Email,Grade"]
    for number in range(count):
        parts = [SYLLABLES[number * step % 13] for step in (1, 3, 5, 7)]
        at = "@" if number % 100 else "(at)"
        given, family = "".join(parts[:2]).title(), "".join(parts[2:]).title()
        lines.append(f"N{number},{given},{family},n{number}{at}import.example.org,{grade}")
    return "\n".join(lines)


def measure(count: int) -> dict[str, Any]:
    """The figures, in seconds; of a search in milliseconds."""
    district, _ = District.objects.get_or_create(name="Bench")
    school = open_school(district=district, name=f"Import {clock.now()}", settings=SchoolSettings())
    by = Actor(None, school.pk, "admin", "Office", "bench")
    found: dict[str, Any] = {"people": count}
    found["first_look"], (kept, plan) = timed(lambda: look(school, text(count), by))
    with held() as turns:
        found["first_import"], _ = timed(lambda: imports.carry_out(kept.pk, by=by))
    found["first_turn"] = turns[0]
    found["created"], found["broken"] = len(plan.created), plan.rows_with_problems
    found["second_look"], (_, again) = timed(lambda: look(school, text(count), by))
    assert again.is_nothing
    changed = "\n".join(
        line.replace(",9", ",10") if number % 10 == 5 else line
        for number, line in enumerate(text(count).split("\n"))
    )
    _, (tenth, plan) = timed(lambda: look(school, changed, by))
    with held() as turns:
        found["tenth_import"], _ = timed(lambda: imports.carry_out(tenth.pk, by=by))
    found["tenth_turn"], found["changed"] = turns[0], len(plan.changed)
    found["search_ms"] = {typed: searched(school, typed) for typed in ("jo smi", "j", "zz")}
    for one in (tenth, kept):
        one.refresh_from_db()
    found["undo_tenth"], _ = timed(lambda: undo(school, tenth, by))
    found["undo_first"], _ = timed(lambda: undo(school, kept, by))
    return found


def look(school: School, file: str, by: Actor) -> tuple[PeopleImport, Any]:
    """As the press “Look at it”, with the rows that are broken left out."""
    return imports.look_at(school, file, "bench.csv", OPTIONS, by=by, at=clock.now())


def searched(school: School, typed: str) -> float:
    """The median of some searches, in milliseconds."""
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        students_named(school.pk, typed)
        times.append(time.perf_counter() - begun)
    return round(median(times) * 1000, 1)


def undo(school: School, kept: PeopleImport, by: Actor) -> None:
    """As the press “Undo it”."""
    with turn(school.pk) as tx:
        imports.undo(tx, kept, lambda school_id, number: Used(), by=by, at=clock.now())


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """How long this takes, and what it gives."""
    begun = time.perf_counter()
    given = work()
    return round(time.perf_counter() - begun, 2), given


@contextmanager
def held() -> Iterator[list[float]]:
    """For how long each turn inside is held: from when it is had until after the commit."""
    times: list[float] = []
    real = imports.turn

    @contextmanager
    def clocked(school_id: int) -> Iterator[Any]:
        begun = 0.0
        with real(school_id) as tx:
            begun = time.perf_counter()
            yield tx
        times.append(round(time.perf_counter() - begun, 2))

    imports.turn = clocked
    try:
        yield times
    finally:
        imports.turn = real


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(measure(int(sys.argv[1]))))
