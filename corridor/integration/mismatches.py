"""Who is in one product only: their address matches nobody in the other, and who they may be there.

An account is nearest to another when names and addresses are alike; only those that share a word of
the name or the beginning of the address are compared at all. What a whole school shares tells
nobody apart and counts for nothing: titles like “Ms.”, and what stands behind the @.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

import msgspec

from corridor.accounts.names import is_same_name, without_titles, words_of
from corridor.live.sql import rows

# Less alike than this is nobody's second spelling.
_ALIKE: Final = 0.7
_MOST_CANDIDATES: Final = 3
_BEGINNING: Final = 3


class OneSided(msgspec.Struct, frozen=True):
    """An open account that matches none in the other product."""

    id: int
    name: str
    email: str
    is_student: bool


class Candidate(OneSided, frozen=True):
    """Whom somebody may be in Pass; if the names differ, only a person can know."""

    has_same_name: bool


class Mismatch(msgspec.Struct, frozen=True):
    """Somebody of Classroom who is not in Pass, and those of Pass they may be, nearest first."""

    account: OneSided
    candidates: tuple[Candidate, ...]


class Mismatches(msgspec.Struct, frozen=True):
    """Both sides: `in_classroom` with candidates; `in_pass` are those nobody may be."""

    in_classroom: tuple[Mismatch, ...]
    in_pass: tuple[OneSided, ...]


def mismatches(school_id: int) -> Mismatches:
    """Of a school, by name; those with candidates first."""
    ours = _one_sided("accounts_classroomaccount", "accounts_passaccount", school_id)
    theirs = _one_sided("accounts_passaccount", "accounts_classroomaccount", school_id)
    found = [Mismatch(one, one_of) for one, one_of in _nearest(ours, theirs)]
    found.sort(key=lambda mismatch: not mismatch.candidates)
    meant = {candidate.id for mismatch in found for candidate in mismatch.candidates}
    return Mismatches(tuple(found), tuple(one for one in theirs if one.id not in meant))


def _one_sided(table: str, other: str, school_id: int) -> list[OneSided]:
    found = rows(
        f"SELECT a.id, a.display_name, a.email, a.role FROM {table} a"
        " WHERE a.school_id = %s AND a.closed_at IS NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.school_id = a.school_id"
        " AND o.email = a.email AND o.closed_at IS NULL)"
        " ORDER BY a.family_name, a.given_name, a.id",
        (school_id,),
    )
    return [OneSided(pk, name, email, role == "student") for pk, name, email, role in found]


def _nearest(
    ours: Sequence[OneSided], theirs: Sequence[OneSided]
) -> Iterable[tuple[OneSided, tuple[Candidate, ...]]]:
    by_mark: defaultdict[str, set[OneSided]] = defaultdict(set)
    for one in theirs:
        for mark in _marks(one):
            by_mark[mark].add(one)
    for one in ours:
        compared = {other for mark in _marks(one) for other in by_mark.get(mark, ())}
        scored = [(_alike(one, other), other) for other in compared]
        near = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: -pair[0])
        yield one, tuple(_candidate(one, other) for _, other in near[:_MOST_CANDIDATES])


def _candidate(one: OneSided, other: OneSided) -> Candidate:
    same = is_same_name(one.name, other.name)
    return Candidate(other.id, other.name, other.email, other.is_student, same)


def _marks(one: OneSided) -> set[str]:
    """What two accounts must share to be compared: only students with students."""
    kind = "student" if one.is_student else "adult"
    words = [*without_titles(one.name), "@" + one.email[:_BEGINNING]]
    return {f"{kind} {word}" for word in words}


def _alike(one: OneSided, other: OneSided) -> float:
    names = (" ".join(sorted(without_titles(both.name))) for both in (one, other))
    own_parts = [both.email.rpartition("@")[0] for both in (one, other)]
    in_order = (" ".join(sorted(words_of(part))) for part in own_parts)
    return (_ratio(*names) + max(_ratio(*own_parts), _ratio(*in_order))) / 2


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
