"""`stend quiz`: asked one by one, or graded at once; the result is kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.course.sample import make_course, of_course

pytestmark = pytest.mark.slow

_RIGHT = ",".join(f"question-{number}=2" for number in range(1, 9))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    make_course(folder)
    return folder


def said(
    school: Path, workspace: Path, *words: str, typed: str = "", lang: str = "en"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", "quiz", *words, "--workspace", str(workspace)],
        input=typed,
        capture_output=True,
        text=True,
        env=of_course(school, lang),
        timeout=60,
        check=False,
    )


def kept(workspace: Path) -> object:
    path = workspace / "progress.json"
    return json.loads(path.read_text())["quizzes"] if path.exists() else None


def test_it_is_asked_and_explained(school: Path, tmp_path: Path) -> None:
    done = said(school, tmp_path, "8", typed="1\nx\n9\n2\n" + "2\n" * 6)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:4] == ["1/8 Question 1?", "  1. Answer 1", "  2. Answer 2", "  3. Answer 3"]
    assert "  ✕ Because 1." in done.stdout
    assert "    Right is 2: Answer 2\n    Because 2.\n" in done.stdout
    assert "question-2: there is no answer 'x'; a number from 1 to 3 is expected." in done.stdout
    assert done.stdout.count("● Because 2.") == 7
    assert lines[-1] == "Right answers: 7 of 8."
    told = kept(tmp_path)
    assert isinstance(told, dict)
    assert (told["08-rest"]["right"], told["08-rest"]["of"]) == (7, 8)


def test_what_is_broken_off_is_not_kept(school: Path, tmp_path: Path) -> None:
    done = said(school, tmp_path, "8", typed="2\n2\n")
    assert (done.returncode, kept(tmp_path)) == (2, None)
    assert "broken off" in done.stderr


def test_questions_for_scripts_do_not_tell_what_is_right(school: Path, tmp_path: Path) -> None:
    done = said(school, tmp_path, "8", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["module"], len(told["questions"])) == (0, "08-rest", 8)
    assert told["questions"][0]["answers"][1] == {
        "number": 2,
        "text": {"ru": "Ответ 2", "en": "Answer 2"},
    }
    assert "right" not in done.stdout
    assert "why" not in done.stdout


def test_answers_are_graded(school: Path, tmp_path: Path) -> None:
    done = said(school, tmp_path, "8", "--answers", _RIGHT, "--json")
    assert (done.returncode, json.loads(done.stdout)["right"]) == (0, 8)
    again = said(school, tmp_path, "8", "--answers", "question-1=2,question-2=1", "--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["right"], told["passed"]) == (1, 1, False)
    assert [one["given"] for one in told["questions"][:3]] == [2, 1, None]
    assert told["questions"][1]["why"]["en"] == "Because 1."
    last = kept(tmp_path)
    assert isinstance(last, dict)
    assert last["08-rest"]["right"] == 1


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_grades_on_a_terminal(school: Path, tmp_path: Path, lang: str) -> None:
    done = said(school, tmp_path, "8", "--answers", "question-2=1", lang=lang)
    assert done.returncode == 1
    assert ("No answer." in done.stdout) == (lang == "en")
    assert not [one for one in done.stdout.splitlines() if len(one) > 80]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("99",), "There is no"),
        (("8", "--answers", "nothing=1"), "There is no question 'nothing'"),
        (("8", "--answers", ""), "There is no question ''"),
        (("8", "--answers", "question-1=4"), "there is no answer '4'"),
        (("8", "--answers", "question-1=²"), "there is no answer '²'"),
        (("8", "--answers", "question-1=1,question-1=2"), "two answers to question-1"),
    ],
)
def test_what_cannot_be_is_told(
    school: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = said(school, tmp_path, *words)
    assert (done.returncode, kept(tmp_path)) == (2, None)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
