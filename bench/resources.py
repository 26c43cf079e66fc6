"""What a stand takes: memory by part, and disk."""

import contextlib
import re
from collections import Counter
from pathlib import Path, PurePath

import psutil

SHARED = ", shared"
_OWN = "stand"
_BLOCK_BYTES = 512


def memory_bytes(process: psutil.Process, state: Path) -> Counter[str]:
    """Proportional set size of the stand's own process and of each of its engines.

    The memory that processes of an engine share beyond files stands by itself, as in `postgresql,
    shared`. PostgreSQL has all of it from its start, and as pages of the database are read for the
    first time, more and more of it is touched.
    """
    found: Counter[str] = Counter({_OWN: pss_bytes(process)})
    for child in process.children():
        # One that computes a mart may have ended meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            part = part_of(child.cmdline(), state)
            for one in (child, *child.children(recursive=True)):
                shared = shared_bytes(one)
                found[part] += max(0, pss_bytes(one) - shared)
                if shared:
                    found[part + SHARED] += shared
    return found


def pss_bytes(process: psutil.Process) -> int:
    """Resident where the system tells nothing better, 0 when it has ended."""
    try:
        full = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(full, "pss", full.rss))


def shared_bytes(process: psutil.Process) -> int:
    """The part of its proportional set size that is shared memory; 0 where that is not told.

    Source: Documentation/filesystems/proc.rst of Linux, smaps_rollup.
    """
    try:
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss_Shmem: +(\d+) kB$", told, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def part_of(command: list[str], state: Path) -> str:
    """An engine's command names a path in its folder of the state; else the program's name."""
    for word in command:
        with contextlib.suppress(ValueError):
            inside = PurePath(word).relative_to(state).parts
            if inside:
                return inside[0]
    return PurePath(command[0]).name if command else _OWN


def disk_by_part(state: Path) -> dict[str, int]:
    """The same for each folder of a stand, by its name."""
    return {part.name: disk_bytes(part) for part in sorted(state.iterdir()) if part.is_dir()}


def disk_bytes(folder: Path) -> int:
    """What the files take, holes left out."""
    taken = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                facts = path.lstat()
                taken += getattr(facts, "st_blocks", facts.st_size // _BLOCK_BYTES) * _BLOCK_BYTES
    return taken
