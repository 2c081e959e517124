"""`docs/device-protocol.md` says what `corridor/web/agent/messages.py` does; odd states are cut."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.contrib.staticfiles import finders

from corridor.classroom.presence import LOST_AFTER, DeviceState
from corridor.web.agent import messages as say

DOC = (Path(__file__).parents[2] / "docs/device-protocol.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [
    json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOC, re.DOTALL)
]


def of(base: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """The messages of a side, by their type."""
    return {str(kind.__struct_config__.tag): kind for kind in base.__subclasses__()}


FROM_DEVICE, TO_DEVICE = of(say.FromDevice), of(say.ToDevice)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["type"])
def test_an_example_is_a_message(example: dict[str, Any]) -> None:
    kind = (FROM_DEVICE | TO_DEVICE)[example["type"]]
    read = msgspec.json.decode(msgspec.json.encode(example), type=kind)
    names = {field.encode_name for field in msgspec.structs.fields(kind)} | {"type"}
    assert example.keys() <= names
    if isinstance(read, say.ToDevice):  # what we say, we say whole
        assert json.loads(say.written(read)) == example


def test_every_message_has_an_example() -> None:
    assert {example["type"] for example in EXAMPLES} == {*FROM_DEVICE, *TO_DEVICE}


def test_every_way_to_sign_in_has_an_example() -> None:
    ways = {e["sign_in"]["by"] for e in EXAMPLES if e["type"] == "hello"}
    assert ways == {"page", "key", "code", "device"}


def test_every_code_is_told_with_its_number() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\d+) \| .* \|$", DOC, re.MULTILINE)
    told = {code: int(number) for code, number in rows}
    assert told == say.CLOSE_CODES


def test_the_limits_are_those_of_the_code() -> None:
    for words in (
        f"{say.LARGEST:,} bytes", f"{say.AT_ONCE} at once, {say.A_SECOND} a second",
        f"| {say.MOST_BAD - 1} |", f"| {say.MOST_OF_A_STUDENT} |",
        f"{say.MOST_PAIRINGS_A_MINUTE} a minute", f"within {say.HELLO_WITHIN_SECONDS} seconds",
        f"every {say.PING_SECONDS} s", f"for {say.SILENT_SECONDS} seconds",
    ):  # fmt: skip
        assert words in DOC, words


def test_a_page_knows_in_time_that_the_server_is_silent() -> None:
    """After a ping and a margin, and not later than the console says that it is lost."""
    path = finders.find("js/device-socket.js")
    assert isinstance(path, str)
    found = re.search(r"const SILENT = (\d+);", Path(path).read_text(encoding="utf-8"))
    assert found is not None
    silent = int(found[1]) / 1000
    assert say.PING_SECONDS + 5 <= silent <= LOST_AFTER.total_seconds()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c"),
        ("https://ana:secret@example.org/", "https://example.org/"),
        ("http://localhost:8000/x", "http://localhost:8000/x"),
        ("javascript:alert(1)", ""),
        ("chrome://settings", ""),
        ("data:text/html,<script>", ""),
        ("https://", ""),
        ("https://[bad", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_an_address_is_one_that_can_be_a_link(url: str, kept: str) -> None:
    assert say.kept(DeviceState(url=url)).url == kept


def test_texts_have_a_bearable_length() -> None:
    state = say.kept(DeviceState(title="a \n\tb" + "x" * 900, url="https://e.org/" + "y" * 900))
    assert state.title.startswith("a b")
    assert (len(state.title), len(state.url)) == (200, 500)
