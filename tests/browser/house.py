"""The house of a test: servers, the office beside them, and the clock they share."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from tests.servers import Server

# By which process each of the cast comes, as far as there are so many; students by the first.
_PROCESS: Final = {"rivera": 1, "okafor": 2, "ito": 2, "dana": 3}


class House:
    """The servers, and the school of the test that runs now.

    On PostgreSQL there are two processes. Who decides and who hears of it come by different ones:
    students and whoever they go to by the first, whom they ask and the admin by the second.
    """

    def __init__(self, folder: Path, count: int, *, demo: bool, **settings: str) -> None:
        self._clock_file = folder / "clock"
        self._clock_file.write_text("0")
        self._minutes = 0.0
        if demo:  # only there the clock may be moved
            settings |= {"DEMO": "true", "CLOCK_FILE": str(self._clock_file)}
        self.ending = ""
        self.servers = []
        for number in range(count):
            data = folder / f"data{number}"
            data.mkdir()
            self.servers.append(Server(data, **settings))
        for server in self.servers:
            server.start()
        self._office = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.school"],
            env=self.servers[0].environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read = [0] * count

    def order(self, order: str, **facts: Any) -> Any:
        """Let the office do something; its answer."""
        assert self._office.stdin and self._office.stdout
        self._office.stdin.write(json.dumps({"order": order, **facts}) + "\n")
        self._office.stdin.flush()
        answer = self._office.stdout.readline()
        assert answer, f"The office could not {order}; its reason is above."
        return json.loads(answer)

    def open_school(self, *, demo: bool = False) -> None:
        """A fresh school for a test; servers that an earlier test has left broken start again."""
        for server in self.servers:
            if not _is_ready(server):
                server.kill()
                server.start()
        self.ending = self.order("open", demo=demo)

    def email(self, key: str) -> str:
        """The address of a person of the cast."""
        return f"{key}{self.ending}"

    def url_for(self, key: str) -> str:
        """The server that this person of the cast uses."""
        return self.servers[_PROCESS.get(key, 0) % len(self.servers)].url

    def other_url_for(self, key: str) -> str:
        """Another server than that one, where there are several."""
        return self.servers[(_PROCESS.get(key, 0) + 1) % len(self.servers)].url

    def let_pass(self, minutes: float) -> None:
        """Move the clock of every server on."""
        self._minutes += minutes
        self._clock_file.write_text(str(self._minutes * 60))

    def next_minute(self) -> None:
        """Move the clock just into the next full minute."""
        now = time.time() + self._minutes * 60
        self.let_pass((61 - now % 60) / 60)

    def new_log(self) -> str:
        """What the servers have written since it was last asked."""
        new = []
        for number, server in enumerate(self.servers):
            log = server.log
            new.append(log[self._read[number] :])
            self._read[number] = len(log)
        return "".join(new)

    def close(self) -> None:
        """Stop what was started."""
        assert self._office.stdin and self._office.stdout
        self._office.stdin.close()
        self._office.wait(20)
        self._office.stdout.close()
        for server in self.servers:
            server.stop()


def _is_ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def keep_house(
    folder: Path, count: int = 1, *, demo: bool = True, **settings: str
) -> Iterator[House]:
    """A house for as long as its fixture lives."""
    house = House(folder, count, demo=demo, **settings)
    yield house
    house.close()
