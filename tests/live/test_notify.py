"""Two processes on one PostgreSQL wake each other, and not themselves."""

import os
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from tests.postgres import Postgres

pytestmark = pytest.mark.thorough

SCRIPT = Path(__file__).with_name("one_process.py")


class Process:
    """A process of its own and the lines it has said."""

    def __init__(self, database: str, data: Path) -> None:
        environment = {
            **os.environ, "CORRIDOR_DATABASE_URL": database, "CORRIDOR_DATA": str(data),
            "CORRIDOR_SECRET_KEY": "only-for-tests-0123456789-abcdefghijklm",
            "PYTHONPATH": str(SCRIPT.parents[2]),
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._lines: Queue[str] = Queue()
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())

    def call(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("call\n")
        self._process.stdin.flush()

    def says(self, seconds: float) -> str:
        return self._lines.get(timeout=seconds)

    def is_silent(self, seconds: float) -> bool:
        try:
            self._lines.get(timeout=seconds)
        except Empty:
            return True
        return False

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def test_what_one_process_commits_the_other_hears_at_once(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.new_database()
    one, two = Process(database, tmp_path), None
    try:
        assert one.says(60) == "ready postgresql"
        two = Process(database, tmp_path)
        assert two.says(60) == "ready postgresql"
        for number, (writer, reader) in enumerate([(one, two), (two, one)], start=1):
            begun = time.monotonic()
            writer.call()
            assert reader.says(5) == f"woken {number}"
            assert reader.says(5) == f"heard {number}"
            took = time.monotonic() - begun
            assert took < 3, "a second is wanted; the rest is for a busy machine"
            assert writer.says(5) == f"heard {number}"
            assert writer.is_silent(0.2)  # not woken by itself
    finally:
        one.stop()
        if two is not None:
            two.stop()
