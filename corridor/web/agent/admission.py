"""Which student a device belongs to, or why it is not let in."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http.request import split_domain_port, validate_host

from corridor import clock
from corridor.accounts import devices
from corridor.accounts.devices import Owner
from corridor.web.agent import messages as say
from corridor.web.rate import Buckets, TooMany

InDatabase = Callable[[Callable[[], Any]], Awaitable[Any]]

# Codes are short enough to be guessed by whoever may try for long.
of_pairings = Buckets()


class NotAdmitted(Exception):
    """Why not, as the device is told it."""

    def __init__(self, code: say.Code, text: str, again_in: int | None = None) -> None:
        super().__init__(code)
        self.bye = say.Bye(code, text, again_in)


class Visitor(msgspec.Struct, frozen=True):
    """What the connection itself says: where from, by which page, with which sign-in cookie."""

    source: str
    origin: str
    host: str
    session_key: str


class Admitted(msgspec.Struct, frozen=True):
    """A device that was let in; `secret` is what a pairing gave it."""

    owner: Owner
    secret: str | None = None


async def admit(hello: say.Hello, visitor: Visitor, in_database: InDatabase) -> Admitted:
    """Whose device it is. Raises `NotAdmitted`."""
    if hello.version != say.VERSION:
        text = f"This server speaks version {say.VERSION}. Update the device's program."
        raise NotAdmitted("version", text, 3600)
    try:
        return await _admitted(hello, visitor, in_database)
    except (OperationalError, InterfaceError):
        text = "The database does not answer. Try again in a moment."
        raise NotAdmitted("unavailable", text, 5) from None


async def _admitted(hello: say.Hello, visitor: Visitor, in_database: InDatabase) -> Admitted:
    at = clock.now()
    match hello.sign_in:
        case say.ByPage(account):
            return Admitted(await _of_page(account, visitor, in_database))
        case say.ByKey(key, email):
            owner = await in_database(partial(devices.owner_by_key, key, email, at))
            text = (
                "The key is not good, or no student of its school has this address. Ask an admin."
            )
            return Admitted(_found(owner, "wrong_key", text, 600))
        case say.ByDevice(secret):
            owner = await in_database(partial(devices.owner_by_device, secret, at))
            text = "This device is not paired any more. Ask for a new pairing code."
            return Admitted(_found(owner, "wrong_device", text))
        case say.ByCode(code):
            return await _paired(code, hello.device, visitor, in_database)


async def _of_page(account: int, visitor: Visitor, in_database: InDatabase) -> Owner:
    # A browser sends its cookies wherever a page of anybody asks it to: only our own pages count.
    if not is_own_page(visitor):
        raise NotAdmitted("wrong_origin", "Only a page of this server signs in by its cookie.")
    asked = partial(devices.owner_by_session, visitor.session_key, account, clock.now())
    owner = await in_database(asked) if visitor.session_key else None
    text = "The sign-in is over, or it is another person's. Load the page again."
    return _found(owner, "not_signed_in", text)


async def _paired(code: str, name: str, visitor: Visitor, in_database: InDatabase) -> Admitted:
    most = say.MOST_PAIRINGS_A_MINUTE
    try:
        of_pairings.take(visitor.source, at_once=most, a_minute=most)
    except TooMany as no:
        text = "Too many pairing codes were tried from here. Wait a moment."
        raise NotAdmitted("too_many", text, no.seconds) from None
    found = await in_database(partial(devices.pair, code, name=_printable(name), at=clock.now()))
    if found is None:
        raise NotAdmitted(
            "wrong_code", "The pairing code is wrong, used, or older than 10 minutes."
        )
    owner, secret = found
    return Admitted(owner, secret)


def _printable(name: str) -> str:
    """The name by which an admin will know the device again."""
    return "".join(letter for letter in name if letter.isprintable()).strip()[:80] or "–"


def _found(owner: Owner | None, code: say.Code, text: str, again_in: int | None = None) -> Owner:
    if owner is None:
        raise NotAdmitted(code, text, again_in)
    return owner


def is_own_page(visitor: Visitor) -> bool:
    """Whether the connection was opened by a page of this server, as the browser says."""
    if visitor.origin == settings.CORRIDOR.public_url:
        return True
    # This machine has several names.
    scheme = "https" if settings.CORRIDOR.is_https else "http"
    name, _ = split_domain_port(visitor.host)
    return validate_host(name, settings.ALLOWED_HOSTS) and (
        visitor.origin == f"{scheme}://{visitor.host}"
    )
