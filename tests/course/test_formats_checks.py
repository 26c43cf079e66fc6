"""What the checks of an exercise say of a contract."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from stend.course.case import Case, FailedError
from stend.course.formats import json_schema
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened
from stend.course.formats.contract import Role

_SCHEMA = '{"type": "integer", "minimum": 1}'


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path, Random(1), {})
    yield made
    made.end()


def test_a_contract_is_read_once(case: Case) -> None:
    _write(case, "a.json", _SCHEMA)
    contract = opened(case, "a.json", json_schema.read)
    assert opened(case, "a.json", json_schema.read) is contract
    check_valid(case, contract)
    check_strength(case, contract, "value", [1, 2], [0, "a"])


def test_what_cannot_be_read_fails_the_check(case: Case) -> None:
    _write(case, "a.json", '{"a": 1, "a": 2}')
    with pytest.raises(FailedError) as caught:
        opened(case, "a.json", json_schema.read)
    assert caught.value.where == "a.json:1"


def test_the_first_problem_is_told_and_the_others_are_counted(case: Case) -> None:
    _write(case, "a.json", '{"tipe": "a",\n"minimun": 1}')
    with pytest.raises(FailedError) as caught:
        check_valid(case, opened(case, "a.json", json_schema.read))
    assert caught.value.where == "a.json:1"
    assert "tipe" in caught.value.sentence.en
    assert "1 more" in caught.value.sentence.en


@pytest.mark.parametrize(
    ("good", "bad", "share", "shown"),
    [([1, 0, -1], [0], "2/4", "0"), ([1], ["a", 5, 7], "2/4", "5")],
)
def test_only_the_first_misjudged_message_is_shown(
    case: Case, good: list[object], bad: list[object], share: str, shown: str
) -> None:
    _write(case, "a.json", _SCHEMA)
    contract = opened(case, "a.json", json_schema.read)
    with pytest.raises(FailedError) as caught:
        check_strength(case, contract, "value", good, bad)
    assert share in caught.value.sentence.en
    assert caught.value.got == shown


def test_a_break_shows_its_message(case: Case) -> None:
    old = json_schema.read(_SCHEMA, "a.json")
    check_compatible(case, json_schema.breaking(old, old, Role.EVENT))
    new = json_schema.read('{"type": "integer", "minimum": 2}', "b.json")
    with pytest.raises(FailedError) as caught:
        check_compatible(case, json_schema.breaking(old, new, Role.REQUEST))
    assert caught.value.got == "1"
    assert caught.value.where == "b.json:1"


def test_what_cannot_be_compared_fails_in_other_words(case: Case) -> None:
    old = json_schema.read('{"type": "string", "pattern": "^a{1,2}$"}', "a.json")
    new = json_schema.read('{"type": "string", "pattern": "^(a|aa)$"}', "b.json")
    with pytest.raises(FailedError) as caught:
        check_compatible(case, json_schema.breaking(old, new, Role.REQUEST))
    assert "neither be proved" in caught.value.sentence.en
    assert caught.value.got is None


def _write(case: Case, name: str, text: str) -> None:
    (case.folder / name).write_text(text, encoding="utf-8")
