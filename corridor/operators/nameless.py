"""What is left of a card or an event when its people are forgotten.

The rule is the safe one: a text goes unless its field is named here, and so does an id unless it
is named here. So a field that somebody adds later is forgotten too.
"""

from typing import Any, Final, TypeVar

import msgspec

from corridor.classroom.cards import Student
from corridor.live.events import Who
from corridor.passes.cards import Person, Place

# What stands in the place of a name or a text that was there.
GONE: Final = "—"

# Reports count by these; they say nothing about who.
_KEPT_TEXTS: Final = frozenset(
    {
        "kind",
        "state",
        "trip_type",
        "marks",
        "overridden",
        "auto",
        "what",
        "grade",
        "role",
        "code",
        "face",
        "period",
        "result",
    }
)
_KEPT_IDS: Final = frozenset(
    {
        "school_id",
        "location_id",
        "location_ids",
        "origin_id",
        "destination_id",
        "pass_id",
        "class_id",
        "session_id",
        "command_id",
    }
)

T = TypeVar("T")


def nameless(thing: T) -> T:
    """The same event or card without names, texts people wrote, and ids of people.

    What happened, where, when and in which order stays. Doing it twice changes nothing more.
    """
    return _without(thing, "")  # type: ignore[no-any-return]


def _without(value: Any, field: str) -> Any:
    match value:
        case Who():
            return Who(None, _gone(value.name), value.kind, value.face)
        case Person():
            return Person(0, GONE, GONE, value.grade)
        case Student():
            return Student(0, GONE, GONE)
        case Place(adult_name=""):
            return value
        case Place():  # an adult's own room is mostly named after them
            return Place(value.id, GONE, GONE)
        case msgspec.Struct():
            fields = value.__struct_fields__
            return msgspec.structs.replace(
                value, **{name: _without(getattr(value, name), name) for name in fields}
            )
        case str():
            return value if field in _KEPT_TEXTS else _gone(value)
        case bool():
            return value
        case int():
            return 0 if field.endswith(("_id", "_ids")) and field not in _KEPT_IDS else value
        case tuple() if field == "comments":
            return ()
        case tuple():
            return tuple(_without(item, field) for item in value)
        case dict():
            return {key: _without(item, field) for key, item in value.items()}
        case _:
            return value


def _gone(text: str) -> str:
    return GONE if text else ""
