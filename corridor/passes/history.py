"""Passes that are over, and requests that were refused: filtered, newest first, page by page.

Every filter is answered by an index, and a page begins where the last one ended (no OFFSET), so
that it costs the same after years. What is told here to whom is decided by `Wanted.only`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from corridor.live.sql import moment, moment_read, rows
from corridor.passes import shelf, states
from corridor.passes.cards import PassCard
from corridor.passes.events import PassRefused, decode
from corridor.passes.words import NEUTRAL_CODES

# How a pass ended, and its marks: what each asks of the row. The words of a filter are never
# parameters, so that a partial index is known to hold what they ask for.
_OTHERWISE: Final = "NOT (state = 'ended') AND state = '{}'"
_OVER_OTHERWISE: Final = (
    states.SYSTEM_ENDED, states.CANCELLED, states.WITHDRAWN, states.EXPIRED, states.MISSED,
)  # fmt: skip
WHATS: Final = {
    states.ENDED: "state = 'ended'",
    **{state: _OTHERWISE.format(state) for state in _OVER_OTHERWISE},
}
MARKS: Final = {
    states.LONG_RUNNING: "was_long",
    states.OVERRIDDEN: "was_overridden",
    states.EDITED: "was_edited",
    states.AUTO_START: "was_auto",
}
KINDS: Final = {
    "student": "kind = 'student'",
    "teacher": "NOT (kind = 'student') AND kind = 'teacher'",
    "appointment": "NOT (kind = 'student') AND kind = 'appointment'",
}

Place = tuple[datetime, int]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which passes, or which refusals. None asks nothing.

    `adult` is who let the student go; `location` is origin or destination. `since` and `before`
    are about the time of the request. `only` are the locations to whose passes the reader is
    limited, of those that are over: open ones every adult sees. `code` is the rule that refused,
    and asks nothing of passes. Who is no admin (`by_admin`) and asks for contact control or for a
    full building gets both: they read the same.
    """

    student: int | None = None
    adult: int | None = None
    origin: int | None = None
    destination: int | None = None
    location: int | None = None
    kind: str | None = None
    what: str | None = None
    mark: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    code: str | None = None
    by_admin: bool = False
    only: frozenset[int] | None = None


class Refused(msgspec.Struct, frozen=True):
    """A refusal as the history shows it: the event, with its number."""

    number: int
    event: PassRefused


def passes(
    school_id: int,
    wanted: Wanted,
    *,
    after: Place | None = None,
    limit: int,
    is_open: bool | None = False,
    state: str | None = None,
) -> list[PassCard]:
    """The passes that are all of this, newest request first, those after a place in the list only.

    Those that are over, unless `is_open` says otherwise (None: both); `state` asks for one state,
    of open passes too.
    """
    texts = _cards(school_id, wanted, after, limit, is_open, state)
    return [shelf.read(text) for text in texts]


def place_of(school_id: int, pass_id: int) -> Place:
    """The place of a pass in the list; of one that is not there, where it would stand."""
    found = rows(
        "SELECT requested_at FROM passes_hallpass WHERE school_id = %s AND id <= %s"
        " ORDER BY id DESC LIMIT 1",
        (school_id, pass_id),
    )
    at = moment_read(found[0][0]) if found else None
    return at or datetime(1900, 1, 1, tzinfo=UTC), pass_id


def count(school_id: int, wanted: Wanted, most: int) -> int:
    """How many passes are all of this, counted up to `most`."""
    parts, params = _parts(school_id, wanted, None, False, None)
    if not parts:
        return 0
    each = " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 FROM passes_hallpass WHERE {part} LIMIT %s) part{number}"
        for number, part in enumerate(parts)
    )
    values = tuple(value for found in params for value in (*found, most))
    return min(int(rows(f"SELECT count(*) FROM ({each}) found", values)[0][0]), most)


def walk(
    school_id: int, wanted: Wanted, piece: int = 500, *, is_open: bool = False
) -> Iterator[list[PassCard]]:
    """All the passes that are all of this, newest first, in pieces that are read one by one.

    No transaction is held meanwhile: a pass that is over keeps its place in the order.
    """
    after: Place | None = None
    while texts := _cards(school_id, wanted, after, piece, is_open, None):
        found = [shelf.read_once(text) for text in texts]
        yield found
        after = found[-1].requested_at, found[-1].id


