"""`stend course new`: what it makes can be tried at once, and says what is still to be written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stend.course.model import ExerciseKind
from tests.course.sample import make_course, of_course

pytestmark = pytest.mark.slow


def said(folder: Path, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", "course", *words],
        capture_output=True,
        text=True,
        env=of_course(folder, lang),
        cwd=folder,
        timeout=120,
        check=False,
    )


@pytest.fixture
def school(tmp_path: Path) -> Path:
    make_course(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", ExerciseKind)
def test_a_draft_judges_as_it_has_to(school: Path, kind: ExerciseKind) -> None:
    made = json.loads(said(school, "new", "8", "my-own", "--kind", kind, "--json").stdout)
    assert (made["exercise"], made["number"]) == ("08-rest/04-my-own", "8.4")
    assert Path(made["folder"]) == school / "course/08-rest/exercises/04-my-own"
    for name in ("task.ru.md:1: [написать: название]", "task.en.md:1: [to write: the title]"):
        assert name in made["to_write"]
    linted = said(school, "lint", "8.4", "--json")
    told = json.loads(linted.stdout)
    assert (linted.returncode, told["problems"]) == (0, [])
    assert (told["right"], told["wrong"], told["killed"], told["named_first"]) == (2, 5, 5, 5)
    assert len(told["to_write"]) == len(made["to_write"])
    shown = said(school, "lint", "8.4", lang="ru").stdout
    assert "Осталось написать: 08-rest/04-my-own/task.ru.md:1" in shown


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_it_tells_a_person_what_to_do_next(school: Path, lang: str) -> None:
    done = said(school, "new", "8", "my-own", "--kind", "code", lang=lang)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith("./stend course lint 8.4") or (
        "./stend course lint 8.4 tells" in done.stdout
    )
    assert not [one for one in done.stdout.splitlines() if len(one) > 80 and str(school) not in one]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("99", "x", "--kind", "code"), "There is no exercise 99"),
        (("8", "../x", "--kind", "code"), "will not do"),
        (("8", "Имя", "--kind", "code"), "will not do"),
        (("8", "contract", "--kind", "code"), "has an exercise contract already: 8.1"),
        (("8", "x", "--kind", "essay"), "There is no kind 'essay'; there are design, code, break"),
    ],
)
def test_what_cannot_be_made_is_refused(school: Path, words: tuple[str, ...], told: str) -> None:
    before = sorted(school.rglob("*"))
    done = said(school, "new", *words)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert sorted(school.rglob("*")) == before
