"""Runs the checks of an exercise over a folder of a learner's files."""

import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from stend.course.case import Case, Dice, FailedError
from stend.course.errors import CourseFileError, NoStandError, StandError
from stend.course.model import CheckRow, Exercise
from stend.course.results import Outcome, Status, Verdict
from stend.course.sandbox.calls import RaisedError
from stend.course.sandbox.told import Broken
from stend.kit.languages import Text

if TYPE_CHECKING:
    from stend.course.stand import Stand

CHECKS_FILE = "checks.py"
_SHOWN = 4000
_Check = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Run:
    """
    Attributes:
        dice: makes what a run draws from; seeded ones send the same again.
        deep: also what takes longer than a save may.
        environment: what programs of the learner see.
        told: called with every outcome as soon as it is there.
        stand: address of the one that runs, `http://127.0.0.1:8000`; None where none does.
    """

    dice: Callable[[], Dice]
    deep: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    told: Callable[[Outcome], None] = lambda _: None
    stand: str | None = None


def check(exercise: Exercise, folder: Path, run: Run) -> Verdict:
    """Every check in its order; whatever the learner's code does, this returns.

    Raises:
        CourseFileError: the exercise itself is wrong.
        NoStandError: it needs a running stand; nothing of the learner's has been run.
    """
    started = time.monotonic()
    with ExitStack() as opened:
        stand = opened.enter_context(_stand_of(run)) if exercise.row.stand else None
        row = exercise.row
        service = (row.service.file, row.service.start_s) if row.service else None
        case = Case(folder, run.dice(), run.environment, service, stand=stand)
        opened.callback(case.end)
        outcomes = tuple(_outcomes(exercise, case, run))
    return Verdict(exercise, outcomes, run.deep, time.monotonic() - started)


def unjudged(exercise: Exercise, reason: Text, *, deep: bool) -> Verdict:
    """What is told where nothing could be checked: that is nobody's failure.

    Args:
        reason: what to do about it.
    """
    rows = (one for one in exercise.row.checks if deep or not one.deep)
    return Verdict(exercise, tuple(Outcome(one, Status.ERROR, reason) for one in rows), deep, 0.0)


def _stand_of(run: Run) -> "Stand":
    if run.stand is None:
        raise NoStandError(
            Text(
                ru="Этому заданию нужен работающий стенд. Запустите его: ./stend up",
                en="This exercise needs a running stand. Start the stand: ./stend up",
            )
        )
    # Its client takes a tenth of a second to import, and most exercises need none.
    from stend.course.stand import Stand

    return Stand(run.stand)


def _outcomes(exercise: Exercise, case: Case, run: Run) -> Iterator[Outcome]:
    functions = check_functions(exercise)
    passed: set[str] = set()
    for row in exercise.row.checks:
        if row.deep and not run.deep:
            continue
        missing = [need for need in row.needs if need not in passed]
        outcome = _skipped(row, missing) if missing else _judged(row, functions[row.id], case)
        if outcome.status is Status.PASS:
            passed.add(row.id)
        run.told(outcome)
        yield outcome


def check_functions(exercise: Exercise) -> Mapping[str, _Check]:
    """By the ids of the checks.

    Raises:
        CourseFileError: a check has no function, or a function no check.
    """
    path = exercise.folder / CHECKS_FILE
    module = _loaded(path, f"stend_course_{exercise.id}".replace("-", "_").replace("/", "_"))
    found = {
        name.replace("_", "-"): value
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__
        if not name.startswith("_") and not isinstance(value, type)
    }
    known = {row.id for row in exercise.row.checks}
    if missing := known - set(found):
        raise CourseFileError(path, f"no function for {', '.join(sorted(missing))}")
    if extra := set(found) - known:
        raise CourseFileError(path, f"exercise.toml has no check {', '.join(sorted(extra))}")
    return found


def _loaded(path: Path, name: str) -> ModuleType:
    # A package: checks that are too long for one file import the files beside it, by `from .name`.
    beside = [str(path.parent)]
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=beside)
    if spec is None or spec.loader is None or not path.is_file():
        raise CourseFileError(path, "there is no such file")
    for other in [one for one in sys.modules if one.startswith(f"{name}.")]:
        # Another course may have an exercise of this name.
        del sys.modules[other]
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up there.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _judged(row: CheckRow, function: _Check, case: Case) -> Outcome:
    try:
        function(case)
    except FailedError as no:
        found = Outcome(row, Status.FAIL, no.sentence, no.expected, no.got, no.where)
        return found.within(_SHOWN)
    except Broken as broken:
        found = Outcome(row, Status.FAIL, broken.sentence, broken.expected, broken.got)
        return replace(found, is_crash=True).within(_SHOWN)
    except RaisedError as raised:
        # A check that waits for it catches it; in all others the learner's code is wrong.
        found = Outcome(row, Status.FAIL, _raised(raised), got=raised.traceback, is_crash=True)
        return found.within(_SHOWN)
    except StandError as error:
        # Neither the learner nor the check: the sentence says what to do.
        return Outcome(row, Status.ERROR, error.text)
    except Exception as error:  # noqa: BLE001 - a bug of a check must not pass for a verdict
        return _in_error(row, error)
    return Outcome(row, Status.PASS)


def _raised(raised: RaisedError) -> Text:
    told = f"{raised.kind}: {raised}" if str(raised) else raised.kind
    return Text(
        ru=f"Ваша функция закончилась исключением: {told}",
        en=f"Your function ended with an exception: {told}",
    )


def _skipped(row: CheckRow, missing: list[str]) -> Outcome:
    names = ", ".join(missing)
    sentence = Text(
        ru=f"Пропущено: сначала нужно, чтобы прошла проверка {names}.",
        en=f"Skipped: the check {names} has to pass first.",
    )
    return Outcome(row, Status.SKIPPED, sentence)


def _in_error(row: CheckRow, error: Exception) -> Outcome:
    sentence = Text(
        ru=f"Ошибка в самой проверке {row.id}, а не в вашем решении: {error!r}. "
        "Пожалуйста, сообщите о ней.",
        en=f"The check {row.id} itself failed, not your solution: {error!r}. Please report it.",
    )
    shown = "".join(traceback.format_exception(error))
    return Outcome(row, Status.ERROR, sentence, got=shown[-_SHOWN:])
