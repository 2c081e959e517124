"""What the API takes: types that let through what the database and the operations can bear."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from ninja import Schema
from ninja.params.functions import Header
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
)

from corridor.passes.rules import MAX_TEXT
from corridor.web.api.guard import Request

_MOST: Final = 2**63 - 1
# Names the ids that are made from the Idempotency-Key; any fixed UUID would do.
_OURS: Final = UUID("b1f9f0a6-5d0e-4c39-9f4f-3d1c1d8c9a10")
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


def _written(value: Any) -> Any:
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("a time like 2026-03-02T15:04:05Z is wanted")
    return value


def _whole(value: Any) -> Any:
    """7 and 7.0 are the same number in JSON; true and "7" are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a whole number is wanted")
    return value


def _yes_or_no(value: Any) -> Any:
    if value not in ("true", "false"):
        raise ValueError("true or false is wanted")
    return value == "true"


def _within_reach(at: datetime) -> datetime:
    """No calendar of a database goes to the ends of Python's."""
    return min(max(at, _EARLIEST), _LATEST)


Id = Annotated[int, Field(ge=1, le=_MOST)]
BodyId = Annotated[int, Field(ge=1, le=_MOST), BeforeValidator(_whole)]
Number = Annotated[int, Field(ge=0, le=_MOST)]
Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]  # no database takes NUL
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
Span = Annotated[Moment, AfterValidator(_within_reach)]
Flag = Annotated[bool, BeforeValidator(_yes_or_no)]
Limit = Annotated[int, Field(ge=1, le=200)]
# Eight bytes in base64: eleven letters, of which the last has four bits.
Cursor = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$",
        description="`next_cursor` of the page before.",
    ),
]

IDEMPOTENCY_KEY: Final = Header(
    None,
    alias="Idempotency-Key",
    min_length=1,
    max_length=255,
    description="Any text. Sent again to the same address with the same body, it gives the first"
    " answer again; with another body it is refused.",
)


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class NewPass(_Body):
    """A pass that an adult makes for a student."""

    student_id: BodyId
    origin_id: BodyId
    destination_id: BodyId
    reason: Text = ""
    pre_approved: StrictBool = Field(False, description="On the way at once.")
    override: list[Annotated[str, Field(max_length=40)]] = Field(
        [], max_length=40, description="Codes of the rules that are broken knowingly."
    )


class NewComment(_Body):
    """What is written beside a pass."""

    text: Annotated[Text, Field(min_length=1)]


class Times(_Body):
    """When the student of a system-ended pass was really back."""

    ended_at: Moment


def request_id(request: Request, idempotency_key: str | None) -> UUID | None:
    """The operations' request id for an Idempotency-Key.

    Made from the API key and the address too: the same text means another request elsewhere.
    """
    if idempotency_key is None:
        return None
    return uuid5(_OURS, f"{request.keyed.id} {request.method} {request.path} {idempotency_key}")


def cursor_of(number: int) -> str:
    """The cursor after this number."""
    return urlsafe_b64encode(number.to_bytes(8, "big")).decode().rstrip("=")


def number_of(cursor: str | None) -> int | None:
    """The number behind a cursor; every text of a cursor's form has one."""
    if cursor is None:
        return None
    return min(int.from_bytes(urlsafe_b64decode(cursor + "="), "big"), _MOST)
