"""What a stand takes: memory by part, and disk."""

import contextlib
from collections import Counter
from pathlib import Path, PurePath

import psutil

_OWN = "stand"
_BLOCK_BYTES = 512


def memory_bytes(process: psutil.Process, state: Path) -> Counter[str]:
    """Proportional set size of the stand's own process and of each of its engines."""
    found: Counter[str] = Counter({_OWN: pss_bytes(process)})
    for child in process.children():
        # One that computes a mart may have ended meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            part = part_of(child.cmdline(), state)
            for one in (child, *child.children(recursive=True)):
                found[part] += pss_bytes(one)
    return found


def pss_bytes(process: psutil.Process) -> int:
    """Resident where the system tells nothing better, 0 when it has ended."""
    try:
        full = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(full, "pss", full.rss))


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
