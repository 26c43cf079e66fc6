"""Both languages say the same, and the right one is chosen."""

from __future__ import annotations

import string

import pytest

from bootstrap.texts import Language, Note, Problem, Wording, choose_language

WORDINGS = [note.value for note in Note] + [
    wording
    for problem in Problem
    for wording in (problem.value.what, problem.value.expected, problem.value.next_step)
]


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.en[:40])
def test_both_languages_show_the_same_values(wording: Wording) -> None:
    assert values_of(wording.en) == values_of(wording.ru)


def values_of(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_every_problem_has_its_own_code() -> None:
    codes = [problem.value.code for problem in Problem]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["up"], {"LANG": "en_GB.UTF-8"}, Language.ENGLISH),
        (["up"], {"LANG": "ru_RU.UTF-8"}, Language.RUSSIAN),
        (["up"], {"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, Language.ENGLISH),
        (["up"], {"STEND_LANG": "ru", "LC_ALL": "C"}, Language.RUSSIAN),
        (["up", "--lang", "en"], {"STEND_LANG": "ru"}, Language.ENGLISH),
        (["--lang=ru", "up"], {"LANG": "C"}, Language.RUSSIAN),
        (["up", "--lang"], {"LANG": "C"}, Language.ENGLISH),
        (["up"], {"LANG": "de_DE.UTF-8"}, Language.ENGLISH),
    ],
)
def test_the_language_is_chosen(
    arguments: list[str], environment: dict[str, str], language: Language
) -> None:
    assert choose_language(arguments, environment) is language
