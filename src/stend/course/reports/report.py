"""What one learner has done, module by module; and the JSON that scripts read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stend.course.model import CheckRow, Exercise, Module
from stend.course.progress import Progress, QuizRecord, Record
from stend.course.shelf import Shelf
from stend.course.workspace import is_done
from stend.kit.languages import Text

REPORT_VERSION = 1


class State(StrEnum):
    NEW = "new"
    BEGUN = "begun"
    PASSED = "passed"
    # Passed once; when it was checked last a check failed.
    FAILS_AGAIN = "fails-again"


@dataclass(frozen=True, slots=True)
class Done:
    """What has been done of one exercise.

    Attributes:
        failing: the check that failed first the last time; None also where this course has none
            of that name.
    """

    exercise: Exercise
    record: Record
    failing: CheckRow | None

    @property
    def state(self) -> State:
        if self.record.passed_at:
            return State.FAILS_AGAIN if self.record.failing else State.PASSED
        return State.BEGUN if self.record.started_at else State.NEW

    @property
    def points(self) -> int:
        """Never more than there are: the file may be of a course that gave more, or forged."""
        return min(self.record.points, self.exercise.points)


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """
    Attributes:
        is_done: all of it is passed, or its hardest exercise is.
        quiz: None where it has not been taken.
    """

    module: Module
    is_done: bool
    exercises: tuple[Done, ...]
    quiz: QuizRecord | None

    @property
    def points(self) -> int:
        return sum(one.points for one in self.exercises)

    @property
    def points_of(self) -> int:
        return sum(one.exercise.points for one in self.exercises)

    @property
    def is_begun(self) -> bool:
        return self.quiz is not None or any(one.state is not State.NEW for one in self.exercises)


@dataclass(frozen=True, slots=True)
class Report:
    """
    Attributes:
        unknown: what the learner has done and this course does not have, of another version of it.
    """

    modules: tuple[ModuleReport, ...]
    unknown: tuple[str, ...]

    @property
    def exercises(self) -> tuple[Done, ...]:
        return tuple(one for module in self.modules for one in module.exercises)

    @property
    def passed(self) -> int:
        return sum(one.record.passed_at is not None for one in self.exercises)

    @property
    def points(self) -> int:
        return sum(one.points for one in self.modules)

    @property
    def points_of(self) -> int:
        return sum(one.points_of for one in self.modules)


def report_of(shelf: Shelf, progress: Progress) -> Report:
    modules = tuple(_module(one, progress) for one in shelf.modules)
    known = {one.id for one in shelf.exercises} | {one.folder.name for one in shelf.modules}
    told = {*progress.exercises, *progress.quizzes}
    return Report(modules, tuple(sorted(told - known)))


def _module(module: Module, progress: Progress) -> ModuleReport:
    done = tuple(_done(one, progress.of(one.id)) for one in module.exercises)
    all_done = bool(done) and is_done(module.exercises, progress)
    return ModuleReport(module, all_done, done, progress.quizzes.get(module.folder.name))


def _done(exercise: Exercise, record: Record) -> Done:
    failing = next((one for one in exercise.row.checks if one.id == record.failing), None)
    return Done(exercise, record, failing)


def report_to_json(report: Report) -> Mapping[str, Any]:
    return {
        "version": REPORT_VERSION,
        "passed": report.passed,
        "exercises": len(report.exercises),
        "points": report.points,
        "points_of": report.points_of,
        "modules": [_module_to_json(one) for one in report.modules],
        "unknown": list(report.unknown),
    }


def _module_to_json(one: ModuleReport) -> Mapping[str, Any]:
    quiz = one.quiz
    return {
        "number": one.module.number,
        "slug": one.module.slug,
        "title": pair(one.module.row.title.text),
        "done": one.is_done,
        "points": one.points,
        "points_of": one.points_of,
        "quiz": quiz and {"right": quiz.right, "of": quiz.of, "taken_at": quiz.taken_at},
        "exercises": [_done_to_json(done) for done in one.exercises],
    }


def _done_to_json(done: Done) -> Mapping[str, Any]:
    record = done.record
    meaning = done.failing and pair(done.failing.meaning.text)
    return {
        "id": done.exercise.id,
        "number": done.exercise.number,
        "title": pair(done.exercise.row.title.text),
        "kind": done.exercise.row.kind.value,
        "state": done.state.value,
        "points": done.points,
        "points_of": done.exercise.points,
        "tries": record.tries,
        "hints": record.hints,
        "gave_up": record.gave_up,
        "failing": record.failing and {"check": record.failing, "meaning": meaning},
        "started_at": record.started_at,
        "tried_at": record.tried_at,
        "passed_at": record.passed_at,
    }


def pair(text: Text) -> Mapping[str, str]:
    return {"ru": text.ru, "en": text.en}
