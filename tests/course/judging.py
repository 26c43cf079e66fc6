"""An exercise of the course, judged: the starter, every right and every wrong solution."""

from functools import partial
from random import Random

import pytest

from stend.course.checking import Run
from stend.course.linting import Trial, lint
from stend.course.model import Exercise
from stend.runtime.course import seen_environment, shelf
from tests.conftest import LiveStand


def exercises_of(*modules: int) -> tuple[Exercise, ...]:
    found = shelf()
    return tuple(one for number in modules for one in found.module(number).exercises)


def assert_judged(exercise: Exercise, request: pytest.FixtureRequest) -> None:
    """A stand is started only for an exercise that asks one."""
    stand: LiveStand | None = request.getfixturevalue("live") if exercise.row.stand else None
    run = Run(
        partial(Random, exercise.id),
        deep=True,
        environment=seen_environment(),
        stand=stand.url if stand else None,
    )
    told: list[Trial] = []
    report = lint([exercise], run, told.append)
    assert tuple(told) == report.trials
    problems = report.to_json()["problems"]
    assert not problems, "\n".join(problems)
    assert not report.to_write, "\n".join(report.to_write)
