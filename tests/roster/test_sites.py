"""Sites and addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.roster.sites import BadSite, address, site, sites


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.org", "example.org"),
        (" https://www.Example.org/page?x=1#y ", "example.org"),
        ("*.example.org", "example.org"),
        ("docs.example.org:8080", "docs.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("10.0.0.1", "10.0.0.1"),
        ("localhost:8000", "localhost"),
        ("example.org.", "example.org"),
    ],
)
def test_a_site_is_its_host(text: str, host: str) -> None:
    assert site(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "", "example", "ftp://example.org", "javascript:alert(1)", "https://", "a b.org",
        "user@example.org", "https://u:p@example.org", "-x.org", "..", ".org", "x" * 70 + ".org",
        "https://[::1", "example.org:port", "ex\u202eample.org", "data:text/html,x",
    ],
)  # fmt: skip
def test_what_is_no_site_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadSite, match=r"\w"):
        site(text)


def test_many_sites_each_once_and_where_one_is_wrong() -> None:
    assert sites("a.org, b.org\n\nhttps://a.org/x; c.org") == ("a.org", "b.org", "c.org")
    with pytest.raises(BadSite, match=r"Line 2"):
        sites("a.org\nhello")
    with pytest.raises(BadSite, match="at least one"):
        sites(" \n ")
    with pytest.raises(BadSite, match="at most 200"):
        sites("\n".join(f"s{n}.org" for n in range(201)))


def test_an_address_keeps_its_path() -> None:
    assert address("example.org/a?b=1") == "https://example.org/a?b=1"
    with pytest.raises(BadSite, match="at most"):
        address("example.org/" + "a" * 2000)


@given(st.text(max_size=80))
def test_whatever_is_written_becomes_a_host_or_a_sentence(text: str) -> None:
    try:
        host = site(text)
    except BadSite as no:
        assert str(no)
    else:
        assert site(host) == host and " " not in host and host.isascii()
