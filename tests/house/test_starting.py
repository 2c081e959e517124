"""The command: what keeps a server from starting is told in a sentence, with an exit code."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.files.base import ContentFile

from corridor import starting
from corridor.settings import load
from corridor.starting import CannotStart
from corridor.web.storage import HashedFiles
from tests.postgres import Postgres

pytestmark = pytest.mark.thorough

SECRET = "b3JkZXIgaXMgYSBzY2hvb2wsIG5vdCBhIHNlcnZlcg"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def corridor(*arguments: str, **settings: object) -> tuple[int, str]:
    """Run the command with these settings (without the prefix): exit code, what it said."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CORRIDOR_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "corridor", *arguments],
        env=clean | {f"CORRIDOR_{name}": str(value) for name, value in settings.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def test_bad_settings_are_told_and_end_with_2(tmp_path: Path) -> None:
    code, said = corridor("serve", DATA=tmp_path, PROT="80", PORT="eighty")
    assert code == 2
    assert [line[:9] for line in said.splitlines()] == ["corridor:"] * 2


def test_unsafe_settings_are_told_and_end_with_2(tmp_path: Path) -> None:
    code, said = corridor("serve", DATA=tmp_path, HOST="0.0.0.0")
    assert code == 2
    assert "CORRIDOR_PUBLIC_URL does not say" in said


def test_a_demo_keeps_away_from_a_real_database(tmp_path: Path) -> None:
    code, said = corridor("demo", DATA=tmp_path, DATABASE_URL="postgresql://db/corridor")
    assert code == 2
    assert "Remove CORRIDOR_DATABASE_URL" in said


def test_a_taken_port_is_told(tmp_path: Path, taken_port: int) -> None:
    code, said = corridor("serve", DATA=tmp_path, PORT=taken_port)
    assert code == 1
    assert f"Port {taken_port} is taken by another program." in said
    assert corridor("serve", "--port", str(taken_port), DATA=tmp_path) == (code, said)


def test_a_file_in_the_place_of_the_data_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(CannotStart, match=r"data cannot be used: .*CORRIDOR_DATA\.$"):
        starting.open_data_folder(load({"CORRIDOR_DATA": str(tmp_path / "data")}))


def test_a_full_disk_is_told() -> None:
    told = starting.folder_problem(load({}), OSError(28, "No space left on device"))
    assert told.startswith("The disk with the data folder")


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(CannotStart, match=r"Cannot listen on CORRIDOR_HOST=192\.0\.2\.1"):
        starting.open_port(load({"CORRIDOR_HOST": "192.0.2.1"}))


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    settings = load({"CORRIDOR_DATA": str(tmp_path)})
    told = pytest.raises(CannotStart, match="Another Corridor already runs")
    with starting.sole_user(settings), told, starting.sole_user(settings):
        pass
    with starting.sole_user(settings):
        pass


def test_a_database_file_is_made_and_brought_up_to_date_once(tmp_path: Path) -> None:
    assert corridor("migrate", DATA=tmp_path)[1].endswith("webhooks 0001_initial\n")
    assert corridor("migrate", DATA=tmp_path) == (0, "The database is up to date.\n")
    file = sqlite3.connect(tmp_path / "corridor.sqlite3")
    assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


def test_a_database_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "corridor.sqlite3").write_text("not a database at all " * 20)
    code, said = corridor("migrate", DATA=tmp_path)
    assert code == 1
    assert "corridor.sqlite3 cannot be used: file is not a database." in said


def test_a_database_of_a_newer_corridor_is_refused(tmp_path: Path) -> None:
    corridor("migrate", DATA=tmp_path)
    with sqlite3.connect(tmp_path / "corridor.sqlite3") as file:
        file.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('passes', '9999_later', '2031-01-01')"
        )
    file.close()
    code, said = corridor("check", DATA=tmp_path)
    assert code == 1
    assert "brought up to date by a newer Corridor (passes 9999_later)" in said


def test_a_database_server_that_is_away_is_told(tmp_path: Path) -> None:
    address = "postgresql://corridor:hush@127.0.0.1:1/corridor"
    code, said = corridor("serve", DATA=tmp_path, DATABASE_URL=address, SECRET_KEY=SECRET)
    assert code == 1
    assert "PostgreSQL cannot be used: " in said
    assert "hush" not in said


def test_two_processes_may_start_on_one_new_database(tmp_path: Path, postgres: Postgres) -> None:
    address = postgres.new_database()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CORRIDOR_", "DJANGO_"))}
    ours = {"CORRIDOR_DATABASE_URL": address, "CORRIDOR_SECRET_KEY": SECRET}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "corridor", "migrate"],
            env=clean | ours | {"CORRIDOR_DATA": str(tmp_path / name)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    said = [process.communicate(timeout=60)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "The database is up to date." in said
    with psycopg.connect(address) as connection:
        names = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    assert len(names) == len(set(names))


def test_modules_find_each_other_by_their_hashed_names(tmp_path: Path) -> None:
    files = HashedFiles(location=tmp_path, base_url="/static/")
    files.save("js/page.js", ContentFile('import { tick } from "./clock.js";\ntick();\n'))
    files.save("js/clock.js", ContentFile("export function tick() {}\n"))
    paths = {name: (files, name) for name in ("js/page.js", "js/clock.js")}
    assert [done for done in files.post_process(paths) if isinstance(done[2], Exception)] == []
    page = (tmp_path / files.stored_name("js/page.js")).read_text()
    assert f'from "./{Path(files.stored_name("js/clock.js")).name}"' in page


def test_garbage_is_not_looked_for_in_what_was_loaded() -> None:
    """A look through everything stops a server of 800 devices for a quarter of a second."""
    script = (
        "import os, gc, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.django_settings';"
        "django.setup(); from corridor.cli import _collect_seldom; _collect_seldom();"
        "print(gc.get_freeze_count(), len(gc.get_objects()), gc.get_threshold()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    frozen, looked_at, threshold = map(int, done.stdout.split())
    assert frozen > 20 * looked_at
    assert threshold >= 10_000
