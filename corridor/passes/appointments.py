"""Appointments: made or asked for, confirmed, changed, called off, until they surface.

An appointment is a pass that was arranged for a time: the same card with the same id, from the day
on which it is made to the end of the pass. `corridor.passes.surfacing` makes it wait for approval.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from corridor.accounts.actors import Actor
from corridor.live.log import Turn, read_log
from corridor.live.sql import moment, one, rows, uuid
from corridor.passes import arranging, events, shelf, states
from corridor.passes.arranging import TAKEN_BACK_BEFORE, Arranged, Wish
from corridor.passes.cards import Appointment, PassCard, Person, Stamp, called_off, waits_until
from corridor.passes.dates import SURFACES_BEFORE, begins, has_school, surfaces_until
from corridor.passes.moves import BY_NAME, Move, may, relations
from corridor.passes.refusals import NotAllowed, Refusal, Refused, Stale
from corridor.passes.rules import MAX_TEXT
from corridor.passes.texts import one_line
from corridor.passes.trips import held, keep
from corridor.roster.bells import Bells
from corridor.roster.settings import SchoolSettings, settings_in

T = TypeVar("T")

# Which appointments of a series a change is for.
ONE: Final = "one"
LATER: Final = "later"
ALL: Final = "all"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of an appointment, as somebody has seen it who edits it: in minutes."""

    origin_id: int
    destination_id: int
    day: date
    wall: time
    period: str
    reason: str


def look_of(card: PassCard) -> Look:
    """What an appointment looks like now."""
    when = _appointment(card)
    return Look(
        origin_id=card.origin.id, destination_id=card.destination.id, day=when.day,
        wall=when.wall.replace(second=0, microsecond=0), period=when.period, reason=card.reason,
    )  # fmt: skip


