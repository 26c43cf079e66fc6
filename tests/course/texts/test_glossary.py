"""The glossary of the course, and what a glossary has to be."""

import re
from pathlib import Path

import pytest

from stend.course.errors import CourseFileError
from stend.course.texts.glossary import Glossary, read_glossary
from stend.kit.languages import Language
from stend.runtime.assets import Assets, assets
from tests.course.texts.small_course import change, make

_LEAST_TERMS = 120
# The author's guide: no calques.
_NOT_SAID = re.compile(r"\b(данн(ый|ая|ое|ого|ой|ую)|осуществля|явля(ет|ют)ся)", re.IGNORECASE)
_CYRILLIC = re.compile(r"[А-яЁё]")


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return read_glossary(assets(Assets.COURSE))


def test_the_field_has_its_terms(glossary: Glossary) -> None:
    assert len(glossary.terms) >= _LEAST_TERMS
    saga = glossary.of("saga")
    assert saga is not None
    assert (saga.term.ru, saga.address) == ("сага", "/course/glossary/saga")
    assert glossary.of("nothing") is None


@pytest.mark.parametrize("language", Language)
def test_no_term_is_there_twice(glossary: Glossary, language: Language) -> None:
    terms = [one.term.text[language].lower() for one in glossary.terms]
    assert sorted(terms) == sorted(set(terms))


def test_meanings_are_sentences_of_their_language(glossary: Glossary) -> None:
    for one in glossary.terms:
        ru, en = one.meaning.ru, one.meaning.en
        assert ru.endswith(".")
        assert en.endswith(".")
        assert _CYRILLIC.search(ru)
        assert not _CYRILLIC.search(en), one.id
        assert not _NOT_SAID.search(ru), one.id


def test_every_term_leads_on(glossary: Glossary) -> None:
    assert [one.id for one in glossary.terms if not one.see] == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("id: saga", "id: Saga", "should match pattern"),
        ("lessons:", "see: [nothing]\n  lessons:", "saga sees nothing"),
        ("lessons:", "see: [saga]\n  lessons:", "saga sees saga"),
        ("08-rest#paging", "rest#paging", "should match pattern"),
        ("lessons:", "lesson:", "lesson: Extra inputs"),
        (', en: "saga"', "", "en: Field required"),
    ],
)
def test_what_is_no_glossary_is_refused(tmp_path: Path, before: str, after: str, told: str) -> None:
    make(tmp_path)
    change(tmp_path / "glossary.yaml", before, after)
    with pytest.raises(CourseFileError, match=told):
        read_glossary(tmp_path)


def test_a_term_twice_is_refused(tmp_path: Path) -> None:
    make(tmp_path)
    path = tmp_path / "glossary.yaml"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(CourseFileError, match="there twice: saga"):
        read_glossary(tmp_path)
