"""What a device and the server say to each other; `docs/device-protocol.md` says it in full.

JSON text frames, told apart by `type`. Fields that are not known are passed over, so that either
side may learn new ones; a message of an unknown type is answered with an error and nothing else.
"""

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from corridor.classroom.pictures import WIDEST
from corridor.classroom.presence import DeviceState

VERSION: Final = 1
PATH: Final = "/agent/v1"

# The largest message in bytes: a picture of 48 kB as base64 and its frame.
LARGEST: Final = 66_000
HELLO_WITHIN_SECONDS: Final = 10
PING_SECONDS: Final = 20
# A connection that has not given a sign of life for so long is closed.
SILENT_SECONDS: Final = 90
# Messages of one device: so many at once, and so many a second in the long run.
AT_ONCE, A_SECOND = 40, 4
MOST_BAD: Final = 5
_TITLE, _URL = 200, 500
# What no text of a page has, and no database takes.
_NOT_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
MOST_OF_A_STUDENT: Final = 5
MOST_PAIRINGS_A_MINUTE: Final = 60

Short = Annotated[str, msgspec.Meta(max_length=200)]
Secret = Annotated[str, msgspec.Meta(max_length=200)]
Email = Annotated[str, msgspec.Meta(max_length=254, pattern="^[^\\x00-\\x1f]*$")]
Long = Annotated[str, msgspec.Meta(max_length=2000)]


