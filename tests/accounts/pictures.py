"""Pictures and zip files as tests send them."""

import io
import zipfile

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (600, 800), colour: str = "teal") -> bytes:
    """A picture of one colour, with a place and a camera noted beside it."""
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", size, colour).save(written, kind, exif=exif)
    return written.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """These files in a zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()
