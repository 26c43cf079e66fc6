"""`stend course lint`: whether the exercises judge as they have to."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from stend.course.checking import Run, check
from stend.course.drafting import to_write
from stend.course.errors import CourseFileError
from stend.course.model import Exercise, Module
from stend.course.results import Status, Verdict
from stend.course.shelf import Shelf
from stend.course.solving import lay_out_mistake, lay_out_solution, lay_out_starter
from stend.course.texts.proofreading import Proofreader

_MODULE = re.compile(r"^\d{1,2}$")
LEAST_SOLUTIONS = 2
LEAST_MISTAKES = 4


class Role(StrEnum):
    """What the checks are given to judge."""

    STARTER = "starter"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Trial:
    """One solution, judged.

    Attributes:
        name: of the solution or the mistake.
        wanted: the check that has to fail first; None: nothing may fail, or, for the starter,
            anything may.
        failed: the check that did; None where all have passed.
        seconds: how long the checks took.
        problem: what is wrong with the exercise, in English: its author reads it.
    """

    exercise: str
    role: Role
    name: str
    wanted: str | None
    failed: str | None
    seconds: float
    problem: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an author asks about.

    Attributes:
        modules: whose texts are read, too.
        whole: everything, the glossary included.
    """

    exercises: tuple[Exercise, ...]
    modules: tuple[Module, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class LintReport:
    """
    Attributes:
        problems: of files, before anything was run.
        to_write: places of a template that their author has not been at; the exercise judges as
            it has to all the same.
    """

    trials: tuple[Trial, ...]
    problems: tuple[str, ...]
    to_write: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.problems and not any(one.problem for one in self.trials)

    def to_json(self) -> Mapping[str, Any]:
        wrong = [one for one in self.trials if one.role is Role.WRONG]
        right = [one for one in self.trials if one.role is Role.RIGHT]
        killed = sum(one.failed is not None for one in wrong)
        return {
            "exercises": len({one.exercise for one in self.trials}),
            "right": len(right),
            "wrong": len(wrong),
            "killed": killed,
            "kill_rate": round(killed / len(wrong), 4) if wrong else None,
            "named_first": sum(one.failed == one.wanted for one in wrong),
            "false_rejects": sum(one.failed is not None for one in right),
            "is_clean": self.is_clean,
            "problems": [
                *self.problems,
                *(
                    f"{one.exercise} {one.role}/{one.name}: {one.problem}"
                    for one in self.trials
                    if one.problem
                ),
            ],
            "to_write": list(self.to_write),
            "slowest_s": round(max((one.seconds for one in self.trials), default=0.0), 3),
        }


def lint(
    exercises: Iterable[Exercise],
    run: Run,
    told: Callable[[Trial], None] = lambda _: None,
    texts: Iterable[str] = (),
) -> LintReport:
    """Judges the starter, every right and every wrong solution of each exercise.

    Args:
        run: how; every trial has dice of its own.
        told: called after each trial.
        texts: problems of the texts around them, which the report has too.
    """
    trials: list[Trial] = []
    problems = list(texts)
    left: list[str] = []
    for exercise in exercises:
        left += [f"{exercise.id}/{one}" for one in to_write(exercise.folder)]
        found = list(_wrong_files(exercise))
        problems += [f"{exercise.id}: {one}" for one in found]
        for trial in _trials(exercise, run):
            told(trial)
            trials.append(trial)
    return LintReport(tuple(trials), tuple(problems), tuple(left))


def wanted(names: Iterable[str], shelf: Shelf) -> Wanted:
    """What `8` (a module), `8.2` (an exercise) or nothing (the whole course) mean to an author.

    Raises:
        NoSuchExerciseError: nothing is called so.
    """
    asked = tuple(names)
    if not asked:
        return Wanted(shelf.exercises, shelf.modules, True)
    # A module that has no exercise yet has texts.
    modules = tuple(shelf.module(int(one)) for one in asked if _MODULE.match(one))
    exercises = [found for one in modules for found in one.exercises]
    exercises += [one for name in asked if not _MODULE.match(name) for one in shelf.asked(name)]
    return Wanted(tuple(exercises), modules, False)


def wrong_texts(asked: Wanted, reader: Proofreader) -> tuple[str, ...]:
    """What is wrong with the texts of the modules, and with the glossary of the whole course."""
    told = [one for module in asked.modules for one in reader.module(module)]
    return (*told, *(reader.glossary() if asked.whole else ()))


def _wrong_files(exercise: Exercise) -> Iterator[str]:
    row = exercise.row
    if len(exercise.solutions) < LEAST_SOLUTIONS:
        yield f"{len(exercise.solutions)} right solutions, at least {LEAST_SOLUTIONS} expected"
    if len(exercise.wrong) < LEAST_MISTAKES:
        yield f"{len(exercise.wrong)} wrong solutions, at least {LEAST_MISTAKES} expected"
    folders = {one.name for one in exercise.wrong}
    for name in sorted(folders ^ set(row.mistakes)):
        yield f"the mistake {name} is in exercise.toml or in wrong/, and not in the other"
    for name in ("task.ru.md", "task.en.md", "checks.py", "starter"):
        if not (exercise.folder / name).exists():
            yield f"{name} is missing"
    for name in row.files:
        if not (exercise.starter / name).is_file():
            yield f"starter/{name} is missing, and is one of its files"


def _trials(exercise: Exercise, run: Run) -> Iterator[Trial]:
    yield _tried(exercise, Role.STARTER, "starter", None, lay_out_starter, run)
    for folder in exercise.solutions:
        name = folder.name

        def right(one: Exercise, target: Path, name: str = name) -> None:
            lay_out_solution(one, name, target)

        yield _tried(exercise, Role.RIGHT, name, None, right, run)
    # Without the deep checks nothing can tell a mistake that only they are about.
    skipped = set() if run.deep else {one.id for one in exercise.row.checks if one.deep}
    for name, mistake in exercise.row.mistakes.items():
        if mistake.check in skipped:
            continue

        def wrong(one: Exercise, target: Path, name: str = name) -> None:
            lay_out_mistake(one, name, target)

        yield _tried(exercise, Role.WRONG, name, mistake.check, wrong, run)


def _tried(
    exercise: Exercise,
    role: Role,
    name: str,
    wanted: str | None,
    lay_out: Callable[[Exercise, Path], None],
    run: Run,
) -> Trial:
    with tempfile.TemporaryDirectory(prefix="stend-lint-") as folder:
        target = Path(folder) / "workspace"
        try:
            lay_out(exercise, target)
            verdict = check(exercise, target, replace(run, told=lambda _: None))
        except CourseFileError as error:
            return Trial(exercise.id, role, name, wanted, None, 0.0, str(error))
    failed = verdict.first_failed
    first = failed.row.id if failed else None
    problem = _problem(role, wanted, verdict)
    return Trial(exercise.id, role, name, wanted, first, verdict.duration_s, problem)


def _problem(role: Role, wanted: str | None, verdict: Verdict) -> str | None:
    for outcome in verdict.outcomes:
        if outcome.status is Status.ERROR:
            return f"the check {outcome.row.id} is in error: {outcome.got}"
    failed = verdict.first_failed
    if role is Role.RIGHT and failed:
        said = failed.sentence.en if failed.sentence else ""
        return f"is refused by {failed.row.id}: {said} Got: {failed.got}"
    if role is not Role.RIGHT and failed is None:
        return "passes every check"
    if wanted and failed and failed.row.id != wanted:
        said = failed.sentence.en if failed.sentence else ""
        return f"{failed.row.id} fails first, {wanted} should: {said}"
    return None
