"""Where the time of a request goes: the handlers under cProfile, told by parts.

Run beside a server (`python -m bench.profile school.json out.json`). cProfile makes code of many
small calls look dearer than it is; the table tells which part to look at, not what it costs.
"""

import cProfile
import json
import os
import pstats
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from bench.target import Target

# The first that a file's path holds names its part.
PARTS: Final = (
    ("bench/", "the measuring itself"),
    ("django/template", "templates"),
    ("corridor/web/templatetags", "templates"),
    ("corridor/web/fragments", "templates"),
    ("corridor/passes", "operations"),
    ("corridor/live", "log"),
    ("django/db", "database (Django)"),
    ("psycopg", "database (driver)"),
    ("django/forms", "forms"),
    ("corridor/web/forms", "forms"),
    ("django/middleware/csrf", "protection against forgery"),
    ("django/utils/translation", "languages"),
    ("django/middleware/locale", "languages"),
    ("django/urls", "addresses"),
    ("allauth", "other middleware"),
    ("whitenoise", "other middleware"),
    ("django/contrib", "other middleware"),
    ("django/middleware", "other middleware"),
    ("corridor/", "faces and guards"),
    ("django/", "Django: requests, answers, signals"),
)


def taken(target: Target, school: dict[str, Any]) -> dict[str, float]:
    """The share of each part in percent, measured in a process beside the server."""
    data = target.server.data
    (data / "school.json").write_text(json.dumps(school))
    target.server.run("bench.profile", str(data / "school.json"), str(data / "profile.json"))
    found: dict[str, float] = json.loads((data / "profile.json").read_text())
    return found


def by_part(profile: cProfile.Profile) -> dict[str, float]:
    """Time in each part; what is built in counts to the part that calls it."""
    parts: Counter[str] = Counter()
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, own, _, callers) in stats.items():
        if file.startswith(("<", "~")):
            for (caller, _, _), (_, _, of_it, _) in callers.items():
                parts["waiting for the disk" if "'commit'" in name else _part(caller)] += of_it
        else:
            parts[_part(file)] += own
    parts.pop("the measuring itself", None)
    total = sum(parts.values())
    return {name: round(own / total * 100, 1) for name, own in parts.most_common()}


def _part(file: str) -> str:
    return next((part for piece, part in PARTS if piece in file), "Python's library")


def main() -> None:
    """Profile requests, approvals and ends through the WSGI handler."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
    django.setup()

    from django.core.wsgi import get_wsgi_application

    from bench.client import CSRF_COOKIE, CSRF_SECRET, SESSION_COOKIE
    from corridor.passes.queries import open_passes
    from corridor.web.wsgi_adapter import WsgiAdapter, environ_of

    school = json.loads(Path(sys.argv[1]).read_text())
    adapter = WsgiAdapter(get_wsgi_application(), ThreadPoolExecutor(1))
    adult = school["adults"][0]

    def post(path: str, session: str, fields: str) -> None:
        body = f"{fields}&request_id={uuid4()}".encode()
        cookie = f"{SESSION_COOKIE}={session}; {CSRF_COOKIE}={CSRF_SECRET}"
        headers = {
            "host": "localhost", "cookie": cookie, "x-csrftoken": CSRF_SECRET,
            "accept-language": "en-US,en;q=0.9", "accept": "text/html",
            "content-type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        scope = {
            "method": "POST", "path": path, "query_string": b"", "http_version": "1.1",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        status, _, content = adapter._answer(environ_of(scope, body))
        assert status in (200, 302), content

    def round_of_all() -> None:
        for n, student in enumerate(school["students"]):
            place = school["places"][n % len(school["places"])]
            fields = f"origin={adult['room']}&destination={place}&reason="
            post("/student/passes", student["session"], fields)
            number = open_passes(school["school"])[0].id
            for move in ("approve", "end"):
                post(f"/staff/passes/{number}/{move}", adult["session"], "")

    round_of_all()
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    for _ in range(3):
        round_of_all()
    profile.disable()
    Path(sys.argv[2]).write_text(json.dumps(by_part(profile)))


if __name__ == "__main__":
    main()
