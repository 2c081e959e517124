"""The environment: read once, checked whole, told in sentences."""

import stat
from pathlib import Path

import pytest

from corridor.settings import (
    BadSetting,
    Settings,
    as_markdown,
    declared,
    is_guessable,
    kept_secret_key,
    load,
    refuse_unsafe,
)
from tests.house.source import ROOT

SECRET = "b3JkZXIgaXMgYSBzY2hvb2wsIG5vdCBhIHNlcnZlcg"
POSTGRES = {
    "CORRIDOR_DATABASE_URL": "postgresql://corridor:hush@db.school.org/corridor",
    "CORRIDOR_SECRET_KEY": SECRET,
}


def problems(**environ: str) -> str:
    """What `load` says about these variables (without the prefix)."""
    with pytest.raises(BadSetting) as caught:
        load({f"CORRIDOR_{name}": value for name, value in environ.items()})
    return str(caught.value)


def unsafe(**environ: str) -> str:
    """What keeps a server with these variables from starting."""
    return "\n".join(refuse_unsafe(load({f"CORRIDOR_{k}": v for k, v in environ.items()})))


def test_the_document_is_the_table_in_the_code() -> None:
    assert as_markdown() in (ROOT / "docs/settings.md").read_text()


def test_an_empty_environment_is_a_server_for_this_machine() -> None:
    settings = load({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://localhost:8000"
    assert not settings.is_postgres
    assert refuse_unsafe(settings) == ()


def test_every_default_can_be_read_by_its_own_kind() -> None:
    for row in declared():
        if row.default:
            row.kind.read(row.default)


def test_an_unknown_variable_names_the_nearest_known_one() -> None:
    assert "CORRIDOR_PROT is not a setting. Did you mean CORRIDOR_PORT?" in problems(PROT="80")
    assert "Did you mean CORRIDOR_SECRET_KEY_FILE?" in problems(SECRET_KEYFILE="x")


def test_other_programs_variables_are_none_of_ours() -> None:
    assert load({"PATH": "/bin", "PORT": "1"}) == load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"), ("PORT", "0"), ("PORT", "65536"), ("WORKERS", "0"), ("DEBUG", "maybe"),
        ("PUBLIC_URL", "passes.school.org"), ("PUBLIC_URL", "https://passes.school.org/here"),
        ("PUBLIC_URL", "https://passes.school.org:x"), ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy"), ("TIME_ZONE", "New York"), ("LANGUAGE", "fr"),
        ("LOG_LEVEL", "loud"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_is_right(name: str, value: str) -> None:
    told = problems(**{name: value})
    assert f"CORRIDOR_{name} is “{value}”, which is not " in told
    assert told.endswith("Correct it or remove it.")


def test_a_wrong_secret_is_named_but_not_shown() -> None:
    assert "CORRIDOR_EMAIL_URL does not hold" in problems(EMAIL_URL="mail.school.org")
    assert "hush" not in problems(DATABASE_URL="mysql://corridor:hush@db/corridor")


def test_several_problems_are_told_at_once() -> None:
    assert len(problems(PROT="80", PORT="eighty", DEBUG="maybe").splitlines()) == 3


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush\n")
    environ = {"CORRIDOR_METRICS_TOKEN_FILE": str(tmp_path / "token")}
    assert load(environ).metrics_token == "hush"


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert f"names {file}, but there is no such file" in problems(METRICS_TOKEN_FILE=str(file))
    file.touch()
    assert f"names {file}, but the file is empty" in problems(METRICS_TOKEN_FILE=str(file))
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read: it is not text" in problems(METRICS_TOKEN_FILE=str(file))
    assert "cannot be read: Is a directory" in problems(METRICS_TOKEN_FILE=str(tmp_path))
    assert "both set" in problems(METRICS_TOKEN_FILE=str(file), METRICS_TOKEN="hush")


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    assert "CORRIDOR_PORT_FILE is not a setting" in problems(PORT_FILE=str(tmp_path))


def test_secrets_do_not_show_in_the_settings() -> None:
    assert "hush" not in repr(load(POSTGRES))


def test_postgres_needs_a_key_that_its_processes_share() -> None:
    assert "CORRIDOR_SECRET_KEY is not set" in problems(DATABASE_URL="postgresql://db/corridor")
    assert load(POSTGRES).is_postgres


@pytest.mark.parametrize(
    "key", ["short", "changeme" * 6, "a" * 50, "django-insecure-" + SECRET, "abc" * 20]
)
def test_a_key_that_can_be_guessed_is_refused(key: str) -> None:
    assert "CORRIDOR_SECRET_KEY can be guessed" in problems(SECRET_KEY=key)
    assert key not in problems(SECRET_KEY=key)


def test_the_generated_key_stays_and_is_private(tmp_path: Path) -> None:
    key = kept_secret_key(tmp_path / "data")
    assert key == kept_secret_key(tmp_path / "data")
    assert not is_guessable(key)
    assert stat.S_IMODE((tmp_path / "data/secret-key").stat().st_mode) == 0o600
    assert len(list((tmp_path / "data").iterdir())) == 1


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(BadSetting, match="does not hold the key"):
        kept_secret_key(tmp_path)


def test_the_clock_moves_in_a_demo_only(tmp_path: Path) -> None:
    assert "for demos only" in problems(CLOCK_FILE=str(tmp_path / "offset"))
    assert load({"CORRIDOR_CLOCK_FILE": "x", "CORRIDOR_DEMO": "true"}).clock_file == Path("x")


def test_what_is_unsafe_where_others_can_come_is_refused() -> None:
    public = {"HOST": "0.0.0.0", "PUBLIC_URL": "https://passes.school.org"}
    assert unsafe(**public) == ""
    assert "CORRIDOR_DEBUG shows the inside" in unsafe(**public, DEBUG="true")
    assert "without a password" in unsafe(**public, DEMO="true")
    assert "unencrypted" in unsafe(HOST="0.0.0.0", PUBLIC_URL="http://passes.school.org")
    assert "does not say under which address" in unsafe(HOST="0.0.0.0")
    assert "does not say" in unsafe(HOST="::", PUBLIC_URL="http://localhost:8000")


def test_a_proxy_on_this_machine_makes_it_public_too() -> None:
    assert unsafe(PUBLIC_URL="https://passes.school.org") == ""
    assert "without a password" in unsafe(PUBLIC_URL="https://passes.school.org", DEMO="true")
    assert "unencrypted" in unsafe(PUBLIC_URL="http://passes.school.org")


def test_on_this_machine_alone_everything_goes() -> None:
    assert unsafe(DEBUG="true", DEMO="true") == ""
    assert unsafe(HOST="::1", DEMO="true", PUBLIC_URL="http://localhost:1234") == ""


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        load({}).port = 1  # type: ignore[misc]
    assert isinstance(load({}), Settings)
