"""What the import contracts in pyproject.toml cannot say, because they see Django as one."""

from tests.house.source import imports, modules

# These may know the server; everything in a folder below web may not.
ABOVE = ("web/", "demo/", "cli.py", "starting.py", "wiring.py", "__main__.py")
HTTP = (
    "starlette", "uvicorn", "whitenoise", "django.http", "django.template", "django.shortcuts",
    "django.views", "django.urls", "django.forms", "django.middleware",
)  # fmt: skip


def test_nothing_below_web_knows_http_or_html() -> None:
    found = [
        f"{path} imports {name}"
        for path, tree in modules()
        if not path.startswith(ABOVE)
        for name in imports(tree)
        if f"{name}.".startswith(tuple(f"{part}." for part in HTTP))
    ]
    assert found == []
