"""Which sites were open on students' devices while a class held them: for the class's history.

A device says what is open several times a minute. It is gathered here in memory as spans of time
and written some seconds later, in one go for a whole school; the log has nothing of it. What a
student had open is a short list, each page once, so its length says nothing of how busy they were.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from django.db import connection

from corridor.classroom.presence import LOST_AFTER
from corridor.live.log import beside_log
from corridor.live.sql import moment, moment_read, rows

# Pages of a student in one class. From then on a site's further pages are kept without their
# titles, as one; a page that renames itself each second must not push the others out.
MOST_PAGES: Final = 200
MOST: Final = 300
_LONGEST_NAME: Final = 253  # of a site, as names go
# Pages that are kept in one transaction: presses get their turn in between.
_AT_ONCE: Final = 300

Page = tuple[str, str]  # the site's name, the title
Where = tuple[int, int]  # session, student


class Site(msgspec.Struct, frozen=True):
    """A page that was the open one on a device: first, last, and for how many seconds in all."""

    host: str
    title: str
    first_at: datetime
    last_at: datetime
    seconds: float


class _Open(msgspec.Struct):
    """The page that is open on a device now; until `until` it has been seen to be."""

    school_id: int
    where: Where
    page: Page
    since: datetime
    until: datetime


Found = dict[Where, dict[Page, Site]]


class Sites:
    """What is open on the devices of this process, and what was. Used in the event loop only."""

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}  # by the device's number
        self._found: dict[int, Found] = {}
        self.is_due = False

    def seen(
        self, device: int, school_id: int, where: Where, url: str, title: str, at: datetime
    ) -> None:
        """A device of a student whom a class holds says what is open on it."""
        page = (host_of(url), title)
        before = self._open.get(device)
        if before is not None and before.where == where and before.page == page:
            self.alive(device, at)
            return
        self.left(device, at)
        if page[0]:
            self._open[device] = _Open(school_id, where, page, at, at)

    def alive(self, device: int, at: datetime) -> None:
        """What was open on it still is."""
        before = self._open.get(device)
        if before is None:
            return
        if at - before.until > LOST_AFTER:  # nobody knows what was meanwhile
            self._count(before)
            before.since = at
        before.until = at

    def left(self, device: int, at: datetime) -> None:
        """Nothing is open on it any more, or it is gone, or in no class."""
        if device in self._open:
            self.alive(device, at)
            self._count(self._open.pop(device))

    def over(self, device: int, at: datetime) -> None:
        """As `left`, by the end of the class: its history may be looked at in a moment."""
        self.left(device, at)
        self.is_due = bool(self._found)

    def take(self) -> list[tuple[int, Found]]:
        """What was gathered since the last time, each part of one school; it is to be kept now."""
        for one in self._open.values():
            self._count(one)
            one.since = one.until
        found, self._found, self.is_due = self._found, {}, False
        return [(school_id, part) for school_id, all_ in found.items() for part in _parts(all_)]

    def give_back(self, school_id: int, found: Found) -> None:
        """It could not be kept yet."""
        for where, pages in found.items():
            for site in pages.values():
                self._add(school_id, where, site)

    def _count(self, one: _Open) -> None:
        seconds = (one.until - one.since).total_seconds()
        self._add(one.school_id, one.where, Site(*one.page, one.since, one.until, seconds))

    def _add(self, school_id: int, where: Where, site: Site) -> None:
        pages = self._found.setdefault(school_id, {}).setdefault(where, {})
        page = (site.host, site.title)
        pages[page] = _together(pages[page], site) if page in pages else site


def _parts(found: Found) -> Iterator[Found]:
    """The same in parts that are short enough, a student's pages in one."""
    part: Found = {}
    for where, pages in found.items():
        part[where] = pages
        if sum(map(len, part.values())) >= _AT_ONCE:
            yield part
            part = {}
    if part:
        yield part


sites: Final = Sites()  # of this process


