"""Visit an address that an admin typed, without reaching what only this server can reach.

The name is resolved once; every address behind it must be a public one; the connection goes to a
checked address, never to the name, so that a name that changes its mind in between gains nothing.
Redirects are not followed, proxies of the environment not used, and of the answer no more than the
status is looked at.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

from corridor.webhooks import notes

SECONDS: Final = 10.0
_FAREWELL_SECONDS: Final = 1.0
_MOST_BYTES: Final = 16 * 1024
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r\n]")

_IPV6_PUBLIC: Final = IPv6Network("2000::/3")
# Public by their numbers, and yet doors to something near: the platform of a cloud machine, IPv4
# addresses in the clothes of IPv6 ones.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "2002::/16", "2001::/23")
)


# Names that no public name server answers for (RFC 6761, 6762, 8375, and ICANN for `internal`).
_NEAR: Final = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "intranet"})


class BadAddress(ValueError):
    """Nothing is sent to this address; the text says why."""


class NoAnswer(Exception):
    """The visit failed before there was an answer; the text says how."""


class Target(NamedTuple):
    """An address taken apart: scheme, host (no brackets), port, `Host` header, path and query."""

    scheme: str
    host: str
    port: int
    host_header: str
    path: str


def target(url: str, *, to_private: bool) -> Target:
    """The parts of an address that may be visited. Raises `BadAddress`.

    A host that is written as a number is judged here already, a name when it is resolved.
    """
    if not re.fullmatch(r"[\x21-\x7e]{1,500}", url):
        raise BadAddress(_("The address holds spaces, or letters that an address cannot hold."))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress(_("This is not an address like https://example.org/hook.")) from None
    if parts.scheme != "https" and not (to_private and parts.scheme == "http"):
        raise BadAddress(_("The address must begin with https://"))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(_("The address must not hold a user name or a password."))
    if not re.fullmatch(r"[a-z0-9.:_-]+", host) or port == 0:
        raise BadAddress(_("This is not an address like https://example.org/hook."))
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        literal = None
    if not to_private and (is_private_name(host) if literal is None else not is_public(literal)):
        raise BadAddress(_("The address is private. Webhooks go to public addresses only."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        parts.scheme,
        host,
        port or (443 if parts.scheme == "https" else 80),
        parts.netloc.rpartition("@")[2],
        path,
    )


def is_private_name(host: str) -> bool:
    """Whether a name can mean only a machine near this one, or is a number in another dress.

    Of any other name it is known when it is resolved.
    """
    *before, last = host.rstrip(".").split(".")
    return not before or last in _NEAR or re.fullmatch(r"\d+|0x[0-9a-f]*", last) is not None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the whole internet can reach this address, not only machines near this one."""
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address not in _IPV6_PUBLIC):
        return False
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def checked_addresses(host: str, port: int, *, to_private: bool) -> list[str]:
    """The addresses behind a name, each of them public. Raises `NoAnswer`."""
    try:
        found = await resolve(host, port)
    except (OSError, UnicodeError):
        raise NoAnswer(_("The name is unknown.")) from None
    addresses = list(dict.fromkeys(entry[4][0] for entry in found))
    if not addresses:
        raise NoAnswer(_("The name has no address."))
    if not to_private and not all(_is_public_text(address) for address in addresses):
        raise NoAnswer(_("The name leads to a private address. Nothing was sent."))
    return addresses


async def resolve(host: str, port: int) -> list[Any]:
    """What the system's resolver says."""
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


async def post(url: str, headers: dict[str, str], body: bytes, *, to_private: bool) -> int:
    """Send the body there; the status of the answer. Raises `BadAddress`, `NoAnswer`."""
    to = target(url, to_private=to_private)
    try:
        async with asyncio.timeout(SECONDS):
            return await _post(to, headers, body, to_private)
    except TimeoutError:
        raise NoAnswer(notes.SILENT % {"seconds": f"{SECONDS:.0f}"}) from None
    except ssl.SSLError as error:
        raise NoAnswer(notes.UNSAFE % {"why": error.reason or "TLS failed"}) from None
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        raise NoAnswer(notes.FAILED % {"why": _briefly(error)}) from None


async def _post(to: Target, headers: dict[str, str], body: bytes, to_private: bool) -> int:
    addresses = await checked_addresses(to.host, to.port, to_private=to_private)
    reader, writer = await _connect(to, addresses)
    try:
        lines = [
            f"POST {to.path} HTTP/1.1",
            f"Host: {to.host_header}",
            "User-Agent: Corridor",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        await writer.drain()
        status = await _status(reader)
        await _farewell(reader)
        return status
    finally:
        writer.transport.abort()


async def _connect(
    to: Target, addresses: list[str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    secure: dict[str, Any] = (
        {"ssl": _tls(), "server_hostname": to.host} if to.scheme == "https" else {}
    )
    for last, address in enumerate(addresses, 1 - len(addresses)):
        try:
            return await asyncio.open_connection(address, to.port, limit=_MOST_BYTES, **secure)
        except ssl.SSLError:
            raise
        except OSError:
            if last == 0:
                raise
    raise AssertionError("there is an address")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _status(reader: asyncio.StreamReader) -> int:
    """The status of the final answer; what a server says before it is passed over."""
    heard = 0
    while True:
        line = await reader.readline()
        found = _STATUS.match(line)
        if found is None:
            raise NoAnswer(_("The answer was not HTTP."))
        if (status := int(found[1])) >= 200:
            return status
        while line.strip():
            line = await reader.readline()
            heard += len(line)
            if heard > _MOST_BYTES:
                raise NoAnswer(_("The answer was too long."))


async def _farewell(reader: asyncio.StreamReader) -> None:
    """Let the receiver finish its sentence, so that it does not see a broken connection."""
    left = _MOST_BYTES
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            while left > 0 and (heard := await reader.read(left)):
                left -= len(heard)
    except (OSError, TimeoutError):
        return


def _is_public_text(address: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(address))
    except ValueError:  # with a zone, as link-local addresses have
        return False


def _briefly(error: Exception) -> str:
    text = getattr(error, "strerror", None) or type(error).__name__
    return str(text)[:120].rstrip(".")
