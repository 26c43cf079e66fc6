"""The exercises of the course, judged: the starter, every right and every wrong solution."""

from functools import partial
from random import Random

import pytest

from stend.course.checking import Run
from stend.course.linting import Trial, lint
from stend.course.model import Exercise
from stend.runtime.course import seen_environment, shelf

_SHELF = shelf()


@pytest.mark.parametrize("exercise", _SHELF.exercises, ids=lambda one: str(one.id))
def test_an_exercise_judges_as_it_has_to(exercise: Exercise) -> None:
    run = Run(partial(Random, exercise.id), deep=True, environment=seen_environment())
    told: list[Trial] = []
    report = lint([exercise], run, told.append)
    assert tuple(told) == report.trials
    assert report.to_json()["problems"] == []
    assert report.to_write == ()
