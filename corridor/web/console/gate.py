"""Load a session for somebody, or say no: the one gate of the console's pages."""

from corridor import clock
from corridor.classroom import queries
from corridor.classroom.leading import sees_console
from corridor.classroom.queries import Console
from corridor.classroom.refusals import NotAllowed
from corridor.web.guards import ClassroomRequest


def kept(request: ClassroomRequest, session_id: int) -> Console:
    """A session of the school that is not too old to be shown. Raises `NotFound`."""
    since = request.signed_in.settings.classes_kept_since(clock.now())
    return queries.console(request.actor.school_id, session_id, kept_since=since)


def console_of(request: ClassroomRequest, session_id: int) -> Console:
    """The session with its students and commands. Raises `NotFound`, `NotAllowed`."""
    found = kept(request, session_id)
    if not sees_console(found.session, request.actor):
        raise NotAllowed
    return found
