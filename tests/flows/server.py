"""A server of its own with the small school in it, for tests that speak HTTP to it.

Prints one line of JSON (who has which session, which place has which id), then serves.
"""

import json
import os
import sys
from importlib import import_module

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.flows.server_settings"

import django

django.setup()

import uvicorn  # noqa: E402
from django.core.management import call_command  # noqa: E402

from corridor import clock  # noqa: E402
from corridor.accounts.keys import SCOPES, make_key  # noqa: E402
from corridor.accounts.models import PassAccount  # noqa: E402
from corridor.accounts.people import open_account  # noqa: E402
from corridor.clock import TestClock  # noqa: E402
from tests.flows.signing_in import sign_in  # noqa: E402
from tests.school import School  # noqa: E402

PEOPLE = ("ana", "ben", "cam", "eli", "rivera", "okafor", "ito", "dana", "stone", "otto")


def key_of(school: School, kind: str) -> str:
    """The secret of a new key that acts as Ms. Rivera and may do this, or everything."""
    scopes = SCOPES if kind == "all" else (kind,)
    _, secret = school.do(
        make_key, name=kind, scopes=scopes, account_id=school.rivera.account_id, expires_at=None,
        by=school.dana,
    )  # fmt: skip
    return str(secret)


def main() -> None:
    """Make the school, tell of it (a module may add `facts` of its own), serve."""
    call_command("migrate", verbosity=0)
    school = School(TestClock(clock.now()))
    accounts = {name: getattr(school, name).account_id for name in PEOPLE}
    sessions = {n: sign_in(PassAccount.objects.get(pk=pk)) for n, pk in accounts.items()}
    # Ms. Rivera teaches at the other school too; "fay" is she with a second browser.
    there = school.do(
        open_account, email="rivera@example.org", role="teacher", given_name="Rosa",
        family_name="Rivera", display_name="Ms. Rivera", by=school.otto,
    )  # fmt: skip
    accounts["rivera_there"] = there.pk
    sessions["fay"] = sign_in(PassAccount.objects.get(pk=accounts["rivera"]))
    told = {
        "sessions": sessions,
        "accounts": accounts,
        "places": {"room_204": school.room_204, "nurse": school.nurse, "library": school.library},
        "keys": {kind: key_of(school, kind) for kind in (*SCOPES, "all")},
        "last": school.last,
    }
    for module in sys.argv[2:]:
        told |= import_module(module).facts(school)
    print(json.dumps(told), flush=True)
    from corridor.web.agent import messages
    from corridor.web.door import app

    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, timeout_graceful_shutdown=1,
        ws_max_size=messages.LARGEST,
    )  # fmt: skip


main()
