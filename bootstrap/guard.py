"""The file that lets one process install at a time and tells when one was cut off."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import FileIO
from types import TracebackType

from bootstrap.place import Place

if sys.platform == "win32":
    import msvcrt

    # Windows refuses others to read a locked byte, so the locked one lies far behind the text.
    LOCKED_BYTE = 1 << 20

    def take(file: FileIO, *, wait: bool) -> bool:
        """Lock the file; with `wait`, try for the ten seconds that LK_LOCK does."""
        file.seek(LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def take(file: FileIO, *, wait: bool) -> bool:
        """Lock the file; with `wait`, return only when it is locked."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems know no locks. One process at a time is usual there.
            return True
        return True


class Guard:
    """`stend-install.lock`: locked while a process installs, not empty until it is done.

    The system drops the lock when the process and its installer are gone, however they ended; the
    text in the file stays and tells the next process that the environment is half made.

    Raises:
        OSError: the folder of the environment cannot be made or written.
    """

    def __init__(self, place: Place) -> None:
        os.makedirs(place.venv, exist_ok=True)  # noqa: PTH103 - Place speaks in strings
        if not os.access(place.venv, os.W_OK):
            raise PermissionError(13, "Permission denied", place.venv)
        self._file = FileIO(place.guard, "a+")

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def descriptor(self) -> int:
        """The open file; an installer that inherits it keeps the lock when we are killed."""
        return self._file.fileno()

    def acquire(self, waiting: Callable[[str], None]) -> None:
        """Take the lock; `waiting` is told the number of the process that holds it, once."""
        if take(self._file, wait=False):
            return
        waiting(self._text() or "?")
        while not take(self._file, wait=True):
            continue

    def was_cut_off(self) -> bool:
        """Tell whether an installation began here and never ended."""
        return bool(self._text())

    def begin(self) -> None:
        """Note that an installation is under way."""
        self._file.truncate(0)
        self._file.write(str(os.getpid()).encode())

    def end(self) -> None:
        """Note that the environment is as complete as it was, or is now complete."""
        self._file.truncate(0)

    def _text(self) -> str:
        self._file.seek(0)
        return self._file.read(64).decode("ascii", "replace").strip()
