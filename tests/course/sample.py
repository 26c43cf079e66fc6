"""A small course of its own and a class of learners, for tests of what is told of them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.reader import environment

MODULES = {"04-jsonrpc": "JSON-RPC", "08-rest": "REST", "14-sql": "SQL"}
EXERCISES = ("01-contract", "02-service", "03-break")
PASSED_AT = "2026-11-02T10:00:00+00:00"

_MODULE = """\
title = {{ ru = "{title}", en = "{title}" }}
summary = {{ ru = "Коротко о модуле.", en = "The module in short." }}
outcomes = [
    {{ ru = "Одно.", en = "One." }},
    {{ ru = "Другое.", en = "Two." }},
    {{ ru = "Третье.", en = "Three." }},
]
"""
_EXERCISE = """\
title = {{ ru = "Задание {name}", en = "Exercise {name}" }}
kind = "code"
minutes = 10
files = ["answer.txt"]
hints = [
    {{ ru = "Раз.", en = "One." }}, {{ ru = "Два.", en = "Two." }}, {{ ru = "Три.", en = "Three." }}
]

[[checks]]
id = "is-there"
kind = "L"
points = 2
lesson = "answers"
meaning = {{ ru = "Ответ есть.", en = "There is an answer." }}

[[checks]]
id = "is-right"
kind = "W"
points = 3
needs = ["is-there"]
lesson = "answers"
meaning = {{ ru = "Ответ — 42, и без пробелов.", en = "The answer is 42, without spaces." }}

[mistakes]
"""
_CHECKS = """\
from stend.course.case import Case


def is_there(case: Case) -> None:
    if not case.read("answer.txt").strip():
        case.fail("Ответа нет.", "There is no answer.", expected="42", got="")


def is_right(case: Case) -> None:
    if case.read("answer.txt") == "bug":
        raise ValueError("a bug of the check")
    if case.read("answer.txt") != "42":
        case.fail("Ответ не 42.", "The answer is not 42.", expected="42")
"""


def make_course(folder: Path) -> Path:
    """`folder/course`, with a name for the code beside it: commands find their course there."""
    for module, title in MODULES.items():
        _write(folder / "course" / module / "module.toml", _MODULE.format(title=title))
        _write(folder / "course" / module / "quiz.yaml", quiz_yaml())
        for exercise in EXERCISES:
            place = folder / "course" / module / "exercises" / exercise
            _write(place / "exercise.toml", _EXERCISE.format(name=exercise))
            _write(place / "checks.py", _CHECKS)
            for name in ("task.ru.md", "task.en.md"):
                _write(place / name, "# Task\n")
            _write(place / "starter" / "answer.txt", "")
    templates = PROJECT / "course" / "templates"
    (folder / "course" / "templates").symlink_to(templates, target_is_directory=True)
    source = folder / "src"
    source.mkdir(parents=True)
    (source / "stend").symlink_to(PROJECT / "src" / "stend", target_is_directory=True)
    return folder / "course"


def quiz_yaml() -> str:
    """Eight questions whose second answer is right."""
    return "".join(
        f"- id: question-{number}\n"
        f'  question: {{ ru: "Вопрос {number}?", en: "Question {number}?" }}\n'
        "  answers:\n"
        + "".join(
            f'    - text: {{ ru: "Ответ {place}", en: "Answer {place}" }}\n'
            + ("      right: true\n" if place == 2 else "")
            + f'      why: {{ ru: "Потому что {place}.", en: "Because {place}." }}\n'
            for place in (1, 2, 3)
        )
        for number in range(1, 9)
    )


def of_course(folder: Path, lang: str = "en") -> dict[str, str]:
    """The environment in which commands take the course that was made in a folder."""
    own = environment()
    path = os.pathsep.join((str(folder / "src"), str(PROJECT)))
    return {**own, "PYTHONPATH": path, "STEND_LANG": lang, "COLUMNS": "80"}


def record(**more: Any) -> Mapping[str, Any]:
    return {"started_at": PASSED_AT, "tried_at": PASSED_AT, "tries": 1, **more}


def passed(points: int = 5, **more: Any) -> Mapping[str, Any]:
    return record(passed_at=PASSED_AT, points=points, **more)


def make_learner(
    folder: Path,
    exercises: Mapping[str, Mapping[str, Any]],
    name: str | None = None,
    quizzes: Mapping[str, tuple[int, int]] | None = None,
) -> Path:
    told = {
        "version": 1,
        "exercises": exercises,
        "quizzes": {
            module: {"right": right, "of": of, "taken_at": PASSED_AT}
            for module, (right, of) in (quizzes or {}).items()
        },
    }
    _write(folder / "progress.json", json.dumps(told))
    if name is not None:
        _write(folder / "learner.toml", f"name = {json.dumps(name, ensure_ascii=False)}\n")
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
