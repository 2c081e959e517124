"""Corridor's Django settings as the tests run them: quick passwords, plain static files."""

import os
import tempfile
from pathlib import Path
from typing import Any

# Whatever the developer's own Corridor uses must not be touched: `conftest.py` has cleared the
# environment. Each test process has its own data folder.
DATA = Path(tempfile.mkdtemp(prefix="corridor-test-"))
(DATA / "static").mkdir()
os.environ["CORRIDOR_DATA"] = str(DATA)
os.environ["CORRIDOR_SECRET_KEY"] = "only-for-tests-0123456789-abcdefghijklm"

from corridor.django_settings import *  # noqa: E402, F403
from corridor.django_settings import CORRIDOR, DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

_test: dict[str, Any] = DATABASES["default"].setdefault("TEST", {})
if not CORRIDOR.is_postgres:
    # A file, as in production: threads race on it with their own connections. Power cuts are the
    # business of the crash tests, which run the real server.
    _test["NAME"] = str(DATA / "test.sqlite3")
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
