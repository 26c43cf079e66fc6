"""The process file of a running stand: who it is, so that others can find, ask and stop it."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_FILE = "stand.json"
_LOCK = "stand.lock"
# What a stand in the background prints.
CONSOLE_LOG = "console.log"
_CLOCK_TOLERANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class RunningStand:
    """`created` tells when the process began: a reused pid belongs to somebody younger."""

    pid: int
    created: float
    host: str
    http_port: int


def created(process: psutil.Process) -> float:
    """When it began, in seconds: since the start of the system where psutil tells it so.

    Under Linux psutil adds the moment of that start, which moves whenever somebody sets the clock:
    a laptop that wakes up, NTP.
    """
    moment = process.create_time()
    return moment - psutil.boot_time() if sys.platform == "linux" else moment


def lock_path(state: Path) -> Path:
    return state / _LOCK


def write(state: Path, host: str, http_port: int) -> None:
    running = RunningStand(os.getpid(), created(psutil.Process()), host, http_port)
    # Written beside and renamed: a reader sees the old file or the new one, never a half.
    unfinished = state / f"{_FILE}.{os.getpid()}"
    unfinished.write_text(json.dumps(asdict(running)), encoding="utf-8")
    unfinished.replace(state / _FILE)


def remove(state: Path) -> None:
    (state / _FILE).unlink(missing_ok=True)


def find(state: Path) -> RunningStand | None:
    """The stand of this state folder, if its process lives. A stale or broken file is nothing."""
    try:
        running = RunningStand(**json.loads((state / _FILE).read_text(encoding="utf-8")))
        process = psutil.Process(running.pid)
        same = abs(created(process) - running.created) < _CLOCK_TOLERANCE_S
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    return running if same and alive else None
