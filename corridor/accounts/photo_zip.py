"""Photos in a zip file, found by their names: an e-mail address, a number, or “Family, Given”."""

import io
import zipfile
from collections import defaultdict
from pathlib import PurePosixPath
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from corridor.accounts import photos
from corridor.accounts.models import PassAccount, same_email
from corridor.accounts.names import words_of
from corridor.accounts.photos import BadPhoto, shrunk

MOST_FILES: Final = 2_000
_MOST_BYTES_IN_ALL: Final = 300_000_000
_KINDS: Final = (".jpg", ".jpeg", ".png", ".webp")


class BadZip(ValueError):
    """This is no zip that can be used; the text says why."""


class NotUsed(msgspec.Struct, frozen=True):
    """A file that gave nobody a photo, and why."""

    name: str
    why: str


class Found(msgspec.Struct, frozen=True):
    """The pictures by the ids of their people, and the files that were of no use."""

    pictures: dict[int, bytes]
    not_used: tuple[NotUsed, ...]


def read(school_id: int, data: bytes) -> Found:
    """The pictures in a zip for people of this school. Raises `BadZip`.

    Nothing is unpacked to the disk, so no path can lead anywhere; no more is read of a file than a
    photo may have, whatever the zip says of it.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise BadZip(_("This is no zip file, or it is damaged.")) from None
    with archive:
        entries = [entry for entry in archive.infolist() if not _is_beside(entry)]
        if len(entries) > MOST_FILES:
            raise BadZip(_("At most %(n)s files at a time. Make several zips.") % {"n": MOST_FILES})
        people = _People(school_id)
        pictures: dict[int, bytes] = {}
        not_used = []
        left = _MOST_BYTES_IN_ALL
        for entry in entries:
            try:
                person = people.of(entry.filename)
                if person in pictures:
                    raise BadPhoto(_("This person has a photo in this zip already."))
                content = _content(archive, entry, left)
                left -= len(content)
                pictures[person] = shrunk(content)
            except BadPhoto as no:
                not_used.append(NotUsed(entry.filename[:200], str(no)))
        return Found(pictures, tuple(not_used))


def _is_beside(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what some systems put beside the files."""
    parts = PurePosixPath(entry.filename).parts
    return entry.is_dir() or "__MACOSX" in parts or parts[-1:] in ((".DS_Store",), ("Thumbs.db",))


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    if entry.flag_bits & 1:
        raise BadPhoto(_("The file has a password."))
    most = min(photos.MOST_BYTES, left)
    if most <= 0:
        raise BadPhoto(_("The zip holds too much. Make several zips."))
    try:
        with archive.open(entry) as file:
            content = file.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise BadPhoto(_("The file is damaged.")) from None
    except Exception as error:  # zlib, bz2 and lzma have errors of their own
        raise BadPhoto(_("The file is damaged.")) from error
    if len(content) > most:
        raise BadPhoto(_("The picture is larger than 8 MB. Save it smaller."))
    return content


class _People:
    """Whose photo a file is, by its name."""

    def __init__(self, school_id: int) -> None:
        self._by_key: dict[str, int] = {}
        self._by_name: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        fields = ("pk", "email", "number", "given_name", "family_name", "display_name")
        found = PassAccount.objects.filter(school_id=school_id, closed_at__isnull=True)
        for pk, email, number, given, family, shown in found.values_list(*fields):
            self._by_key[email] = pk
            if number:
                self._by_key.setdefault(number.lower(), pk)
            for name in {_sorted(f"{given} {family}"), _sorted(shown)}:
                self._by_name[name].append(pk)

    def of(self, path: str) -> int:
        """The person of this file name. Raises `BadPhoto`."""
        if path.startswith("/") or "\\" in path or ":" in path or ".." in path.split("/"):
            raise BadPhoto(_("The file's path leads outside of the zip."))
        name = PurePosixPath(path)
        if name.suffix.lower() not in _KINDS:
            raise BadPhoto(_("This is no JPEG, PNG or WebP picture."))
        known = self._by_key.get(same_email(name.stem))
        if known is not None:
            return known
        found = self._by_name.get(_sorted(name.stem), [])
        if len(found) > 1:
            raise BadPhoto(_("Several people have this name. Use the address or the number."))
        if not found:
            raise BadPhoto(_("Nobody here has this address, number or name."))
        return found[0]


def _sorted(name: str) -> tuple[str, ...]:
    return tuple(sorted(words_of(name)))
