"""Who of a running class is out on a pass, as one console knows it: by a question, then by events.

No console asks back: it listens to the passes of each of its students (`topics.student`), and every
event brings the whole card.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import msgspec

from corridor.accounts.photos import marks_of
from corridor.integration import people
from corridor.live import topics
from corridor.live.log import last_number
from corridor.passes import queries
from corridor.passes.cards import PassCard

# After these steps the student is in the room again; kept ones and those of one way are not.
_CAME_BACK = frozenset({"ended", "auto_stopped"})


class Whereabouts(msgspec.Struct, frozen=True):
    """What Pass says of one student.

    `out` is the pass on which the student is out, `back` the number of the one from which they
    have just come back. `as_of` is when this was true last, None while it is true now. `photo` is
    the mark of their picture, or empty. `is_in_pass` False: they have no account there, so nobody
    can give them a pass.
    """

    out: PassCard | None = None
    back: int = 0
    as_of: datetime | None = None
    photo: str = ""
    is_in_pass: bool = False


IN_ROOM: Final = Whereabouts()
NO_PHOTOS: Final[Mapping[int, str]] = {}


class ClassWhereabouts:
    """The students of a class by their numbers in Classroom, each with what Pass says.

    `pass_ids` are their numbers in Pass (whoever is not there has none), `out` the passes that
    were open at number `after` of the log, `photos` the marks of their pictures. `is_known` False:
    Pass could not be asked.
    """

    def __init__(
        self,
        pass_ids: Mapping[int, int],
        out: Mapping[int, PassCard],
        after: int,
        photos: Mapping[int, str] = NO_PHOTOS,
        *,
        is_known: bool = True,
    ) -> None:
        self.is_known = is_known
        self._photos = photos
        self._in_pass = frozenset(pass_ids)
        self._students = {pass_id: student_id for student_id, pass_id in pass_ids.items()}
        self._of = {student_id: Whereabouts(card) for student_id, card in out.items()}
        self._after = after

    @property
    def topics(self) -> frozenset[str]:
        """The passes of each of these students."""
        return frozenset(topics.student(pass_id) for pass_id in self._students)

    def of(self, student_id: int, as_of: datetime | None = None) -> Whereabouts:
        """What Pass says of a student; `as_of` is since when it says nothing new."""
        found = self._of.get(student_id, IN_ROOM)
        known_at = as_of if found.out is not None else None
        photo = self._photos.get(student_id, "")
        return msgspec.structs.replace(
            found, as_of=known_at, photo=photo, is_in_pass=student_id in self._in_pass
        )

    @property
    def asked_at(self) -> int:
        """The number of the log at which Pass was asked: what came before is known."""
        return self._after

    def hear(self, card: PassCard) -> int | None:
        """The student (of Classroom) of whom the pass's new card says something new, or nobody."""
        student_id = self._students.get(card.student.id)
        if student_id is None or card.version <= self._after:
            return None
        before = self._of.get(student_id, IN_ROOM)
        after = _next(before, card)
        self._of[student_id] = after
        return None if after == before else student_id


def _next(before: Whereabouts, card: PassCard) -> Whereabouts:
    if card.is_out:
        return Whereabouts(card)
    # A comment on an older pass, or a new request, says nothing of where the student is.
    if before.out is None or before.out.id != card.id:
        return before
    is_back = card.stamps[-1].what in _CAME_BACK
    return Whereabouts(back=card.id if is_back else 0)


NOBODY = ClassWhereabouts({}, {}, 0)
UNKNOWN = ClassWhereabouts({}, {}, 0, is_known=False)


def whereabouts_of(school_id: int, student_ids: Collection[int]) -> ClassWhereabouts:
    """What Pass says now of these students of Classroom."""
    # The number first: what happens in between is heard, and does no harm.
    after = last_number(school_id)
    pass_ids = people.pass_ids_of(school_id, student_ids)
    marks = marks_of(pass_ids.values())
    photos = {one: marks[pass_id] for one, pass_id in pass_ids.items() if pass_id in marks}
    return ClassWhereabouts(pass_ids, _out(school_id, pass_ids), after, photos)


def students_out(school_id: int, student_ids: Collection[int]) -> dict[int, PassCard]:
    """Those of these students of Classroom who are out now, each with the pass."""
    return _out(school_id, people.pass_ids_of(school_id, student_ids))


def _out(school_id: int, pass_ids: Mapping[int, int]) -> dict[int, PassCard]:
    if not pass_ids:
        return {}
    out = {card.student.id: card for card in queries.open_passes(school_id) if card.is_out}
    return {one: out[pass_id] for one, pass_id in pass_ids.items() if pass_id in out}
