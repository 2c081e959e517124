"""Corridor's settings for the test server: as in production, but nothing is collected first."""

from corridor.django_settings import *  # noqa: F403
from corridor.django_settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
