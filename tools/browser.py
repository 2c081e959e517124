"""The browser for tests and pictures: find one, install one if there is none, start it.

`python tools/browser.py` does all three. BROWSER_PATH names one that shall be used.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright, sync_playwright

# The shell is the same engine without what surrounds a page: each page that a test opens costs a
# fifth to a tenth of the processor time.
SHELL: Final = "chromium-headless-shell"
NAMES: Final = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium looks for updates and accounts by itself; the tests have no use for either.
FLAGS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def found(playwright: Playwright) -> str | None:
    """The path of a Chromium: BROWSER_PATH, else one on PATH, else Playwright's own."""
    if named := os.environ.get("BROWSER_PATH"):
        if not Path(named).exists():
            raise FileNotFoundError(f"BROWSER_PATH names {named}, but there is no such file.")
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start the browser without a window; more flags make it another machine's."""
    path = found(playwright)
    if path is None:
        raise FileNotFoundError("There is no Chromium here. `make .made/browser` installs one.")
    # Chromium's own sandbox refuses to work for root, as in most containers.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    # Of its own, Playwright knows best where the shell is.
    named = None if path == playwright.chromium.executable_path else path
    return playwright.chromium.launch(executable_path=named, args=[*FLAGS, *flags, *root])


def install(*, is_there: bool) -> None:
    """Install a Chromium: the system's where we may, else the one that Playwright downloads.

    Where one is there already, only its shell is tried for: without it all works, and slowly.
    """
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if not is_there:
            _apt_get("update", "-q")
        add = ("install", "-qy", "--no-install-recommends")
        if _apt_get(*add, SHELL) or is_there or _apt_get(*add, "chromium"):
            return
    if not is_there:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _apt_get(*step: str) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(["apt-get", *step], env=environment, check=False, timeout=300)  # noqa: S603, S607
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> int:
    """Have a browser that really starts, or say why not."""
    with sync_playwright() as playwright:
        try:
            path = found(playwright)
            if path is None or ("BROWSER_PATH" not in os.environ and SHELL not in path):
                install(is_there=path is not None)
            browser = launch(playwright)
            page = browser.new_page()
            page.goto("data:text/html,<title>it starts</title>")
            started = page.title() == "it starts"
            name = f"Chromium {browser.version}"
            browser.close()
        except Exception as error:
            reason = str(error).strip().splitlines()
            print(
                f"The browser for the tests does not start: {' '.join(reason[:3])}\n"
                "Install Chromium so that it is on PATH, or name one in BROWSER_PATH.",
                file=sys.stderr,
            )
            return 1
    print(f"{name} starts." if started else f"{name} starts, but shows no page.")
    return 0 if started else 1


if __name__ == "__main__":
    sys.exit(main())
