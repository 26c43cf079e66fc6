"""The exercises of events, integrations and systems, judged on their solutions and mistakes."""

import pytest

from stend.course.model import Exercise
from tests.course.judging import assert_judged, exercises_of


@pytest.mark.parametrize("exercise", exercises_of(*range(9, 16)), ids=lambda one: str(one.id))
def test_an_exercise_judges_as_it_has_to(
    exercise: Exercise, request: pytest.FixtureRequest
) -> None:
    assert_judged(exercise, request)
