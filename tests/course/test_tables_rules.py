"""The language of mapping tables: every rule, on what it takes and on what it refuses."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.tables.paths import read_path
from stend.course.tables.problems import RefusedError
from stend.course.tables.rules import read_rule
from stend.course.tables.steps import MISSING

_DICTIONARIES = {"status": {"paid": "PD", "1": "one", "true": "yes"}, "any": {"*": "other"}}


@pytest.mark.parametrize(
    ("rule", "value", "made"),
    [
        ("copy", {"a": [1]}, {"a": [1]}),
        ("copy", None, None),
        ("copy", MISSING, MISSING),
        ("copy", "", ""),
        ("copy | omit_empty", "", MISSING),
        ("copy | omit_empty", 0, 0),
        ("copy | omit_empty", False, False),
        ("copy | omit_empty", [], MISSING),
        ("trim | omit_empty", "  ", MISSING),
        ("trim | upper", " aб ", "AБ"),
        ("lower", "AБ", "aб"),
        ("upper", None, None),
        ("split '-' 2", "a-b-c", "b"),
        ("split '-' 4", "a-b-c", MISSING),
        ("split ' ' 1 | upper", "anna k", "ANNA"),
        ("lookup status", "paid", "PD"),
        ("lookup status", 1, "one"),
        ("lookup status", True, "yes"),
        ("lookup any", "whatever", "other"),
        ("date iso DD.MM.YYYY", "2026-11-29", "29.11.2026"),
        ("date iso DD.MM.YYYY", "2026-11-29T23:30:00Z", "29.11.2026"),
        ("date iso DD.MM.YYYY Europe/Moscow", "2026-11-29T23:30:00Z", "30.11.2026"),
        ("date iso 'DD.MM.YYYY HH:mm:ss' +03:00", "2026-11-29T23:30:00.5Z", "30.11.2026 02:30:00"),
        ("date iso YYYYMMDDTHHmmss UTC", "2026-11-29T23:30:00+05:00", "20261129T183000"),
        ("date DD.MM.YYYY iso", "29.11.2026", "2026-11-29"),
        ("date 'YYYY-MM-DD HH:mm' iso UTC", "2026-11-29 10:05", "2026-11-29T10:05:00Z"),
        ("date 'YYYY-MM-DD HH:mm' iso +03:00", "2026-11-29 10:05", "2026-11-29T10:05:00+03:00"),
        ("to_decimal", 23970, "239.70"),
        ("to_decimal", 5, "0.05"),
        ("to_decimal", -5, "-0.05"),
        ("to_decimal", 0, "0.00"),
        ("to_decimal 0", 7, "7"),
        ("to_decimal 3", 10**17, "100000000000000.000"),
        ("to_decimal | number", 23970, 239.7),
        ("to_minor", "239.70", 23970),
        ("to_minor", "239.7", 23970),
        ("to_minor", 239.7, 23970),
        ("to_minor", 0.29, 29),
        ("to_minor", 239, 23900),
        ("to_minor", "-0.05", -5),
        ("to_minor", "1.100000", 110),
        ("to_minor 3", "1.5", 1500),
        ("number", "12", 12),
        ("number", "-1.5", -1.5),
        ("number", 12, 12),
        ("text", 12, "12"),
        ("text", 1.5, "1.5"),
        ("text", True, "true"),
        ("text", "x", "x"),
    ],
)
def test_a_rule_makes_a_value(rule: str, value: Any, made: Any) -> None:
    assert read_rule(rule).apply([value], 1, _DICTIONARIES) == made


@pytest.mark.parametrize(
    ("rule", "values", "made"),
    [
        ("concat", ["a", "b"], "ab"),
        ("concat ', '", ["a", MISSING, None, "", 7, True], "a, 7, true"),
        ("concat ', '", [MISSING, ""], MISSING),
        ('concat "|"', ["a", "b"], "a|b"),
        ("first", [MISSING, None, "", "x", "y"], "x"),
        ("first", [MISSING, 0], 0),
        ("first", [None], MISSING),
        ("first | upper", [None, "x"], "X"),
        ("constant RUB", [], "RUB"),
        ("constant '7'", [], "7"),
        ("constant 7", [], 7),
        ("constant 07", [], "07"),
        ("constant -1.5", [], -1.5),
        ("constant true", [], True),
        ("constant ''", [], ""),
        ("constant 'a | b'", [], "a | b"),
        ("position", [], 3),
        ("position | text", [], "3"),
    ],
)
def test_a_rule_makes_one_value_of_several_or_of_none(
    rule: str, values: list[Any], made: Any
) -> None:
    assert read_rule(rule).apply(values, 3, _DICTIONARIES) == made


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("upper", 1),
        ("trim", ["a"]),
        ("split '-' 1", 7),
        ("concat", {"a": 1}),
        ("lookup status", "unpaid"),
        ("lookup status", []),
        ("date iso DD.MM.YYYY", "29.11.2026"),
        ("date iso DD.MM.YYYY", "2026-02-30"),
        ("date iso DD.MM.YYYY", 20261129),
        ("date iso DD.MM.YYYY UTC", "2026-11-29"),
        ("date iso 'DD.MM.YYYY HH:mm'", "2026-11-29"),
        ("date iso DD.MM.YYYY UTC", "0001-01-01T00:00:00+05:00"),
        ("date DD.MM.YYYY iso", "29.13.2026"),
        ("date DD.MM.YYYY iso", "9.11.2026"),
        ("to_decimal", 1.5),
        ("to_decimal", "100"),
        ("to_decimal", True),
        ("to_minor", "1.005"),
        ("to_minor", "1,50"),
        ("to_minor", "1e3"),
        ("to_minor", True),
        ("to_minor", []),
        ("number", "007"),
        ("number", "1,5"),
        ("number", ""),
        ("number", True),
        ("text", []),
    ],
)
def test_a_rule_refuses_what_it_cannot_do(rule: str, value: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        read_rule(rule).apply([value], 1, _DICTIONARIES)
    assert refused.value.text.ru


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "  ",
        "|",
        "copy |",
        "copy || trim",
        "jump",
        "'copy'",
        "Copy",
        "copy x",
        "trim | copy",
        "trim | constant 1",
        "constant",
        "constant a b",
        "constant 'a",
        "split '-'",
        "split '-' 0",
        "split '-' x",
        "split '' 1",
        "split '-' ²",
        "to_decimal 7",
        "to_minor -1",
        "lookup",
        "lookup ../secret",
        "date iso",
        "date iso MM.YYYY",
        "date iso DD.MM.YY",
        "date iso DD.MM.YYYY.DD",
        "date iso 'DD of MM YYYY'",
        "date iso DD.MM.YYYY Mars",
        "date iso DD.MM.YYYY ../../etc/passwd",
        "date iso DD.MM.YYYY +99:99",
        "trim | " * 10 + "trim",
    ],
)
def test_what_the_language_cannot_say_is_refused(rule: str) -> None:
    with pytest.raises(RefusedError):
        read_rule(rule)


@pytest.mark.parametrize(
    ("text", "arrays"),
    [
        ("a", 0),
        ("a.b-c.d_1", 0),
        ("адрес.город", 0),
        ("lines[].sku", 1),
        ("lines[].parts[]", 2),
        ("lines[0].sku", 0),
        ("a[][]", 2),
    ],
)
def test_a_path_is_read_and_told_the_same(text: str, arrays: int) -> None:
    path = read_path(text)
    assert str(path) == text
    assert len(path.arrays) == arrays


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[]",
        "[0].a",
        "a b",
        "a[x]",
        "a[-1]",
        "a[",
        "$.a",
        "1a",
        "a[99999]",
        ".".join("a" * 21),
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        read_path(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
_RULES = st.sampled_from(
    [
        *("copy", "trim", "upper | lower", "number", "text", "to_decimal", "to_minor", "first"),
        *("concat ','", "split 'a' 2", "date iso DD.MM.YYYY UTC", "date DD.MM.YYYY iso"),
        *("lookup status", "copy | omit_empty"),
    ]
)


@given(_RULES, _JSON)
def test_whatever_the_value_only_the_declared_error_escapes(rule: str, value: Any) -> None:
    with contextlib.suppress(RefusedError):
        read_rule(rule).apply([value], 1, _DICTIONARIES)


@given(st.text(max_size=60))
def test_any_rule_and_any_path_are_read_or_refused(text: str) -> None:
    for read in (read_rule, read_path):
        with contextlib.suppress(RefusedError):
            read(text)


@given(st.integers(min_value=-(10**17), max_value=10**17), st.integers(min_value=0, max_value=6))
def test_money_comes_back_as_it_was(amount: int, digits: int) -> None:
    there = read_rule(f"to_decimal {digits}").apply([amount], 1, {})
    assert read_rule(f"to_minor {digits}").apply([there], 1, {}) == amount