def host_of(url: str) -> str:
    """The name of the site that an address leads to, or nothing."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")[:_LONGEST_NAME]
    except ValueError:
        return ""


def keep_sites(school_id: int, found: Mapping[Where, Mapping[Page, Site]]) -> None:
    """Add what was gathered to what is kept of these students in these sessions."""
    counts = _counts(school_id, {session for session, _ in found})
    kept = [
        _row(school_id, where, site)
        for where, pages in found.items()
        for site in _fitting(school_id, where, pages, counts.get(where, 0))
    ]
    with beside_log(), connection.cursor() as cursor:
        cursor.executemany(_KEEP, kept)


def sites_of(school_id: int, session_id: int) -> dict[int, list[Site]]:
    """What was open in a session, by student, in the order of time."""
    found: dict[int, list[Site]] = {}
    for student_id, *columns in rows(
        f"SELECT student_id, {_COLUMNS} WHERE school_id = %s AND session_id = %s {_IN_ORDER}",
        (school_id, session_id),
    ):
        found.setdefault(student_id, []).append(_read(*columns))
    return found


def sites_of_student(school_id: int, session_id: int, student_id: int) -> list[Site]:
    """What a student had open in a session, in the order of time."""
    found = rows(
        f"SELECT {_COLUMNS} WHERE school_id = %s AND session_id = %s AND student_id = %s"
        f" {_IN_ORDER}",
        (school_id, session_id, student_id),
    )
    return [_read(*columns) for columns in found]


_COLUMNS: Final = "host, title, first_at, last_at, seconds FROM classroom_classsite"
_IN_ORDER: Final = "ORDER BY first_at, host, title"


_KEEP: Final = (
    "INSERT INTO classroom_classsite AS kept"
    " (school_id, session_id, student_id, host, title, first_at, last_at, seconds)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (school_id, session_id, student_id, host, title) DO UPDATE SET"
    " last_at = excluded.last_at, seconds = kept.seconds + excluded.seconds"
)


def _counts(school_id: int, session_ids: Collection[int]) -> dict[Where, int]:
    marks = ", ".join(["%s"] * len(session_ids))
    found = rows(
        "SELECT session_id, student_id, count(*) FROM classroom_classsite"
        f" WHERE school_id = %s AND session_id IN ({marks}) GROUP BY session_id, student_id",
        (school_id, *session_ids),
    )
    return {(session, student): count for session, student, count in found}


def _fitting(
    school_id: int, where: Where, pages: Mapping[Page, Site], count: int
) -> Collection[Site]:
    """These pages as the student's list has room for them."""
    if count + len(pages) <= MOST_PAGES:
        return pages.values()
    known = _known(school_id, where)
    fitting: dict[Page, Site] = {}
    for page, site in pages.items():
        if page not in known and len(known) >= MOST_PAGES:
            site = msgspec.structs.replace(site, title="")
        page = (site.host, site.title)
        if page not in known and len(known) >= MOST:
            continue
        known.add(page)
        fitting[page] = _together(fitting[page], site) if page in fitting else site
    return fitting.values()


def _known(school_id: int, where: Where) -> set[Page]:
    found = rows(
        "SELECT host, title FROM classroom_classsite"
        " WHERE school_id = %s AND session_id = %s AND student_id = %s",
        (school_id, *where),
    )
    return {(host, title) for host, title in found}


def _together(one: Site, other: Site) -> Site:
    return Site(
        one.host, one.title, min(one.first_at, other.first_at), max(one.last_at, other.last_at),
        one.seconds + other.seconds,
    )  # fmt: skip


def _row(school_id: int, where: Where, site: Site) -> tuple[Any, ...]:
    times = (moment(site.first_at), moment(site.last_at))
    return (school_id, *where, site.host, site.title, *times, site.seconds)


def _read(host: str, title: str, first_at: Any, last_at: Any, seconds: float) -> Site:
    first, last = moment_read(first_at), moment_read(last_at)
    assert first is not None
    assert last is not None
    return Site(host, title, first, last, seconds)
