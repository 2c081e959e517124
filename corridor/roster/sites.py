"""Sites and addresses as people write them, made into what a device compares. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

MOST_SITES: Final = 200
LONGEST_ADDRESS: Final = 2_000
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class BadSite(ValueError):
    """This is no address of a site; the text says why."""


def address(text: str) -> str:
    """A web address as a browser opens it; without `https://` it is added. Raises `BadSite`."""
    text = text.strip()
    url = text if "://" in text else f"https://{text}"
    if len(url) > LONGEST_ADDRESS:
        raise BadSite(_("An address has at most %(n)s characters.") % {"n": LONGEST_ADDRESS})
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    spaced = any(one.isspace() or not one.isprintable() for one in url)
    if parts.scheme not in ("http", "https") or parts.username or spaced or not _plain(host):
        raise BadSite(_("“%(text)s” is no web address.") % {"text": text[:60]})
    return url


def site(text: str) -> str:
    """The host that a plan names: of “https://www.example.org/page” it is example.org.

    It stands for everything below it too. Raises `BadSite`.
    """
    text = text.strip().removeprefix("*.")
    host = urlsplit(address(text)).hostname or ""
    return _plain(host).removeprefix("www.")


def sites(text: str) -> tuple[str, ...]:
    """The sites in a text, one in each line (or with commas), each once. Raises `BadSite`."""
    found: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for part in line.replace(",", " ").replace(";", " ").split():
            try:
                found[site(part)] = None
            except BadSite as no:
                told = _("Line %(n)s: %(why)s")
                raise BadSite(told % {"n": number, "why": no}) from None
    if not found:
        raise BadSite(_("Write at least one site, like example.org."))
    if len(found) > MOST_SITES:
        raise BadSite(_("A plan has at most %(n)s sites.") % {"n": MOST_SITES})
    return tuple(found)


def _plain(host: str) -> str:
    """The host in the letters of the network (RFC 5890), or empty for one that cannot be."""
    try:
        plain = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    labels = plain.split(".")
    if plain != "localhost" and (len(labels) < 2 or not all(map(_LABEL.fullmatch, labels))):
        return ""
    return plain
