"""The API's addresses: django-ninja's, each with its guard, and the description of them all."""

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any, cast

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer

from corridor.web import errors, guards
from corridor.web.api import description, events, guard, passes, people, places, problems
from corridor.web.errors import BadInput
from corridor.web.rate import TooMany


class _Renderer(BaseRenderer):
    """One encoder for answers, streams and webhooks."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


api = NinjaAPI(
    title="Corridor",
    version="1",
    description="Hall passes of one school, for other programs. See docs/api.md.",
    urls_namespace="api",
    openapi_url=None,  # ours is below
    docs_url=None,  # its pages load scripts from elsewhere
    renderer=_Renderer(),
)
for room in (passes, people, places, events):
    api.add_router("", room.router)


def answer(request: HttpRequest, error: Any) -> HttpResponse:
    """The problem for what an operation raises; a fault of ours goes on to Django."""
    match error:
        case ValidationError(errors=found):
            return problems.answer(_bad_input(found))
        case guard.NoKey() | HttpError(status_code=401):
            return problems.answer(problems.problem("no_key"))
        case guard.NotInScope(scope=scope):
            text = _(
                "This key may not do this: it needs the scope %(scope)s, and, to change something,"
                " an adult it acts as. An admin makes such a key."
            )
            return problems.answer(problems.problem("not_allowed", text % {"scope": scope}))
        case TooMany(seconds=seconds):
            text = _("Too many requests with this key. Wait %(seconds)s seconds.")
            no = problems.problem("too_many", text % {"seconds": seconds})
            return problems.answer(no, retry_after=seconds)
        case HttpError(status_code=400):
            error = BadInput(_("The body is not JSON."))
    told = errors.answer(request, error)
    if told is None:
        raise error
    return told


for _kind in (Exception, HttpError, ValidationError, Http404):
    api.add_exception_handler(_kind, answer)


def _bad_input(found: list[dict[str, Any]]) -> problems.Problem:
    wrong = tuple(
        problems.Wrong(".".join(map(str, _without_parameter(one["loc"]))), one["msg"])
        for one in found
    )
    text = _("%(where)s: %(what)s") % {"where": wrong[0].where, "what": wrong[0].what}
    return problems.problem("bad_input", text, errors=wrong)


def _without_parameter(steps: Sequence[Any]) -> Sequence[Any]:
    """Where in the body; the name that the body has in our code is nobody's business."""
    return (steps[0], *steps[2:]) if steps[0] == "body" and len(steps) > 2 else steps


@guards.anybody
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API."""
    return HttpResponse(_description(), content_type="application/json")


@cache
def _description() -> bytes:
    of_ninja = api.get_openapi_schema(path_prefix="api/v1/")
    return msgspec.json.encode(description.whole(cast(dict[str, Any], of_ninja), guard.SCOPES))


@guards.anybody
@require_safe
def kinds_of_problem(request: HttpRequest) -> HttpResponse:
    """What each `type` of a problem means."""
    return HttpResponse(problems.as_text(), content_type="text/plain; charset=utf-8")


def _guarded(pattern: URLPattern) -> URLPattern:
    """The address with its guard declared, and a problem for a method it has not."""
    view: Callable[..., HttpResponse] = pattern.callback

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        told = problems.answer(problems.problem("no_method"))
        told.headers["Allow"] = response.headers["Allow"]
        return told

    answered.guard = f"key {guard.SCOPES[str(pattern.name)]}"  # type: ignore[attr-defined]
    answered.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is looked at
    pattern.callback = answered
    return pattern


# All but ninja's own start page, which has nothing to say.
_operations = [
    _guarded(pattern)
    for pattern in api.urls[0]
    if isinstance(pattern, URLPattern) and pattern.name in guard.SCOPES
]
urls = (
    [
        path("openapi.json", openapi, name="openapi"),
        path("problems", kinds_of_problem, name="problems"),
        *_operations,
    ],
    "api",
)
