"""The SQL statements of one request, one approval and one end, as the handlers run them.

Run beside a server (`python -m bench.statements school.json out.json`), in a process of its own
with the same code and the same database.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.client import SESSION_COOKIE  # noqa: E402
from corridor.live.models import SchoolTurn  # noqa: E402

# Far from every id, so that a value tells what it is.
FIRST_NUMBER: Final = 7_000_000


class Recorder:
    """Runs a request and notes its statements, what each value means, and how many there were."""

    def __init__(self, school: dict[str, Any]) -> None:
        self.student, self.adult = school["students"][0], school["adults"][0]
        self.place = school["places"][0]
        self.meaning: dict[Any, str] = {
            school["school"]: "school",
            self.student["id"]: "student",
            self.adult["id"]: "adult",
            self.adult["room"]: "room",
            self.place: "place",
        }
        assert len(self.meaning) == 5, "two ids are the same: add another school first"

    def run(self, session: str, path: str, number: int, **fields: Any) -> dict[str, Any]:
        """The statements of one press, with parameters named by what they mean."""
        request_id = uuid4()
        self.meaning |= {
            FIRST_NUMBER + 1: "pass",
            number: "number",
            request_id: "request",
            request_id.hex: "request",
        }
        noted: list[tuple[str, list[Any]]] = []

        def note(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
            if not sql.startswith("BEGIN"):
                noted.append((sql, [self._named(value) for value in params or ()]))
            return execute(sql, params, *rest)

        client = Client(SERVER_NAME="localhost")
        client.cookies[SESSION_COOKIE] = session
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        with connection.execute_wrapper(note):
            answer = client.post(path, fields | {"request_id": str(request_id)})
        connection.force_debug_cursor = False
        assert answer.status_code in (200, 302), answer.content
        all_of_them = [query["sql"] for query in connection.queries_log]
        self.meaning.pop(number)
        begin = next(n for n, sql in enumerate(all_of_them) if sql.startswith("BEGIN"))
        return {
            "statements": noted,
            "before_begin": begin,
            "count": len(all_of_them) - begin,
            "last": all_of_them[-1],
        }

    def _named(self, value: Any) -> Any:
        plain = isinstance(value, str | int | float | bool | None)
        if value is not None and not isinstance(value, bool) and value in self.meaning:
            return {"is": self.meaning[value]}
        return value if plain else str(value)


def record(school: dict[str, Any]) -> dict[str, Any]:
    """Ask, approve and end once. The student's sign-in is new, the adult's is known."""
    SchoolTurn.objects.filter(pk=school["school"]).update(last_number=FIRST_NUMBER)
    recorder = Recorder(school)
    student, adult = recorder.student["session"], recorder.adult["session"]
    Client(SERVER_NAME="localhost", headers={"Cookie": f"{SESSION_COOKIE}={adult}"}).get("/staff")
    ask = {"origin": recorder.adult["room"], "destination": recorder.place, "reason": ""}
    number = FIRST_NUMBER + 1
    return {
        "ask": recorder.run(student, "/student/passes", number, **ask),
        "approve": recorder.run(adult, f"/staff/passes/{number}/approve", number + 1),
        "end": recorder.run(adult, f"/staff/passes/{number}/end", number + 2),
    }


if __name__ == "__main__":
    made = json.loads(Path(sys.argv[1]).read_text())
    Path(sys.argv[2]).write_text(json.dumps(record(made)))
