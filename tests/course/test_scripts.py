"""A learner's program that runs to its end."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from stend.course.case import Case
from stend.course.sandbox.limits import Limits
from stend.course.sandbox.told import Broken


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path, random.Random(1), {}, limits=Limits(wall_s=3.0))
    yield made
    made.end()


def _written(case: Case, program: str) -> None:
    (case.folder / "main.py").write_text(program, encoding="utf-8")


def test_what_goes_in_and_what_comes_out(case: Case) -> None:
    _written(
        case,
        "import os, sys\n"
        "print(sys.stdin.read().upper(), sys.argv[1:], os.environ['WHO'])\n"
        "print('beside', file=sys.stderr)\n"
        "sys.exit(3)\n",
    )
    done = case.script("main.py", "a", "b", stdin=b"hello", environment={"WHO": "you"})
    assert (done.code, done.text) == (3, "HELLO ['a', 'b'] you\n")
    assert done.stderr == "beside\n"


def test_all_that_is_printed_comes_back(case: Case) -> None:
    _written(case, "import sys\nsys.stdout.write('x' * 900_000)\n")
    assert len(case.script("main.py").succeeded().stdout) == 900_000


def test_what_is_not_read_hangs_nobody(case: Case) -> None:
    _written(case, "print('done')\n")
    assert case.script("main.py", stdin=b"x" * 10_000_000).text == "done\n"


def test_an_exit_code_is_told_when_it_is_asked_for(case: Case) -> None:
    _written(case, "def divide():\n    return 1 / 0\n\ndivide()\n")
    done = case.script("main.py")
    assert done.code == 1
    with pytest.raises(Broken) as caught:
        done.succeeded()
    assert caught.value.sentence.en == (
        "main.py ended with code 1. ZeroDivisionError: division by zero"
    )
    got = caught.value.got or ""
    assert got.startswith("Traceback (most recent call last):")
    assert "enter.py" not in got


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("while True: pass", "longer than it may"),
        ("while True: print('again')", "more than 1 MB"),
        ("import sys\nwhile True: sys.stderr.write('again')", "more than 1 MB"),
        ("b = []\nwhile True: b.append(b'x' * 1024**2)", "512 MB"),
    ],
)
def test_a_limit_ends_it(case: Case, program: str, told: str) -> None:
    _written(case, program)
    with pytest.raises(Broken) as caught:
        case.script("main.py").succeeded()
    # Out of memory a program may also say so by itself.
    assert told in caught.value.sentence.en or "MemoryError" in caught.value.sentence.en


def test_there_is_no_such_file(case: Case) -> None:
    with pytest.raises(Broken) as caught:
        case.script("main.py")
    assert "no file main.py" in caught.value.sentence.en


def test_what_is_no_text_is_told(case: Case) -> None:
    _written(case, "import sys\nsys.stdout.buffer.write(bytes([0xff]))\n")
    done = case.script("main.py")
    assert done.stdout == b"\xff"
    with pytest.raises(Broken, match="no UTF-8"):
        _ = done.text
