"""A real browser: whichever is installed, else Playwright's own, else Debian's package."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

from tests.browsers import FLAGS, installed

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

_APT_TIMEOUT_S = 300
_DOWNLOAD_TIMEOUT_S = 300

NewPage = Callable[..., Page]


def assert_fits(page: Page, *widths: int) -> None:
    """Nothing hangs out sideways: in the window as it is, or at each of these widths."""
    size = page.viewport_size or {"height": 900}
    for width in widths or (None,):
        if width:
            page.set_viewport_size({"width": width, "height": size["height"]})
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, f"{page.url} scrolls sideways: {wide} px in {room}"


def _from_debian() -> str | None:
    is_root = sys.platform == "linux" and os.geteuid() == 0
    if not (is_root and shutil.which("apt-get")):
        return None
    install = ["install", "-y", "--no-install-recommends", "chromium-headless-shell"]
    for words in (["update"], install):
        ran = subprocess.run(
            # Another process of the tests may be installing it.
            ["apt-get", "-o", f"DPkg::Lock::Timeout={_APT_TIMEOUT_S}", *words],
            capture_output=True,
            timeout=2 * _APT_TIMEOUT_S,
            check=False,
        )
        if ran.returncode:
            return None
    return installed()


def _playwrights_own() -> None:
    """Downloads it unless it is there; without a path Playwright launches its own."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, capture_output=True, timeout=_DOWNLOAD_TIMEOUT_S, check=False)


def _launched(playwright: Playwright) -> Browser:
    reasons = []
    for find in (installed, _playwrights_own, _from_debian):
        try:
            return playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        except (Error, subprocess.TimeoutExpired) as error:
            reasons.append(str(error).splitlines()[0])
    pytest.skip("no browser: " + "; ".join(reasons))


# Not for the whole session: Playwright keeps an event loop running, and asynchronous tests of
# other folders could not start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = _launched(playwright)
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser, stand_url: str) -> Iterator[NewPage]:
    """Opens pages of the stand; a test fails when one of them complained in its console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(
        language: str = "en", theme: str = "light", width: int = 1280, scripts: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=stand_url,
            locale={"ru": "ru-RU", "en": "en-US"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text) if re.match("error|warn", message.type) else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
