"""Load a session for somebody, or say no: the one gate of the console's pages."""

from corridor.classroom import queries
from corridor.classroom.queries import Console
from corridor.classroom.refusals import NotAllowed
from corridor.web.guards import ClassroomRequest


def console_of(request: ClassroomRequest, session_id: int) -> Console:
    """The session with its students and commands. Raises `NotFound`, `NotAllowed`."""
    found = queries.console(request.actor.school_id, session_id)
    if not request.actor.leads(found.session.class_id):
        raise NotAllowed
    return found
