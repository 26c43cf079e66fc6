"""Patterns of topics: what is read matches as everywhere, what is not read is refused."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.consumer.patterns import Pattern
from stend.wire.kafka.errors import ErrorCode

characters = st.sampled_from("ab1._-")
atoms = st.one_of(
    characters.map(re.escape),
    st.sampled_from((".", r"\d", r"\D", r"\w", r"\W", r"\S", "^", "$", "[ab]", "[^a1]")),
    st.sampled_from(("[a-b1-9]", r"[\d.]", r"[a\-b]", "[-a]", "[a-]", "[]a]", "[^]a]", r"[^\w]")),
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inner.map(lambda text: f"({text})") | inner.map(lambda text: f"(?:{text})")
    quantifiers = st.sampled_from(("*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "??"))
    return st.one_of(
        group,
        st.tuples(group | st.sampled_from((".", "a", r"\d", "[ab]")), quantifiers).map("".join),
        st.lists(inner, max_size=3).map("".join),
        st.tuples(inner, inner).map("|".join),
    )


patterns = st.recursive(atoms, combined, max_leaves=8)


@given(patterns, st.text(characters, max_size=8))
def test_they_match_as_those_of_python_do(text: str, name: str) -> None:
    # A `$` of Python also stands before a line's end: here are no lines.
    assert Pattern(text).matches(name) == bool(re.fullmatch(text, name))


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        ("orders", ("orders",), ("order", "orders2", "")),
        ("", ("",), ("a",)),
        (r"eu\..*", ("eu.", "eu.sales"), ("eu", "euro")),
        ("^eu.*", ("eu", "euro"), ("neu",)),
        ("a|b|", ("a", "b", ""), ("ab",)),
        ("(topic|queue)-[0-9]{2,3}", ("topic-12", "queue-123"), ("topic-1", "topic-1234")),
        ("(a*)*b", ("b", "aab"), ("a", "")),
        ("(|a)+", ("", "aa"), ("b",)),
        ("}", (), ("a",)),
        ("[a-a]{3}", ("aaa",), ("aa", "aab")),
        ("a{249}", ("a" * 249,), ("a" * 248,)),
    ],
    ids=repr,
)
def test_whole_names_match(text: str, matching: tuple[str, ...], others: tuple[str, ...]) -> None:
    pattern = Pattern(text)
    assert [name for name in (*matching, *others) if pattern.matches(name)] == list(matching)


@pytest.mark.parametrize(
    "text",
    [
        "(a",
        "a)",
        "[a",
        "[]",
        "*a",
        "a**",
        "a+*",
        "a{",
        "a{,2}",
        "a{3,2}",
        "a{250}",
        "a{99999999999}",
        "a{1",
        "a{1}{2}",
        "a\\",
        r"(a)\1",
        r"\b",
        r"\Qa\E",
        r"\p{L}",
        "(?i)a",
        "(?=a)",
        "(?P<n>a)",
        "[[:alpha:]]",
        "[b-a]",
        r"[\d-z]",
        "((((a{100}){100}){100}){100})",
        "(" * 51 + ")" * 51,
        "(" * 10_000,
    ],
    ids=lambda text: text[:20],
)
def test_they_are_refused(text: str) -> None:
    with pytest.raises(BrokerError) as caught:
        Pattern(text)
    assert caught.value.code is ErrorCode.INVALID_REGULAR_EXPRESSION
    assert f"`{text}`" in str(caught.value)


def test_groups_may_be_as_deep_as_anybody_needs() -> None:
    assert Pattern("(" * 50 + "a" + ")" * 50).matches("a")


def test_a_hostile_pattern_stops_nobody() -> None:
    begin = time.process_time()
    assert not Pattern("(a|a)*(a*)*(a+)+b").matches("a" * 249)
    assert time.process_time() - begin < 1


@given(st.text(max_size=30))
def test_nothing_but_a_refusal_escapes(text: str) -> None:
    try:
        pattern = Pattern(text)
    except BrokerError:
        return
    pattern.matches("some.topic-1")
