"""What a learner has done so far: one JSON file in the workspace, safe against a kill."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from filelock import FileLock
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from stend.course.errors import OtherVersionError, ProgressFileError
from stend.course.model import Name
from stend.course.results import Verdict

PROGRESS_VERSION = 1
PROGRESS_FILE = "progress.json"
# Fifteen modules make 20 KB of it.
_MOST_BYTES = 2 * 1024 * 1024


def _is_time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Time = Annotated[str, Field(max_length=40), AfterValidator(_is_time)]
_Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
_Flag = Annotated[bool, Field(strict=True)]
_ExerciseId = Annotated[str, Field(pattern=r"^\d\d-[a-z0-9-]+/\d\d-[a-z0-9-]+$", max_length=120)]
_ModuleId = Annotated[str, Field(pattern=r"^\d\d-[a-z0-9-]+$", max_length=60)]


@dataclass(frozen=True, slots=True)
class Record:
    """Of one exercise.

    Attributes:
        started_at, passed_at, tried_at: times, ISO 8601 with zone; None: not yet.
        tries: how often it was checked.
        points: the most that were ever reached.
        hints: how many were taken.
        gave_up: the solution was shown before the exercise was passed.
        failing: the check that failed first when it was checked last.
    """

    # Others send their files to a teacher: nothing in one is taken for what it should be.
    __pydantic_config__ = ConfigDict(extra="forbid")

    started_at: _Time | None = None
    tried_at: _Time | None = None
    passed_at: _Time | None = None
    tries: _Count = 0
    points: _Count = 0
    hints: _Count = 0
    gave_up: _Flag = False
    failing: Name | None = None


@dataclass(frozen=True, slots=True)
class QuizRecord:
    """
    Attributes:
        right: how many answers were right when it was taken last, of `of`.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    right: _Count
    of: _Count
    taken_at: _Time


@dataclass(frozen=True, slots=True)
class Progress:
    """
    Attributes:
        exercises: by their ids.
        quizzes: by the folder of their module.
    """

    exercises: Mapping[str, Record]
    quizzes: Mapping[str, QuizRecord]

    def of(self, exercise: str) -> Record:
        return self.exercises.get(exercise, Record())

    def with_record(self, exercise: str, record: Record) -> "Progress":
        return replace(self, exercises={**self.exercises, exercise: record})

    def with_quiz(self, module: str, record: QuizRecord) -> "Progress":
        return replace(self, quizzes={**self.quizzes, module: record})


def after(record: Record, verdict: Verdict, now: datetime) -> Record:
    """The record of an exercise once it has been checked: what was passed stays passed.

    The quick checks alone pass nothing where there are long ones.
    """
    failed = verdict.first_failed
    stamp = now.isoformat(timespec="seconds")
    passed = verdict.passed and not verdict.left_out
    return replace(
        record,
        started_at=record.started_at or stamp,
        tried_at=stamp,
        passed_at=record.passed_at or (stamp if passed else None),
        tries=record.tries + 1,
        points=max(record.points, verdict.points),
        failing=failed.row.id if failed else None,
    )


class ProgressBook:
    """
    Args:
        workspace: the learner's folder.
    """

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / PROGRESS_FILE

    def read(self) -> Progress:
        """
        Raises:
            OtherVersionError: it is the progress of another version of the stand.
            ProgressFileError: the file is there and is no progress.
        """
        try:
            told = json.loads(_text_of(self._path))
        except FileNotFoundError:
            return Progress({}, {})
        # What is nested a hundred thousand deep ends in a RecursionError.
        except (OSError, ValueError, RecursionError) as error:
            raise ProgressFileError(self._path, str(error)) from None
        return _from_json(self._path, told)

    @contextmanager
    def changing(self) -> Iterator["Draft"]:
        """Reads, lets it be changed and writes, one process at a time.

        A check on every save and the portal may write at the same moment.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            draft = Draft(self.read())
            before = draft.progress
            yield draft
            if draft.progress != before:
                self._write(draft.progress)

    def _write(self, progress: Progress) -> None:
        # Whoever is killed here leaves the file of before, whole.
        made = self._path.with_suffix(".new")
        with made.open("w", encoding="utf-8") as out:
            json.dump(_to_json(progress), out, ensure_ascii=False, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        made.replace(self._path)


@dataclass(slots=True)
class Draft:
    progress: Progress


def _to_json(progress: Progress) -> Mapping[str, Any]:
    return {
        "version": PROGRESS_VERSION,
        "exercises": {name: asdict(one) for name, one in progress.exercises.items()},
        "quizzes": {name: asdict(one) for name, one in progress.quizzes.items()},
    }


def _text_of(path: Path) -> str:
    if (size := path.stat().st_size) > _MOST_BYTES:
        raise ValueError(f"{size} bytes, at most {_MOST_BYTES} expected")
    return path.read_text(encoding="utf-8")


def _from_json(path: Path, told: Any) -> Progress:
    if not isinstance(told, dict) or not isinstance(told.get("version"), int):
        raise ProgressFileError(path, "an object with a number as version expected")
    if (version := told["version"]) != PROGRESS_VERSION:
        raise OtherVersionError(path, version, PROGRESS_VERSION)
    exercises, quizzes = _adapters()
    try:
        return Progress(
            exercises.validate_python(told.get("exercises")),
            quizzes.validate_python(told.get("quizzes")),
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ProgressFileError(path, f"{where}: {first['msg']}") from None


@cache
def _adapters() -> tuple[
    TypeAdapter[dict[_ExerciseId, Record]], TypeAdapter[dict[_ModuleId, QuizRecord]]
]:
    return TypeAdapter(dict[_ExerciseId, Record]), TypeAdapter(dict[_ModuleId, QuizRecord])
