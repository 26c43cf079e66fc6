"""What a reader of the course finds."""

from pathlib import Path

import pytest

from stend.course.shelf import read_shelf
from stend.course.texts.glossary import read_glossary
from stend.course.texts.search import Hit, Index, Kind, Part
from stend.kit.languages import Language
from tests.course.texts.small_course import change, make


@pytest.fixture
def index(tmp_path: Path) -> Index:
    module = make(tmp_path)
    for language in Language:
        change(module / f"lesson.{language}.md", "{#paging}\n", "{#paging}\n\nETag, ещё запросы.\n")
    change(module / "exercises" / "01-task" / "task.ru.md", "Напишите.", "Курсор и листание.")
    return Index(read_shelf(tmp_path), read_glossary(tmp_path))


def addresses(found: tuple[Hit, ...]) -> list[str]:
    return [one.address for one in found]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("саги", "/course/glossary/saga"),
        ("Сагой", "/course/glossary/saga"),
        ("цепочке отменами", "/course/glossary/saga"),
        ("листания", "/course/08-rest#paging"),
        ("запросов", "/course/08-rest#paging"),
        ("etag", "/course/08-rest#paging"),
        ("еще запрос", "/course/08-rest#paging"),
        ("сервисы заказа", "/course/08-rest/01-task"),
        ("ресурс", "/course/08-rest#rest"),
        ("что такое ресурсы", None),
        ("в ресурсах", "/course/08-rest#rest"),
    ],
)
def test_a_word_is_found_in_any_form(index: Index, query: str, address: str | None) -> None:
    assert next(iter(addresses(index.find(query, Language.RU))), None) == address


def test_each_language_finds_its_own_texts(index: Index) -> None:
    assert addresses(index.find("chains", Language.EN)) == ["/course/glossary/saga"]
    assert index.find("chains", Language.RU) == ()
    assert index.find("цепочка", Language.EN) == ()


def test_a_term_is_found_by_its_name_in_the_other_language(index: Index) -> None:
    assert addresses(index.find("saga", Language.RU))[0] == "/course/glossary/saga"
    assert addresses(index.find("сага", Language.EN)) == ["/course/glossary/saga"]


def test_a_title_asked_for_as_a_whole_comes_first(tmp_path: Path) -> None:
    make(tmp_path)
    text = (tmp_path / "glossary.yaml").read_text(encoding="utf-8")
    longer = text.replace("id: saga", "id: long").replace('"сага"', '"долгая сага, сага саг"')
    (tmp_path / "glossary.yaml").write_text(longer + text, encoding="utf-8")
    index = Index(read_shelf(tmp_path), read_glossary(tmp_path))
    assert addresses(index.find("саги", Language.RU)) == [
        "/course/glossary/saga",
        "/course/glossary/long",
    ]


def test_the_last_word_may_be_unfinished(index: Index) -> None:
    assert "/course/08-rest#paging" in addresses(index.find("лис", Language.RU))
    # Not the first of two, and not two letters.
    assert index.find("лис курсор", Language.RU) == ()
    assert index.find("ли", Language.RU) == ()


def test_a_title_outweighs_a_heading_and_that_a_text(index: Index) -> None:
    found = index.find("листание", Language.RU)
    assert [(one.kind, one.address) for one in found] == [
        (Kind.LESSON, "/course/08-rest#paging"),
        (Kind.LESSON, "/course/08-rest#more"),
        (Kind.TASK, "/course/08-rest/01-task"),
    ]
    rest = index.find("rest", Language.RU)
    assert rest[0].address == "/course/08-rest#rest"


def test_a_question_is_found_at_its_place(index: Index) -> None:
    found = index.find("cursor give", Language.EN)
    assert len(found) == 8
    assert (found[3].kind, found[3].address, found[3].place) == (
        Kind.QUESTION,
        "/course/08-rest/quiz#question-3",
        "REST",
    )


def test_a_snippet_has_the_hit_marked(index: Index) -> None:
    (found,) = index.find("отменами", Language.RU)
    assert found.title == (Part("сага", False),)
    assert found.snippet == (
        Part("Цепочка шагов с ", False),
        Part("отменой", True),
        Part(".", False),
    )


def test_a_snippet_is_a_window_of_whole_words(index: Index) -> None:
    (found,) = index.find("paging etag", Language.EN)
    text = "".join(one.text for one in found.snippet)
    assert text.startswith("ETag")
    assert text.endswith("word …")
    assert len(text) < 200
    assert Part("ETag", True) in found.snippet


@pytest.mark.parametrize("query", ["", "   ", "?!", "неттакогослова", "и в на"])
def test_nothing_is_found_for_nothing(index: Index, query: str) -> None:
    assert index.find(query, Language.RU) == ()


def test_a_module_without_texts_yet_is_found_by_its_tasks(tmp_path: Path) -> None:
    module = make(tmp_path)
    for name in ("lesson.ru.md", "lesson.en.md", "quiz.yaml"):
        (module / name).unlink()
    index = Index(read_shelf(tmp_path), None)
    assert {one.kind for one in index.find("сервис", Language.RU)} == {Kind.TASK}
