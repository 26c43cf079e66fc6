"""A small course in a folder of its own, and a runner of checks that a test answers for."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stend.portal.learning.classroom import Classroom, Ran
from tests.fakes.orders import HandClock

FIRST, SECOND = "01-first", "02-second"
DESIGN, CODE = "01-design", "02-code"
EVIL = "<script>alert(1)</script>"

_EXERCISE = """
title = { ru = "Задание {number}", en = "Task {number}" }
kind = "{kind}"
minutes = 20
files = ["answer.txt"]
hardest = {hardest}
hints = [
    { ru = "Первая подсказка.", en = "The first hint." },
    { ru = "Вторая подсказка.", en = "The second hint." },
    { ru = "Третья подсказка.", en = "The third hint." },
]
[[checks]]
id = "is-there"
kind = "L"
points = 1
lesson = "first"
source = "RFC 9110, 9.3.3"
meaning = { ru = "Ответ есть.", en = "There is an answer." }
[[checks]]
id = "is-right"
kind = "W"
points = 2
hidden = true
lesson = "etag"
meaning = { ru = "Ответ верный.", en = "The answer is right." }
[[checks]]
id = "is-fast"
kind = "W"
points = 3
deep = true
lesson = "etag"
meaning = { ru = "Ответ быстрый.", en = "The answer is fast." }
[mistakes]
"""

LESSON = {
    "ru": """# Первый урок {#first}

Слово про ETag и `код`. Термин: [сага](/course/glossary/saga). Опасное: %s

## ETag {#etag}

```python
print("привет")
```

```text output
привет
```

```mermaid
sequenceDiagram
    A->>B: <b>GET</b>
    B-->>A: 200
```

```live
do = "call"
operation = "PlaceOrder"
over = "rest"
```

```live
do = "bytes"
codec = "http1"
text = "GET / HTTP/1.1\\r\\nHost: lavka\\r\\n\\r\\n"
```
""",
    "en": """# The first lesson {#first}

A word on ETag and `code`. A term: [saga](/course/glossary/saga). Dangerous: %s

## ETag {#etag}

```python
print("hello")
```

```text output
hello
```

```mermaid
sequenceDiagram
    A->>B: <b>GET</b>
    B-->>A: 200
```

```live
do = "call"
operation = "PlaceOrder"
over = "rest"
```

