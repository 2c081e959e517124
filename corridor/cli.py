"""The command `corridor`. What is heavy is imported where it is needed, so that help is quick."""

import argparse
import gc
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from corridor.settings import BadSetting, Settings, declared, load, refuse_unsafe
from corridor.starting import CannotStart

if TYPE_CHECKING:
    import socket

STOPPED: Final = 0
CANNOT_START: Final = 1
BAD_SETTINGS: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. What the operator must mend is told in sentences."""
    chosen = _parser().parse_args(arguments)
    os.umask(0o077)  # what is kept is about students: for this user alone
    try:
        run: dict[str, Callable[[], int]] = {
            "serve": lambda: serve(port=chosen.port),
            "demo": lambda: demo(port=chosen.port, busy=chosen.busy),
            "migrate": migrate,
            "check": check,
            "settings": print_settings,
            "doctor": lambda: doctor(as_json=chosen.json),
            "backup": lambda: backup(chosen.to),
            "restore": lambda: restore(chosen.file, chosen.verify, chosen.replace),
            "verify-log": verify_log,
            "purge": lambda: purge(dry_run=chosen.dry_run),
        }
        return run[chosen.command]()
    except BadSetting as bad:
        return _told(bad.problems, BAD_SETTINGS)
    except CannotStart as cannot:
        return _told([str(cannot)], CANNOT_START)
    except KeyboardInterrupt:
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corridor",
        description="Hall passes and a classroom console for a school, on its own machine.",
        epilog="Settings come from the environment; `corridor settings` lists them.",
    )
    parser.add_argument("--version", action="version", version=f"Corridor {version('corridor')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    server = commands.add_parser("serve", help="run the server")
    server.add_argument("--port", type=int, metavar="N", help="the port, as CORRIDOR_PORT")
    trial = commands.add_parser("demo", help="run a server with a made-up school to try out")
    trial.add_argument("--port", type=int, metavar="N", help="the port to listen on (8000)")
    trial.add_argument("--busy", action="store_true", help="play a school day, so that boards move")
    commands.add_parser("migrate", help="bring the database up to date, without serving")
    commands.add_parser("check", help="say what would keep the server from starting")
    commands.add_parser("settings", help="list the settings and what they are now")
    _add_operators(commands)
    return parser


def _add_operators(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser("doctor", help="find what is set up wrongly, and say the mend")
    doctor.add_argument("--json", action="store_true", help="for programs")
    backup = commands.add_parser("backup", help="write everything into one file, while serving")
    backup.add_argument("--to", type=Path, metavar="FOLDER", help="where to (DATA/backups)")
    restore = commands.add_parser("restore", help="bring a backup back, or prove that it works")
    restore.add_argument("file", type=Path)
    restore.add_argument(
        "--verify", action="store_true", help="restore into a scratch place only, and check it"
    )
    restore.add_argument("--replace", action="store_true", help="put aside the data that is there")
    commands.add_parser(
        "verify-log", help="check the log of every school against its passes and classes"
    )
    purge = commands.add_parser("purge", help="forget the names that are older than schools keep")
    purge.add_argument("--dry-run", action="store_true", help="only say what would go")


def serve(*, port: int | None = None) -> int:
    """Run the server until it is told to stop."""
    if port is not None:
        os.environ["CORRIDOR_PORT"] = str(port)
    return _serve(_safe_settings())


def demo(*, port: int | None, busy: bool) -> int:
    """Run a server with the made-up school, in a data folder of its own."""
    if any(os.environ.get("CORRIDOR_DATABASE_URL" + end) for end in ("", "_FILE")):
        raise BadSetting(
            "A demo keeps its school in a SQLite file of its own. Remove CORRIDOR_DATABASE_URL."
        )
    os.environ["CORRIDOR_DEMO"] = "true"
    os.environ.setdefault("CORRIDOR_DATA", "data/demo")
    if port is not None:
        os.environ["CORRIDOR_PORT"] = str(port)
    settings = _safe_settings()
    return _serve(settings, with_school=True, busy=busy)


def migrate() -> int:
    """Bring the database up to date."""
    from corridor import starting

    settings = load(os.environ)
    starting.open_data_folder(settings)
    with starting.sole_user(settings):
        _set_django_up()
        applied = starting.bring_up_to_date(settings)
    print("\n".join(applied) or "The database is up to date.")
    return STOPPED


def check() -> int:
    """Print every reason why `serve` would refuse to start, without changing the database."""
    from corridor import starting

    settings = _safe_settings()
    starting.open_data_folder(settings)
    starting.open_port(settings).close()
    _set_django_up()
    with starting.database_problems(settings):
        pending = starting.pending_migrations()
    if pending:
        print(f"Starting will apply {len(pending)} migrations: {', '.join(pending)}")
    print("Nothing keeps the server from starting.")
    return STOPPED


def print_settings() -> int:
    """Print every setting, what it is now (secrets only whether they are set) and its meaning."""
    load(os.environ)
    for row in declared():
        given = os.environ.get(row.variable) or (
            row.secret and os.environ.get(row.variable + "_FILE") and "(from a file)"
        )
        value = "(set)" if given and row.secret else given or row.default
        print(f"{row.variable}={value}\n    {row.help} Takes {row.kind.words}.\n")
    return STOPPED


# The operators' commands; what they print stands in corridor.operators.commands.


def doctor(*, as_json: bool) -> int:
    """Look at everything and change nothing."""
    from corridor.operators import checks
    from corridor.operators.report import told

    try:
        settings = load(os.environ)
        if not settings.secret_key and not (settings.data / "secret-key").exists():
            # Django needs a key to start. None is kept, because a doctor only looks.
            os.environ["CORRIDOR_SECRET_KEY"] = secrets.token_urlsafe(48)
        _set_django_up()
    except BadSetting as bad:
        found = [checks.Finding(says, "See docs/settings.md.") for says in bad.problems]
        return told({"settings": found}, as_json=as_json)
    from corridor.operators import commands

    return commands.doctor(settings, as_json=as_json)


def backup(folder: Path | None) -> int:
    """Write a backup, whether a server runs or not."""
    from corridor import clock, starting

    settings = load(os.environ)
    starting.open_data_folder(settings)
    _set_django_up()
    from corridor.operators import commands

    with starting.database_problems(settings):
        return commands.backup(settings, folder, clock.now())


def restore(file: Path, verify: bool, replace: bool) -> int:
    """Restore a backup; with `verify` only beside the live data."""
    from corridor import clock, starting

    settings = load(os.environ)
    starting.open_data_folder(settings)
    _set_django_up()
    from corridor.operators import commands
    from corridor.operators.restore import CannotRestore

    try:
        with starting.database_problems(settings):
            if verify:
                return commands.verify_backup(settings, file)
            with starting.sole_user(settings, else_do="Stop the server, then restore."):
                return commands.bring_back(settings, file, replace=replace, at=clock.now())
    except CannotRestore as cannot:
        raise CannotStart(str(cannot)) from None


def verify_log() -> int:
    """Check the logs, whether a server runs or not."""
    with _in_database():
        from corridor.operators import commands

        return commands.verify_log()


def purge(*, dry_run: bool) -> int:
    """Forget old names, whether a server runs or not."""
    with _in_database():
        from corridor import clock
        from corridor.operators import commands
        from corridor.operators.purge import UnknownEvent

        try:
            return commands.purge_all(clock.now(), dry_run=dry_run)
        except UnknownEvent as unknown:
            raise CannotStart(str(unknown)) from None


@contextmanager
def _in_database() -> Iterator[None]:
    """For work on the data of this version, beside a server."""
    from corridor import starting

    settings = load(os.environ)
    starting.open_data_folder(settings)
    _set_django_up()
    with starting.database_problems(settings):
        if pending := starting.pending_migrations():
            raise CannotStart(
                f"The database lacks {len(pending)} migrations. Run `corridor migrate` first, or"
                " start the server."
            )
        yield


def _told(problems: Sequence[str], code: int) -> int:
    for problem in problems:
        print(f"corridor: {problem}", file=sys.stderr)
    return code


def _safe_settings() -> Settings:
    settings = load(os.environ)
    if unsafe := refuse_unsafe(settings):
        raise BadSetting(*unsafe)
    return settings


def _set_django_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "corridor.django_settings"
    django.setup()


def _serve(settings: Settings, *, with_school: bool = False, busy: bool = False) -> int:
    from corridor import clock, starting

    starting.open_data_folder(settings)
    with starting.sole_user(settings), starting.open_port(settings) as listener:
        if settings.clock_file:
            clock.set_clock(clock.FileClock(settings.clock_file))
        if with_school:
            _clear_half_made_school(settings)
        _set_django_up()
        if applied := starting.bring_up_to_date(settings):
            _say(f"Brought the database up to date: {len(applied)} migrations.")
        starting.collect_static(settings)
        with starting.database_problems(settings):
            if with_school:
                _open_demo_school(settings)
            _catch_up()
            _greet(settings)
        if busy:
            _play()
        return _run(settings, listener)


def _catch_up() -> None:
    """What became due while no server ran happens before anybody looks."""
    from corridor import clock
    from corridor.classroom import timers as class_timers
    from corridor.passes import timers

    timers.run_due(clock.now())
    class_timers.run_due(clock.now())


def _greet(settings: Settings) -> None:
    from django.conf import settings as django_settings
    from django.urls import reverse

    from corridor.accounts.people import has_admin
    from corridor.accounts.setup import setup_token

    kept = "PostgreSQL" if settings.is_postgres else str(settings.data.absolute())
    _say(f"Corridor {version('corridor')} serves {settings.public_url} (data: {kept})")
    if not has_admin():
        path = reverse("setup", args=[setup_token(django_settings.SECRET_KEY)])
        _say(
            f"There is no school yet. This link opens the first one, once:\n"
            f"    {settings.public_url}{path}"
        )
    _say("Ctrl-C stops it.")


def _run(settings: Settings, listener: "socket.socket") -> int:
    import resource

    import uvicorn

    from corridor.web.agent import messages
    from corridor.web.door import app, devices, streams

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: "list[socket.socket] | None" = None) -> None:
            # No stream ends by itself: waiting for them would make every restart wait.
            streams.close_all()
            devices.close_all()
            await super().shutdown(sockets)

    # Thousands of screens keep a stream open; the usual limit is 1024 files.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws_max_size=messages.LARGEST,
        ws_ping_interval=None,  # devices are pinged by a message, which keeps their programs awake
        ws_per_message_deflate=False,  # small texts, and pictures that are compressed already
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=75,  # longer than proxies keep theirs, so that they close first
        timeout_graceful_shutdown=5,
    )
    # Python's usual 5 ms make every byte to a device or a page wait for a worker that draws. What
    # it gains there and costs the passes is measured only roughly: see bench/README.md.
    sys.setswitchinterval(0.0005)
    _collect_seldom()
    server = Server(config)
    server.run(sockets=[listener])
    return STOPPED if server.started else CANNOT_START


def _collect_seldom() -> None:
    """Look for garbage in what comes and goes, and seldom; not in all that was loaded.

    A look through everything stops every thread: a quarter of a second with 800 devices, in which
    no command goes out and no pass is answered.
    """
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  # the handlers are loaded by the first request else
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


def _say(line: str) -> None:
    print(line, flush=True)


# The demo's school: made once, whole. The mark says how far that went.


def _demo_mark(settings: Settings) -> Path:
    return settings.data / "demo-school"


def _clear_half_made_school(settings: Settings) -> None:
    """Begin again where making the school was interrupted."""
    mark = _demo_mark(settings)
    if mark.exists() and mark.read_text() != "ready":
        for file in settings.data.glob("corridor.sqlite3*"):
            file.unlink()
        mark.unlink()


def _open_demo_school(settings: Settings) -> None:
    from corridor.demo.seed import seed, wake
    from corridor.roster.models import School

    mark = _demo_mark(settings)
    if mark.exists():
        wake()
        return
    if School.objects.exists():
        raise CannotStart(
            f"{settings.data.absolute()} holds a school that no demo made. Start it with"
            " `corridor serve`, or name another folder in CORRIDOR_DATA."
        )
    _say("Making a school with 40 adults, 600 students and weeks of passes. Once only…")
    mark.write_text("half made")
    seed(lambda line: _say(f"  {line}"))
    mark.write_text("ready")


def _play() -> None:
    import threading

    from corridor.demo.day import play

    threading.Thread(target=play, name="school day", daemon=True).start()
