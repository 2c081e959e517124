"""What the server of the flows has beside its school for devices: keys, a code, forty students."""

from typing import Any

from corridor.accounts.classroom_people import open_classroom_account
from corridor.accounts.devices import make_device_key, make_pairing_code
from corridor.accounts.models import ClassroomAccount
from tests.flows.signing_in import sign_in
from tests.school import School


def facts(school: School) -> dict[str, Any]:
    """Make it, and tell of it."""
    dana = school.classroom.dana
    for number in range(40):
        school.do(
            open_classroom_account, email=f"student{number}@example.org", role="student",
            given_name="Student", family_name=f"{number}", by=dana,
        )  # fmt: skip
    _, secret = school.do(make_device_key, name="Carts", by=dana)
    ben = ClassroomAccount.objects.get(email="ben@example.org")
    code = school.do(make_pairing_code, student_id=ben.pk, by=dana)
    accounts = {a.email.partition("@")[0]: a for a in ClassroomAccount.objects.all()}
    return {
        "classroom": {name: account.pk for name, account in accounts.items()},
        "classroom_sessions": {name: sign_in(account) for name, account in accounts.items()},
        "device_key": secret,
        "pairing_code": code,
    }
