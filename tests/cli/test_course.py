"""The commands of the course, as a learner types them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stend.runtime.course import shelf
from tests.reader import environment

pytestmark = pytest.mark.slow

_SERVICE = "08-rest/02-orders-service"
_ROOT = Path(__file__).parent.parent.parent
_SOLUTION = _ROOT / "course/08-rest/exercises/02-orders-service/solutions/standard-library"


def said(workspace: Path, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", *words, "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        env={**environment(), "STEND_LANG": lang, "COLUMNS": "80"},
        timeout=60,
        check=False,
    )


def test_the_way_of_a_learner(tmp_path: Path) -> None:
    assert f"./stend start {shelf().exercises[0].number}" in said(tmp_path, "course").stdout
    begun = said(tmp_path, "start", "8.2")
    assert "Edit: main.py" in begun.stdout
    missed = said(tmp_path, "check", "8.2")
    assert missed.returncode == 1
    first, sentence, *_ = missed.stdout.splitlines()
    assert first == "checking 8.2 …"
    assert sentence.startswith("✕ POST /orders was answered with 200")
    assert "Not yet: 0 of 20 points." in missed.stdout
    assert said(tmp_path, "solution", "8.2").returncode == 2
    shutil.copy(_SOLUTION / "main.py", tmp_path / _SERVICE / "main.py")
    passed = said(tmp_path, "check", "8.2")
    assert (passed.returncode, passed.stdout.splitlines()[-1]) == (0, "Passed: 20 of 20 points.")
    assert "Solution framework:" in said(tmp_path, "solution", "8.2").stdout
    modules = json.loads(said(tmp_path, "course", "--json").stdout)["modules"]
    module = next(one for one in modules if one["number"] == 8)
    assert module["done"]
    service = next(one for one in module["exercises"] if one["id"] == _SERVICE)
    assert service["tries"] == 2


def test_a_verdict_for_scripts(tmp_path: Path) -> None:
    said(tmp_path, "start", "8.2")
    done = said(tmp_path, "check", "8.2", "--json")
    verdict = json.loads(done.stdout)
    assert (verdict["version"], verdict["passed"], verdict["points"]) == (1, False, 0)
    first = verdict["checks"][0]
    assert (first["id"], first["kind"], first["status"]) == ("creates", "W", "fail")
    assert first["sentence"]["ru"].startswith("POST /orders: ответ 200")
    assert {one["status"] for one in verdict["checks"][1:]} == {"skipped"}


def test_a_second_start_keeps_what_was_written(tmp_path: Path) -> None:
    said(tmp_path, "start", "8.2")
    own = tmp_path / _SERVICE / "main.py"
    own.write_text("mine = True\n")
    (tmp_path / _SERVICE / "openapi.yaml").unlink()
    again = json.loads(said(tmp_path, "start", "8.2", "--json").stdout)
    assert again["made"] == ["openapi.yaml"]
    assert own.read_text() == "mine = True\n"


def test_hints_come_one_by_one(tmp_path: Path) -> None:
    numbers = [json.loads(said(tmp_path, "hint", "8", "--json").stdout)["number"] for _ in range(4)]
    assert numbers == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "8.2"), "Exercise 8.2 has not been started"),
        (("check", "8.99"), "There is no exercise 8.99"),
        (("start", "rest"), "There is no exercise rest"),
        (("solution", "8.2"), "opens once the exercise is passed"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = said(tmp_path, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_fits_into_80_columns_but_what_was_on_the_wire(tmp_path: Path) -> None:
    said(tmp_path, "start", "8.2", lang="ru")
    for words in (("course",), ("check", "8.2"), ("hint", "8.2")):
        lines = said(tmp_path, *words, lang="ru").stdout.splitlines()
        assert not [one for one in lines if len(one) > 80 and not one.startswith("    ")]
