"""Files of people that were looked at: kept, carried out beside the requests, undone.

The file is read and compared outside of the school's turn. Inside it only the statements run, and
only when nobody's account has changed since the comparison. A process that dies in the middle has
changed nothing: the state becomes “done” in the same transaction as everything else.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.db import DatabaseError, connections
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from corridor import clock
from corridor.accounts import importing
from corridor.accounts.actors import Actor
from corridor.accounts.importing import Before, Undoing, Used
from corridor.accounts.models import PeopleImport
from corridor.accounts.people_csv import Options, Plan, plan
from corridor.live.log import Turn, last_number, turn
from corridor.live.sql import is_postgres
from corridor.roster.models import School

log = logging.getLogger(__name__)

# So long an import can be undone, and a file that was only looked at waits.
UNDO_DAYS: Final = 30
_LOOKED_AT: Final = timedelta(days=1)
_ALIVE: Final = timedelta(seconds=20)
_TOLD_SECONDS: Final = 0.5
_MOST_LISTED: Final = 10

State = PeopleImport.State

_decode_options: Final = msgspec.json.Decoder(Options).decode
_decode_counts: Final = msgspec.json.Decoder(dict[str, int]).decode
_decode_before: Final = msgspec.json.Decoder(Before).decode


class CannotImport(Exception):
    """Nothing was imported; the text says why and what to do."""


class _Job(msgspec.Struct):
    """A running import of this process. `seen` is the digest of the plan that is carried out."""

    seen: str = ""
    done: int = 0
    all: int = 1
    is_over: bool = False


# On SQLite there is one process, and while an import writes, nobody else can.
_jobs: dict[int, _Job] = {}


def look_at(
    school: School, text: str, file_name: str, options: Options, *, by: Actor, at: datetime
) -> tuple[PeopleImport, Plan]:
    """Compare a file with the people who are there, and keep it for a day."""
    planned = plan(school, text, options, but=by.account_id)
    kept = PeopleImport.objects.create(
        school=school, file_name=file_name[:200] or "people.csv", text=text,
        options=_written(options), counts=_written(planned.counts), looked_at=at,
        by_account_id=by.account_id, by_name=by.name,
    )  # fmt: skip
    tidy(school.pk, at)
    return kept, planned


def look_again(kept: PeopleImport, *, by: Actor) -> Plan:
    """What the kept file would do now."""
    return plan(kept.school, kept.text, options_of(kept), but=by.account_id)


def imports_of(school_id: int) -> list[PeopleImport]:
    """The school's last imports, newest first, without those that were only looked at."""
    found = PeopleImport.objects.filter(school_id=school_id, state__in=(State.DONE, State.UNDONE))
    return list(found.defer("text", "before").order_by("-looked_at")[:_MOST_LISTED])


def import_of(school_id: int, import_id: int) -> PeopleImport | None:
    """The school's import with this id."""
    found = PeopleImport.objects.filter(school_id=school_id, pk=import_id)
    return found.select_related("school").first()


def options_of(kept: PeopleImport) -> Options:
    """What was chosen beside the file."""
    return _decode_options(kept.options)


def counts_of(kept: PeopleImport) -> dict[str, int]:
    """How many people it created, changed, reopened, archived, left the same."""
    return _decode_counts(kept.counts)


# Carrying out


def begin(kept: PeopleImport, planned: Plan, options: Options, *, by: Actor, at: datetime) -> None:
    """Carry the import out in a thread of its own; `progress_of` tells how far it is.

    What happens is what was planned, or nothing. Raises `CannotImport` where the file cannot be
    imported, or runs or has run already.
    """
    _refuse_problems(planned, options)
    # What a process has left in the middle can be begun again.
    left = Q(state=State.RUNNING)
    if is_postgres():
        left &= Q(alive_until__lt=at)
    mine = PeopleImport.objects.filter(Q(state=State.LOOKED_AT) | left, pk=kept.pk)
    if kept.pk in _jobs or not mine.update(
        state=State.RUNNING, options=_written(options), counts=_written(planned.counts),
        alive_until=at + _ALIVE, progress=0, note="",
    ):  # fmt: skip
        raise CannotImport(_("This file is being imported, or has been."))
    job = _jobs[kept.pk] = _Job(planned.digest)
    language = translation.get_language()
    arguments = (kept.pk, job, by, language)
    threading.Thread(target=_run, args=arguments, name="import", daemon=True).start()


