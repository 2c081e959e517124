"""schemathesis, all checks, with keys of each kind, against a real server.

As everywhere in the tests, what it draws is the same in each run.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.test_streams import Server

pytestmark = pytest.mark.fuzz

CONFIG = Path(__file__).with_name("schemathesis.toml")
# The key that may do everything meets the most; of the others mostly 403 is asked.
SECONDS = {"all": 30} | dict.fromkeys(
    ("passes:read", "passes:write", "people:read", "places:read", "events:read"), 4
)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    found = Server(
        tmp_path_factory.mktemp("server"), database, API_RATE="1000000", LOG_LEVEL="error"
    )
    request.addfinalizer(found.stop)
    return found


@pytest.mark.parametrize("kind", SECONDS)
def test_nothing_breaks_the_description(server: Server, kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "--no-color",
            "run", f"{server.url}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {server.school['keys'][kind]}",
            "--checks", "all", "--continue-on-failure", "--generation-deterministic",
            "--max-time", str(SECONDS[kind]),
            "--exclude-path", "/api/v1/events/stream",  # has no end; tests of its own
        ],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS[kind] + 60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert "11 selected / 12 total" in done.stdout
