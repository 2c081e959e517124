"""The people of `tests/school.py` as they are signed in to Classroom."""

from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.models import ClassroomAccount, ClassTeacher
from corridor.roster.changes import change_classroom
from corridor.roster.schools import settings_of
from tests.school import School


def signed(school: School, key: str) -> ClassroomSignedIn:
    """Whoever has this address, signed in to Classroom."""
    account = ClassroomAccount.objects.get(email=f"{key}@example.org")
    taught = ClassTeacher.objects.filter(account=account)
    return ClassroomSignedIn(
        "a session", account.identity_id, account.pk, account.school_id, "Lakeside High", 1,
        account.role, account.display_name, account.email,
        frozenset(taught.values_list("school_class_id", flat=True)),
        settings_of(account.school_id),
    )  # fmt: skip


def switch(school: School, *, on: bool) -> None:
    """An admin switches the integration on or off, as Settings → Systems does."""
    school.do(change_classroom, {"pass_integration": on}, by=school.classroom.dana.who)
