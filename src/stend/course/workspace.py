"""The learner's folder: exercises that were started, and what has been done."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from stend.course.errors import NotPassedError, NotStartedError
from stend.course.model import HINTS, Exercise
from stend.course.progress import Progress, ProgressBook, Record, after
from stend.course.results import Verdict
from stend.course.solving import lay_out_starter
from stend.kit.languages import Language, Text

# Of every file: its name, when it was written and how long it is.
Stamps = frozenset[tuple[str, int, int]]
# Where programs keep what they install or make, which no check reads.
_NOT_SAVED = frozenset({"__pycache__", "node_modules", "venv"})


@dataclass(frozen=True, slots=True)
class Begun:
    """
    Attributes:
        made: files that were laid there now; those of before are never touched.
    """

    folder: Path
    made: tuple[str, ...]


class Workspace:
    """
    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = ProgressBook(folder)

    def place(self, exercise: Exercise) -> Path:
        return self.folder / exercise.id

    def start(self, exercise: Exercise, now: datetime, language: Language) -> Begun:
        """Lays the starter there; a second start brings back only what was deleted."""
        target = self.place(exercise)
        before = _files(target)
        given = _files(exercise.starter)
        kept = {name: (target / name).read_bytes() for name in before & given}
        lay_out_starter(exercise, target)
        for name, content in kept.items():
            (target / name).write_bytes(content)
        task = exercise.folder / f"task.{language.value}.md"
        (target / "TASK.md").write_text(task.read_text(encoding="utf-8"), encoding="utf-8")
        with self.book.changing() as draft:
            record = draft.progress.of(exercise.id)
            if record.started_at is None:
                begun = replace(record, started_at=now.isoformat(timespec="seconds"))
                draft.progress = draft.progress.with_record(exercise.id, begun)
        return Begun(target, tuple(sorted(given - before)))

    def begun(self, exercise: Exercise) -> Path:
        """
        Raises:
            NotStartedError: there is nothing of the learner's to check.
        """
        place = self.place(exercise)
        if not place.is_dir():
            raise NotStartedError(exercise.number, place)
        return place

    def stamps(self, exercise: Exercise) -> Stamps:
        """Of the learner's files; whoever watches for a save compares them."""
        place = self.place(exercise)
        return frozenset(_stamps(place)) if place.is_dir() else frozenset()

    def note(self, verdict: Verdict, now: datetime) -> Record:
        """Writes down how a check has ended. Returns the record of before."""
        with self.book.changing() as draft:
            before = draft.progress.of(verdict.exercise.id)
            record = after(before, verdict, now)
            draft.progress = draft.progress.with_record(verdict.exercise.id, record)
        return before

    def next_hint(self, exercise: Exercise) -> tuple[int, Text]:
        """The number of the next hint, from 1, and its text; the last one again after the last."""
        with self.book.changing() as draft:
            record = draft.progress.of(exercise.id)
            number = min(record.hints + 1, HINTS)
            draft.progress = draft.progress.with_record(exercise.id, replace(record, hints=number))
        return number, exercise.row.hints[number - 1].text

    def solution(self, exercise: Exercise, *, give_up: bool) -> tuple[Path, ...]:
        """
        Raises:
            NotPassedError: the exercise is not passed, and the learner does not give up.
        """
        with self.book.changing() as draft:
            record = draft.progress.of(exercise.id)
            if record.passed_at is None:
                if not (give_up or record.gave_up):
                    raise NotPassedError(exercise.number)
                draft.progress = draft.progress.with_record(
                    exercise.id, replace(record, gave_up=True)
                )
        return exercise.solutions


def is_done(exercises: Sequence[Exercise], progress: Progress) -> bool:
    """A module is done when all of it is passed, or its hardest exercise is."""
    passed = {one.id for one in exercises if progress.of(one.id).passed_at}
    return len(passed) == len(exercises) or any(
        one.row.hardest and one.id in passed for one in exercises
    )


def next_of(exercises: Sequence[Exercise], progress: Progress) -> Exercise:
    """The first that is not passed; the last one where all of them are."""
    return next((one for one in exercises if not progress.of(one.id).passed_at), exercises[-1])


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    for inside, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one not in _NOT_SAVED and one[0] != "."]
        for name in names:
            path = Path(inside, name)
            # An editor may have renamed it meanwhile.
            with suppress(OSError):
                told = path.stat()
                yield str(path), told.st_mtime_ns, told.st_size


def _files(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {
        one.relative_to(folder).as_posix()
        for one in folder.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    }
