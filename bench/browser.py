"""A real browser with pages of the stand, for measurements."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil
from playwright.sync_api import Browser, CDPSession, Error, Page, sync_playwright

from tests.browsers import FLAGS, installed

_HEIGHT, _WIDTH = 900, 1280
_WORKS = {
    "all": "TaskDuration",
    "script": "ScriptDuration",
    "style": "RecalcStyleDuration",
    "layout": "LayoutDuration",
}


class Window:
    """One page in a window of its own: a page behind another one would be hidden, and rest.

    Its process holds more than the page: see `quiet_browser`.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        context = browser.new_context(
            viewport={"width": _WIDTH, "height": _HEIGHT}, locale="en-US", color_scheme="light"
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._session: CDPSession = context.new_cdp_session(self.page)
        self.page.goto(url, wait_until="load")

    def held(self) -> "Held":
        """What the page holds when everything that nobody needs is collected."""
        self._session.send("HeapProfiler.collectGarbage")
        heap = self._session.send("Runtime.getHeapUsage")
        counts = self._session.send("Memory.getDOMCounters")
        return Held(int(heap["usedSize"]), counts["nodes"], counts["jsEventListeners"])

    def worked_s(self) -> dict[str, float]:
        """How long the page's main thread was busy so far, by what it did."""
        self._session.send("Performance.enable")
        told = self._session.send("Performance.getMetrics")["metrics"]
        found = {one["name"]: float(one["value"]) for one in told}
        return {name: found[metric] for name, metric in _WORKS.items()}


@dataclass(frozen=True, slots=True)
class Held:
    """
    Attributes:
        heap_bytes: of the page's JavaScript.
        nodes: of its document, and those that a script still holds.
    """

    heap_bytes: int
    nodes: int
    listeners: int


@contextlib.contextmanager
def opened(bench: str) -> Iterator[Browser]:
    """A browser without a window on the screen.

    Raises:
        SystemExit: there is none; says what to install.
    """
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=installed(), args=list(FLAGS))
        except Error as error:
            no_browser(bench, str(error).splitlines()[0])
        try:
            yield browser
        finally:
            browser.close()


def executable(bench: str) -> str:
    """The path of a browser, Playwright's own where no other is installed.

    Raises:
        SystemExit: there is none; says what to install.
    """
    found = installed()
    if found is None:
        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
        if not Path(found).exists():
            no_browser(bench, f"{found} does not exist")
    return found


def no_browser(bench: str, reason: str) -> NoReturn:
    """
    Raises:
        SystemExit: always.
    """
    sys.exit(
        f"{bench}: no browser to measure with: {reason}\n"
        "Install Chromium, Chrome or Edge, or let Playwright fetch its own: "
        ".venv/bin/python -m playwright install chromium"
    )


def renderers() -> list[psutil.Process]:
    """The processes that hold the pages of the browser that this process has started."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "--type=renderer" in process.cmdline():
                found.append(process)
    return found
