"""Load a class for somebody, or say no: the one place that knows who may see and change which."""

from corridor.accounts import permissions
from corridor.accounts.classes import class_of_school
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.passes.refusals import NotAllowed, NotFound
from corridor.roster.models import SchoolClass


def sees_all_classes(signed: ClassroomSignedIn) -> bool:
    """Whether every class of the school is offered to this adult, not only their own."""
    return signed.may(permissions.ALL_CLASSES) or signed.may(permissions.CLASSES)


def may_change(signed: ClassroomSignedIn, class_id: int) -> bool:
    """Whether this adult may change the roster and the groups of this class."""
    return signed.may(permissions.CLASSES) or (
        signed.may(permissions.ROSTERS) and class_id in signed.class_ids
    )


def class_to_see(signed: ClassroomSignedIn, class_id: int) -> SchoolClass:
    """The class, for whoever may see it. Raises `NotFound` and `NotAllowed`."""
    found = class_of_school(signed.school_id, class_id)
    if found is None:
        raise NotFound("class")
    if class_id not in signed.class_ids and not sees_all_classes(signed):
        raise NotAllowed
    return found


def class_to_change(signed: ClassroomSignedIn, class_id: int) -> SchoolClass:
    """The class, for whoever may change it. Raises `NotFound` and `NotAllowed`."""
    found = class_to_see(signed, class_id)
    if not may_change(signed, class_id):
        raise NotAllowed
    return found
