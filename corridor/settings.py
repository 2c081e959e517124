"""Corridor's settings: the environment, read once into one frozen value.

Every setting is declared once, in `Settings`: its name, what it takes, its default and its help
text. `docs/settings.md` is compared with that table by a test.
"""

import difflib
import ipaddress
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PREFIX: Final = "CORRIDOR_"
LANGUAGES: Final = {"en": "English", "es": "Español"}
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
SECRET_LENGTH: Final = 32

T = TypeVar("T")


class BadSetting(Exception):
    """The environment cannot be used. Each problem says what is wrong, where, and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Kind(NamedTuple):
    """What a setting takes: in words, and as a reader that raises ValueError."""

    words: str
    read: Callable[[str], Any]


class Declared(NamedTuple):
    """One row of the table of settings."""

    variable: str
    kind: Kind
    default: str
    help: str
    secret: bool


def _whole_number(low: int, high: int) -> Kind:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return Kind(f"a whole number from {low} to {high}", read)


def _read_yes(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
        text.lower()
    ]


def _read_proxies(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in names:
        ipaddress.ip_network(name)
    return names


def _read_origin(text: str) -> str:
    """Scheme and host, nothing behind them: what a browser calls an origin."""
    url = urlsplit(text)
    bare = url.path in ("", "/") and not (url.query or url.fragment or url.username)
    if url.scheme not in ("http", "https") or not url.hostname or not bare:
        raise ValueError
    _ = url.port  # raises ValueError where it is not a number
    return f"{url.scheme}://{url.netloc.lower()}"


def _read_database_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("postgresql", "postgres") or len(url.path) < 2:
        raise ValueError
    _ = url.port
    return text


def _read_email_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme != "console" and (url.scheme not in SMTP_SCHEMES or not url.hostname):
        raise ValueError
    _ = url.port
    return text


def _one_of(words: Mapping[str, str] | tuple[str, ...]) -> Kind:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return Kind("one of " + ", ".join(words), read)


_MAKE_ONE: Final = "`openssl rand -base64 48` prints a good one."
SMTP_SCHEMES: Final = ("smtp", "smtps", "smtp+plain")
TEXT: Final = Kind("text", str)
FOLDER: Final = Kind("a folder", lambda text: Path(text).expanduser())
FILE: Final = Kind("a file", lambda text: Path(text).expanduser())
YES: Final = Kind("true or false", _read_yes)
ADDRESS: Final = Kind("an address of this machine", str.strip)
ORIGIN: Final = Kind("an address like https://passes.school.org, without a path", _read_origin)
NETWORKS: Final = Kind("addresses or networks, separated by commas", _read_proxies)
DATABASE: Final = Kind("an address like postgresql://user:password@host/name", _read_database_url)
MAIL: Final = Kind("`console:` or an address like smtp://user:password@host:587", _read_email_url)
ZONE: Final = Kind("a time zone like America/New_York", lambda text: ZoneInfo(text).key)


def _setting(kind: Kind, default: str, help: str, *, secret: bool = False) -> Any:
    return field(
        repr=not secret, metadata={"kind": kind, "default": default, "help": help, "secret": secret}
    )


@dataclass(frozen=True)
class Settings:
    """How this server runs. The names are the variables without `CORRIDOR_`, in small letters."""

    data: Path = _setting(
        FOLDER,
        "./data",
        "Where everything is kept that is not in PostgreSQL: the SQLite file, the"
        " generated secret key, the collected static files.",
    )
    database_url: str = _setting(
        DATABASE,
        "",
        "A PostgreSQL database (15 or newer). Several processes may share it. Empty:"
        " SQLite in the data folder, for one process.",
        secret=True,
    )
    secret_key: str = _setting(
        TEXT,
        "",
        f"Signs sign-in cookies and links; at least {SECRET_LENGTH} characters nobody can"
        " guess. Empty: generated once and kept in the data folder. Required with PostgreSQL,"
        " because the processes share it.",
        secret=True,
    )
    host: str = _setting(
        ADDRESS, "127.0.0.1", "The address to listen on. `0.0.0.0` is every network of the machine."
    )
    port: int = _setting(_whole_number(1, 65535), "8000", "The port to listen on.")
    public_url: str = _setting(
        ORIGIN,
        "",
        "What people type to get here. With https, cookies are secure and browsers are"
        " told to stay with https. Empty: http://localhost with the port, for this machine alone.",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        NETWORKS,
        "127.0.0.1,::1",
        "Which proxies are believed when they say who the visitor is"
        " and whether the visitor used https (X-Forwarded-For, X-Forwarded-Proto).",
    )
    workers: int = _setting(
        _whole_number(1, 64),
        "8",
        "Worker threads: how many requests are worked on at once, and"
        " how many database connections a process holds for them.",
    )
    time_zone: str = _setting(
        ZONE, "America/New_York", "The time zone that a new school starts with."
    )
    language: str = _setting(
        _one_of(LANGUAGES),
        "en",
        "The language for browsers that ask for none we have, and of the word of the minute on"
        " every screen.",
    )
    email_url: str = _setting(
        MAIL,
        "console:",
        "Where e-mail goes. `smtp:` encrypts by STARTTLS, `smtps:` from the first"
        " byte, `smtp+plain:` not at all. `console:` prints it to the log.",
        secret=True,
    )
    email_from: str = _setting(TEXT, "Corridor <corridor@localhost>", "The sender of e-mail.")
    api_rate: int = _setting(
        _whole_number(1, 1_000_000),
        "600",
        "How many requests a minute one API key may make of one process.",
    )
    student_rate: int = _setting(
        _whole_number(1, 1_000_000),
        "30",
        "How often a minute one student may press (ask, withdraw …) on one process.",
    )
    webhooks_to_private: bool = _setting(
        YES,
        "false",
        "For tests on this machine: webhooks may go to private addresses, by http too. Refused"
        " where others can reach the server.",
    )
    metrics_token: str = _setting(
        TEXT,
        "",
        "Who sends it as `Authorization: Bearer …` may read /metrics. Empty: only this"
        " machine may.",
        secret=True,
    )
    log_level: str = _setting(_one_of(LOG_LEVELS), "info", "The least that is logged.")
    debug: bool = _setting(
        YES,
        "false",
        "For developers: errors are shown with their source, static files are read"
        " from the source tree. Refused where others can reach the server.",
    )
    demo: bool = _setting(
        YES,
        "false",
        "The sign-in page offers the people of the demo school without a password."
        " Refused where others can reach the server. `corridor demo` sets it.",
    )
    clock_file: Path | None = _setting(
        FILE, "", "For browser tests of a demo: a file with the seconds to add to the clock."
    )

    @property
    def is_https(self) -> bool:
        """Whether people come by https."""
        return self.public_url.startswith("https:")

    @property
    def is_postgres(self) -> bool:
        """Whether the data is in PostgreSQL; otherwise it is in a SQLite file."""
        return bool(self.database_url)


def declared() -> Iterator[Declared]:
    """The table of settings, in the order of the documentation."""
    for one in fields(Settings):
        yield Declared(PREFIX + one.name.upper(), **one.metadata)


def as_markdown() -> str:
    """The table of settings for `docs/settings.md`."""
    lines = ["| variable | takes | default | what it does |", "|---|---|---|---|"]
    for row in declared():
        name = f"`{row.variable}`" + (f" or `{row.variable}_FILE`" if row.secret else "")
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| {name} | {row.kind.words} | {default} | {row.help} |")
    return "\n".join(lines) + "\n"


def load(environ: Mapping[str, str]) -> Settings:
    """The settings in this environment. Raises `BadSetting` with everything that is wrong."""
    problems = list(_unknown(environ))
    values: dict[str, Any] = {}
    for row in declared():
        try:
            values[row.variable.removeprefix(PREFIX).lower()] = _value(row, environ)
        except BadSetting as bad:
            problems += bad.problems
    if problems:
        raise BadSetting(*problems)
    values["public_url"] = values["public_url"] or f"http://localhost:{values['port']}"
    settings = Settings(**values)
    if contradictions := tuple(_contradictions(settings)):
        raise BadSetting(*contradictions)
    return settings


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = [row.variable for row in declared()]
    known += [row.variable + "_FILE" for row in declared() if row.secret]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            yield f"{name} is not a setting. Did you mean {nearest}? Rename or remove it."


def _value(row: Declared, environ: Mapping[str, str]) -> Any:
    text = environ.get(row.variable, "")
    if row.secret and (path := environ.get(row.variable + "_FILE")):
        if text:
            raise BadSetting(
                f"{row.variable} and {row.variable}_FILE are both set. Keep one of them."
            )
        text = _file_content(row.variable + "_FILE", path)
    text = text or row.default
    if not text:
        return None if row.kind is FILE else ""
    try:
        return row.kind.read(text)
    except (ValueError, LookupError):
        given = "does not hold" if row.secret else f"is “{text}”, which is not"
        raise BadSetting(
            f"{row.variable} {given} {row.kind.words}. Correct it or remove it."
        ) from None


def _file_content(variable: str, path: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise BadSetting(
            f"{variable} names {path}, but there is no such file. Create it or correct the name."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadSetting(
            f"{variable} names {path}, but it cannot be read: {reason}. Correct the file or its"
            " permissions."
        ) from None
    if not text:
        raise BadSetting(f"{variable} names {path}, but the file is empty. Put the secret into it.")
    return text


def _contradictions(settings: Settings) -> Iterator[str]:
    if settings.is_postgres and not settings.secret_key:
        yield (
            "CORRIDOR_SECRET_KEY is not set, but CORRIDOR_DATABASE_URL is: the processes on one"
            " database share the key. Set it (or CORRIDOR_SECRET_KEY_FILE) to the same secret for"
            f" all of them. {_MAKE_ONE}"
        )
    if settings.secret_key and is_guessable(settings.secret_key):
        yield (
            f"CORRIDOR_SECRET_KEY can be guessed: it must have at least {SECRET_LENGTH} characters"
            f" and be no example. Replace it. {_MAKE_ONE}"
        )
    if settings.clock_file and not settings.demo:
        yield (
            "CORRIDOR_CLOCK_FILE moves the clock and is for demos only. Remove it, or set"
            " CORRIDOR_DEMO=true."
        )


def is_guessable(secret: str) -> bool:
    """Whether a key is too short, too even, or copied from an example."""
    text = secret.lower()
    examples = ("changeme", "change-me", "change_me", "insecure", "example", "password", "default")
    return (
        len(secret) < SECRET_LENGTH
        or len(set(secret)) < 10
        or any(example in text for example in examples)
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that host name or address."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_unsafe(settings: Settings) -> tuple[str, ...]:
    """Why a server must not start with these settings: one sentence each, none if it may."""
    return tuple(_unsafe(settings))


def _unsafe(settings: Settings) -> Iterator[str]:
    public_host = urlsplit(settings.public_url).hostname or ""
    reachable = None
    if not is_loopback(settings.host):
        reachable = f"CORRIDOR_HOST={settings.host}"
    elif not is_loopback(public_host):
        reachable = f"CORRIDOR_PUBLIC_URL={settings.public_url}"
    if reachable is None:
        return
    if settings.debug:
        yield (
            f"CORRIDOR_DEBUG shows the inside of the server to whoever can reach it, and"
            f" {reachable} lets others do so. Remove CORRIDOR_DEBUG."
        )
    if settings.demo:
        yield (
            f"A demo lets anybody in without a password, and {reachable} lets others reach it."
            " Set CORRIDOR_HOST=127.0.0.1 and remove CORRIDOR_PUBLIC_URL."
        )
    if settings.webhooks_to_private:
        yield (
            f"CORRIDOR_WEBHOOKS_TO_PRIVATE lets an admin of a school reach the machines around the"
            f" server, and {reachable} lets others reach it. Remove CORRIDOR_WEBHOOKS_TO_PRIVATE."
        )
    if is_loopback(public_host):
        yield (
            f"CORRIDOR_HOST={settings.host} lets others reach the server, but CORRIDOR_PUBLIC_URL"
            " does not say under which address. Set it, for example to https://passes.school.org."
        )
    elif not settings.is_https:
        yield (
            f"CORRIDOR_PUBLIC_URL={settings.public_url} would send passwords and names through the"
            " network unencrypted. Put a proxy with https in front and set the https address."
        )


def kept_secret_key(data: Path) -> str:
    """The key in the data folder, generated the first time. Raises `BadSetting`."""
    path = data / "secret-key"
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadSetting(
            f"The data folder {data} cannot be used: {error.strerror}. Correct its permissions, or"
            " name another one in CORRIDOR_DATA."
        ) from None
    if is_guessable(key):
        raise BadSetting(
            f"{path} does not hold the key that was generated. Restore it from a backup, or delete"
            " it: then a new one is generated and everybody signs in again."
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole or not at all; whoever comes second keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
