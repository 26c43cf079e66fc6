"""What uv and pip print, read for progress and for the reason of a failure; no I/O.

Neither promises the form of its output, so every line may be unknown: it then changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from bootstrap.texts import Problem

_UNITS = {
    "b": 1,
    "k": 1000,
    "m": 1000**2,
    "g": 1000**3,
    "ki": 1 << 10,
    "mi": 1 << 20,
    "gi": 1 << 30,
}
_SIZE = re.compile(r"^([\d.]+) ?([kmg]?i?)(?:b|bytes)$", re.IGNORECASE)

# pip: "  Downloading idna-3.20-py3-none-any.whl (69 kB)"; uv: "Downloading grpcio (7.0MiB)" when
# it begins and " Downloaded grpcio" when it has it, both for large packages only.
_FETCH = re.compile(r"^\s*(?:Downloading|Using cached|Processing)\s+(\S+)(?:\s+\(([^()]+)\))?\s*$")
_RETRYING = re.compile(r"^WARNING: Retrying \(")
_IGNORED = re.compile(r"^Ignoring \S+: markers ")
_KEPT = re.compile(r"^Requirement already satisfied: ")
_RESOLVED = re.compile(r"^Resolved (\d+) packages? in ")
_PREPARED = re.compile(r"^Prepared (\d+) packages? in ")
_PIP_INSTALLS = re.compile(r"^Installing collected packages: ")
_UV_INSTALLED = re.compile(r"^Installed \d+ packages? in ")


class Stage(Enum):
    """How far an installer has come."""

    PREPARING = auto()
    RETRYING = auto()
    FETCHING = auto()
    INSTALLING = auto()
    COMPILING = auto()


@dataclass(slots=True)
class Tally:
    """What is known of a running installation.

    Args:
        total: packages to install; at first all that the lock names, less those that turn out to
            be for other systems.
    """

    total: int
    stage: Stage = Stage.PREPARING
    current: str = ""
    fetched_bytes: int = 0
    fetched: set[str] = field(default_factory=set)
    kept: int = 0
    prepared: int = 0

    @property
    def done(self) -> int:
        """Packages that are fetched, or were there already."""
        return min(self.total, max(len(self.fetched) + self.kept, self.prepared))

    def read(self, line: str) -> None:
        """Take one line of the installer's output into account."""
        if fetch := _FETCH.match(line):
            self._fetch(fetch[1], fetch[2] or "")
        elif _RETRYING.match(line):
            self.stage = Stage.RETRYING
        elif _IGNORED.match(line):
            self.total = max(self.total - 1, 0)
        elif _KEPT.match(line):
            self.kept += 1
        elif resolved := _RESOLVED.match(line):
            self.total, self.stage = int(resolved[1]), Stage.FETCHING
        elif prepared := _PREPARED.match(line):
            self.prepared, self.stage = int(prepared[1]), Stage.INSTALLING
        elif _PIP_INSTALLS.match(line):
            self.prepared, self.stage = self.total, Stage.INSTALLING
        elif _UV_INSTALLED.match(line):
            self.stage = Stage.COMPILING

    def _fetch(self, name: str, size: str) -> None:
        self.stage = Stage.FETCHING
        # pip fetches the metadata of a package by itself first where the index offers it.
        if name.endswith(".metadata") or name in self.fetched:
            return
        self.fetched.add(name)
        self.fetched_bytes += size_of(size)
        package = re.split(r"[\\/]", name)[-1].split("-")[0]
        self.current = f"{package} ({size})" if size else package


def size_of(text: str) -> int:
    """Return the bytes in "69 kB", "7.0MiB" or "512 bytes"; 0 for anything else."""
    match = _SIZE.match(text.strip())
    if match is None:
        return 0
    try:
        return int(float(match[1]) * _UNITS[match[2].lower() or "b"])
    except (KeyError, ValueError):
        return 0


def megabytes(size_bytes: float) -> str:
    """Return the size as a person reads it: "0.3", "34"."""
    size = size_bytes / 1000**2
    return f"{size:.1f}" if size < 10 else f"{size:.0f}"


# In order: the first that matches is the reason. pip ends with "No matching distribution" when it
# had no network too, so the network comes before the missing build.
_REASONS = (
    (
        Problem.DISK_FULL,
        re.compile(
            r"No space left on device|Errno 28|os error 28|os error 112|Disk quota exceeded"
            r"|not enough space on the disk",
            re.IGNORECASE,
        ),
    ),
    (
        Problem.HASH_MISMATCH,
        re.compile(r"DO NOT MATCH THE HASHES|Hash mismatch for", re.IGNORECASE),
    ),
    (
        Problem.CERTIFICATE_REFUSED,
        re.compile(r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|SSLError", re.IGNORECASE),
    ),
    (
        Problem.INDEX_UNREACHABLE,
        re.compile(
            r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|NameResolutionError"
            r"|after connection broken by|Connection (?:refused|reset|timed out)|dns error"
            r"|tcp connect error|error sending request|Failed to fetch|Could not fetch URL"
            r"|operation timed out|Network connectivity is disabled",
            re.IGNORECASE,
        ),
    ),
    (
        Problem.FILE_REFUSED,
        re.compile(
            r"Permission denied|Read-only file system|Access is denied|WinError (?:5|32)\b"
            r"|os error (?:5|32)\b",
            re.IGNORECASE,
        ),
    ),
    (Problem.VENV_MISSING, re.compile(r"No module named '?(?:venv|ensurepip)\b")),
    (
        Problem.NO_BUILD,
        re.compile(
            r"No matching distribution found|no usable wheels|no wheels? with", re.IGNORECASE
        ),
    ),
)

# These come to light before the first package is changed: what was there still works.
BEFORE_ANY_CHANGE = frozenset(
    {
        Problem.INDEX_UNREACHABLE,
        Problem.CERTIFICATE_REFUSED,
        Problem.HASH_MISMATCH,
        Problem.NO_BUILD,
    }
)


def reason_of(lines: Iterable[str]) -> Problem:
    """Return why an installer failed, as far as its output tells."""
    text = "\n".join(lines)
    for problem, pattern in _REASONS:
        if pattern.search(text):
            return problem
    return Problem.INSTALLER_FAILED
