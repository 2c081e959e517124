"""kill -9 in the middle of an import of people: old or new, never a mixture."""

import random
import re
import time
from typing import Any

import httpx
import pytest

from bench.target import Target
from tests.crash.test_kills import on_postgres, on_sqlite, target

__all__ = ["on_postgres", "on_sqlite", "target"]

PEOPLE = 20_000


class Office:
    """The admin of a school in a browser without scripts."""

    def __init__(self, target: Target, school: dict[str, Any]) -> None:
        cookies = {"corridor-session": school["adults"][-1]["session"]}
        self._client = httpx.Client(base_url=target.server.url, cookies=cookies, timeout=60)

    def look_at(self, text: str) -> str:
        """Send a file; the address of the page that tells what it would do."""
        page = self._client.get("/admin/people/import").text
        answer = self._client.post(
            "/admin/people/import",
            data={"csrfmiddlewaretoken": token(page)},
            files={"file": ("people.csv", text.encode())},
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def begin(self, address: str) -> None:
        """Press “Import”."""
        page = self._client.get(address).text
        seen = re.search(r'name="seen" value="([^"]+)"', page)
        assert seen, page
        facts = {"csrfmiddlewaretoken": token(page), "seen": seen[1]}
        answer = self._client.post(address + "/begin", data=facts)
        assert answer.status_code == 302, answer.text

    def page(self, address: str) -> str:
        """What the page tells now."""
        return self._client.get(address).text


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def state(target: Target, school: dict[str, Any]) -> tuple[int, int, int]:
    """New accounts, new identities, and events that tell of an import."""
    mine = [school["school"]]
    (accounts,), (events,) = (
        target.query(statement, mine)[0]
        for statement in (
            "SELECT count(*) FROM accounts_passaccount WHERE school_id = %s AND number <> ''",
            "SELECT count(*) FROM live_event WHERE school_id = %s AND name = 'people.imported'",
        )
    )
    ((identities,),) = target.query(
        "SELECT count(*) FROM accounts_identity WHERE email LIKE %s", [f"%@i{mine[0]}.example.org"]
    )
    return accounts, identities, events


def test_an_import_happens_as_a_whole_or_not_at_all(
    target: Target, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills")
    chance, outcomes = random.Random(kills), set()
    for _ in range(kills):
        school = target.add_school(students=10, adults=2)
        end = f"@i{school['school']}.example.org"
        text = "number,name,email\n" + "".join(f"{n},Kid {n},k{n}{end}\n" for n in range(PEOPLE))
        office = Office(target, school)
        address = office.look_at(text)
        office.begin(address)
        time.sleep(chance.uniform(0.2, 4))
        target.server.kill()
        target.server.start()
        found = state(target, school)
        assert found in ((0, 0, 0), (PEOPLE, PEOPLE, 1))
        outcomes.add(found)
        told = office.page(address)
        if found[0]:
            assert "Undo this import" in told
            continue
        until = time.monotonic() + 30
        while "The server stopped in the middle" not in office.page(address):
            assert time.monotonic() < until
            time.sleep(1)
        office.begin(address)
        until = time.monotonic() + 60
        while "Undo this import" not in office.page(address):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert state(target, school) == (PEOPLE, PEOPLE, 1)
    print(f"{kills} kills: {outcomes}")
