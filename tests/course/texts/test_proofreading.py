"""One thing wrong in a course that is right: it is told, and nothing else is."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from stend.course.texts.places import Places
from stend.kit.languages import Language
from tests.course.texts.small_course import MODULE, PRODUCT, change, make, problems

_BOTH = ("lesson.ru.md", "lesson.en.md")
_RU, _EN = ("lesson.ru.md",), ("lesson.en.md",)


def test_a_course_without_faults_has_none(tmp_path: Path) -> None:
    make(tmp_path)
    assert problems(tmp_path) == ()


@pytest.mark.parametrize(
    ("files", "before", "after", "told"),
    [
        (_EN, "{#more}", "{#other}", ["lesson: headings differ"]),
        (_EN, "### More", "## More", ["lesson: headings differ"]),
        (_EN, "2 + 3", "2 + 4", ["lesson: fences differ"]),
        (_EN, "```python", "```python stand", ["`python` in Russian, `python stand`"]),
        (_EN, "print(", "# print(", ["lesson: fences differ"]),
        (_EN, "-->|GET| orders", "-->|GET| stock", ["lesson: fences differ"]),
        (_EN, 'hex = "00 01"', 'hex = "00 02"', ["the live blocks do different things"]),
        (_EN, "(/contracts)", "(/faults)", ["the link /contracts", "the link /faults"]),
        (_BOTH, "(/contracts)", "(/contract)", ["no page /contract"] * 2),
        (_BOTH, "(/contracts)", "(https://example.org)", ["leaves the product"] * 2),
        (_BOTH, "/glossary/saga", "/glossary/sagas", ["no term sagas"] * 2),
        (_BOTH, "/errors/not-found", "/errors/lost", ["no error has the code lost"] * 2),
        (_BOTH, "08-rest#paging", "08-rest#page", ["no anchor page"] * 2),
        (_BOTH, "(/course/08-rest#paging", "(/course/07-grpc#paging", ["no module 07-grpc"] * 2),
        (_BOTH, "08-rest/01-task", "08-rest/04-task", ["no exercise 08-rest/04-task"] * 2),
        (_BOTH, 'codec = "http1"', 'codec = "http9"', ["no codec http9"] * 2),
        (_BOTH, "flowchart LR", "pie", ["no mermaid"] * 2),
        (_BOTH, "2 + 3", "2 +", ["no python"] * 2),
    ],
)
def test_what_is_wrong_with_a_lesson(
    tmp_path: Path, files: Sequence[str], before: str, after: str, told: list[str]
) -> None:
    module = make(tmp_path)
    for name in files:
        change(module / name, before, after)
    found = problems(tmp_path)
    assert len(found) == len(told), found
    for sentence, part in zip(found, told, strict=True):
        assert part in sentence
        assert sentence.startswith(MODULE)


@pytest.mark.parametrize(("language", "word"), [("ru", "слово "), ("en", "word ")])
@pytest.mark.parametrize("times", [1000, 2600])
def test_the_length_of_a_lesson(tmp_path: Path, language: str, word: str, times: int) -> None:
    module = make(tmp_path)
    change(module / f"lesson.{language}.md", word * 1200, word * times)
    (found,) = problems(tmp_path)
    assert found.startswith(f"{MODULE}: lesson.{language}.md: {times // 1000}")
    assert found.endswith("words, 1200 to 2500 expected")


@pytest.mark.parametrize(
    "name", ["lesson.ru.md", "lesson.en.md", "quiz.yaml", "demo.toml", "demo.py"]
)
def test_what_is_missing_is_told(tmp_path: Path, name: str) -> None:
    module = make(tmp_path)
    (module / name).unlink()
    assert any(name in one for one in problems(tmp_path))


def test_a_module_has_a_design_code_and_an_experiment(tmp_path: Path) -> None:
    module = make(tmp_path)
    change(module / "exercises" / "02-task" / "exercise.toml", '"code"', '"design"')
    assert problems(tmp_path) == (f"{MODULE}: no exercise of the kind code",)
    # Modules 1 and 12 may have a second design in its place.
    moved = module.rename(tmp_path / "12-design")
    found = problems(tmp_path)
    assert not any("of the kind" in one for one in found)
    change(moved / "exercises" / "03-task" / "exercise.toml", '"break"', '"design"')
    assert "12-design: no exercise of the kind break" in problems(tmp_path)


def test_a_check_names_an_anchor_of_the_lesson(tmp_path: Path) -> None:
    module = make(tmp_path)
    change(module / "exercises" / "01-task" / "exercise.toml", '"paging"', '"pages"')
    ru, en = problems(tmp_path)
    assert (
        ru == f"{MODULE}: 01-task: pages is explained at #pages, which lesson.ru.md does not have"
    )
    assert en.endswith("which lesson.en.md does not have")


def test_the_languages_of_a_task_are_one(tmp_path: Path) -> None:
    module = make(tmp_path)
    change(module / "exercises" / "01-task" / "task.en.md", "## Promises", "Promises")
    (found,) = problems(tmp_path)
    assert found == f"{MODULE}: 01-task: task: 2 headings in Russian, 1 in English"


def test_the_glossary_names_what_exists(tmp_path: Path) -> None:
    make(tmp_path)
    change(tmp_path / "glossary.yaml", "08-rest#paging", "08-rest#nothing")
    ru, en = problems(tmp_path)
    assert (
        ru == en == "glossary: saga: 08-rest#nothing: the lesson of 08-rest has no anchor nothing"
    )
    (tmp_path / "glossary.yaml").unlink()
    assert any("glossary.yaml" in one for one in problems(tmp_path))


@pytest.mark.parametrize(
    ("target", "right"),
    [
        ("/course", True),
        ("/course/glossary", True),
        ("/course/08-rest", True),
        ("/course/08-rest/quiz", True),
        ("/course/08-rest/demo", True),
        ("/course/08-rest/exam", False),
        ("/contracts?api=rest#top", True),
        ("/errors", True),
        ("mailto:a@example.org", False),
        ("//example.org/contracts", False),
        ("contracts", False),
        ("", False),
    ],
)
def test_where_a_link_may_lead(target: str, right: bool) -> None:
    places = Places(PRODUCT, modules=frozenset({MODULE}))
    assert (places.wrong(target, MODULE, Language.RU) is None) is right
