"""Only `corridor.clock` reads the time."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corridor import clock
from corridor.clock import FileClock, TestClock
from tests.house.source import modules

READS_THE_TIME = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "time.time",
    "time.time_ns", "timezone.localtime()", "timezone.localdate()", "time.localtime()",
    "time.gmtime()",
}  # fmt: skip


def calls(tree: ast.Module) -> set[str]:
    """What is called in the file, as `module.function`; with `()` where it is given nothing."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ".".join(ast.unparse(node.func).split(".")[-2:])
            found |= {name} if node.args else {name, f"{name}()"}
    return found


def test_only_the_clock_reads_the_time() -> None:
    found = [
        f"{path} calls {call}"
        for path, tree in modules()
        if path != "clock.py"
        for call in sorted(calls(tree) & READS_THE_TIME)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "datetime.datetime.now()", "time.time()", "timezone.localtime()"],
)
def test_reading_the_time_is_found(source: str) -> None:
    assert calls(ast.parse(source)) & READS_THE_TIME


def test_reckoning_with_a_time_is_not_reading_it() -> None:
    source = "timezone.localtime(at); time.monotonic(); clock.now()"
    assert not calls(ast.parse(source)) & READS_THE_TIME


def test_the_clock_tells_aware_utc() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta()


def test_a_test_moves_the_clock(clock: TestClock) -> None:
    from corridor.clock import now

    before = now()
    assert clock.move(minutes=10) == now() == before + timedelta(minutes=10)


def test_a_file_moves_the_clock_of_another_process(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    moved = FileClock(file)
    assert abs(moved() - datetime.now(UTC)) < timedelta(seconds=1)
    file.write_text("3600")
    assert timedelta(minutes=59) < moved() - datetime.now(UTC) < timedelta(minutes=61)
    file.write_text("")  # the writer is half-way through
    assert moved() - datetime.now(UTC) > timedelta(minutes=59)
