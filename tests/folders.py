"""Folders for tests in which somebody else runs a server."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Not tmp_path, which only its owner may enter: as root, PostgreSQL runs as another user."""
    with tempfile.TemporaryDirectory(prefix="stend-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)
