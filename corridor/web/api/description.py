"""The API's own description (OpenAPI 3.1): inputs from django-ninja, answers from our structs."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from corridor.web.api.problems import KINDS, MEDIA_TYPE, Problem
from corridor.webhooks.telling import EventTold, PassTold

_REF: Final = "#/components/schemas/{name}"
# What any request may be told.
_ALWAYS: Final = ("bad_input", "no_key", "not_allowed", "too_many", "unavailable")
_given: set[type] = {Problem, PassTold, EventTold}


def answers(gives: type, status: int, fails: Iterable[str], scope: str) -> dict[str, Any]:
    """The answers of one operation, for its description."""
    _given.add(gives)
    found: dict[int, Any] = {
        status: {"content": {"application/json": {"schema": _schema_of(gives)}}}
    }
    for kind in sorted({*_ALWAYS, *fails}, key=list(KINDS).index):
        code, title, _ = KINDS[kind]
        told = found.setdefault(code, {"description": title, "content": _PROBLEM})
        if title not in told["description"]:
            told["description"] += f", or: {title}"
        if kind in ("too_many", "unavailable"):
            told["headers"] = {"Retry-After": _SECONDS}
    return {"responses": found, "description": f"Needs the scope `{scope}`."}


_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
_SECONDS: Final = {
    "description": "Seconds to wait.",
    "required": True,
    "schema": {"type": "integer", "minimum": 0},
}
_NOT_FROM_THERE: Final = ("too_far_behind", "log_restored")
_STREAM: Final = {
    "get": {
        "operationId": "stream_events",
        "summary": "Hear the log as it is written",
        "description": "Needs the scope `events:read`. Server-sent events: `event` is the name, "
        "`id` the number, `data` an Event as JSON. Begins after `Last-Event-ID` (or `after`), "
        "without either now. Ends after ten minutes; come back with the last id.",
        "tags": ["events"],
        "security": [{"Key": ["events:read"]}],
        "parameters": [
            {"in": where, "name": name, "required": False,
             "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}}
            for where, name in (("header", "Last-Event-ID"), ("query", "after"))
        ],
        "responses": {
            "200": {
                "description": "The stream.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **{
                str(KINDS[kind][0]): {"description": KINDS[kind][1], "content": _PROBLEM}
                for kind in _ALWAYS
            },
            "409": {
                "description": " or: ".join(KINDS[kind][1] for kind in _NOT_FROM_THERE),
                "content": _PROBLEM,
            },
        },
    }
}  # fmt: skip


def whole(of_ninja: dict[str, Any], scopes: Mapping[str, str]) -> dict[str, Any]:
    """The description with the shapes of the answers, the scopes, and the stream."""
    found = dict(of_ninja)
    _, shapes = msgspec.json.schema_components(
        sorted(_given, key=lambda kind: kind.__name__), ref_template=_REF
    )
    found["components"]["schemas"] |= shapes
    paths: dict[str, Any] = found["paths"]
    for operations in paths.values():
        for operation in operations.values():
            operation["security"] = [{"Key": [scopes[operation["operationId"]]]}]
            for parameter in operation["parameters"]:
                parameter["schema"] = _without_null(parameter["schema"])
    found["paths"] = paths | {"/api/v1/events/stream": _STREAM}
    found["components"]["securitySchemes"]["Key"]["description"] = (
        "A key that an admin of the school makes on /admin/keys."
    )
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, never null."""
    kinds: list[dict[str, Any]] = [
        kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}
    ]
    if len(kinds) != 1:
        return schema
    return {key: value for key, value in schema.items() if key != "anyOf"} | kinds[0]


def _schema_of(gives: type) -> dict[str, Any]:
    return {"$ref": _REF.format(name=gives.__name__)}
