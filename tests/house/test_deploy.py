"""The files in deploy/ and docs/running.md name only settings and commands that there are."""

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
    stream = nginx.partition("location /stream/ {")[2].partition("}")[0]
    assert "proxy_buffering off;" in stream
    assert "flush_interval -1" in caddy


def test_every_way_to_run_purges_and_backs_up_at_night() -> None:
    compose = (ROOT / "deploy/compose.yaml").read_text().partition("  nightly:")[2]
    unit = (ROOT / "deploy/corridor-nightly.service").read_text()
    for text in (compose.partition("  proxy:")[0], unit):
        purge, backup = text.index("corridor purge"), text.index("corridor backup")
        assert purge < backup < text.index("-mtime +28 -delete")


def test_the_night_of_compose_waits_until_it_is_night() -> None:
    """Its own line, run by the shell: at most a day, and never nothing."""
    (line,) = re.findall(r"sleep (\$\$.*) & wait", (ROOT / "deploy/compose.yaml").read_text())
    told = subprocess.run(
        ["sh", "-c", f"echo {line.replace('$$', '$')}"], capture_output=True, text=True, check=True
    )
    assert 0 <= int(told.stdout) < 24 * 3600
