"""Which bindings match a message."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stend.engines.amqp.routing import headers_match, topic_matches
from stend.wire.amqp.values import Value

WORDS = st.lists(st.sampled_from(("a", "b", "", "*", "#")), min_size=1, max_size=5)
Headers = dict[str, Value]


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.#", "a", True),
        ("a.#", "a.b.c", True),
        ("#", "", True),
        ("#", "a.b", True),
        ("*", "", False),
        ("*.#", "", False),
        ("#", ".", True),
        ("*.*", ".", True),
        ("#.b", "b", True),
        ("#.b.#", "a.b.c", True),
        ("a.#.c", "a.c", True),
        ("*.*", "a", False),
        ("a..b", "a..b", True),
        ("a.*.b", "a..b", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_topics(pattern: str, key: str, *, matches: bool) -> None:
    assert topic_matches(pattern, key) is matches


@given(WORDS, st.lists(st.sampled_from(("a", "b", "", "ab")), min_size=1, max_size=5))
def test_a_topic_is_as_a_regular_expression_says(pattern: list[str], words: list[str]) -> None:
    parts = {"*": r"(?:,[^,]*)", "#": r"(?:,[^,]*)*"}
    expression = "".join(parts.get(part, "," + re.escape(part)) for part in pattern)
    expected = re.fullmatch(expression, "".join("," + word for word in words)) is not None
    assume(pattern != [""] and words != [""])
    assert topic_matches(".".join(pattern), ".".join(words)) is expected


def test_a_pattern_of_many_hashes_is_no_trap() -> None:
    assert not topic_matches(".".join(["#", "a"] * 60), ".".join(["b"] * 120))


@pytest.mark.parametrize(
    ("table", "headers", "matches"),
    [
        ({}, {}, True),
        ({"x-match": "any"}, {"a": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"x-match": "any", "a": 1, "b": 2}, {"b": 2}, True),
        ({"x-match": "any", "a": 1, "b": 2}, {"b": 3}, False),
        ({"a": None}, {"a": "whatever"}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"x-a": 1}, {}, True),
        ({"x-match": "all-with-x", "x-a": 1}, {}, False),
        ({"x-match": "any-with-x", "x-a": 1}, {"x-a": 1}, True),
    ],
)
def test_headers(table: Headers, headers: Headers, *, matches: bool) -> None:
    assert headers_match(table, headers) is matches
