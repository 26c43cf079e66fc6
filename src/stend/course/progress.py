"""What a learner has done so far: one JSON file in the workspace, safe against a kill."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from stend.course.errors import ProgressFileError
from stend.course.results import Verdict

PROGRESS_VERSION = 1
_FILE = "progress.json"


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

    started_at: str | None = None
    tried_at: str | None = None
    passed_at: str | None = None
    tries: int = 0
    points: int = 0
    hints: int = 0
    gave_up: bool = False
    failing: str | None = None


@dataclass(frozen=True, slots=True)
class QuizRecord:
    """
    Attributes:
        right: how many answers were right when it was taken last, of `of`.
    """

    right: int
    of: int
    taken_at: str


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
    """The record of an exercise once it has been checked: what was passed stays passed."""
    failed = verdict.first_failed
    stamp = now.isoformat(timespec="seconds")
    return replace(
        record,
        started_at=record.started_at or stamp,
        tried_at=stamp,
        passed_at=record.passed_at or (stamp if verdict.passed else None),
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
        self._path = workspace / _FILE

    def read(self) -> Progress:
        """
        Raises:
            ProgressFileError: the file is there and is no progress of this version.
        """
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            return _from_json(told)
        except FileNotFoundError:
            return Progress({}, {})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ProgressFileError(self._path, str(error)) from None

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


def _from_json(told: Any) -> Progress:
    if told["version"] != PROGRESS_VERSION:
        raise ValueError(f"version {told['version']!r}, expected {PROGRESS_VERSION}")
    return Progress(
        {name: Record(**one) for name, one in told["exercises"].items()},
        {name: QuizRecord(**one) for name, one in told["quizzes"].items()},
    )
