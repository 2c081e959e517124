"""Photos of people: whatever a camera or an office sends becomes one small square picture."""

import hashlib
import io
from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from corridor.accounts.actors import Actor
from corridor.accounts.events import PhotoChanged, PhotoRemoved, PhotosAdded
from corridor.accounts.models import PassAccount, Photo
from corridor.live.log import Turn, record

SIDE: Final = 240
KIND: Final = "image/webp"
MOST_BYTES: Final = 8_000_000
# A JPEG is decoded at an eighth of its size; anything else takes all its memory at once.
_MOST_PIXELS: Final = {"JPEG": 50_000_000, "MPO": 50_000_000}
_MOST_OTHER_PIXELS: Final = 16_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
Image.MAX_IMAGE_PIXELS = None  # counted below, before anything is decoded


class BadPhoto(ValueError):
    """This is no picture that can be used; the text says why and what to do."""


def shrunk(data: bytes) -> bytes:
    """The middle of a picture as a small square one, without all that a camera notes beside it.

    Raises `BadPhoto`. The pixels are counted before they are decoded.
    """
    if len(data) > MOST_BYTES:
        raise BadPhoto(_("The picture is larger than 8 MB. Save it smaller."))
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as found:
            most = _MOST_PIXELS.get(found.format or "", _MOST_OTHER_PIXELS)
            if found.width * found.height > most:
                raise BadPhoto(_("The picture has too many pixels. Save it smaller."))
            # A JPEG can be decoded smaller at once, which is quicker by far.
            found.draft("RGB", (SIDE * 2, SIDE * 2))
            upright = ImageOps.exif_transpose(found)
            square = ImageOps.fit(_opaque(upright), (SIDE, SIDE), centering=(0.5, 0.4))
    except UnidentifiedImageError:
        raise BadPhoto(_("This is no JPEG, PNG or WebP picture.")) from None
    except BadPhoto:
        raise
    except Exception:
        # A damaged file makes the library stumble anywhere: struct.error, TypeError and the like.
        raise BadPhoto(_("The picture is damaged. Save it again.")) from None
    written = io.BytesIO()
    square.save(written, "WEBP", quality=80, method=2)
    return written.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    over = picture.convert("RGBA")
    white = Image.new("RGBA", over.size, "white")
    return Image.alpha_composite(white, over).convert("RGB")


def put_photo(tx: Turn, *, account_id: int, picture: bytes, by: Actor, at: datetime) -> None:
    """Keep this picture (as `shrunk` made it) for a person of this school.

    Nothing happens to a person whom the school does not have, or who has it already.
    """
    if _keep(tx.school_id, {account_id: picture}):
        record(tx, PhotoChanged(account_id=account_id, by=by.who, at=at))


def put_photos(tx: Turn, pictures: dict[int, bytes], *, by: Actor, at: datetime) -> int:
    """Keep many pictures, by the ids of the people; how many are new."""
    changed = _keep(tx.school_id, pictures)
    if changed:
        record(tx, PhotosAdded(school_id=tx.school_id, count=changed, by=by.who, at=at))
    return changed


def remove_photo(tx: Turn, *, account_id: int, by: Actor, at: datetime) -> None:
    """Forget a person's picture. Twice is once."""
    if Photo.objects.filter(account_id=account_id, account__school_id=tx.school_id).delete()[0]:
        record(tx, PhotoRemoved(account_id=account_id, by=by.who, at=at))


def photo_of(school_id: int, account_id: int) -> Photo | None:
    """The picture of a person of this school."""
    return Photo.objects.filter(account_id=account_id, account__school_id=school_id).first()


def marks_of(account_ids: Collection[int]) -> dict[int, str]:
    """The marks of those of these people who have a picture, for their addresses."""
    found = Photo.objects.filter(account_id__in=account_ids)
    return dict(found.values_list("account_id", "mark"))


def _keep(school_id: int, pictures: dict[int, bytes]) -> int:
    ours = PassAccount.objects.filter(school_id=school_id, pk__in=pictures)
    known = marks_of(pictures)
    fresh = [
        Photo(account_id=pk, mark=mark, picture=pictures[pk])
        for pk in ours.values_list("pk", flat=True)
        if known.get(pk) != (mark := hashlib.sha256(pictures[pk]).hexdigest()[:16])
    ]
    Photo.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["account"], update_fields=["mark", "picture"]
    )
    return len(fresh)
