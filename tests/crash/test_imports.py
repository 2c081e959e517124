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

    def close(self) -> None:
        """Go home."""
        self._client.close()

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
        outcomes.add(killed_once(target, school, chance.uniform(0.2, 3)))
    print(f"{kills} kills: {outcomes}")


def killed_once(target: Target, school: dict[str, Any], seconds: float) -> int:
    """Kill the server so long after the press, then see that it can be done all the same.

    How many people there were after the kill.
    """
    office = Office(target, school)
    try:
        end = f"@i{school['school']}.example.org"
        text = "number,name,email\n" + "".join(f"{n},Kid {n},k{n}{end}\n" for n in range(PEOPLE))
        address = office.look_at(text)
        office.begin(address)
        time.sleep(seconds)
        target.server.kill()
        target.server.start()
        found = state(target, school)
        assert found in ((0, 0, 0), (PEOPLE, PEOPLE, 1))
        if not found[0]:
            until_told(office, address, "The server stopped in the middle")
            office.begin(address)
        until_told(office, address, "Undo this import")
        assert state(target, school) == (PEOPLE, PEOPLE, 1)
        return found[0]
    finally:
        office.close()


def until_told(office: Office, address: str, words: str) -> None:
    until = time.monotonic() + 60
    while words not in office.page(address):
        assert time.monotonic() < until, words
        time.sleep(0.5)