```live
do = "bytes"
codec = "http1"
text = "GET / HTTP/1.1\\r\\nHost: lavka\\r\\n\\r\\n"
```
""",
}
_GLOSSARY = """
- id: saga
  term: { ru: "сага", en: "saga" }
  meaning: { ru: "Цепочка транзакций.", en: "A chain of transactions." }
  see: [etag]
  lessons: [01-first#etag]
- id: etag
  term: { ru: "метка версии", en: "entity tag" }
  meaning: { ru: "Меняется с ресурсом.", en: "Changes with the resource." }
"""
_DEMO = """
title = { ru = "Демо", en = "The demo" }
summary = { ru = "Что видно.", en = "What is seen." }
page = "/messages"
[[controls]]
id = "delay"
kind = "slider"
label = { ru = "Задержка", en = "Delay" }
least = 0
most = 100
step = 5
value = 50
unit = "ms"
[[controls]]
id = "way"
kind = "choice"
label = { ru = "Способ", en = "Way" }
value = "one"
options = [
    { id = "one", label = { ru = "Первый", en = "First way" } },
    { id = "two", label = { ru = "Второй", en = "Second way" } },
]
[[controls]]
id = "strict"
kind = "switch"
label = { ru = "Строго", en = "Strictly" }
value = true
"""


def lay_out_course(folder: Path) -> Path:
    """Two modules: one with everything, one that is only begun."""
    _module(folder / FIRST, "Первый", "First")
    _module(folder / SECOND, "Второй", "Second")
    for language, text in LESSON.items():
        _write(folder / FIRST / f"lesson.{language}.md", text % EVIL)
    _write(folder / FIRST / "quiz.yaml", "".join(map(_question, range(8))))
    _write(folder / FIRST / "demo.toml", _DEMO)
    _write(folder / FIRST / "demo.py", "")
    _write(folder / "glossary.yaml", _GLOSSARY)
    _exercise(folder / FIRST / "exercises" / DESIGN, "1.1", "design", hardest="false")
    _exercise(folder / FIRST / "exercises" / CODE, "1.2", "code", hardest="true")
    return folder


def _module(folder: Path, ru: str, en: str) -> None:
    outcomes = ", ".join(f'{{ ru = "Уметь {n}.", en = "Able to {n}." }}' for n in range(3))
    _write(
        folder / "module.toml",
        f'title = {{ ru = "{ru}", en = "{en}" }}\n'
        f'summary = {{ ru = "О чём {ru}.", en = "About {en}." }}\noutcomes = [{outcomes}]\n',
    )


def _exercise(folder: Path, number: str, kind: str, hardest: str) -> None:
    row = _EXERCISE.replace("{number}", number).replace("{kind}", kind)
    _write(folder / "exercise.toml", row.replace("{hardest}", hardest))
    _write(folder / "task.ru.md", f"# Задание {number}\n\nСделайте хорошо. {EVIL}\n")
    _write(folder / "task.en.md", f"# Task {number}\n\nDo it well. {EVIL}\n")
    _write(folder / "starter" / "answer.txt", "?\n")
    _write(folder / "solutions" / "plain" / "answer.txt", f"right {EVIL}\n")


def _question(number: int) -> str:
    answers = "".join(
        f'    - text: {{ ru: "Ответ {place}", en: "Answer {place}" }}\n'
        f"      right: {'true' if place == number % 3 else 'false'}\n"
        f'      why: {{ ru: "Потому {number}-{place}", en: "Because {number}-{place}" }}\n'
        for place in range(3)
    )
    return (
        f'- id: q{number}\n  question: {{ ru: "Вопрос про {number}", en: "About {number}" }}\n'
        f"  answers:\n{answers}"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def judged(
    check: str, status: str, *, hidden: bool = False, points_of: int = 1, **more: Any
) -> dict[str, Any]:
    """One check of a result, as `stend check --json` prints it."""
    return {
        "id": check,
        "kind": "W",
        "status": status,
        "hidden": hidden,
        "meaning": {"ru": f"Смысл {check}.", "en": f"Meaning of {check}."},
        "sentence": None,
        "expected": None,
        "got": None,
        "where": None,
        "link": f"/course/{FIRST}#etag",
        "source": "RFC 9110, 13.1.1",
        "points": points_of if status == "pass" else 0,
        "points_of": points_of,
        **more,
    }


def result(*checks: dict[str, Any], left_out: int = 0, deep: bool = False) -> bytes:
    asked = sum(one["points_of"] for one in checks)
    return json.dumps(
        {
            "version": 1,
            "exercise": f"{FIRST}/{DESIGN}",
            "number": "1.1",
            "title": {"ru": "Задание", "en": "Task"},
            "passed": all(one["status"] == "pass" for one in checks),
            "deep": deep,
            "points": sum(one["points"] for one in checks),
            "points_asked": asked,
            "points_of_all": asked,
            "checks_left_out": left_out,
            "duration_s": 0.4,
            "checks": list(checks),
        }
    ).encode()


def lines(*shown: Mapping[str, Any]) -> bytes:
    """What a demo shows, as `stend course demo` prints it."""
    return b"".join(json.dumps({"version": 1, **one}).encode() + b"\n" for one in shown)


@dataclass(slots=True)
class FakeChecks:
    """Answers for `stend check` and `stend course demo`; remembers what was asked for."""

    answer: Callable[[], Ran] = lambda: Ran(0, result(judged("is-there", "pass")), "")
    asked: list[tuple[str, bool]] = field(default_factory=list)
    shows: Callable[[], Ran] = lambda: Ran(0, lines({"kind": "end"}), "")
    shown: list[tuple[int, list[str]]] = field(default_factory=list)

    async def run(self, number: str, deep: bool) -> Ran:
        self.asked.append((number, deep))
        return self.answer()

    async def demo(self, number: int, controls: Sequence[str]) -> Ran:
        self.shown.append((number, list(controls)))
        return self.shows()


def classroom_in(folder: Path, checks: FakeChecks) -> Classroom:
    """
    Args:
        folder: gets the course and the workspace.
    """
    course = lay_out_course(folder / "course")
    return Classroom(course, folder / "workspace", checks.run, checks.demo, HandClock())
