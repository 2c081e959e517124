"""Real servers as separate processes: started, watched, stopped or killed."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import httpx

START_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on now, from below those that outgoing connections get.

    Clients that knock while a server is down would sooner or later be given its port themselves.
    """
    while True:
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", 20_000 + secrets.randbelow(12_000)))
            return int(probe.getsockname()[1])


class Server:
    """`corridor serve` on a port of its own, with these settings (without `CORRIDOR_`)."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.settings = {"DATA": str(data), "PORT": str(self.port), **settings}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment the server runs in; scripts beside it use the same."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("CORRIDOR_", "DJANGO_"))}
        return clean | {f"CORRIDOR_{name}": value for name, value in self.settings.items()}

    def run(self, module: str, *arguments: str) -> str:
        """Run a module of the tests beside the server; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> "Server":
        """Start, and wait until it is ready."""
        log = (self.data / f"server-{self.port}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "corridor", "serve"],
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, f"exit {self.process.returncode}\n{self.log}"
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"The server was not ready after {START_SECONDS} s:\n{self.log}")

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    @property
    def log(self) -> str:
        """What the server has written."""
        return (self.data / f"server-{self.port}.log").read_text(errors="replace")

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None