def asking(school_id: int, only: frozenset[int] | None) -> list[PassCard]:
    """The passes with a correction that waits for an answer, oldest first."""
    found = rows(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND asks_correction"
        " ORDER BY requested_at, id",
        (school_id,),
    )
    cards = [shelf.read(card) for (card,) in found]
    if only is None:
        return cards
    return [card for card in cards if only & {card.origin.id, card.destination.id}]


def refusals(
    school_id: int, wanted: Wanted, *, after: Place | None = None, limit: int
) -> list[Refused]:
    """The refusals that are all of this, newest first, those after a place in the list only."""
    where, params = _of_refusals(school_id, wanted)
    if after is not None:
        where += " AND (r.at, r.number) < (%s, %s)"
        params = (*params, moment(after[0]), after[1])
    found = rows(
        "SELECT r.number, e.name, e.body FROM passes_refusal r"
        " JOIN live_event e ON e.school_id = r.school_id AND e.number = r.number"
        f" WHERE {where} ORDER BY r.at DESC, r.number DESC LIMIT %s",
        (*params, limit),
    )
    told = ((number, decode(name, body)) for number, name, body in found)
    return [Refused(number, event) for number, event in told if isinstance(event, PassRefused)]


def count_refusals(school_id: int, wanted: Wanted, most: int) -> int:
    """How many refusals are all of this, counted up to `most`."""
    where, params = _of_refusals(school_id, wanted)
    found = rows(
        f"SELECT count(*) FROM (SELECT 1 FROM passes_refusal r WHERE {where} LIMIT %s) found",
        (*params, most),
    )
    return int(found[0][0])


class Looked(msgspec.Struct, frozen=True):
    """That somebody looked at a student's history, or exported it."""

    at: datetime
    name: str
    exported: bool


def looks_at(school_id: int, student_id: int, limit: int = 100) -> list[Looked]:
    """Who looked at this student's history, newest first."""
    found = rows(
        "SELECT l.at, l.exported, e.body FROM passes_look l"
        " JOIN live_event e ON e.school_id = l.school_id AND e.number = l.number"
        " WHERE l.student_id = %s AND l.school_id = %s ORDER BY l.at DESC, l.number DESC LIMIT %s",
        (student_id, school_id, limit),
    )
    looks = []
    for at, exported, body in found:
        read = moment_read(at)
        assert read is not None
        looks.append(Looked(read, msgspec.json.decode(body)["by"]["name"], bool(exported)))
    return looks


# How a question becomes SQL


def _cards(
    school_id: int,
    wanted: Wanted,
    after: Place | None,
    limit: int,
    is_open: bool | None,
    state: str | None,
) -> list[str]:
    parts, params = _parts(school_id, wanted, after, is_open, state)
    text = _newest_of("card, requested_at, id", parts, limit)
    if not text:
        return []
    return [row[0] for row in rows(text, _with_limits(params, limit))]


