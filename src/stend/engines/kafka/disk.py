"""A volume of real files."""

import contextlib
import os
import shutil
import threading
from pathlib import Path

from stend.engines.kafka.volume import Volume

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
# Data and the size of the file, without its times (fdatasync(2)). macOS and Windows have no such.
_sync = getattr(os, "fdatasync", os.fsync)
_SCRATCH = ".tmp"


class DiskFile:
    """Used from one thread, but for `sync`."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, _FLAGS, 0o600)
        self._size = os.fstat(self._file).st_size
        # The number of a closed file may be given to another one: nobody may sync it any more.
        self._in_use = threading.Lock()

    @property
    def size(self) -> int:
        return self._size

    def append(self, data: bytes | bytearray | memoryview) -> None:
        try:
            written = os.write(self._file, data)
            if written < len(data):
                self._append_rest(memoryview(data)[written:])
        except OSError:
            # A beginning of it would stand between what comes later and what was there.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def _append_rest(self, rest: memoryview) -> None:
        while rest:
            rest = rest[os.write(self._file, rest) :]

    if hasattr(os, "pread"):

        def read(self, at: int, size: int) -> bytes:
            data = os.pread(self._file, size, at)
            # One call gives at most 2 GiB, and less on some network file systems.
            while 0 < len(data) < min(size, self._size - at):
                more = os.pread(self._file, size - len(data), at + len(data))
                if not more:
                    break
                data += more
            return data

    else:

        def read(self, at: int, size: int) -> bytes:
            os.lseek(self._file, at, os.SEEK_SET)
            parts: list[bytes] = []
            while size and (part := os.read(self._file, size)):
                parts.append(part)
                size -= len(part)
            return b"".join(parts)

    def truncate(self, size: int) -> None:
        os.ftruncate(self._file, size)
        self._size = size

    def sync(self) -> None:
        with self._in_use:
            if self._file >= 0:
                _sync(self._file)

    def close(self) -> None:
        with self._in_use:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


class DiskVolume:
    """A folder, made if absent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_new = not path.is_dir()
        path.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        with os.scandir(self._path) as entries:
            return [entry.name for entry in entries if entry.is_file()]

    def open(self, name: str) -> DiskFile:
        return DiskFile(self._path / name)

    def remove(self, name: str) -> None:
        (self._path / name).unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> None:
        (self._path / old).replace(self._path / new)

    def write(self, name: str, data: bytes) -> None:
        scratch = self._path / (name + _SCRATCH)
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._path / name)
        self.sync()

    def read(self, name: str) -> bytes:
        return (self._path / name).read_bytes()

    def sync(self) -> None:
        _sync_folder(self._path)
        if self._is_new:
            self._is_new = False
            _sync_folder(self._path.parent)

    def folder(self, name: str) -> Volume:
        return DiskVolume(self._path / name)

    def folders(self) -> list[str]:
        with os.scandir(self._path) as entries:
            return [entry.name for entry in entries if entry.is_dir()]

    def remove_folder(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._path / name)

    def rename_folder(self, old: str, new: str) -> None:
        (self._path / old).replace(self._path / new)


def _sync_folder(path: Path) -> None:
    # The names are in the folder, which is synced apart (fsync(2)); Windows cannot.
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        # Its topic was deleted while the other thread was on its way: nobody waits for it.
        return
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
