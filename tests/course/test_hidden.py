"""Of a hidden check a learner is told what it means, and not what it sends."""

from functools import partial
from pathlib import Path
from random import Random

from stend.course.checking import Run, check
from stend.course.results import Verdict
from stend.course.shelf import read_shelf
from stend.runtime.course import seen_environment
from tests.course.sample import make_course

_REFUSES = """\
def is_there(case):
    case.fail("Секрет", "A secret", expected="secret expected", got="secret got", where="s.py:1")


def is_right(case):
    pass
"""
_CALLS = """\
def is_there(case):
    case.module("main").call("answer", 1)


def is_right(case):
    pass
"""


def judged(folder: Path, checks: str) -> Verdict:
    course = make_course(folder / "school")
    exercise_folder = course / "08-rest/exercises/01-contract"
    row = exercise_folder / "exercise.toml"
    text = row.read_text(encoding="utf-8")
    row.write_text(text.replace('id = "is-there"', 'id = "is-there"\nhidden = true'), "utf-8")
    (exercise_folder / "checks.py").write_text(checks, "utf-8")
    (folder / "main.py").write_text("def answer(number):\n    return {}[number]\n", "utf-8")
    (exercise,) = read_shelf(course).asked("8.1")
    return check(exercise, folder, Run(partial(Random, 1), environment=seen_environment()))


def test_what_it_sends_stays_hidden(tmp_path: Path) -> None:
    verdict = judged(tmp_path, _REFUSES)
    first = verdict.outcomes[0]
    assert first.sentence is not None
    assert first.expected == "secret expected"
    told = verdict.to_json()["checks"][0]
    assert (told["status"], told["hidden"]) == ("fail", True)
    assert told["meaning"]["en"]
    assert [told[one] for one in ("sentence", "expected", "got", "where")] == [None] * 4
    assert first.as_told().sentence is None


def test_the_traceback_of_the_learners_own_code_is_shown(tmp_path: Path) -> None:
    told = judged(tmp_path, _CALLS).to_json()["checks"][0]
    assert told["sentence"]["en"] == "Your function ended with an exception: KeyError: 1"
    assert "main.py" in told["got"]
