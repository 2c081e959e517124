"""What the answers of a student's devices to a command come to, as one result. Pure.

A student may be there with several devices, and with pages. A page is the student's to close, and
says nothing of the school's device beside it: it counts only while no device of the school (by key,
code or pairing) is connected. Of several of those the worst counts: one that failed, then one that
has not answered, then “applied”.
"""

from datetime import datetime

import msgspec

from corridor.classroom.cards import APPLIED, FAILED, PENDING, Answer, Recipient

# What a device says of a failure is kept this far.
_LONGEST_WHY = 200


class Said(msgspec.Struct, frozen=True):
    """What a device said: nothing in `why` is “applied”, else why it failed.

    `device` is its connection, `beside` those of the school's other devices with which the student
    is there.
    """

    why: str = ""
    device: str = ""
    by_page: bool = False
    beside: frozenset[str] = frozenset()


def after(one: Recipient, said: Said, at: datetime) -> Recipient:
    """What became of the command at the student, now that a device says this."""
    return _after_page(one, said, at) if said.by_page else _after_device(one, said, at)


def _after_page(one: Recipient, said: Said, at: datetime) -> Recipient:
    if said.beside or not (one.result == PENDING or one.by_page):
        return one
    # Of pages alone, what one of them could do counts.
    if one.result == APPLIED or (one.result == FAILED and said.why):
        return one
    return _with(one, FAILED if said.why else APPLIED, said.why, at, by_page=True)


def _after_device(one: Recipient, said: Said, at: datetime) -> Recipient:
    before = {answer.device: answer.why for answer in one.answers}
    why = said.why[:_LONGEST_WHY]
    if one.result == APPLIED and not one.by_page:
        if not why:
            return one
        before = dict.fromkeys(said.beside, "")  # They all had.
    # Of a device that is gone nothing counts; so there are never more than a student may have.
    known = {device: before[device] for device in sorted(said.beside) if device in before}
    known[said.device] = why
    waits = bool(said.beside - known.keys())
    if waits and not any(known.values()):
        # What failed may be among these by another connection: it stands until they have answered.
        known |= {name: failed for name, failed in before.items() if failed and name not in known}
    now = _together(one, known, at, waits=waits)
    # Nothing new: it said so before, or one did that is gone, by whose connection it may have come.
    told = {
        before[name] for name in before
        if name == said.device or (before[name] and name not in said.beside)
    }  # fmt: skip
    is_same = (now.result, now.why, now.by_page) == (one.result, one.why, one.by_page)
    return one if is_same and why in told else now


def _together(one: Recipient, known: dict[str, str], at: datetime, *, waits: bool) -> Recipient:
    answers = tuple(Answer(device=device, why=why) for device, why in known.items())
    failed = next((why for why in known.values() if why), "")
    if failed:
        return _with(one, FAILED, failed, at, answers)
    if waits:
        return _with(one, PENDING, "", None, answers)
    return _with(one, APPLIED, "", at)


def _with(
    one: Recipient, result: str, why: str, at: datetime | None, answers: tuple[Answer, ...] = (),
    *, by_page: bool = False,
) -> Recipient:  # fmt: skip
    if (result, why) == (one.result, one.why):
        at = one.answered_at
    return Recipient(
        student=one.student, result=result, why=why, answered_at=at, answers=answers,
        by_page=by_page,
    )  # fmt: skip
