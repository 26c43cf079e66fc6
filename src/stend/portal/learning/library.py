"""The files of the course, read when a page first needs them and again when they change."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from stend.course.model import Exercise, Module
from stend.course.progress import Progress
from stend.course.shelf import Shelf, read_shelf
from stend.course.workspace import Workspace
from stend.portal.learning.classroom import Classroom

_ValueT = TypeVar("_ValueT")
_Stamps = tuple[tuple[str, int], ...]


class Kept(Generic[_ValueT]):
    """What was read from files, as long as they are the same."""

    def __init__(self) -> None:
        self._stamps: _Stamps | None = None
        self._value: _ValueT | None = None

    def of(self, files: Iterable[Path], read: Callable[[], _ValueT]) -> _ValueT:
        stamps = _stamps_of(files)
        if self._value is None or stamps != self._stamps:
            self._value, self._stamps = read(), stamps
        return self._value


class Library:
    def __init__(self, classroom: Classroom) -> None:
        self._folder = classroom.folder
        self._shelf: Kept[Shelf] = Kept()
        self._reading = asyncio.Lock()
        self.workspace = Workspace(classroom.workspace)

    async def shelf(self) -> Shelf:
        """
        Raises:
            CourseFileError: a file of the course is wrong.
        """
        if self._folder is None:
            return Shelf(())
        # Dozens of files are looked at, and read where one has changed: not in the loop.
        async with self._reading:
            return await asyncio.to_thread(self._read, self._folder)

    async def module(self, name: str) -> Module | None:
        """By its folder, `08-rest`."""
        found = (one for one in (await self.shelf()).modules if one.folder.name == name)
        return next(found, None)

    async def progress(self) -> Progress:
        """
        Raises:
            ProgressFileError: it is there and cannot be read.
        """
        return await asyncio.to_thread(self.workspace.book.read)

    def _read(self, folder: Path) -> Shelf:
        files = [*folder.glob("*/module.toml"), *folder.glob("*/exercises/*/exercise.toml")]
        return self._shelf.of(files, lambda: read_shelf(folder))


def exercise_of(module: Module, name: str) -> Exercise | None:
    """By its folder, `01-orders-openapi`."""
    return next((one for one in module.exercises if one.folder.name == name), None)


def _stamps_of(files: Iterable[Path]) -> _Stamps:
    return tuple(sorted((str(one), one.stat().st_mtime_ns) for one in files))