def make_appointments(
    tx: Turn,
    wish: Wish,
    *,
    student_ids: Collection[int],
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> tuple[PassCard, ...]:
    """An adult makes an appointment for one or more students, perhaps repeated.

    One card for each student and day. The same `request_id` again gives the first answer; with
    another question it is refused. Raises `NotAllowed` for a student, `NotFound` for a student or a
    place of another school, `Refused`.
    """
    if not by.is_adult:
        raise NotAllowed
    wish = msgspec.structs.replace(wish, reason=one_line(wish.reason))
    first = _first_answer(tx, wish, student_ids, by=by, request_id=request_id)
    if first is not None:
        return first
    students = arranging.persons(tx.school_id, student_ids)
    found = arranging.arranged(tx.school_id, settings_in(tx), wish, students, at=at)
    _refuse(arranging.refusal_to_make(found))
    cards = _new_cards(tx, found, state=states.SCHEDULED, stamp="scheduled", by=by, at=at)
    made = [events.PassScheduled(card=card, by=by.who, at=at) for card in cards]
    return shelf.add_coming(tx, made, request_id=request_id)


def ask_for_appointment(
    tx: Turn, wish: Wish, *, by: Actor, at: datetime, request_id: UUID | None = None
) -> PassCard:
    """A student asks for an appointment: it awaits an adult of the destination.

    The same `request_id` as in `make_appointments`. Raises `NotAllowed` for anybody but a student,
    `NotFound`, `Refused`.
    """
    if by.role != "student" or by.account_id is None or wish.repeat != "none":
        raise NotAllowed
    wish = msgspec.structs.replace(wish, reason=one_line(wish.reason))
    first = _first_answer(tx, wish, [by.account_id], by=by, request_id=request_id)
    if first is not None:
        return first[0]
    found = arranging.asked(tx.school_id, settings_in(tx), wish, by.account_id, at=at)
    _refuse(arranging.refusal_to_ask(found))
    (card,) = _new_cards(tx, found, state=states.AWAITING, stamp="appointment_asked", by=by, at=at)
    asked = events.PassAppointmentAsked(card=card, by=by.who, at=at)
    return shelf.add_coming(tx, [asked], request_id=request_id)[0]


def reschedule(
    tx: Turn,
    *,
    pass_id: int,
    origin_id: int | None = None,
    destination_id: int | None = None,
    day: date | None = None,
    wall: time | None = None,
    period: str | None = None,
    reason: str | None = None,
    series: str = ONE,
    everyone: bool = False,
    near_seen: str | None = None,
    seen: Look | None = None,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> tuple[PassCard, ...]:
    """An adult changes an appointment; what is None stays. The cards after it, this one first.

    What is as it was before has no event, and its acknowledgement stays.

    `series` takes the later ones of its series along, or all that are still to come; `everyone`
    the other students of the series. What is not changed in this one stays in those, too; another
    day moves each by as many days. With `near_seen`, the mark of the clashes that the adult has
    looked at, others raise `arranging.TooNear`. With `seen`, what it was when the adult began, a
    change by somebody else since raises `Stale`. Raises as `move_pass`, and `Refused`: then none
    is changed.
    """
    card, answered = held(
        tx, BY_NAME["reschedule"], pass_id=pass_id, by=by, at=at, request_id=request_id
    )
    if answered:
        return (card,)
    if seen is not None and seen != look_of(card):
        raise Stale(card)
    changes = _Changes(
        tx, card, origin_id=origin_id, destination_id=destination_id, day=day, wall=wall,
        period=period, reason=None if reason is None else one_line(reason), series=series, at=at,
    )  # fmt: skip
    cards: list[PassCard] = []
    changed: list[events.PassRescheduled] = []
    moved: list[PassCard] = []
    for was in _with_others(card, BY_NAME["reschedule"], by, series=series, everyone=everyone):
        new = changes.of(was)
        if steps := _steps(was, new):
            stamps = (*was.stamps, *(Stamp(step, at, by.who) for step in steps))
            new = msgspec.structs.replace(new, stamps=stamps, version=tx.number + len(changed))
            changed.append(_rescheduled(was, new, by=by, at=at))
        if _appointment(new).begins_at != _appointment(was).begins_at:
            moved.append(new)
        cards.append(new if steps else was)
    if near_seen is not None:
        clashes = arranging.clashes_moved(moved, settings_in(tx))
        if clashes and arranging.mark_of(clashes) != near_seen:
            raise arranging.TooNear(clashes)
    shelf.change_coming(tx, changed, request_id=request_id)
    return tuple(cards)


def call_off(
    tx: Turn,
    *,
    pass_id: int,
    text: str,
    series: str = ONE,
    everyone: bool = False,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> tuple[PassCard, ...]:
    """An adult cancels an appointment before it surfaces, and says why in 1 to 200 characters.

    `series` and `everyone` as in `reschedule`. Raises as `move_pass`, and `Refused`.
    """
    why = _words(text)
    move = BY_NAME["call_off"]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return (card,)
    cancelled = []
    for number, found in enumerate(_with_others(card, move, by, series=series, everyone=everyone)):
        off = called_off(found, move.stamp, states.CANCELLED, why, by=by, at=at)
        off = msgspec.structs.replace(off, version=tx.number + number)
        cancelled.append(events.PassCancelled(card=off, by=by.who, at=at))
    return shelf.change_coming(tx, cancelled, request_id=request_id)


def take_back(
    tx: Turn,
    *,
    pass_id: int,
    text: str,
    by: Actor,
    at: datetime,
    request_id: UUID | None = None,
) -> PassCard:
    """A student takes back an own request, until 30 minutes before its time, and says why.

    Raises as `move_pass`, and `Refused`.
    """
    why = _words(text)
    move = BY_NAME["take_back"]
    card, answered = held(tx, move, pass_id=pass_id, by=by, at=at, request_id=request_id)
    if answered:
        return card
    assert card.appointment is not None
    if at > card.appointment.begins_at - TAKEN_BACK_BEFORE:
        raise Refused(Refusal("too_late_to_take_back"))
    off = called_off(card, move.stamp, states.WITHDRAWN, why, by=by, at=at)
    off = msgspec.structs.replace(off, version=tx.number)
    event = events.PassWithdrawn(card=off, by=by.who, at=at)
    return shelf.change_coming(tx, [event], request_id=request_id)[0]


def follow_bell(tx: Turn, *, by: Actor, at: datetime) -> int:
    """Let appointments follow what somebody has decided of the bell or the zone; how many.

    Those on days that have lost their school are cancelled before: see `without_school`. An
    appointment of a period keeps its time on a day that has no such period any more, and where
    the bell has rung that period so long ago that it would be missed: see `left_behind`. One that
    has surfaced and waits for an answer moves as it waits, and is missed by its new time.
    """
    settings = settings_in(tx)
    changed: list[events.PassRescheduled] = []
    for card in shelf.coming("school_id = %s", (tx.school_id,)):
        new = _at_its_time(card, settings, at)
        if new is not card:
            stamp = Stamp("time_changed", at, by.who)
            new = msgspec.structs.replace(
                new, stamps=(*card.stamps, stamp), version=tx.number + len(changed)
            )
            changed.append(events.PassRescheduled(card=new, by=by.who, at=at))
    shelf.change_coming(tx, changed)
    waiting = [(card, _at_its_time(card, settings, at)) for card in _waiting(tx, at)]
    moved = [new for card, new in waiting if new is not card]
    for new in moved:
        stamp = Stamp("time_changed", at, by.who)
        new = msgspec.structs.replace(new, stamps=(*new.stamps, stamp), version=tx.number)
        shelf.change(tx, events.PassRescheduled(card=new, by=by.who, at=at))
    return len(changed) + len(moved)


def left_behind(tx: Turn, before: Bells, *, at: datetime) -> list[PassCard]:
    """The appointments that keep their time, because their period's by the new bell is over.

    Those that the bell `before` had left behind already are not among them.
    """
    settings = settings_in(tx)
    as_before = msgspec.structs.replace(settings, bells=before)
    left = []
    for card in _to_follow(tx, at):
        found = _by_the_bell(card, settings)
        if _is_over(card, found, settings, at) and found != _by_the_bell(card, as_before):
            left.append(card)
    return left


def without_period(tx: Turn, before: Bells, *, at: datetime) -> list[PassCard]:
    """The appointments that keep their time, though the day has no period for them any more.

    Their own is not rung that day, or they are at a time after its last bell. Those that the bell
    `before` had left like this already are not among them, nor those on days without school.
    """
    settings = settings_in(tx)
    as_before = msgspec.structs.replace(settings, bells=before)
    return [
        card for card in _to_follow(tx, at)
        if _has_no_period(card, settings) and not _has_no_period(card, as_before)
        and before.schedule_on(_appointment(card).day) is not None
    ]  # fmt: skip


def without_school(tx: Turn, before: Bells, *, at: datetime) -> list[PassCard]:
    """The appointments on days that had school by the bell `before` and now have none.

    Those to come, and those that have surfaced and wait for an answer.
    """
    bells = settings_in(tx).bells
    lost = []
    for card in _to_follow(tx, at):
        day = _appointment(card).day
        if before.schedule_on(day) is not None and bells.schedule_on(day) is None:
            lost.append(card)
    return lost


def call_off_without_school(
    tx: Turn, cards: Sequence[PassCard], *, by: Actor, at: datetime
) -> None:
    """Cancel appointments because their day has become one without school."""
    cancelled = []
    for number, card in enumerate(card for card in cards if card.is_coming):
        off = called_off(card, "no_school", states.CANCELLED, "", by=by, at=at)
        off = msgspec.structs.replace(off, version=tx.number + number)
        cancelled.append(events.PassCancelled(card=off, by=by.who, at=at))
    shelf.change_coming(tx, cancelled)
    for card in cards:
        if not card.is_coming:
            off = called_off(card, "no_school", states.CANCELLED, "", by=by, at=at)
            keep(tx, "cancelled", off, by=by, at=at, request_id=None)


class _Changes:
    """What an edit of one appointment makes of it, and of each of the others that it is for."""

    def __init__(
        self, tx: Turn, card: PassCard, *, origin_id: int | None, destination_id: int | None,
        day: date | None, wall: time | None, period: str | None, reason: str | None, series: str,
        at: datetime,
    ) -> None:  # fmt: skip
        was = _appointment(card)
        self._school_id, self._settings = tx.school_id, settings_in(tx)
        self._origin_id = _if_other(origin_id, card.origin.id)
        self._destination_id = _if_other(destination_id, card.destination.id)
        self._reason = _if_other(reason, card.reason)
        self._by_days = timedelta() if day is None else day - was.day
        self._wall, self._period, self._series = wall, period or "", series
        as_before = self._period == was.period if self._period or was.period else wall == was.wall
        self._other_time = (wall, period) != (None, None) and not as_before
        self._at = at

    def of(self, card: PassCard) -> PassCard:
        """The card after the edit. Raises `NotFound`, `Refused`."""
        before, wish = _appointment(card), self._wish(card)
        keeps_time = not self._by_days and not self._other_time
        times = ((before.day, before.wall, before.begins_at),) if keeps_time else None
        found = arranging.arranged(
            self._school_id, self._settings, wish, [card.student], at=self._at, times=times
        )
        awaits = card.state == states.AWAITING
        _refuse(arranging.refusal_to_make(found, keeps_time=keeps_time, awaits=awaits))
        way = found.way
        new = msgspec.structs.replace(
            card, origin=way.origin, destination=way.destination, trip_type=way.trip_type,
            minutes_to_long=way.minutes_to_long, minutes_to_end=way.minutes_to_end,
            reason=wish.reason,
        )  # fmt: skip
        return new if keeps_time else self._moved(new, found)

    def _moved(self, card: PassCard, found: Arranged) -> PassCard:
        day, wall, begins_at = found.times[0]
        before = _appointment(card)
        self._refuse_day(before, day)
        until = before.until
        if until is not None and self._series != ONE:
            until += self._by_days
        appointment = msgspec.structs.replace(
            before, day=day, wall=wall, period=found.wish.period, begins_at=begins_at, until=until,
            held=False,
        )  # fmt: skip
        due_at = max(begins_at - SURFACES_BEFORE, self._at)
        return msgspec.structs.replace(card, appointment=appointment, due_at=due_at)

    def _refuse_day(self, before: Appointment, day: date) -> None:
        """Days that nobody has looked at, because a series was moved."""
        if self._series == ONE or not self._by_days:
            return
        if before.repeat == "daily":
            raise Refused(Refusal("daily_series_stays"))
        if not has_school(day, before.repeat, self._settings.bells):
            raise Refused(Refusal("no_school_then", {"day": day.isoformat()}))

    def _wish(self, card: PassCard) -> Wish:
        before = _appointment(card)
        return Wish(
            origin_id=self._origin_id or card.origin.id,
            destination_id=self._destination_id or card.destination.id,
            day=before.day + self._by_days,
            wall=self._wall if self._other_time else before.wall,
            period=self._period if self._other_time else before.period,
            reason=card.reason if self._reason is None else self._reason,
        )


def _if_other(new: T | None, old: T) -> T | None:
    return None if new == old else new


def _new_cards(
    tx: Turn, found: Arranged, *, state: str, stamp: str, by: Actor, at: datetime
) -> list[PassCard]:
    pairs = [(when, student) for when in found.times for student in found.students]
    return [
        _new_card(tx, found, student, when, tx.number + number, state=state, stamp=stamp, by=by,
                  at=at)
        for number, (when, student) in enumerate(pairs)
    ]  # fmt: skip


def _new_card(
    tx: Turn,
    found: Arranged,
    student: Person,
    when: tuple[date, time, datetime],
    number: int,
    *,
    state: str,
    stamp: str,
    by: Actor,
    at: datetime,
) -> PassCard:
    (day, wall, begins_at), wish, way = when, found.wish, found.way
    return PassCard(
        id=number,
        version=number,
        school_id=tx.school_id,
        kind="appointment",
        state=state,
        student=student,
        origin=way.origin,
        destination=way.destination,
        trip_type=way.trip_type,
        reason=wish.reason,
        minutes_waiting=settings_in(tx).appointment_waits,
        minutes_to_long=way.minutes_to_long,
        minutes_to_end=way.minutes_to_end,
        requested_at=at,
        due_at=max(begins_at - SURFACES_BEFORE, at),
        appointment=Appointment(
            day=day,
            wall=wall,
            period=wish.period,
            begins_at=begins_at,
            series=tx.number,
            students=len(found.students),
            repeat=wish.repeat,
            until=_until(wish),
        ),
        stamps=(Stamp(stamp, at, by.who),),
    )


def _rescheduled(
    before: PassCard, new: PassCard, *, by: Actor, at: datetime
) -> events.PassRescheduled:
    left = {before.origin.id, before.destination.id} - {new.origin.id, new.destination.id}
    return events.PassRescheduled(card=new, location_ids=tuple(sorted(left)), by=by.who, at=at)


def _steps(before: PassCard, new: PassCard) -> list[str]:
    """What an edit has changed; nothing where the appointment is as it was."""
    was, now = _appointment(before), _appointment(new)
    found = {
        "time_changed": (was.begins_at, was.day, was.wall, was.period)
        != (now.begins_at, now.day, now.wall, now.period),
        "place_changed": (before.origin.id, before.destination.id)
        != (new.origin.id, new.destination.id),
        "reason_changed": before.reason != new.reason,
    }
    return [step for step, is_other in found.items() if is_other]


def _at_its_time(card: PassCard, settings: SchoolSettings, at: datetime) -> PassCard:
    """The card at the time that the wall clock and the bell give it now."""
    before, found = _appointment(card), _by_the_bell(card, settings)
    if found is None or _is_over(card, found, settings, at):
        found = begins(settings, before.day, before.wall)
    assert found is not None
    wall, begins_at = found
    if begins_at == before.begins_at:
        return card
    appointment = msgspec.structs.replace(before, wall=wall, begins_at=begins_at, held=False)
    card = msgspec.structs.replace(card, appointment=appointment)
    if card.is_coming:
        due_at = max(begins_at - SURFACES_BEFORE, at)
        return msgspec.structs.replace(card, due_at=due_at)
    until = waits_until(card)
    return msgspec.structs.replace(card, due_at=until, over_at=until)


def _waiting(tx: Turn, at: datetime) -> list[PassCard]:
    """The appointments that have surfaced and wait for an answer."""
    found = rows(
        "SELECT card FROM passes_hallpass WHERE school_id = %s AND is_open AND state = %s"
        " AND kind = 'appointment' AND due_at > %s ORDER BY id",
        (tx.school_id, states.WAITING, moment(at)),
    )
    return [shelf.read(text) for (text,) in found]


def _to_follow(tx: Turn, at: datetime) -> list[PassCard]:
    """The appointments that the bell can still move: to come, or waiting for an answer."""
    return [*shelf.coming("school_id = %s", (tx.school_id,)), *_waiting(tx, at)]


def _by_the_bell(card: PassCard, settings: SchoolSettings) -> tuple[time, datetime] | None:
    """When this bell lets it begin; None where its day has no such period."""
    appointment = _appointment(card)
    return begins(settings, appointment.day, appointment.wall, appointment.period)


def _has_no_period(card: PassCard, settings: SchoolSettings) -> bool:
    """Whether the schedule of its day, if it has one, neither rings its period nor its time."""
    appointment = _appointment(card)
    schedule = settings.bells.schedule_on(appointment.day)
    if schedule is None:
        return False
    if appointment.period:
        return not settings.bells.rings(appointment.day, appointment.period)
    return all(found.ends <= appointment.wall for found in schedule.periods)


def _is_over(
    card: PassCard, found: tuple[time, datetime] | None, settings: SchoolSettings, at: datetime
) -> bool:
    """Whether the bell gives it another time, at which it would be missed at once."""
    if found is None or found[0] == _appointment(card).wall:
        return False
    return surfaces_until(found[1], settings) <= at


def _with_others(
    card: PassCard, move: Move, by: Actor, *, series: str, everyone: bool
) -> list[PassCard]:
    """The appointment, and those of its series that go along: it first, then in order of time.

    One that was moved to rooms of others is not this adult's to move.
    """
    if series == ONE and not everyone:
        return [card]
    mine = _appointment(card)
    others = [
        found
        for found in shelf.coming("school_id = %s AND series = %s", (card.school_id, mine.series))
        if found.id != card.id
        and (everyone or found.student.id == card.student.id)
        and _goes_along(_appointment(found), mine, series)
        and may(move, found, relations(found, by))
    ]
    return [card, *others]


def _goes_along(other: Appointment, mine: Appointment, series: str) -> bool:
    if series == ALL:
        return True
    if series == LATER:
        return other.begins_at >= mine.begins_at
    return other.begins_at == mine.begins_at


def _appointment(card: PassCard) -> Appointment:
    assert card.appointment is not None
    return card.appointment


def _words(text: str) -> str:
    text = one_line(text)
    if not text:
        raise Refused(Refusal("comment_missing"))
    if len(text) > MAX_TEXT:
        raise Refused(Refusal("comment_too_long", {"length": len(text), "limit": MAX_TEXT}))
    return text


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


def was_made(school_id: int, *, by: Actor, request_id: UUID | None) -> bool:
    """Whether this request was answered before, so that nobody need look at its plan again."""
    found = one(
        "SELECT 1 FROM live_event WHERE school_id = %s AND account_id = %s AND request_id = %s",
        (school_id, by.account_id, uuid(request_id)),
    )
    return request_id is not None and found is not None


def _first_answer(
    tx: Turn, wish: Wish, student_ids: Collection[int], *, by: Actor, request_id: UUID | None
) -> tuple[PassCard, ...] | None:
    """What this request made before. Raises `Refused` where it was another one then.

    Raises `Stale` for the id of another kind of request about a pass.
    """
    first = shelf.answered(tx, by, request_id)
    if first is None:
        return None
    event = first.event
    if not isinstance(event, events.PassEvent):
        # Another kind of request, or a pass that was refused.
        raise Refused(Refusal("request_reused"))
    if not isinstance(event, events.PassScheduled | events.PassAppointmentAsked):
        raise Stale(event.card)
    then = set(student_ids)
    if not _was_asked(event.card, wish) or then != _students_made(event.card):
        raise Refused(Refusal("request_reused"))
    return _made_with(event.card)


def _was_asked(card: PassCard, wish: Wish) -> bool:
    """Whether this is the first appointment that such a wish makes."""
    made = _appointment(card)
    return (
        (card.origin.id, card.destination.id) == (wish.origin_id, wish.destination_id)
        and (made.day, made.period, card.reason) == (wish.day, wish.period, wish.reason)
        and (made.repeat, made.until) == (wish.repeat, _until(wish))
        and (bool(made.period) or made.wall == wish.wall)
    )


def _students_made(card: PassCard) -> set[int]:
    """For whom it was made together with others: they are the first of its series in the log."""
    made = _appointment(card)
    first = read_log(card.school_id, made.series - 1, limit=made.students)
    told = [events.decode(row.name, row.body) for row in first]
    return {event.card.student.id for event in told if isinstance(event, events.PassEvent)}


def _made_with(card: PassCard) -> tuple[PassCard, ...]:
    series: Sequence[Any] = shelf.coming(
        "school_id = %s AND series = %s", (card.school_id, _appointment(card).series)
    )
    return tuple(series) or (card,)


def _until(wish: Wish) -> date | None:
    return wish.until if wish.repeat != "none" else None