class FromDevice(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of what a device says."""


class ByPage(msgspec.Struct, frozen=True, tag_field="by", tag="page"):
    """A page of this server: the cookie of the sign-in, and for which account it was drawn."""

    account: int


class ByKey(msgspec.Struct, frozen=True, tag_field="by", tag="key"):
    """The school's device key, and the e-mail address of the managed profile."""

    key: Secret
    email: Email


class ByCode(msgspec.Struct, frozen=True, tag_field="by", tag="code"):
    """A pairing code that somebody typed; the answer brings a secret for the next times."""

    code: Annotated[str, msgspec.Meta(max_length=20)]


class ByDevice(msgspec.Struct, frozen=True, tag_field="by", tag="device"):
    """The secret that a pairing brought."""

    secret: Secret


SignIn = ByPage | ByKey | ByCode | ByDevice


class Hello(FromDevice, frozen=True, tag="hello"):
    """The first message: who is there, in which version, with what kind of device."""

    version: int
    sign_in: SignIn
    device: Short = ""
    language: Short = ""
    state: DeviceState = DeviceState()


class Beat(FromDevice, frozen=True, tag="beat"):
    """A sign of life, in answer to `ping` and whenever the state has changed.

    Without a state nothing has changed.
    """

    state: DeviceState | None = None


class Leave(FromDevice, frozen=True, tag="leave"):
    """The device goes, and means it: the student is not lost but gone."""


class Ack(FromDevice, frozen=True, tag="ack"):
    """What became of a command: nothing in `why` is “applied”, else why it failed."""

    command: int
    why: Short = ""


class Hand(FromDevice, frozen=True, tag="hand"):
    """The student raises a hand, or takes it down."""

    raised: bool
    request_id: UUID


class Write(FromDevice, frozen=True, tag="write"):
    """The student writes to the teachers of the class."""

    text: Long
    request_id: UUID


class Shot(FromDevice, frozen=True, tag="picture"):
    """The screen, as base64 of a JPEG, WebP or PNG; without data: it looks as it did before."""

    data: bytes | None = None


Heard = Hello | Beat | Leave | Ack | Hand | Write | Shot


class ToDevice(msgspec.Struct, frozen=True, tag_field="type"):
    """Base of what the server says."""


class Welcome(ToDevice, frozen=True, tag="welcome"):
    """The device is let in: whose it is, and how often it must give a sign of life.

    `secret` is told once, after a pairing; it is what the device shows from then on. For
    `sites_kept_days` it is kept which sites were open in a class: the device says so. `passes`:
    whether the school shows passes in Classroom; `passes` tells when that changes.
    """

    student_id: int
    student_name: str
    school_name: str
    now: datetime
    sites_kept_days: int
    ping_seconds: int = PING_SECONDS
    version: int = VERSION
    secret: str | None = None
    passes: bool = False


class Passes(ToDevice, frozen=True, tag="passes"):
    """The school shows passes in Classroom from now on, or does so no more."""

    shown: bool


class Ping(ToDevice, frozen=True, tag="ping"):
    """Give a sign of life now. It brings the server's time."""

    now: datetime


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The class that holds the student.

    `period` is which lesson of the day it is, or empty; `hands` and `may_write` say what the
    student may do in it.
    """

    id: int
    name: str
    period: str
    led_by: str
    started_at: datetime
    ends_at: datetime
    hands: bool
    may_write: bool


class Restriction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the device holds to until this time, and then lets go by itself.

    `kind` is lock (with its `text`), site_lock (only these `sites`), plan (only these `sites`, or
    all but these when it `blocks`) or tab_limit (`number`).
    """

    kind: str
    until: datetime
    by: str
    text: str = ""
    sites: tuple[str, ...] = ()
    blocks: bool = False
    number: int | None = None


class Desired(ToDevice, frozen=True, tag="desired"):
    """How the device should be, as a whole: what it was told before counts no more.

    Everything in it ends by itself, at the latest when the class does.
    """

    now: datetime
    class_session: Running | None = None
    hand_raised: bool = False
    restrictions: tuple[Restriction, ...] = ()


class Command(ToDevice, frozen=True, tag="command", omit_defaults=True):
    """Do this, and say with `ack` what became of it. The same one may come twice.

    `kind` is open_site (`url`), close_tabs, undo_close (of the command `undoes`), message and
    announcement (`text`), or one that changes what is desired: lock, unlock, site_lock, plan,
    tab_limit; what is desired has come before it.
    """

    id: int
    kind: str
    by: str
    at: datetime
    text: str = ""
    url: str = ""
    undoes: int | None = None


class Wrote(ToDevice, frozen=True, tag="wrote"):
    """The student has written this, here or with another device."""

    text: str
    at: datetime


class Answered(ToDevice, frozen=True, tag="answered"):
    """What became of `hand` or `write`: nothing in `code` is “done”, else why not, in words."""

    request_id: UUID
    code: str = ""
    text: str = ""


class LookedAt(ToDevice, frozen=True, tag="look"):
    """Somebody looks at the screen: send pictures until this time, and tell the student who.

    `whole`: the server has no picture of this device, so that the next one must bring its data.
    """

    by: tuple[str, ...]
    until: datetime
    every_seconds: int
    widest: int = WIDEST
    whole: bool = False


Code = Literal[
    "bad_message", "hello_first", "version", "not_signed_in", "wrong_key", "wrong_code",
    "wrong_device", "signed_out", "wrong_origin", "hello_too_late", "silent", "too_many",
    "unavailable", "restart", "replaced",
]  # fmt: skip


class Error(ToDevice, frozen=True, tag="error"):
    """A message was not understood or not done; the connection goes on."""

    code: Code
    text: str
    request_id: str | None = None


class Bye(ToDevice, frozen=True, tag="bye"):
    """The connection ends now. `again_in`: seconds until a new try makes sense; None: never so."""

    code: Code
    text: str
    again_in: int | None = None


# The numbers with which the WebSocket is closed, for those who read nothing else.
CLOSE_CODES: Final[dict[Code, int]] = {
    "bad_message": 4400, "hello_first": 4400, "version": 4400,
    "not_signed_in": 4401, "wrong_key": 4401, "wrong_code": 4401, "wrong_device": 4401,
    "signed_out": 4401, "wrong_origin": 4403, "hello_too_late": 4408, "silent": 4408,
    "replaced": 4409, "too_many": 4429, "unavailable": 4503, "restart": 1012,
}  # fmt: skip

_from_device: Final[msgspec.json.Decoder[Heard]] = msgspec.json.Decoder(Heard)
_encoder = msgspec.json.Encoder()


def read(text: str) -> Heard:
    """What the device said. Raises `msgspec.MsgspecError` with a sentence about what is wrong."""
    return _from_device.decode(text)


def written(message: ToDevice) -> str:
    """A message as it is sent."""
    return _encoder.encode(message).decode()


def kept(state: DeviceState) -> DeviceState:
    """A state as it is kept: texts of a bearable length, an address that can be a link, or none."""
    title = " ".join(_NOT_TEXT.sub(" ", state.title[:2000]).split())[:_TITLE]
    return msgspec.structs.replace(state, title=title, url=_address(state.url))


def of_page(state: DeviceState) -> DeviceState:
    """What counts of a page's state. Its script obeys whoever sits there, and nothing that it says
    is open may stand before what the school's device shows."""
    return DeviceState(idle_seconds=state.idle_seconds, why_nothing="page")


def _address(text: str) -> str:
    """A web address without what is nobody's business: a password, the place in the page."""
    try:
        url = urlsplit(text[:8000])
    except ValueError:
        return ""
    if url.scheme not in ("http", "https") or not url.hostname or _NOT_TEXT.search(text):
        return ""
    host = url.netloc.rpartition("@")[2]
    return url._replace(netloc=host, fragment="").geturl()[:_URL]
