"""A function of the learner's that raises is a mistake of the learner's, not of the check."""

from functools import partial
from pathlib import Path
from random import Random

from stend.course.checking import Run, check
from stend.course.results import Status
from stend.course.shelf import read_shelf
from stend.runtime.course import seen_environment
from tests.course.sample import make_course

_CHECKS = """\
def is_there(case):
    case.module("main").call("answer", 1)


def is_right(case):
    pass
"""


def test_an_exception_of_the_learners_is_told_as_such(tmp_path: Path) -> None:
    course = make_course(tmp_path / "school")
    (course / "08-rest/exercises/01-contract/checks.py").write_text(_CHECKS)
    (tmp_path / "main.py").write_text("def answer(number):\n    return {}[number]\n")
    (exercise,) = read_shelf(course).asked("8.1")
    run = Run(partial(Random, 1), environment=seen_environment())
    first, second = check(exercise, tmp_path, run).outcomes
    assert (first.status, second.status) == (Status.FAIL, Status.SKIPPED)
    assert first.sentence is not None
    assert first.sentence.en == "Your function ended with an exception: KeyError: 1"
    assert first.got is not None
    assert "main.py" in first.got
