"""Where a browser is found on this machine, and how it is started: for tests and measurements."""

import shutil
from pathlib import Path

_COMMANDS = (
    # The same engine without the windows around it: half of the time.
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)
# Without these a browser looks for its maker's hosts at every start. The sandbox of Chromium
# does not run under root.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed() -> str | None:
    """The path of a browser that Playwright can drive; None when there is only Playwright's own."""
    found = next((path for name in _COMMANDS if (path := shutil.which(name))), None)
    return found or next((path for path in _ELSEWHERE if Path(path).exists()), None)
