"""The doctor: each check finds its illness and nothing else, and says the mend."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from corridor.operators import checks
from corridor.operators.checks import Check
from corridor.operators.facts import DatabaseFacts, Facts, SchoolFacts, ask_database
from corridor.settings import Settings, load
from tests.house.source import ROOT
from tests.school import School

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
PUBLIC = {"PUBLIC_URL": "https://passes.school.org"}
MAIL = {"EMAIL_URL": "smtp://mail.school.org", "EMAIL_FROM": "passes@school.org"}
POSTGRES = {"SECRET_KEY": "b3JkZXIgaXMgYSBzY2hvb2wsIG5vdCBhIHNlcnZlcg"}
FAR = POSTGRES | {"DATABASE_URL": "postgresql://c@db.school.org/corridor"}


def settings(**environ: str) -> Settings:
    return load({f"CORRIDOR_{name}": value for name, value in (MAIL | environ).items()})


HEALTHY = Facts(
    settings=settings(**PUBLIC),
    at=NOW,
    last_backup=NOW - timedelta(hours=9),
    database=DatabaseFacts(
        said={"journal_mode": "wal", "synchronous": "2"},
        schools=(SchoolFacts(id=1, name="Lakeside High"),),
    ),
)


def facts(**changes: Any) -> Facts:
    return msgspec.structs.replace(HEALTHY, **changes)


def with_settings(**environ: str) -> Facts:
    return facts(settings=settings(**environ))


def with_database(**changes: Any) -> Facts:
    assert HEALTHY.database is not None
    return facts(database=msgspec.structs.replace(HEALTHY.database, **changes))


def with_school(**changes: Any) -> Facts:
    return with_database(schools=(SchoolFacts(id=1, name="Lakeside High", **changes),))


# check: (the illness, what is said, what the mend names)
ILL: dict[Check, list[tuple[Facts, str, str]]] = {
    checks.unsafe_settings: [
        (with_settings(HOST="0.0.0.0"), "does not say under which address", "Set it"),
        (with_settings(**PUBLIC, DEMO="true"), "without a password", "Set CORRIDOR_HOST"),
    ],
    checks.debug_or_demo: [
        (with_settings(DEBUG="true"), "CORRIDOR_DEBUG is on", "Remove CORRIDOR_DEBUG"),
        (with_settings(DEMO="true"), "CORRIDOR_DEMO is on", "Remove CORRIDOR_DEMO"),
    ],
    checks.proxies_too_wide: [
        (with_settings(TRUSTED_PROXIES="0.0.0.0/0"), "4,294,967,296 addresses", "proxy's own"),
    ],
    checks.proxy_not_believed: [
        (with_settings(**PUBLIC, TRUSTED_PROXIES=","), "believes none", "TRUSTED_PROXIES"),
        (with_settings(**PUBLIC, HOST="10.0.0.2"), "only proxies on this one", "TRUSTED_PROXIES"),
    ],
    checks.own_port_as_https: [
        (with_settings(PUBLIC_URL="https://passes.school.org:8000"), "speaks http.", "proxy"),
    ],
    checks.mail_not_set_up: [
        (with_settings(EMAIL_URL="console:"), "printed to the log", "CORRIDOR_EMAIL_URL"),
        (with_settings(EMAIL_FROM="Corridor <corridor@localhost>"), "refuse", "an address"),
    ],
    checks.mail_in_the_clear: [
        (with_settings(EMAIL_URL="smtp+plain://mail.school.org"), "unencrypted", "smtps:"),
    ],
    checks.database_in_the_clear: [
        (with_settings(**FAR), "need not be encrypted", "sslmode=verify-full"),
    ],
    checks.data_folder: [(facts(data_problem="does not exist"), "does not exist", "install -d")],
    checks.readable_by_others: [
        (facts(modes={"/d/secret-key": 0o644}), "/d/secret-key (mode 644)", "chmod 600 /d/secret"),
        (facts(modes={"/d": 0o755}), "(mode 755)", "chmod 700 /d"),
    ],
    checks.runs_as_root: [(facts(user_id=0), "root", "corridor.service")],
    checks.disk_space: [
        (facts(free_bytes=1 << 30), "Only 1.0 GB are free", "Make room"),
        (facts(free_bytes=9 << 30, database_bytes=5 << 30), "10.0 GB should be", "larger disk"),
    ],
    checks.network_disk: [(facts(data_file_system="nfs4"), "(nfs4)", "local disk")],
    checks.open_files: [(facts(open_files=1024), "1024 files", "LimitNOFILE")],
    checks.static_files: [(facts(static_ready=False), "static files are not", "Start the server")],
    checks.old_backup: [
        (facts(last_backup=None), "No backup", "corridor backup"),
        (facts(last_backup=NOW - timedelta(days=3)), "of 2026-02-27", "corridor backup"),
    ],
    checks.database_away: [
        (facts(database=None, database_problem="No route."), "No route.", "CORRIDOR_DATABASE_URL"),
    ],
    checks.pending_migrations: [
        (with_database(pending=("passes 0002_x",)), "lacks 1 migrations", "corridor migrate"),
        (with_database(not_ours="Made by a newer one. Use it."), "Made by a newer", "Use it"),
    ],
    checks.sqlite_not_durable: [
        (with_database(said={"journal_mode": "delete"}), "journal mode delete", "local disk"),
        (with_database(said={"synchronous": "1"}), "power cut", "FULL"),
    ],
    checks.postgres_not_durable: [
        (with_database(said={"synchronous_commit": "off"}), "synchronous_commit=off", "= on"),
    ],
    checks.postgres_version: [(with_database(version=14), "PostgreSQL 14 is too old", "15")],
    checks.too_few_connections: [
        (with_database(said={"max_connections": "20"}), "takes 17 connections", "to 39 or more"),
        (with_database(said={"max_connections": "100"}, connections=95), "95 of", "fewer"),
    ],
    checks.clocks_apart: [
        (with_database(seconds_apart=-7.2), "-7 s from", "time server"),
        (with_school(last_event_at=NOW + timedelta(hours=1)), "has not come yet", "clock"),
    ],
    checks.no_admin: [
        (with_school(admins=0), "Lakeside High has no admin", "add one"),
        (with_database(schools=()), "no school yet", "link"),
    ],
    checks.unknown_time_zone: [
        (with_school(time_zone="Mars/Olympus"), "“Mars/Olympus” is not known", "tzdata"),
    ],
    checks.places_without_adults: [
        (with_school(places_without_adults=("Library",)), "at Library of", "My locations"),
    ],
    checks.adults_without_room: [
        (with_school(adults_without_room=tuple("ABCDEFG")), "A, B, C, D, E and 2 more", "room"),
    ],
    checks.log_gaps: [
        (with_school(last_number=9, highest_number=9, events=8), "8 events up to", "verify-log"),
    ],
    checks.clock_not_acting: [(with_school(overdue=3), "3 passes of", "restart")],
    checks.purge_overdue: [
        (with_school(oldest_kept=NOW - timedelta(days=800)), "of 2023-12-23", "corridor purge"),
    ],
}
CASES = [(check, *case) for check, cases in ILL.items() for case in cases]


def test_a_healthy_installation_has_nothing_to_mend() -> None:
    assert not any(checks.examine(HEALTHY).values())


def test_every_check_has_its_illness_here() -> None:
    assert set(ILL) == set(checks.IN_ORDER)
    assert len(checks.IN_ORDER) >= 15


@pytest.mark.parametrize(
    ("check", "ill", "says", "mend"), CASES, ids=[checks.name_of(case[0]) for case in CASES]
)
def test_an_illness_is_found_and_its_mend_said(
    check: Check, ill: Facts, says: str, mend: str
) -> None:
    (found,) = check(ill)
    assert says in found.says
    assert mend in found.mend
    assert found.says[-1] == "."
    assert found.says[0].isupper() or found.says[0].isdigit()


def test_the_document_is_the_tuple_in_the_code() -> None:
    assert checks.as_markdown() in (ROOT / "docs/doctor.md").read_text()


# The facts themselves


def test_the_facts_of_the_school_are_gathered(a_school: School) -> None:
    a_school.open_place("Clinic", trip_type="layover")
    a_school.open_place("Water fountain")
    a_school.out()
    known = ask_database({})
    school = next(school for school in known.schools if school.id == a_school.id)
    assert school.places_without_adults == ("Clinic",)
    assert (school.admins, school.adults_without_room, school.overdue) == (1, (), 0)
    assert school.last_number == school.highest_number == school.events == a_school.last
    assert school.last_event_at == a_school.clock.at == school.oldest_kept
    assert abs(known.seconds_apart) < 366 * 86400
    a_school.wait(hours=1, timer=False)
    known = ask_database({})
    assert [school.overdue for school in known.schools] == [1, 0]


def doctor(*arguments: str, **environ: object) -> tuple[int, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CORRIDOR_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "corridor", "doctor", *arguments],
        env=clean | {f"CORRIDOR_{name}": str(value) for name, value in environ.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


@pytest.mark.sqlite
def test_a_doctor_looks_at_an_empty_place_and_changes_nothing(tmp_path: Path) -> None:
    code, said = doctor(DATA=tmp_path / "data")
    assert code == 1
    assert "data-folder: " in said
    assert "database-away: The database cannot be asked: There is no database yet." in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite
def test_bad_settings_are_findings_too(tmp_path: Path) -> None:
    code, said = doctor("--json", DATA=tmp_path, PROT="80")
    told = json.loads(said)
    assert (code, told["ok"]) == (1, False)
    assert "CORRIDOR_PROT is not a setting" in told["checks"]["settings"][0]["says"]


@pytest.mark.sqlite
def test_a_damaged_database_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "corridor.sqlite3").write_bytes(b"no database" * 1000)
    code, said = doctor("--json", DATA=tmp_path)
    assert code == 1
    (finding,) = json.loads(said)["checks"]["database-away"]
    assert "not a database" in finding["says"]