def _parts(
    school_id: int, wanted: Wanted, after: Place | None, is_open: bool | None, state: str | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What is asked of a row, once for each index that has to be walked; together they are all."""
    asked, values = _of_every_part(wanted, after)
    if state is not None:
        # A text of the table of states: spelt out, so that an index of some states is known to fit.
        asked.append(WHATS.get(state, f"state = '{state}'"))
    # A student's passes are few: the plus keeps the database from walking through the school's.
    school = "+school_id = %s" if wanted.student is not None else "school_id = %s"
    opens = ["is_open"] if is_open is not False else []
    opens += ["NOT is_open"] if is_open is not True else []
    if wanted.student is not None and is_open is None and wanted.only is None:
        opens = ["1 = 1"]  # a student's passes have one index, open or not
    parts, params = [], []
    for found in opens:
        # The open ones are few, and have an index by school.
        by = "school_id = %s" if found == "is_open" and wanted.student is None else school
        limited = msgspec.structs.replace(wanted, only=None) if found == "is_open" else wanted
        for start, of_start in zip(*_starts(limited), strict=True):
            parts.append(" AND ".join([by, found, start, *asked]))
            params.append((school_id, *of_start, *values))
    return parts, params


def _of_every_part(wanted: Wanted, after: Place | None) -> tuple[list[str], list[Any]]:
    asked: list[str] = []
    values: list[Any] = []

    def ask(text: str, *found: Any) -> None:
        asked.append(text)
        values.extend(found)

    if wanted.kind is not None:
        ask(KINDS[wanted.kind])
    if wanted.what is not None:
        ask(WHATS[wanted.what])
    if wanted.mark is not None:
        ask(MARKS[wanted.mark])
    if wanted.since is not None:
        ask("requested_at >= %s", moment(wanted.since))
    if wanted.before is not None:
        ask("requested_at < %s", moment(wanted.before))
    if after is not None:
        ask("(requested_at, id) < (%s, %s)", moment(after[0]), after[1])
    return asked, values


def _starts(wanted: Wanted) -> tuple[list[str], list[tuple[Any, ...]]]:
    """By which student, adult or places the passes are found: a part for each index."""
    texts: list[str] = []
    values: list[Any] = []
    for text, value in (
        ("student_id = %s", wanted.student), ("let_go_by = %s", wanted.adult),
        ("origin_id = %s", wanted.origin), ("destination_id = %s", wanted.destination),
    ):  # fmt: skip
        if value is not None:
            texts.append(text)
            values.append(value)
    either = wanted.only if wanted.location is None else frozenset({wanted.location})
    if wanted.location is not None and wanted.only is not None:
        texts.append(_either(wanted.only))
        values += [*wanted.only, *wanted.only]
    if either is None:
        return [" AND ".join(texts) or "1 = 1"], [tuple(values)]
    if not either:
        return [], []
    if texts:
        text = " AND ".join([*texts, _either(either)])
        return [text], [(*values, *either, *either)]
    marks = ", ".join(["%s"] * len(either))
    starts = ["origin_id = %s"] * len(either)
    starts += [f"destination_id = %s AND origin_id NOT IN ({marks})"] * len(either)
    of_starts = [(place,) for place in either] + [(place, *either) for place in either]
    return starts, of_starts


def _either(places: frozenset[int]) -> str:
    if not places:
        return "1 = 0"
    marks = ", ".join(["%s"] * len(places))
    return f"(origin_id IN ({marks}) OR destination_id IN ({marks}))"


def _newest_of(columns: str, parts: list[str], limit: int) -> str:
    """The newest rows of each part, and of these together the newest."""
    order = "ORDER BY requested_at DESC, id DESC LIMIT %s"
    each = [f"SELECT {columns} FROM passes_hallpass WHERE {part} {order}" for part in parts]
    if len(each) < 2:
        return "".join(each)
    together = " UNION ALL ".join(
        f"SELECT * FROM ({text}) part{number}" for number, text in enumerate(each)
    )
    return f"SELECT {columns} FROM ({together}) parts {order}"


def _with_limits(params: list[tuple[Any, ...]], limit: int) -> tuple[Any, ...]:
    values = [value for found in params for value in (*found, limit)]
    return tuple(values if len(params) < 2 else [*values, limit])


def _of_refusals(school_id: int, wanted: Wanted) -> tuple[str, tuple[Any, ...]]:
    asked = ["+r.school_id = %s" if wanted.student is not None else "r.school_id = %s"]
    values: list[Any] = [school_id]
    for text, value in (
        ("r.student_id = %s", wanted.student), ("r.origin_id = %s", wanted.origin),
        ("r.destination_id = %s", wanted.destination), ("r.at >= %s", moment(wanted.since)),
        ("r.at < %s", moment(wanted.before)),
    ):  # fmt: skip
        if value is not None:
            asked.append(text)
            values.append(value)
    if wanted.code is not None:
        is_neutral = wanted.code in NEUTRAL_CODES and not wanted.by_admin
        codes = sorted(NEUTRAL_CODES) if is_neutral else [wanted.code]
        asked.append(f"r.code IN ({', '.join(['%s'] * len(codes))})")
        values += codes
    if wanted.only is not None:
        asked.append(_either(wanted.only))
        values += [*wanted.only, *wanted.only]
    return " AND ".join(asked), tuple(values)