def progress_of(kept: PeopleImport, at: datetime) -> int | None:
    """How far a running import is, in percent; None where no process works on it any more."""
    job = _jobs.get(kept.pk)
    if job is not None:
        return min(99, job.done * 100 // job.all)
    if kept.alive_until is not None and kept.alive_until > at and is_postgres():
        return kept.progress
    return None


def _run(import_id: int, job: _Job, by: Actor, language: str | None) -> None:
    """The thread of an import, and beside it one that tells the other processes how far it is."""
    teller = threading.Thread(target=_tell, args=(import_id, job), name="import-told", daemon=True)
    note = ""
    try:
        if is_postgres():
            teller.start()
        with translation.override(language or "en"):
            carry_out(import_id, by=by, job=job)
    except CannotImport as no:
        note = str(no)
    except DatabaseError:
        log.exception("Import %s failed", import_id)
        note = "The database did not take it. Nothing was imported. Look at the file again."
    except Exception:
        log.exception("Import %s failed", import_id)
        note = "Something broke on the server. Nothing was imported."
    finally:
        job.is_over = True
        if teller.is_alive():
            teller.join()
        if note:
            PeopleImport.objects.filter(pk=import_id, state=State.RUNNING).update(
                state=State.LOOKED_AT, note=note[:400], alive_until=None
            )
        del _jobs[import_id]
        connections.close_all()


def _tell(import_id: int, job: _Job) -> None:
    waiting = threading.Event()
    while not job.is_over:
        PeopleImport.objects.filter(pk=import_id, state=State.RUNNING).update(
            progress=min(99, job.done * 100 // job.all), alive_until=clock.now() + _ALIVE
        )
        waiting.wait(_TOLD_SECONDS)
    connections.close_all()


def carry_out(import_id: int, *, by: Actor, job: _Job | None = None) -> None:
    """Compare once more, then change everything in one turn. Raises `CannotImport`."""
    job = job or _Job()
    kept = PeopleImport.objects.select_related("school").get(pk=import_id)
    options = options_of(kept)
    number = last_number(kept.school_id)
    planned = plan(kept.school, kept.text, options, but=by.account_id)
    _refuse_problems(planned, options)
    if planned.counts != counts_of(kept) or job.seen not in ("", planned.digest):
        raise CannotImport(changed_meanwhile())
    rows = len(planned.created) + len(planned.changed) + len(planned.archived)
    # Reading and comparing took about as long as the statements will take.
    job.all, job.done = rows * 2 or 1, rows

    def progress(count: int) -> None:
        job.done += count

    with turn(kept.school_id) as tx:
        if importing.people_changed_since(kept.school_id, number):
            raise CannotImport(changed_meanwhile())
        before = importing.carry_out(
            tx, planned, import_number=kept.pk, by=by, at=clock.now(), progress=progress
        )
        _keep_done(kept, planned, before)


def _refuse_problems(planned: Plan, options: Options) -> None:
    if planned.refused:
        raise CannotImport(planned.refused)
    if planned.problems and not (options.leave_out and planned.rows_with_problems):
        raise CannotImport(_("The file has problems. Mend them, or leave their rows out."))
    if planned.is_nothing:
        raise CannotImport(_("Everything is already as the file says."))


def changed_meanwhile() -> str:
    """Why what was looked at is not what would happen now."""
    return _("Somebody changed people since you looked. Nothing was imported. Look again.")


def _keep_done(kept: PeopleImport, planned: Plan, before: Before) -> None:
    """In the same transaction: with it the import has happened."""
    kept.state, kept.text, kept.note = State.DONE, "", ""
    kept.counts, kept.before = _written(planned.counts), _written(before)
    kept.done_at, kept.alive_until = clock.now(), None
    kept.save()


# Undoing

UsedSince = Callable[[int, int], Used]


def can_be_undone(kept: PeopleImport) -> bool:
    """Whether what is needed for it is still kept."""
    return kept.state == State.DONE and bool(kept.before)


def undoing(kept: PeopleImport, used_since: UsedSince) -> Undoing:
    """What undoing would do now; `used_since(school, number)` tells what passes name since."""
    before = _decode_before(kept.before)
    return importing.undoing(kept.school_id, before, used_since(kept.school_id, before.number))


def undo(
    tx: Turn, kept: PeopleImport, used_since: UsedSince, *, by: Actor, at: datetime
) -> Undoing:
    """Put back what the import replaced. Raises `importing.Contradiction`; twice is once."""
    mine = PeopleImport.objects.filter(pk=kept.pk, school_id=tx.school_id, state=State.DONE)
    if not mine.update(state=State.UNDONE, undone_at=at, before=""):
        raise importing.Contradiction
    before = _decode_before(kept.before)
    used = used_since(kept.school_id, before.number)
    return importing.undo(tx, before, import_number=kept.pk, used=used, by=by, at=at)


def tidy(school_id: int, at: datetime, keep_days: int = UNDO_DAYS) -> None:
    """Forget files nobody imported, and what is too old to be undone."""
    mine = PeopleImport.objects.filter(school_id=school_id)
    mine.filter(state=State.LOOKED_AT, looked_at__lt=at - _LOOKED_AT).delete()
    # What a process has left in the middle was never imported either.
    mine.filter(state=State.RUNNING, alive_until__lt=at - _LOOKED_AT).delete()
    old = at - timedelta(days=min(keep_days, UNDO_DAYS))
    mine.filter(state=State.DONE, done_at__lt=old).exclude(before="").update(before="")


def _written(thing: object) -> str:
    return msgspec.json.encode(thing).decode()
