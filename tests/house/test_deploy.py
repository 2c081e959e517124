"""The files in deploy/ and docs/running.md name only settings and commands that there are."""

import re
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
