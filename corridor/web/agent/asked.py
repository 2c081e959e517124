"""What a student asks by a device: a hand, a message. Each is an operation in the school's turn."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import get_supported_language_variant, gettext, override

from corridor import clock
from corridor.accounts.actors import ClassroomActor
from corridor.accounts.devices import Owner
from corridor.classroom import participants
from corridor.classroom.refusals import NotFound, Refused
from corridor.classroom.words import sentence
from corridor.live.log import Turn, turn
from corridor.web import rate
from corridor.web.agent import messages as say

Asked = say.Hand | say.Write


def answer(asked: Asked, owner: Owner, language: str) -> say.Answered:
    """Do what the student asks; what became of it, in the student's language."""
    with override(language_of(language)):
        code, text = _done(asked, owner)
    return say.Answered(asked.request_id, code, text)


def language_of(wanted: str) -> str:
    """The language that a device asks for, or the server's."""
    try:
        return get_supported_language_variant(wanted)
    except LookupError:
        return str(settings.LANGUAGE_CODE)


def _done(asked: Asked, owner: Owner) -> tuple[str, str]:
    """A code and a sentence, both empty when it is done."""
    most = settings.CORRIDOR.student_rate
    try:
        rate.of_classroom_students.take(owner.student_id, at_once=most, a_minute=most)
        with turn(owner.school_id) as tx:
            _operation(asked)(tx, by=_actor(owner), at=clock.now())
    except rate.TooMany:
        return "too_many", gettext("That was too often. Wait a moment, then try again.")
    except Refused as no:
        return no.code, sentence(no.code, no.facts)
    except NotFound:
        return "no_class", gettext("No class of yours is running now.")
    except (OperationalError, InterfaceError):
        text = gettext("The database does not answer. Nothing was saved. Try again in a moment.")
        return "unavailable", text
    return "", ""


def _operation(asked: Asked) -> Callable[..., Any]:
    match asked:
        case say.Hand(raised=True):
            return participants.raise_hand
        case say.Hand():
            return participants.lower_hand
        case say.Write(text, request_id):

            def write(tx: Turn, **who: Any) -> None:
                participants.write_message(tx, text=text, request_id=request_id, **who)

            return write


def _actor(owner: Owner) -> ClassroomActor:
    return ClassroomActor(owner.student_id, owner.school_id, "student", owner.name, "agent")
