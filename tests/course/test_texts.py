"""The texts of the course itself, and what an author asks about them."""

import pytest

from stend.course.errors import NoSuchExerciseError
from stend.course.linting import wanted, wrong_texts
from stend.course.model import Module
from stend.runtime.course import shelf
from stend.runtime.course_texts import product, proofreader

_SHELF = shelf()
_READER = proofreader(_SHELF)


@pytest.mark.parametrize("module", _SHELF.modules, ids=lambda one: str(one.slug))
def test_a_module_is_whole_and_holds_together(module: Module) -> None:
    assert _READER.module(module) == ()


def test_the_course_has_fifteen_modules() -> None:
    assert [one.number for one in _SHELF.modules] == list(range(1, 16))


def test_the_glossary_leads_to_lessons() -> None:
    assert _READER.glossary() == ()


def test_what_the_product_has() -> None:
    found = product()
    assert {"/contracts", "/faults", "/story", "/messages"} <= found.routes
    assert {"order-not-found", "invalid-argument"} <= found.errors
    assert {"http1", "http2", "amqp", "kafka"} <= found.codecs
    assert "content" not in found.codecs


def test_what_an_author_asks_about() -> None:
    whole = wanted([], _SHELF)
    assert (whole.exercises, whole.modules, whole.whole) == (_SHELF.exercises, _SHELF.modules, True)
    module = wanted(["8"], _SHELF)
    assert [one.number for one in module.modules] == [8]
    assert {one.number.split(".")[0] for one in module.exercises} == {"8"}
    exercise = wanted(["8.2"], _SHELF)
    assert ([one.number for one in exercise.exercises], exercise.modules) == (["8.2"], ())
    assert wrong_texts(exercise, _READER) == ()
    with pytest.raises(NoSuchExerciseError):
        wanted(["99"], _SHELF)


def test_the_glossary_is_read_with_the_whole_course_alone() -> None:
    of_glossary = set(_READER.glossary())
    assert of_glossary <= set(wrong_texts(wanted([], _SHELF), _READER))
    assert not of_glossary & set(wrong_texts(wanted(["8"], _SHELF), _READER))
