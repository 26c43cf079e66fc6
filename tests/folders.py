"""Folders for tests in which somebody else runs a server."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

# What is written there outlives the process that is killed, as on a disk, and no test waits while
# the disk takes in what an installation has just written.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108
# The folders of all the servers that run at once take a quarter of it.
_ROOM_BYTES = 4_000_000_000


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Not tmp_path, which only its owner may enter: as root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="stend-test-", dir=_place()) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def _place() -> Path | None:
    """None for where temporary files are kept."""
    try:
        free_bytes = shutil.disk_usage(_IN_MEMORY).free
    except OSError:
        return None
    return _IN_MEMORY if free_bytes >= _ROOM_BYTES else None
