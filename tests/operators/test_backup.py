"""`corridor backup` and `restore`, as an operator runs them, beside the database under test."""

import os
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest

from corridor.operators.backup import Manifest
from tests.postgres import Postgres
from tests.servers import Server

pytestmark = pytest.mark.thorough

SECRET = "only-for-tests-0123456789-abcdefghijklm"


class Installation:
    """A data folder (and a database) of its own, and the command on it."""

    def __init__(self, data: Path, postgres: Postgres | None) -> None:
        self.data = data
        data.mkdir(mode=0o700)
        self.postgres = postgres
        self.url = postgres.new_database() if postgres else ""
        more = {"DATABASE_URL": self.url, "SECRET_KEY": SECRET} if postgres else {}
        self.server = Server(data, **more)

    def run(self, *arguments: object, module: str = "corridor") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=self.server.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.returncode, done.stdout

    def day(self) -> int:
        """The school and its passes; the school's last number."""
        code, said = self.run(module="tests.operators.a_day")
        assert code == 0, said
        return int(said)

    def back_up(self) -> Path:
        code, said = self.run("backup")
        assert code == 0, said
        return Path(said.splitlines()[0])

    def beside(self, folder: Path) -> "Installation":
        """Another, empty installation of the same kind."""
        return Installation(folder / "data", self.postgres)

    def ask(self, question: str) -> list[tuple[object, ...]]:
        if self.url:
            with psycopg.connect(self.url) as database:
                return database.execute(question.encode()).fetchall()
        with closing(sqlite3.connect(self.data / "corridor.sqlite3")) as file:
            return file.execute(question).fetchall()

    def change(self, statement: str) -> None:
        if self.url:
            with psycopg.connect(self.url) as database:
                database.execute(statement.encode())
        else:
            with closing(sqlite3.connect(self.data / "corridor.sqlite3")) as file, file:
                file.execute(statement)


