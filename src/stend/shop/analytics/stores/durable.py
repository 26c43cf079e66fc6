"""Files that are whole or absent, whenever the process or the machine is stopped."""

import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path

UNFINISHED = ".tmp"


class Step(Enum):
    """The moments between which a commit may be cut off."""

    FILE_WRITTEN = "file-written"
    FILE_SYNCED = "file-synced"
    FILE_RENAMED = "file-renamed"
    MANIFEST_WRITTEN = "manifest-written"
    MANIFEST_SYNCED = "manifest-synced"
    COMMITTED = "committed"
    OLD_FILES_REMOVED = "old-files-removed"


Reached = Callable[[Step], None]


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Without it a rename may be forgotten by a machine that loses its power (fsync(2), NOTES)."""
    # Windows has no descriptors of folders, and NTFS keeps their changes in its own journal.
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path, below: Path) -> None:
    """Makes `folder`, and the folders between it and `below`, to stay."""
    missing = []
    while folder != below and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def replace_text(path: Path, text: str, reached: Reached) -> None:
    """The file has the old text or the new one, never a part of it."""
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    reached(Step.MANIFEST_WRITTEN)
    sync_file(unfinished)
    reached(Step.MANIFEST_SYNCED)
    unfinished.replace(path)
    sync_folder(path.parent)
    reached(Step.COMMITTED)
