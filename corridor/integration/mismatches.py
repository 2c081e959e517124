"""Who is in one product only: their address matches nobody in the other, and who they may be there.

An account is nearest to another when names and addresses are alike; only those that share a word of
the name or the beginning of the address are compared at all. What a whole school shares tells
nobody apart and counts for nothing: titles like “Ms.”, and what stands behind the @.

Two may both be shown as “Ms. Lee”: only where the whole names agree, and nobody else on either side
has that name, is one taken for the other without asking.
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

# Why only a person can know whether two accounts are one person.
DIFFER: Final = "differ"
SEVERAL: Final = "several"


class OneSided(msgspec.Struct, frozen=True):
    """An open account that matches none in the other product."""

    id: int
    name: str
    email: str
    is_student: bool
    given_name: str
    family_name: str

    @property
    def whole_name(self) -> str:
        """Given and family name, where others read another one."""
        whole = f"{self.given_name} {self.family_name}".strip()
        return whole if whole != self.name else ""


class Candidate(OneSided, frozen=True):
    """Whom somebody may be in Pass; `doubt` is why only a person can know, empty without any."""

    doubt: str


# Those of one side by the words of the name that others read, students apart from adults.
_ByWords = defaultdict[tuple[bool, tuple[str, ...]], list[OneSided]]


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


def doubt_between(school_id: int, account_id: int, pass_id: int) -> str:
    """Why it has to be asked whether these two are one person; empty where nothing speaks against.

    Of whoever is in both products by now nothing is known here: that is asked, too.
    """
    ours = _one_sided("accounts_classroomaccount", "accounts_passaccount", school_id)
    theirs = _one_sided("accounts_passaccount", "accounts_classroomaccount", school_id)
    one = next((one for one in ours if one.id == account_id), None)
    other = next((one for one in theirs if one.id == pass_id), None)
    if one is None or other is None:
        return DIFFER
    return _doubt(one, other, _by_words(ours), _by_words(theirs))


def _one_sided(table: str, other: str, school_id: int) -> list[OneSided]:
    found = rows(
        "SELECT a.id, a.display_name, a.email, a.role, a.given_name, a.family_name"
        f" FROM {table} a"
        " WHERE a.school_id = %s AND a.closed_at IS NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.school_id = a.school_id"
        " AND o.email = a.email AND o.closed_at IS NULL)"
        " ORDER BY a.family_name, a.given_name, a.id",
        (school_id,),
    )
    return [
        OneSided(pk, name, email, role == "student", given, family)
        for pk, name, email, role, given, family in found
    ]


def _nearest(
    ours: Sequence[OneSided], theirs: Sequence[OneSided]
) -> Iterable[tuple[OneSided, tuple[Candidate, ...]]]:
    by_mark: defaultdict[str, set[OneSided]] = defaultdict(set)
    for one in theirs:
        for mark in _marks(one):
            by_mark[mark].add(one)
    own_side, other_side = _by_words(ours), _by_words(theirs)
    for one in ours:
        compared = {other for mark in _marks(one) for other in by_mark.get(mark, ())}
        scored = [(_alike(one, other), other) for other in compared]
        near = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: -pair[0])
        found = [other for _, other in near[:_MOST_CANDIDATES]]
        doubts = [_doubt(one, other, own_side, other_side) for other in found]
        yield one, tuple(map(_candidate, found, doubts))


def _candidate(other: OneSided, doubt: str) -> Candidate:
    return Candidate(**msgspec.structs.asdict(other), doubt=doubt)


def _doubt(one: OneSided, other: OneSided, own_side: _ByWords, other_side: _ByWords) -> str:
    meant = _namesakes(one, other_side)
    if other not in meant:
        return DIFFER
    return SEVERAL if len(meant) > 1 or len(_namesakes(other, own_side)) > 1 else ""


def _by_words(side: Iterable[OneSided]) -> _ByWords:
    found: _ByWords = defaultdict(list)
    for one in side:
        found[_words(one)].append(one)
    return found


def _words(one: OneSided) -> tuple[bool, tuple[str, ...]]:
    return one.is_student, tuple(sorted(without_titles(one.name)))


def _namesakes(one: OneSided, among: _ByWords) -> list[OneSided]:
    """Who of the other side may have this name."""
    return [other for other in among.get(_words(one), ()) if _is_same(one, other)]


def _is_same(one: OneSided, other: OneSided) -> bool:
    """As others read it, and given and family name as far as both have them."""
    parts = [(one.given_name, other.given_name), (one.family_name, other.family_name)]
    return is_same_name(one.name, other.name) and all(
        is_same_name(*both) for both in parts if all(both)
    )


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
    # Two names without a word are alike in nothing.
    return SequenceMatcher(None, one, other).ratio() if one and other else 0.0