@pytest.fixture(scope="module")
def school(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation on the database that the tests run on, with a school and its passes."""
    is_postgres = request.config.getoption("--database") == "postgres"
    postgres = request.getfixturevalue("postgres") if is_postgres else None
    installation = Installation(tmp_path_factory.mktemp("school") / "data", postgres)
    installation.day()
    yield installation
    installation.server.stop()


@pytest.fixture(scope="module")
def good(school: Installation) -> Path:
    """A backup of it, taken while somebody was signed in."""
    school.change(
        "INSERT INTO accounts_signin (session_key, session_data, expire_date)"
        " VALUES ('sesame-sesame-sesame', 'x', '2099-01-01')"
    )
    return school.back_up()


@pytest.fixture(scope="module")
def restored(
    school: Installation, good: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The backup restored in an empty place."""
    installation = school.beside(tmp_path_factory.mktemp("restored"))
    code, said = installation.run("restore", good)
    assert code == 0, said
    yield installation
    installation.server.stop()


CARDS = "SELECT school_id, id, card FROM passes_hallpass ORDER BY school_id, id"
NAME = "SELECT name FROM {}roster_school WHERE id = 1"


def manifest(file: Path) -> Manifest:
    with zipfile.ZipFile(file) as archive:
        return msgspec.json.decode(archive.read("manifest.json"), type=Manifest)


def refused(school: Installation, file: Path | str, *told: str) -> None:
    """Verifying this file says no, in these words."""
    code, said = school.run("restore", "--verify", file)
    assert code == 1
    for words in told:
        assert words in said


def with_manifest(file: Path, changed: Manifest, folder: Path) -> Path:
    """The backup with another manifest."""
    other = folder / "other.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            is_manifest = name == "manifest.json"
            new.writestr(name, msgspec.json.encode(changed) if is_manifest else old.read(name))
    return other


def test_a_backup_is_private_and_holds_no_sign_in(good: Path) -> None:
    assert oct(good.stat().st_mode)[-3:] == "600"
    with zipfile.ZipFile(good) as archive:
        assert not any(b"sesame" in archive.read(name) for name in archive.namelist())


def test_a_restored_school_is_the_same_and_life_goes_on(
    school: Installation, good: Path, restored: Installation
) -> None:
    assert restored.ask("SELECT count(*) FROM accounts_signin") == [(0,)]
    kept = [row for row in restored.ask(CARDS) if int(str(row[1])) <= manifest(good).schools[1]]
    assert kept == [row for row in school.ask(CARDS) if row in kept]
    restored.server.start()
    code, said = restored.run("load", module="tests.operators.a_day")  # its input is closed
    assert code == 0, said
    restored.server.stop()
    code, said = restored.run("verify-log")
    assert code == 0, said


def test_a_backup_under_load_is_consistent(school: Installation) -> None:
    (last,) = school.ask("SELECT last_number FROM live_schoolturn WHERE school_id = 1")[0]
    school.server.start()
    load = subprocess.Popen(
        [sys.executable, "-m", "tests.operators.a_day", "load"],
        env=school.server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert load.stdout is not None
    load.stdout.readline()  # it has begun
    files = [school.back_up()]
    time.sleep(1)  # a backup is named by its second
    files.append(school.back_up())
    count = int(load.communicate()[0])
    first, second = (manifest(file).schools[1] for file in files)
    assert int(str(last)) < first < second <= int(str(last)) + 3 * count
    before = school.ask(CARDS)
    code, said = school.run("restore", "--verify", files[1])
    assert code == 0, said
    assert school.ask(CARDS) == before
    school.server.stop()


def test_a_restore_under_a_running_server_is_refused(restored: Installation, good: Path) -> None:
    restored.server.start()
    code, said = restored.run("restore", good, "--replace")
    restored.server.stop()
    assert code == 1
    assert ("Stop its servers, then restore." if restored.url else "Stop the server, then") in said


def test_what_is_there_is_not_replaced_unless_told_and_then_put_aside(
    restored: Installation, good: Path
) -> None:
    restored.change("UPDATE roster_school SET name = 'Renamed' WHERE id = 1")
    code, said = restored.run("restore", good)
    assert code == 1
    assert "There is data already: 2 schools." in said
    assert "--replace" in said
    code, said = restored.run("restore", good, "--replace")
    assert code == 0, said
    assert restored.ask(NAME.format("")) == [("Lakeside High",)]
    aside = said.partition("is kept in ")[2].partition(". Delete")[0]
    if restored.url:
        schema = aside.removeprefix("schema ") + "."
        assert restored.ask(NAME.format(schema)) == [("Renamed",)]
    else:
        with closing(sqlite3.connect(aside)) as old:
            assert old.execute(NAME.format("")).fetchall() == [("Renamed",)]
    assert restored.run("verify-log")[0] == 0


@pytest.mark.postgres  # SQLite's file is put aside as a whole
def test_what_a_newer_version_has_made_does_not_stop_the_next_upgrade(
    restored: Installation, good: Path
) -> None:
    """Its tables are put aside too; what another program keeps beside them stays."""
    made = ("passes_dream", "dreams_dream", "elsewhere_dream")
    for name in made:
        restored.change(f"CREATE TABLE {name} (school bigint REFERENCES roster_school)")
    restored.change(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('dreams', '0001', now())"
    )
    code, said = restored.run("restore", good, "--replace")
    assert code == 0, said
    aside = said.partition("is kept in schema ")[2].partition(". Delete")[0]
    found = restored.ask("SELECT tablename, schemaname FROM pg_tables WHERE tablename ~ 'dream$'")
    assert set(found) == set(zip(made, (aside, aside, "public"), strict=True))


def test_a_backup_that_lost_a_row_is_refused(
    school: Installation, good: Path, tmp_path: Path
) -> None:
    fewer = manifest(good)
    rows = fewer.tables["passes_hallpass"].tally.rows
    fewer.tables["passes_hallpass"].tally.rows = rows - 1
    told = f"Table passes_hallpass has {rows} rows", f"the manifest says {rows - 1}"
    refused(school, with_manifest(good, fewer, tmp_path), *told)


def test_a_backup_with_a_changed_row_is_refused(
    school: Installation, good: Path, tmp_path: Path
) -> None:
    other = manifest(good)
    other.tables["live_event"].tally.sum = "abc"
    refused(school, with_manifest(good, other, tmp_path), "Table live_event", "with abc")


def test_a_backup_whose_log_is_not_whole_is_refused(school: Installation) -> None:
    school.change("UPDATE live_event SET number = -3 WHERE school_id = 1 AND number = 3")
    try:
        file = school.back_up()
    finally:
        school.change("UPDATE live_event SET number = 3 WHERE school_id = 1 AND number = -3")
    refused(school, file, "The log in the backup is not whole", "school 1, number 3: is missing")


def test_what_is_no_backup_is_told(school: Installation, good: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-200])
    refused(school, cut, "no backup of Corridor, or it is damaged")
    refused(school, "none", "no file none")


def test_a_backup_of_a_newer_corridor_is_refused(
    school: Installation, good: Path, tmp_path: Path
) -> None:
    newer = manifest(good)
    newer.migrations.append(("passes", "9999_teleport"))
    told = "newer than this one (passes 9999_teleport"
    refused(school, with_manifest(good, newer, tmp_path), told)


def test_a_backup_of_the_other_kind_of_database_is_refused(
    school: Installation, good: Path, tmp_path: Path
) -> None:
    foreign = manifest(good)
    foreign.database = "sqlite" if school.url else "postgresql"
    refused(school, with_manifest(good, foreign, tmp_path), "this Corridor is set to")


def test_nothing_is_left_behind_in_the_scratch_place(
    school: Installation, good: Path, restored: Installation
) -> None:
    for place in (school, restored):
        assert [name for name in os.listdir(place.data) if name.startswith(".")] == []
        if place.url:
            question = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'corridor_scratch%'"
            assert place.ask(question) == [(0,)]
    assert {path.suffix for path in good.parent.iterdir()} == {".zip"}


@pytest.mark.sqlite
def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    here = Installation(tmp_path / "data", None)
    code, said = here.run("backup")
    assert (code, "There is no database" in said) == (1, True)
    assert not (here.data / "corridor.sqlite3").exists()
