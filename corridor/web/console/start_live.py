"""The stream of an open start dialog: who of the class goes out on a pass, or is back."""

from collections.abc import Collection
from functools import partial

from starlette.requests import Request

from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.classroom.refusals import NotFound
from corridor.classroom.standing import roster_of
from corridor.integration.hearing import Hearing, card_in, hearing_of
from corridor.integration.people import is_on, pass_ids_of
from corridor.live import topics
from corridor.live.events import Logged
from corridor.live.log import last_number
from corridor.web.classroom.live import (
    ClassroomStream,
    after_in,
    answering,
    no,
    subscribed,
    who_listens,
)
from corridor.web.forms import id_in
from corridor.web.stream import Begun, Endpoint, Streams, language_of, message


class StartStream(ClassroomStream):
    """One open start dialog; `pass_ids` are the numbers in Pass of the class's students, as it was
    when the log stood at number `asked_at`.

    It is only told that something has changed, and asks for its list anew: what is ticked in it is
    the page's own, and this happens a few times while a class begins.
    """

    def __init__(
        self, signed: ClassroomSignedIn, hearing: Hearing, language: str,
        pass_ids: Collection[int], asked_at: int,
    ) -> None:  # fmt: skip
        super().__init__(signed, hearing, language)
        self._pass_ids = frozenset(pass_ids)
        self._asked_at = asked_at

    @property
    def topics(self) -> frozenset[str]:
        """Those of every page of Classroom; the class's students, their passes and addresses."""
        if not is_on(self.signed.settings) or self.signed.acted_by is not None:
            return super().topics
        passes = {topics.student(pass_id) for pass_id in self._pass_ids}
        return super().topics | passes | {topics.ADDRESSES}

    def hear(self, event: Logged) -> None:
        """Also when a student goes out or is back; a request says nothing of where they are."""
        if self.changes_others(event):
            self.push(message("news", "", event.number))
            if event.number > self._asked_at:
                self.begin_anew(event)
            return
        super().hear(event)
        card = card_in(event)
        if card is None or card.student.id not in self._pass_ids:
            return
        if card.started_at or card.stamps[-1].what == "undone":
            self.push(message("news", "", event.number))


def start_stream(streams: Streams) -> Endpoint:
    """The ASGI endpoint of the start dialogs' stream."""
    return Endpoint(streams, partial(answering, _begun), "classroom adult")


async def _begun(streams: Streams, request: Request) -> Begun:
    after, class_id = after_in(request), id_in(request.query_params.get("class"))
    if after is None or class_id is None:
        raise no(400, "The stream needs the class and the number: ?class=…&after=…")
    signed = await who_listens(streams, request)
    if not signed.acting("stream").leads(class_id):
        raise no(403, "This class is not yours to lead.")
    try:
        asked_at, pass_ids = await streams.in_database(partial(_pass_ids, signed, class_id))
    except NotFound:
        raise no(404, "There is no such class in this school.") from None
    hearing = await streams.in_database(partial(hearing_of, signed))
    return await subscribed(
        streams, StartStream(signed, hearing, language_of(request), pass_ids, asked_at), after
    )


def _pass_ids(signed: ClassroomSignedIn, class_id: int) -> tuple[int, Collection[int]]:
    # The number first: what is written in between is heard and asked for again.
    asked_at, roster = last_number(signed.school_id), roster_of(signed.school_id, class_id)
    if not is_on(signed.settings):
        return asked_at, ()
    ids = [one.student.id for one in roster.students]
    return asked_at, pass_ids_of(signed.school_id, ids).values()
