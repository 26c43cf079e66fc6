"""What a learner reads is in Russian and English, complete in both."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.texts import Note, Problem, Wording
from stend.kit.languages import Text
from stend.shop.orders.api.forms import grpc_form, rest_form
from stend.shop.orders.usecases import Operation
from tests.docs.pages import BILINGUAL, DOCS, ROOT, both

SOURCE = ROOT / "src" / "stend"
LETTERS = re.compile(r"[A-Za-zА-Яа-яЁё]+")
LATIN = re.compile(r"[A-Za-z]")
CYRILLIC = re.compile(r"[А-Яа-яЁё]")
# What is called the same in both languages.
SAME = re.compile(r"REST|gRPC|\W|\d|_")
READ = ("*.py", "*.html", "*.js", "*.yaml", "*.ru.md")


@pytest.mark.parametrize("name", BILINGUAL)
def test_page_has_the_same_headings_in_both_languages(name: str) -> None:
    english, russian = both(name)
    levels = [[heading.level for heading in one.headings] for one in (english, russian)]
    assert levels[0] == levels[1]
    for one, other in zip(english.headings, russian.headings, strict=True):
        if not CYRILLIC.search(other.title):
            assert one.title == other.title


@pytest.mark.parametrize("name", BILINGUAL)
def test_page_has_the_same_code_in_both_languages(name: str) -> None:
    english, russian = (
        [block for block in one.blocks if not CYRILLIC.search(block.code) or block.language == "sh"]
        for one in both(name)
    )
    assert [one for one in russian if one not in english] == []
    assert [block for block in english if block.language == "sh"] == [
        block for block in russian if block.language == "sh"
    ]


@pytest.mark.parametrize("name", BILINGUAL)
def test_page_is_in_its_language_and_links_its_twin(name: str) -> None:
    english, russian = both(name)
    assert f"[Русский]({russian.path.name})" in english.prose
    assert f"[English]({english.path.name})" in russian.prose
    # Headings and tables may consist of names alone.
    prose = [line for line in russian.prose if LETTERS.match(line)]
    in_cyrillic = [line for line in prose if CYRILLIC.search(line)]
    assert len(in_cyrillic) > len(prose) * 0.8


def test_every_page_for_users_is_listed_here() -> None:
    names = {f"docs/{path.name.removesuffix('.ru.md')}" for path in DOCS.glob("*.ru.md")}
    assert names | {"README"} == set(BILINGUAL)


def pairs() -> Iterator[tuple[str, Text]]:
    """Every `Text(…)` that is written in the source, with its place."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(
            isinstance(node, ast.ImportFrom) and node.module == "stend.kit.languages"
            for node in ast.walk(tree)
        ):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Text":
                continue
            if (text := made(node)) is not None:
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", text


def made(call: ast.Call) -> Text | None:
    """None where the words are not written here but come from elsewhere."""
    values = [*call.args, *(word.value for word in call.keywords)]
    if not all(isinstance(value, ast.Constant) for value in values):
        return None
    named = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    return Text(*(ast.literal_eval(value) for value in call.args), **named)


PAIRS = dict(pairs())
WORDINGS: dict[str, Wording] = {
    **{f"note {note.name}": note.value for note in Note},
    **{f"{problem.name} what": problem.value.what for problem in Problem},
    **{f"{problem.name} expected": problem.value.expected for problem in Problem},
    **{f"{problem.name} next": problem.value.next_step for problem in Problem},
}


def test_texts_are_found() -> None:
    files = {place.partition(":")[0] for place in PAIRS}
    assert {"cli/texts.py", "runtime/settings.py", "portal/texts/home.py"} <= files


@pytest.mark.parametrize("place", PAIRS)
def test_text_is_complete(place: str) -> None:
    assert_complete(PAIRS[place].ru, PAIRS[place].en)


@pytest.mark.parametrize("place", WORDINGS)
def test_wording_is_complete(place: str) -> None:
    assert_complete(WORDINGS[place].ru, WORDINGS[place].en)


@pytest.mark.parametrize("operation", Operation)
def test_description_of_a_field_is_complete(operation: Operation) -> None:
    for field in (*rest_form(operation), *grpc_form(operation)):
        if field.description is not None:
            assert_complete(field.description.ru, field.description.en)


def assert_complete(russian: str, english: str) -> None:
    assert russian.strip()
    assert english.strip()
    assert not CYRILLIC.search(english)
    assert fields_of(russian) == fields_of(english)
    assert "!" not in russian + english
    if SAME.sub("", re.sub(r"\{[^}]*\}", "", english)):
        assert russian != english
        assert CYRILLIC.search(russian)


def fields_of(text: str) -> set[tuple[str, str]]:
    parsed = string.Formatter().parse(text)
    return {(name, form or "") for _, name, form, _ in parsed if name is not None}


def read_by_people() -> list[Path]:
    folders = [ROOT / name for name in ("src", "bootstrap", "docs")]
    found = [path for folder in folders for glob in READ for path in folder.rglob(glob)]
    return sorted([*found, ROOT / "README.ru.md", ROOT / "README.md", ROOT / "scripts" / "docs"])


def test_no_word_mixes_two_alphabets() -> None:
    # A Latin `c` in a Russian word looks right and is found by no search.
    mixed = [
        f"{path.relative_to(ROOT)}:{number}: {word}"
        for path in read_by_people()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for word in LETTERS.findall(line)
        if CYRILLIC.search(word) and LATIN.search(word) and not is_pattern(line)
    ]
    assert mixed == []


def is_pattern(line: str) -> bool:
    # A class of characters: `[A-Za-zА-Я]`.
    return "А-Я" in line or "а-я" in line
