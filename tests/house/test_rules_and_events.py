"""`docs/rules.md` and `docs/events.md` say what the code does, line by line."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from corridor.live.events import Event
from corridor.passes import arranging, rules
from corridor.passes.words import SENTENCES, TAKE_BACK

DOCS = Path(__file__).parents[2] / "docs"
EVENTS = (
    "corridor.passes.events", "corridor.classroom.events", "corridor.accounts.events",
    "corridor.accounts.classroom_events", "corridor.roster.events",
    "corridor.operators.events", "corridor.webhooks.events",
)  # fmt: skip


def written(name: str) -> str:
    """The document below its introduction."""
    _, _, compared = (DOCS / name).read_text(encoding="utf-8").partition("<!-- compared -->\n")
    return compared.strip()


def first_line(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def rules_as_coded() -> Iterator[str]:
    from tests.passes.test_appointments import CODES
    from tests.passes.test_auto import EDGES as EDGES_OF_START
    from tests.passes.test_rules import EDGES

    for number, rule in enumerate(rules.IN_ORDER, start=1):
        code = EDGES[rule][0]
        for_the_student, for_the_adult = SENTENCES[code]
        teacher = "is warned and may override"
        if rule in rules.FIRM:
            teacher = "cannot override"
        elif rule in rules.STUDENTS_ONLY:
            teacher = "is not asked"
        elif rule in rules.RESERVED:
            teacher = "is warned and may override; only admins where the school says so"
        yield f"## {number}. {first_line(rule)}\n"
        yield f"- Code: `{code}` (`{rule.__name__}`)"
        yield f"- The student reads: “{for_the_student}”"
        if code == "already_out":
            for state, sentence in TAKE_BACK.items():
                yield f"- The student reads while it is {state}: “{sentence}”"
        yield f"- An adult reads: “{for_the_adult}”"
        yield f"- An adult who makes a pass {teacher}.\n"
    yield "## Start, by Auto Pass\n"
    for number, start_rule in enumerate(rules.START_IN_ORDER, start=1):
        code = EDGES_OF_START[start_rule][0]
        yield f"### Start {number}. {first_line(start_rule)}\n"
        yield f"- Code: `{code}` (`{start_rule.__name__}`)"
        yield f"- The student reads: “{SENTENCES[code][0]}”\n"
    yield "## Appointments\n"
    asked = [(rule, "asked of students") for rule in arranging.ASKED_IN_ORDER]
    always = [(rule, "asked of everybody") for rule in arranging.IN_ORDER]
    for number, (arranged_rule, of_whom) in enumerate((*asked, *always), start=1):
        code = CODES[arranged_rule]
        yield f"### Appointment {number}. {first_line(arranged_rule)}\n"
        yield f"- Code: `{code}` (`{arranged_rule.__name__}`), {of_whom}"
        yield f"- The student reads: “{SENTENCES[code][0]}”"
        yield f"- An adult reads: “{SENTENCES[code][1]}”\n"


def events_as_coded() -> Iterator[str]:
    for module in EVENTS:
        yield f"## {module}\n"
        yield "| event | what happened | who hears it |"
        yield "|---|---|---|"
        kinds: tuple[type[Event], ...] = __import__(module, fromlist=["ALL"]).ALL
        for kind in kinds:
            yield f"| `{kind.name}` | {first_line(kind)} | {first_line(kind.topics)} |"
        yield ""


@pytest.mark.parametrize(
    ("document", "coded"),
    [("rules.md", rules_as_coded), ("events.md", events_as_coded)],
    ids=["rules", "events"],
)
def test_the_document_says_what_the_code_says(document: str, coded: object) -> None:
    assert callable(coded)
    assert written(document).splitlines() == "\n".join(coded()).strip().splitlines()


@pytest.mark.parametrize("module", EVENTS)
def test_every_event_of_a_storey_is_listed(module: str) -> None:
    """An event that is not in `ALL` would be in no document and could not be read back."""
    found = __import__(module, fromlist=["ALL"])
    defined = {
        thing
        for thing in vars(found).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing.__module__ == module
        and not thing.__subclasses__()
    }  # fmt: skip
    assert defined == set(found.ALL)


def test_names_are_a_subject_and_a_past_participle_and_never_the_same() -> None:
    names = [kind.name for module in EVENTS for kind in __import__(module, fromlist=["ALL"]).ALL]
    assert len(names) == len(set(names))
    assert all(name.count(".") == 1 and name == name.lower() for name in names)
