"""A course of one module that has nothing wrong, for tests to make something wrong in."""

from pathlib import Path

from stend.course.model import Module
from stend.course.shelf import read_shelf
from stend.course.texts.places import Product
from stend.course.texts.proofreading import Proofreader

MODULE = "08-rest"
PRODUCT = Product(
    routes=frozenset({"/contracts", "/faults"}),
    errors=frozenset({"not-found"}),
    codecs=frozenset({"http1"}),
)
_KINDS = ("design", "code", "break")

_LESSON = """# REST {{#rest}}

{opening} [{contracts}](/contracts), [saga](/course/glossary/saga), [404](/errors/not-found).

## {paging} {{#paging}}

{filler}

```python
total = 2 + 3  # {comment}
print("{said}", total)
```

```text output
{said} 5
```

```mermaid
flowchart LR
    client["{client}"] -->|GET| orders
```

```live
do = "bytes"
codec = "http1"
hex = "00 01"
```

| {word} | 1 |
|---|--:|
| a | 2 |

### {more} {{#more}}

[{paging}](#paging), [{paging}](/course/08-rest#paging), [1](/course/08-rest/01-task).
"""
_RU = {
    "opening": "Стиль, в котором всё — ресурсы.",
    "contracts": "Контракты",
    "paging": "Листание",
    "filler": "слово " * 1200,
    "comment": "сумма",
    "said": "Сумма:",
    "client": "Покупатель",
    "word": "Слово",
    "more": "Ещё",
}
_EN = {
    "opening": "A style in which all are resources.",
    "contracts": "Contracts",
    "paging": "Paging",
    "filler": "word " * 1200,
    "comment": "the sum",
    "said": "Sum:",
    "client": "Customer",
    "word": "Word",
    "more": "More",
}
_MODULE = """
title = { ru = "REST", en = "REST" }
summary = { ru = "О ресурсах.", en = "About resources." }
outcomes = [
    { ru = "Раз.", en = "One." },
    { ru = "Два.", en = "Two." },
    { ru = "Три.", en = "Three." },
]
"""
_EXERCISE = """
title = {{ ru = "Сервис заказов", en = "The orders service" }}
kind = "{kind}"
minutes = 10
files = ["main.py"]
hints = [
    {{ ru = "Раз.", en = "One." }},
    {{ ru = "Два.", en = "Two." }},
    {{ ru = "Три.", en = "Three." }},
]
mistakes = {{}}

[[checks]]
id = "pages"
kind = "W"
points = 1
lesson = "paging"
meaning = {{ ru = "Листает.", en = "Pages." }}
"""
_GLOSSARY = """
- id: saga
  term: { ru: "сага", en: "saga" }
  meaning: { ru: "Цепочка шагов с отменой.", en: "A chain of steps that are undone." }
  lessons: ["08-rest#paging"]
"""


def make(folder: Path) -> Path:
    """The course in a folder; the folder of its module."""
    module = folder / MODULE
    module.mkdir(parents=True)
    _write(module / "module.toml", _MODULE)
    _write(module / "lesson.ru.md", _LESSON.format(**_RU))
    _write(module / "lesson.en.md", _LESSON.format(**_EN))
    _write(module / "quiz.yaml", "\n".join(_question(number) for number in range(8)))
    _write(module / "demo.toml", "")
    _write(module / "demo.py", "")
    _write(folder / "glossary.yaml", _GLOSSARY)
    for number, kind in enumerate(_KINDS, 1):
        exercise = module / "exercises" / f"0{number}-task"
        _write(exercise / "exercise.toml", _EXERCISE.format(kind=kind))
        _write(
            exercise / "task.ru.md", "# Сервис заказов\n\nНапишите.\n\n## Что он обещает\n\nВсё.\n"
        )
        _write(exercise / "task.en.md", "# The orders service\n\nWrite.\n\n## Promises\n\nAll.\n")
    return module


def problems(folder: Path) -> tuple[str, ...]:
    """Of the module and the glossary, as a linter finds them."""
    shelf = read_shelf(folder)
    reader = Proofreader(folder, shelf, PRODUCT)
    return (*reader.module(one_module(folder)), *reader.glossary())


def one_module(folder: Path) -> Module:
    return read_shelf(folder).modules[0]


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{before!r} is not in {path}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _question(number: int) -> str:
    answers = "\n".join(
        f"""  - text: {{ ru: "Вариант {place}", en: "Answer {place}" }}
    why: {{ ru: "Потому.", en: "Because." }}{
            '''
    right: true'''
            if place == number % 4
            else ""
        }"""
        for place in range(4)
    )
    return f"""- id: question-{number}
  question: {{ ru: "Что вернёт курсор {number}?", en: "What does cursor {number} give?" }}
  answers:
{answers}"""
