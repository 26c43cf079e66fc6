"""Texts of the course as the pages show them, read in a thread and kept until a file changes."""

import asyncio
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, TypeVar

from stend.course.model import Exercise, Module
from stend.course.shelf import Shelf
from stend.course.texts.glossary import Glossary, read_glossary
from stend.course.texts.lesson import Lesson, lesson_file, read_lesson, read_task
from stend.course.texts.live import Live
from stend.course.texts.notebook import NOTEBOOK_FILE, Notebook, read_notebook
from stend.course.texts.prose import Prose, Section
from stend.course.texts.quiz import Quiz, read_quiz
from stend.course.texts.rendering import render
from stend.course.texts.search import Hit, Index
from stend.kit.languages import Language
from stend.portal.drawings.drawing import drawn
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.library import Kept

_ValueT = TypeVar("_ValueT")
# So many pages are kept; a course has about a hundred in each language.
_KEPT = 24
_WORDS_A_MINUTE = 160
# Everything that is searched, relative to the folder of the course.
_TEXTS = (
    "glossary.yaml",
    "*/module.toml",
    "*/lesson.*.md",
    "*/quiz.yaml",
    "*/exercises/*/exercise.toml",
    "*/exercises/*/task.*.md",
)
# What the readers leave to us, as `rendering.render` tells of it.
_LEFT = re.compile(
    r'<section class="live" data-place="(?P<place>\d+)"[^>]*>(?P<inside>.*?)</section>\n'
    r'|<figure class="diagram"><pre class="diagram">(?P<source>.*?)</pre></figure>\n',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: HTML that is ready, a live block, or a diagram.

    Attributes:
        html: of a live block what it says by itself.
        place: of a live block, its address in the lesson.
        source, picture: of a diagram; there is no picture where it cannot be drawn.
    """

    html: str = ""
    live: Live | None = None
    place: int = 0
    source: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class ShownProse:
    """
    Attributes:
        pieces: without the title.
        sections: those of the second level, with their anchors.
        titles: of all headings, by their anchors.
    """

    title: str
    pieces: tuple[Piece, ...]
    sections: tuple[Section, ...]
    titles: Mapping[str, str]
    minutes: int

    def live(self, place: int) -> Live | None:
        return next((one.live for one in self.pieces if one.live and one.place == place), None)


class Reader:
    def __init__(self, classroom: Classroom) -> None:
        self._folder = classroom.folder
        self._index: Kept[Index] = Kept()
        self._indexing = threading.Lock()
        self._kept: OrderedDict[str, Kept[Any]] = OrderedDict()

    async def task(self, exercise: Exercise, language: Language) -> ShownProse:
        """
        Raises:
            CourseFileError: there is none, or it is not written as tasks are.
        """
        path = exercise.folder / f"task.{language}.md"
        return await self._read([path], lambda: _shown(read_task(exercise.folder, language)))

    async def lesson(self, module: Module, language: Language) -> ShownProse | None:
        """
        Returns:
            None where it is not written yet.

        Raises:
            CourseFileError: it is not written as lessons are.
        """
        path = lesson_file(module.folder, language)
        if not path.is_file():
            return None
        return await self._read([path], lambda: _shown(read_lesson(module.folder, language)))

    async def notebook(self, module: Module, language: Language) -> ShownProse | None:
        """Its texts and its code, without what running it gives.

        Returns:
            None where the module has none.

        Raises:
            CourseFileError: it is not written as notebooks are.
        """
        path = module.folder / NOTEBOOK_FILE
        if not path.is_file():
            return None
        both: Mapping[Language, ShownProse] = await self._read(
            [path], lambda: _both(read_notebook(module.folder))
        )
        return both[language]

    async def quiz(self, module: Module) -> Quiz | None:
        path = module.folder / "quiz.yaml"
        if not path.is_file():
            return None
        return await self._read([path], lambda: read_quiz(module.folder))

    async def glossary(self) -> Glossary | None:
        folder = self._folder
        if folder is None or not (folder / "glossary.yaml").is_file():
            return None
        return await self._read([folder / "glossary.yaml"], lambda: read_glossary(folder))

    async def find(self, shelf: Shelf, asked: str, language: Language) -> tuple[Hit, ...]:
        """
        Raises:
            CourseFileError: a text of the course is wrong.
        """
        return await asyncio.to_thread(self._find, shelf, asked, language)

    def _find(self, shelf: Shelf, asked: str, language: Language) -> tuple[Hit, ...]:
        folder = self._folder
        if folder is None:
            return ()
        # Another search waits for the same index, which takes a second or two to make.
        with self._indexing:
            files = [one for pattern in _TEXTS for one in folder.glob(pattern)]
            index = self._index.of(files, lambda: Index(shelf, _glossary_in(folder)))
        return index.find(asked, language)

    async def _read(self, files: Iterable[Path], read: Callable[[], _ValueT]) -> _ValueT:
        paths = list(files)
        kept = self._kept.setdefault(" ".join(map(str, paths)), Kept())
        self._kept.move_to_end(" ".join(map(str, paths)))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        value: _ValueT = await asyncio.to_thread(kept.of, paths, read)
        return value


def _glossary_in(folder: Path) -> Glossary | None:
    return read_glossary(folder) if (folder / "glossary.yaml").is_file() else None


def _both(notebook: Notebook) -> Mapping[Language, ShownProse]:
    return {one: _shown(notebook.prose(one)) for one in Language}


def _shown(prose: Prose | Lesson) -> ShownProse:
    html = render(prose).partition("</h1>\n")[2]
    return ShownProse(
        prose.title,
        tuple(_pieces(prose, html)),
        tuple(one for one in prose.sections if one.level == 2 and one.anchor),
        {one.anchor: one.title for one in prose.sections if one.anchor},
        max(1, round(prose.words / _WORDS_A_MINUTE)),
    )


def _pieces(prose: Prose, html: str) -> Iterator[Piece]:
    at = 0
    for found in _LEFT.finditer(html):
        if found.start() > at:
            yield Piece(html[at : found.start()])
        at = found.end()
        if found["source"] is not None:
            source = unescape(found["source"])
            yield Piece(source=source, picture=drawn(source))
        else:
            place = int(found["place"])
            yield Piece(found["inside"], prose.fences[place].live, place)
    yield Piece(html[at:])
