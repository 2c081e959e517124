"""Photos: small and square whatever came, without what a camera notes, never a bomb."""

import io
import struct
import zlib

import pytest
from PIL import Image

from corridor.accounts import photos
from corridor.accounts.models import Photo
from corridor.accounts.photos import BadPhoto, marks_of, put_photo, put_photos, remove_photo, shrunk
from corridor.live.log import read_log
from tests.accounts.pictures import picture
from tests.school import School


def put(school: School, person: str, data: bytes) -> None:
    account_id = school.id_of(getattr(school, person))
    school.do(put_photo, account_id=account_id, picture=data, by=school.dana)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_small_square_and_bare(kind: str) -> None:
    made = shrunk(picture(kind))
    assert len(made) < 10_000
    assert b"Secret Camera" not in made
    with Image.open(io.BytesIO(made)) as found:
        assert (found.format, found.size) == ("WEBP", (photos.SIDE, photos.SIDE))
        assert not found.getexif()


def test_what_stands_on_its_side_is_turned() -> None:
    lying = Image.new("RGB", (400, 400), "red")
    lying.paste("blue", (0, 0, 400, 150))
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x0112] = 3  # upside down
    lying.save(written, "JPEG", exif=exif)
    with Image.open(io.BytesIO(shrunk(written.getvalue()))) as found:
        assert found.convert("RGB").getpixel((120, 225))[2] > 200  # type: ignore[index]


def with_odd_notes() -> bytes:
    """A photo that lies on its side, and whose camera's name is said to be a number."""
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    Image.new("RGB", (60, 80), "teal").save(written, "JPEG", exif=exif)
    data = bytearray(written.getvalue())
    data[data.index(b"\x01\x0f\x00\x02") + 3] = 3  # the byte of its type
    return bytes(data)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge and whose pixels cost nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1_000_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + bytes(100), b"<svg onload=alert(1)>", picture()[:500], bomb(60_000, 60_000),
     bomb(5_000, 5_000), bytes(photos.MOST_BYTES + 1), with_odd_notes()],
    ids=["nothing", "gif", "svg", "cut", "huge", "large", "heavy", "odd"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadPhoto):
        shrunk(data)


def test_the_mark_changes_with_the_picture(a_school: School) -> None:
    ana = a_school.id_of(a_school.ana)
    put(a_school, "ana", b"one")
    first = marks_of([ana])
    before = a_school.last
    put(a_school, "ana", b"one")
    assert (marks_of([ana]), a_school.last) == (first, before)
    put(a_school, "ana", b"two")
    assert marks_of([ana]) != first
    assert [row.name for row in read_log(a_school.id, before)] == ["photo.changed"]


def test_only_people_of_the_school_get_a_photo(a_school: School) -> None:
    ana, eli = a_school.id_of(a_school.ana), a_school.id_of(a_school.eli)
    assert a_school.do(put_photos, {ana: b"a", eli: b"e"}, by=a_school.dana) == 1
    assert photos.photo_of(a_school.id, ana) is not None
    assert photos.photo_of(a_school.other_id, ana) is None
    assert not Photo.objects.filter(account_id=eli).exists()
    a_school.do(remove_photo, account_id=ana, by=a_school.otto)
    assert marks_of([ana])
    a_school.do(remove_photo, account_id=ana, by=a_school.dana)
    assert not marks_of([ana])
