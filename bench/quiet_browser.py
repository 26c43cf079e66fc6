"""Pages that nobody drives, over Chrome's own protocol: asked for what they hold, and nothing else.

Playwright listens to the network of each page, and for a listener the page's process keeps the
answers: its memory then tells of the listener.
"""

import contextlib
import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from websockets.sync.client import ClientConnection, connect

from bench.browser import Held, executable
from tests.browsers import FLAGS
from tests.waiting import until

_SIZE = {"width": 1280, "height": 900}
_ANSWERS_WITHIN_S = 30
_ENDS_WITHIN_S = 10
_PORT_FILE = "DevToolsActivePort"
_THROWN = "Runtime.exceptionThrown"


class QuietBrowser:
    """
    Attributes:
        complaints: exceptions that no script has caught, in the order in which they came.
    """

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []

    def open(self, url: str) -> "QuietPage":
        """In a window of its own: a page behind another one would be hidden, and rest."""
        made = self.ask("Target.createTarget", {"url": url, "newWindow": True, **_SIZE})
        told = self.ask("Target.attachToTarget", {"targetId": made["targetId"], "flatten": True})
        page = QuietPage(self, told["sessionId"])
        page.ask("Runtime.enable")
        until(lambda: page.value("document.readyState") == "complete", _ANSWERS_WITHIN_S)
        if page.value("document.visibilityState") != "visible":
            raise RuntimeError(f"{url} is in a window that is hidden: it would rest")
        return page

    def ask(
        self, method: str, params: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]:
        """
        Raises:
            RuntimeError: it was refused.
            TimeoutError: no answer.
        """
        number = next(self._numbers)
        asked: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        self._line.send(json.dumps(asked | ({"sessionId": session} if session else {})))
        ends_at = time.monotonic() + _ANSWERS_WITHIN_S
        while True:
            told = json.loads(self._line.recv(timeout=ends_at - time.monotonic()))
            if told.get("method") == _THROWN:
                self.complaints.append(json.dumps(told["params"]["exceptionDetails"])[:500])
            if told.get("id") != number:
                continue
            if "error" in told:
                raise RuntimeError(f"{method}: {told['error']}")
            result: dict[str, Any] = told["result"]
            return result


class QuietPage:
    def __init__(self, browser: QuietBrowser, session: str) -> None:
        self._browser = browser
        self._session = session

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._browser.ask(method, params, self._session)

    def value(self, expression: str) -> object:
        return self.ask("Runtime.evaluate", {"expression": expression})["result"].get("value")

    def held(self) -> Held:
        """What the page holds when everything that nobody needs is collected."""
        self.ask("HeapProfiler.collectGarbage")
        heap = self.ask("Runtime.getHeapUsage")
        counts = self.ask("Memory.getDOMCounters")
        return Held(int(heap["usedSize"]), counts["nodes"], counts["jsEventListeners"])


@contextlib.contextmanager
def opened(bench: str) -> Iterator[QuietBrowser]:
    """
    Raises:
        SystemExit: there is no browser; says what to install.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [executable(bench), *FLAGS, "--headless", "--remote-debugging-port=0"]
        process = subprocess.Popen(
            [*command, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port_file = Path(folder) / _PORT_FILE
            until(lambda: port_file.exists() and "/" in port_file.read_text(), _ANSWERS_WITHIN_S)
            port, path = port_file.read_text(encoding="utf-8").split()
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as line:
                yield QuietBrowser(line)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its children: Debian's command is a script around the browser."""
    with contextlib.suppress(psutil.NoSuchProcess):
        all_of_it = psutil.Process(process.pid).children(recursive=True)
        for one in all_of_it:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.terminate()
        psutil.wait_procs(all_of_it, _ENDS_WITHIN_S)
    process.terminate()
    process.wait(_ENDS_WITHIN_S)
