"""docs/api.md says what happens: its commands are run, its answers compared."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from corridor.accounts.keys import SCOPES
from corridor.passes.moves import BY_NAME
from corridor.web.api.passes import MoveName
from tests.flows.test_streams import Server
from tests.house.source import ROOT

DOCUMENT = (ROOT / "docs/api.md").read_text()
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\n(?:\n```json\n(.*?)```)?", DOCUMENT, re.DOTALL)


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = ""
    if request.config.getoption("--database") == "postgres":
        database = request.getfixturevalue("postgres").new_database()
    found = Server(tmp_path_factory.mktemp("server"), database)
    yield found
    found.stop()


def curl(command: str, known: dict[str, str]) -> tuple[httpx.Request, bool]:
    """What curl would send for this command (of curl's options only those used there)."""
    words = shlex.split(re.sub(r"\$(\w+)", lambda found: known[found[1]], command))
    assert words.pop(0) == "curl"
    method, url, headers, body, streams = "", "", {}, None, False
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case "-N":
                streams = True
            case word:
                url = word
    method = method or ("GET" if body is None else "POST")
    return httpx.Request(method, url, headers=headers, content=body), streams


def holds(answer: Any, example: Any) -> bool:
    """Whether the answer holds all that the example shows; … is anything."""
    if example == "…":
        return answer is not None
    if isinstance(example, dict):
        return all(key in answer and holds(answer[key], one) for key, one in example.items())
    if isinstance(example, list):
        return len(answer) == len(example) and all(map(holds, answer, example))
    return bool(answer == example)


@pytest.mark.thorough
def test_its_examples(server: Server) -> None:
    known = {"CORRIDOR": server.url, "KEY": server.school["keys"]["all"]}
    assert len(EXAMPLES) >= 8
    for command, example in EXAMPLES:
        request, streams = curl(command.replace("\\\n", " "), known)
        with httpx.Client(timeout=10) as client:
            answer = client.send(request, stream=streams)
            if streams:
                assert next(answer.iter_text()).startswith(": beat")
                answer.close()
                continue
        found, shown = answer.json(), json.loads(example)
        assert holds(found, shown), f"{command}\n{found}"
        assert answer.status_code == shown.get("status", answer.status_code)
        known["PASS"] = str(found.get("id", known.get("PASS")))


def test_it_names_every_scope_and_every_move() -> None:
    for word in (*SCOPES, *MoveName.__args__):  # type: ignore[attr-defined]
        assert f"`{word}`" in DOCUMENT
    assert set(MoveName.__args__) <= set(BY_NAME)  # type: ignore[attr-defined]
