"""A disk in memory that dies on demand.

It tells apart what was written from what is safe: a kill of the process keeps the first, a power
loss only the second and whatever else the disk happened to have. The names in a folder become safe
in order, as in a file system with a journal.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

Choose = Callable[[int], int]
"""Any number from 0 up to, but without, the one given."""

_SECTOR_BYTES = 512


class Died(Exception):  # noqa: N818 - what happens to the process, not an error of it
    """The process was killed, or the power went, in the middle of an operation."""


class NeverChosen:
    """Nothing was left to chance."""

    def __call__(self, bound: int) -> int:
        return 0


@dataclass(slots=True)
class Disk:
    """
    Attributes:
        operations: how many there were of those that change something.
        dies_at: the number of the operation in which everything ends.
        choose: how much of a write is done when it ends in one.
        fails: what every operation raises from now on: the disk is full, or gone.
    """

    operations: int = 0
    dies_at: int | None = None
    choose: Choose = field(default_factory=NeverChosen)
    fails: OSError | None = None

    def operate(self) -> bool:
        """Whether this is the one in which everything ends."""
        if self.fails is not None:
            raise self.fails
        self.operations += 1
        return self.dies_at is not None and self.operations >= self.dies_at

    def operate_whole(self) -> None:
        """For what is done at once or not at all."""
        if self.operate():
            raise Died


@dataclass(slots=True)
class Content:
    """Of a file, whatever its name is."""

    data: bytearray = field(default_factory=bytearray)
    safe: bytes = b""

    def after_power_loss(self, choose: Choose) -> "Content":
        """What is safe, and perhaps some of what was written since."""
        if not self.data.startswith(self.safe):
            # It was cut or written anew: the old content or the new.
            data = bytes(self.data) if choose(2) else self.safe
            return Content(bytearray(data), data)
        end = len(self.safe) + choose(len(self.data) - len(self.safe) + 1)
        kept = bytearray(self.data[:end])
        if choose(4) == 0:
            # The size came to the disk before the data did: zeros from what is safe on, or from a
            # later sector.
            hole = len(self.safe) + choose(len(kept) - len(self.safe) + 1)
            first = hole + -hole % _SECTOR_BYTES if choose(2) else len(self.safe)
            kept[first:] = bytes(max(len(kept) - first, 0))
        return Content(kept, bytes(kept))


class MemoryFile:
    def __init__(self, disk: Disk, content: Content) -> None:
        self._disk = disk
        self._content = content
        self.is_closed = False

    @property
    def size(self) -> int:
        return len(self._content.data)

    def append(self, data: bytes | bytearray | memoryview) -> None:
        self._check_open()
        if self._disk.operate():
            self._content.data += data[: self._disk.choose(len(data) + 1)]
            raise Died
        self._content.data += data

    def read(self, at: int, size: int) -> bytes:
        self._check_open()
        assert at >= 0
        return bytes(self._content.data[at : at + size])

    def truncate(self, size: int) -> None:
        self._check_open()
        self._disk.operate_whole()
        del self._content.data[size:]

    def sync(self) -> None:
        if not self.is_closed:
            self._disk.operate_whole()
            self._content.safe = bytes(self._content.data)

    def close(self) -> None:
        self.is_closed = True

    def _check_open(self) -> None:
        assert not self.is_closed, "a closed file is used"


class MemoryVolume:
    """A folder."""

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.files: dict[str, Content] = {}
        self.volumes: dict[str, MemoryVolume] = {}
        # The names as they were after each change since the last sync, with the files they named.
        self._past: list[dict[str, Content]] = [{}]

    def names(self) -> list[str]:
        return list(self.files)

    def open(self, name: str) -> MemoryFile:
        if name not in self.files:
            self.disk.operate_whole()
            self.files[name] = Content()
            self._changed()
        return MemoryFile(self.disk, self.files[name])

    def remove(self, name: str) -> None:
        if name in self.files:
            self.disk.operate_whole()
            del self.files[name]
            self._changed()

    def rename(self, old: str, new: str) -> None:
        if old not in self.files:
            raise FileNotFoundError(old)
        self.disk.operate_whole()
        self.files[new] = self.files.pop(old)
        self._changed()

    def write(self, name: str, data: bytes) -> None:
        scratch = name + ".tmp"
        self.files.pop(scratch, None)
        file = self.open(scratch)
        file.append(data)
        file.sync()
        self.rename(scratch, name)
        self.sync()

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise FileNotFoundError(name)
        return bytes(self.files[name].data)

    def sync(self) -> None:
        self.disk.operate_whole()
        self._past = [dict(self.files)]

    def folder(self, name: str) -> "MemoryVolume":
        if name not in self.volumes:
            self.volumes[name] = MemoryVolume(self.disk)
        return self.volumes[name]

    def folders(self) -> list[str]:
        return list(self.volumes)

    def remove_folder(self, name: str) -> None:
        self.volumes.pop(name, None)

    def rename_folder(self, old: str, new: str) -> None:
        self.volumes[new] = self.volumes.pop(old)

    def after_kill(self) -> "MemoryVolume":
        """What the next process finds: the system still has all that was written."""
        found = MemoryVolume()
        found.files = {
            name: Content(bytearray(content.data), content.safe)
            for name, content in self.files.items()
        }
        found._past = [dict(found.files)]
        found.volumes = {name: one.after_kill() for name, one in self.volumes.items()}
        return found

    def after_power_loss(self, choose: Choose) -> "MemoryVolume":
        """What the next process finds: what was synced, and more of it by chance."""
        found = MemoryVolume()
        names = self._past[choose(len(self._past))]
        found.files = {name: content.after_power_loss(choose) for name, content in names.items()}
        found._past = [dict(found.files)]
        found.volumes = {name: one.after_power_loss(choose) for name, one in self.volumes.items()}
        return found

    def _changed(self) -> None:
        self._past.append(dict(self.files))
