"""What the broker needs of a disk: folders with files that grow at their end. Pure.

`disk.py` has the real one. Tests have one in memory that can lose what was not synced.
"""

from typing import Protocol


class Syncable(Protocol):
    """A file, or the folder with the names of files: both must be synced before data is safe."""

    def sync(self) -> None:
        """Waits until everything written so far is on the disk; may be called in another thread.

        Raises:
            OSError: the disk failed; nothing written since the last sync may be promised.
        """
        ...


class File(Syncable, Protocol):
    """
    Attributes:
        size: in bytes, with all that was appended.
    """

    @property
    def size(self) -> int: ...

    def append(self, data: bytes | bytearray | memoryview) -> None:
        """Writes all of it at the end, or nothing.

        Raises:
            OSError: the disk is full or gone.
        """
        ...

    def read(self, at: int, size: int) -> bytes:
        """Up to `size` bytes; fewer only where the file ends."""
        ...

    def truncate(self, size: int) -> None: ...

    def close(self) -> None:
        """Waits for a sync under way; a sync that comes later does nothing."""
        ...


class Volume(Syncable, Protocol):
    """One folder. Names of what is in it have no path."""

    def names(self) -> list[str]:
        """The files, without folders, in no order."""
        ...

    def open(self, name: str) -> File:
        """Made if absent."""
        ...

    def remove(self, name: str) -> None:
        """Does nothing when there is none."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Atomic; a file that had the new name is replaced."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """A whole small file, safe on the disk when this returns: the old content or the new."""
        ...

    def read(self, name: str) -> bytes:
        """
        Raises:
            FileNotFoundError: there is none.
        """
        ...

    def folder(self, name: str) -> "Volume":
        """Made if absent."""
        ...

    def folders(self) -> list[str]: ...

    def remove_folder(self, name: str) -> None:
        """With all that is in it; does nothing when there is none."""
        ...

    def rename_folder(self, old: str, new: str) -> None: ...
