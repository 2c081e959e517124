"""No way to reach what only this server can reach."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import pytest

from corridor.webhooks import visiting
from corridor.webhooks.visiting import BadAddress, NoAnswer, is_public, target

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:830::200e"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(BadAddress, match="private"):
        target(f"https://{host}/hook", to_private=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "http://example.org/", "ftp://example.org/", "https://", "https:///x",
        "https://user@example.org/", "https://user:pass@example.org/", "https://exa mple.org/",
        "https://example.org/\r\nX: y", "https://example.org/ä", "https://example.org:99999/",
        "https://example.org:0/", "https://[::1/", "https://exa%6dple.org/", "https://" + "a" * 500,
        "https://example.org\\@127.0.0.1/", "javascript:alert(1)", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_address_for_a_webhook(url: str) -> None:
    with pytest.raises(BadAddress):
        target(url, to_private=False)


def test_the_parts_of_an_address() -> None:
    found = target("https://Hooks.Example.org:8443/a/b?c=d#e", to_private=False)
    assert found == ("https", "hooks.example.org", 8443, "Hooks.Example.org:8443", "/a/b?c=d")
    assert target("https://example.org", to_private=False).path == "/"
    assert target("http://localhost:1/x", to_private=True).port == 1


def visit(url: str, *, to_private: bool = True) -> int:
    body = b'{"type":"x"}'
    return asyncio.run(visiting.post(url, {"webhook-id": "1"}, body, to_private=to_private))


@contextmanager
def receiver(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Somebody who listens on this machine, once, and answers like this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # the visitor was first
                answer(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook?x=1"
        with socket.create_connection(listener.getsockname()):
            pass  # in case nobody came
        thread.join(5)


def said(connection: socket.socket, text: bytes) -> bytes:
    heard = connection.recv(65536)
    while b'{"type":"x"}' not in heard:
        heard += connection.recv(65536)
    connection.sendall(text)
    return heard


def test_a_visit() -> None:
    heard: list[bytes] = []
    with receiver(lambda c: heard.append(said(c, b"HTTP/1.1 204 No Content\r\n\r\n"))) as url:
        assert visit(url) == 204
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert body == b'{"type":"x"}'
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?x=1 HTTP/1.1"
    assert {"Content-Length: 12", "Connection: close", "webhook-id: 1"} <= set(lines)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200),
        (b"HTTP/1.0 500 \r\n\r\n" + b"x" * 50_000, 500),
    ],
)
def test_only_the_status_counts(text: bytes, status: int) -> None:
    with receiver(lambda c: void(said(c, text))) as url:
        assert visit(url) == status


def void(_: object) -> None:
    return None


@pytest.mark.parametrize(
    "text",
    [
        b"", b"220 smtp.example.org\r\n", b"HTTP/2 200\r\n", b"x" * 100_000,
        b"HTTP/1.1 103 x\r\n" + b"A: b\r\n" * 10_000, b"HTTP/1.1 999 x\r\n\r\n",
    ],
)  # fmt: skip
def test_an_answer_that_is_none(text: bytes) -> None:
    with receiver(lambda c: void(said(c, text))) as url, pytest.raises(NoAnswer):
        visit(url)


def test_a_receiver_that_never_comes_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visiting, "SECONDS", 0.5)

    def drip(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(b"H")
            time.sleep(0.05)

    began = time.monotonic()
    with receiver(drip) as url, pytest.raises(NoAnswer, match="no answer within"):
        visit(url)
    assert time.monotonic() - began < 8


def resolving(*addresses: str) -> Callable[..., Any]:
    """A resolver that gives these addresses, one set per question."""

    async def resolve(host: str, port: int) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("fe80::1%2",)])
def test_a_name_that_leads_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """One private address among public ones is enough: nothing is sent to any."""
    monkeypatch.setattr(visiting, "resolve", resolving(*addresses))

    async def connect(*_: Any, **__: Any) -> None:
        raise AssertionError("must not connect")

    monkeypatch.setattr(asyncio, "open_connection", connect)
    with pytest.raises(NoAnswer, match="private address"):
        visit("https://rebinding.example.org/", to_private=False)


def test_the_connection_goes_to_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its mind between check and connection gains nothing."""
    monkeypatch.setattr(visiting, "resolve", resolving("8.8.8.8", "2606:4700::1111"))
    tried: list[tuple[Any, Any]] = []

    async def connect(host: str, port: int, **more: Any) -> None:
        tried.append((host, more["server_hostname"]))
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(asyncio, "open_connection", connect)
    with pytest.raises(NoAnswer, match="Connection refused"):
        visit("https://example.org/", to_private=False)
    assert tried == [("8.8.8.8", "example.org"), ("2606:4700::1111", "example.org")]


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "localhost", "a.localhost",
     "printer.local", "metadata.google.internal", "intranet", "localhost.", "127.0.0.1."],
)  # fmt: skip
def test_what_can_only_be_near_is_refused_when_it_is_saved(host: str) -> None:
    with pytest.raises(BadAddress, match="private"):
        target(f"https://{host}/", to_private=False)
    target(f"https://{host}/", to_private=True)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_ways_to_write_this_machine(host: str) -> None:
    """The system's resolver understands them; what it gives is checked."""
    with pytest.raises((NoAnswer, BadAddress)):
        visit(f"https://{host}/", to_private=False)


@pytest.mark.thorough
def test_a_certificate_of_somebody_else_is_refused() -> None:
    plain = receiver(lambda c: c.sendall(b"no tls here, sorry\r\n" * 10))
    with plain as url, pytest.raises(NoAnswer, match="No safe connection"):
        visit(url.replace("http:", "https:"))
