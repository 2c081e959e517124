"""Django's settings, made from Corridor's. Nothing here is read from the environment twice."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from corridor.settings import LANGUAGES as LANGUAGE_NAMES
from corridor.settings import LOOPBACK_NAMES, is_loopback, kept_secret_key, load

CORRIDOR = load(os.environ)
_package = Path(__file__).parent

DEBUG = CORRIDOR.debug
SECRET_KEY = CORRIDOR.secret_key or kept_secret_key(CORRIDOR.data)
ROOT_URLCONF = "corridor.web.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Ours stand before allauth, so that our templates win over its own.
INSTALLED_APPS = [
    "corridor.live",
    "corridor.roster",
    "corridor.accounts",
    "corridor.passes",
    "corridor.classroom",
    "corridor.webhooks",
    "corridor.web",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
]

# Every request pays for each of these, so each needs its reason. CommonMiddleware is missing:
# no address of ours ends in a slash that somebody may forget. So is X-Frame-Options: the
# Content-Security-Policy of Headers says frame-ancestors.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corridor.web.headers.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "corridor.web.errors.Errors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,  # with Django's cached loader
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "corridor.web.context.page",
            ],
        },
    },
]


# Data


def _sqlite(data: Path) -> dict[str, Any]:
    return {
        "ENGINE": "corridor.live.sqlite",
        "NAME": data / "corridor.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that reads first and writes later would fail with "locked" instead of
            # waiting, when somebody else wrote in between.
            "transaction_mode": "IMMEDIATE",
            # FULL: what was acknowledged survives a power cut.
            "init_command": (
                "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
            ),
        },
    }


def _postgres(address: str) -> dict[str, Any]:
    url = urlsplit(address)
    query = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or query.pop("user", "")),
        "PASSWORD": unquote(url.password or query.pop("password", "")),
        "HOST": url.hostname or query.pop("host", ""),  # a folder: the socket in it
        "PORT": url.port or query.pop("port", ""),
        # The worker threads are fixed, and each keeps its connection: they are the pool. A broken
        # connection costs one request its answer and is then made anew; asking "are you there?"
        # before every request would cost all of them.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Parameters go beside the statement and repeated statements are prepared. A pooler
            # between us and PostgreSQL must know prepared statements (PgBouncer 1.21 or newer).
            "server_side_binding": True,
            "prepare_threshold": 2,
            "connect_timeout": 5,
            "application_name": "corridor",
            # A database machine that vanishes without a word is noticed within 15 seconds.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 5,
            "tcp_user_timeout": 15000,
            **query,
        },
    }


DATABASES = {
    "default": _postgres(CORRIDOR.database_url) if CORRIDOR.is_postgres else _sqlite(CORRIDOR.data)
}

# Holds the counts of sign-in attempts: shared by the processes that share a database. With room for
# many, because a full cache forgets counts that still lock somebody out.
CACHES = {
    "default": {"OPTIONS": {"MAX_ENTRIES": 200_000}}
    | (
        {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "django_cache",
        }
        if CORRIDOR.is_postgres
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}


# Who may come, and from where

_host = urlsplit(CORRIDOR.public_url).hostname or ""
ALLOWED_HOSTS = list(LOOPBACK_NAMES) if is_loopback(_host) else [_host]
CSRF_TRUSTED_ORIGINS = [CORRIDOR.public_url]
CSRF_FAILURE_VIEW = "corridor.web.errors.stale_form"
_cookie = "__Host-" if CORRIDOR.is_https else ""
SESSION_COOKIE_NAME = f"{_cookie}corridor-session"
CSRF_COOKIE_NAME = f"{_cookie}corridor-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CORRIDOR.is_https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if CORRIDOR.is_https else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # the adapter has refused what is longer
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200


# Sign-in

AUTH_USER_MODEL = "accounts.Identity"
SESSION_ENGINE = "corridor.accounts.sessions"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "corridor.web.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # asked for by allauth; the adapter closes sign-up
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is entered by the school, not by its owner
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "corridor.accounts.tokens.LinkTokens"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 14 * 24 * 60 * 60  # of an invitation; for the rest see LinkTokens
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(CORRIDOR.public_url).scheme
# A whole school signs in at eight o'clock from one network address: what counts per address is
# generous. What counts per key is not: the key of `login_failed` is one person from one network
# address, of `login_failed_here` one person on one known device, of `login_failed_anywhere` one
# person (see corridor.web.adapter).
ACCOUNT_RATE_LIMITS = {
    "login": "3000/m/ip",
    "login_failed": "300/m/ip,5/300s/key",
    "login_failed_anywhere": "50/300s/key",
    "login_failed_here": "5/300s/key",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "60/m/ip",
}


# Language and time: schools have their own time zone, the server thinks in UTC.

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGES = list(LANGUAGE_NAMES.items())
LANGUAGE_CODE = CORRIDOR.language
LOCALE_PATHS = [_package / "locale"]
FORMAT_MODULE_PATH = "corridor.locale"


# Static files: collected at start, named by their hash, compressed, cached for ever

STATIC_URL = "/static/"
STATIC_ROOT = CORRIDOR.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "corridor.web.storage.HashedFiles"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG


# E-mail

_mail = urlsplit(CORRIDOR.email_url)
EMAIL_BACKEND = "django.core.mail.backends." + (
    "console.EmailBackend" if _mail.scheme == "console" else "smtp.EmailBackend"
)
EMAIL_HOST = _mail.hostname or ""
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp"
EMAIL_PORT = _mail.port or {"smtps": 465, "smtp": 587}.get(_mail.scheme, 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CORRIDOR.email_from


# Log: to standard error, one line per record

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "corridor.logs.OneLine",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CORRIDOR.log_level.upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # "Not Found" for every stray address is noise; what matters is an error.
        "django.request": {"level": "ERROR"},
        # What any visitor can provoke (a form of 300 fields, a forged token) is answered; it must
        # not fill the log with traces.
        "django.security": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "propagate": True},
        "uvicorn.error": {"level": "WARNING"},
    },
}
