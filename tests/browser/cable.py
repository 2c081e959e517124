"""The cable between a browser and a server, that a test can cut and join again."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Cable:
    """Carries every connection to a server, until it is cut."""

    def __init__(self, url: str) -> None:
        to = urlsplit(url)
        self._to = (to.hostname or "localhost", to.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lines: set[socket.socket] = set()
        self._is_cut = False
        self.url = f"http://{to.hostname}:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    def cut(self) -> None:
        """Nothing comes through; what was open breaks."""
        self._is_cut = True
        for line in tuple(self._lines):
            _close(line)

    def join(self) -> None:
        """As before."""
        self._is_cut = False

    def close(self) -> None:
        """For good."""
        self.cut()
        _close(self._listening)

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._is_cut:
                    _close(near)
                    continue
                far = socket.create_connection(self._to)
                self._lines |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        for line in (source, to):
            self._lines.discard(line)
            _close(line)


def _close(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
