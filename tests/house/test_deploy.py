"""The files in deploy/ and docs/running.md name only settings and commands that there are."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from corridor.cli import _parser
from corridor.settings import declared
from tests.house.source import ROOT

FILES = [*sorted((ROOT / "deploy").iterdir()), ROOT / "docs/running.md"]
SETTINGS = {row.variable for row in declared()}
SETTINGS |= {row.variable + "_FILE" for row in declared() if row.secret}


def commands() -> set[str]:
    (chosen,) = (action for action in _parser()._actions if action.dest == "command")
    return set(chosen.choices or ())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_only_settings_that_there_are(file: Path) -> None:
    assert set(re.findall(r"CORRIDOR_[A-Z_]+", file.read_text())) <= SETTINGS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_only_commands_that_there_are(file: Path) -> None:
    text = file.read_text()
    named = set(re.findall(r"(?:bin/corridor|as_corridor|`corridor) ([a-z][a-z-]+)", text))
    assert named <= commands()


def test_every_file_of_the_folder_is_told_of() -> None:
    told = (ROOT / "docs/running.md").read_text()
    named = {"Dockerfile"} | {file.name for file in FILES if file.name in told}
    named |= {file.name for file in FILES if file.name.startswith("corridor-nightly")}
    assert {file.name for file in FILES} - {"running.md"} <= named


def test_the_proxies_do_not_hold_streams_back() -> None:
    nginx, caddy = ((ROOT / "deploy" / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    for place in ("/stream/", "= /api/v1/events/stream"):
        stream = nginx.partition(f"location {place} {{")[2].partition("}")[0]
        assert "proxy_buffering off;" in stream
    assert "flush_interval -1" in caddy


def nights() -> dict[str, str]:
    """What each way to run does at night, as its shell is given it."""
    compose = (ROOT / "deploy/compose.yaml").read_text().partition("  nightly:")[2]
    unit = (ROOT / "deploy/corridor-nightly.service").read_text()
    (asleep,) = re.findall(r"& wait \$\$!\n(.*?)\n +done", compose, re.DOTALL)
    (command,) = re.findall(r'^ExecStart=/bin/sh -c "(.*?)"$', unit, re.DOTALL | re.MULTILINE)
    return {
        "compose": asleep.replace("$$", "$"),
        "unit": command.replace("\\\n", "").replace("$$", "$"),
    }


@pytest.mark.parametrize("way", ["compose", "unit"])
@pytest.mark.parametrize("failing", ["", "purge", "backup"])
def test_a_night_that_fails_deletes_no_backup(tmp_path: Path, way: str, failing: str) -> None:
    """Backup and purge do not wait for each other; what is old goes only after a new backup."""
    done = tmp_path / "done"
    command = tmp_path / "corridor"
    command.write_text(f'#!/bin/sh\necho "$1" >> {done}\n[ "$1" != "{failing}" ]\n')
    command.chmod(0o755)
    backups = tmp_path / "backups"
    backups.mkdir()
    old, fresh = backups / "corridor-old.zip", backups / "corridor-new.zip"
    for file in (old, fresh):
        file.write_text("")
    os.utime(old, (0, 0))
    night = nights()[way].replace("/opt/corridor/.venv/bin/corridor", "corridor")
    night = re.sub(r"(/data|/var/lib/corridor)/backups", str(backups), night)
    path = f"{tmp_path}:{os.environ['PATH']}"
    ended = subprocess.run(["sh", "-c", night], env={"PATH": path}, check=False)
    assert done.read_text().split() == ["backup", "purge"]
    assert (old.exists(), fresh.exists()) == (failing == "backup", True)
    if way == "unit":
        assert bool(ended.returncode) == bool(failing)


def test_the_night_of_compose_waits_until_it_is_night() -> None:
    """Its own line, run by the shell: at most a day, and never nothing."""
    (line,) = re.findall(r"sleep (\$\$.*) & wait", (ROOT / "deploy/compose.yaml").read_text())
    told = subprocess.run(
        ["sh", "-c", f"echo {line.replace('$$', '$')}"], capture_output=True, text=True, check=True
    )
    assert 0 <= int(told.stdout) < 24 * 3600
