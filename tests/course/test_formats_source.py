"""YAML of learners as values of JSON, each with its line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.course.formats.source import at, read_source

_TREES = {
    "a: 1": {"a": 1},
    "a: [1, 2.5, -3, 1e3]": {"a": [1, 2.5, -3, 1000.0]},
    "a: no": {"a": "no"},
    "a: true": {"a": True},
    "a: ~": {"a": None},
    "a:": {"a": None},
    "a: 2026-01-01": {"a": "2026-01-01"},
    "a: '1'": {"a": "1"},
    'a: "true"': {"a": "true"},
    "a: 0o7": {"a": "0o7"},
    "200: b": {"200": "b"},
    "a: &x {b: 1}\nc: *x": {"a": {"b": 1}, "c": {"b": 1}},
    "a: &x {b: 1}\nc: {<<: *x, d: 2}": {"a": {"b": 1}, "c": {"b": 1, "d": 2}},
    "a: &x {b: 1}\nc: {<<: *x, b: 2}": {"a": {"b": 1}, "c": {"b": 2}},
    "a: |\n  x\n  y\n": {"a": "x\ny\n"},
    '{"a": ["b", {"c": null}]}': {"a": ["b", {"c": None}]},
    "5": 5,
}

# Escapes of JSON for what is outside of the basic plane are pairs, and no characters of YAML.
_LETTERS = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])


@pytest.mark.parametrize(("text", "tree"), _TREES.items(), ids=_TREES)
def test_a_text_is_a_tree(text: str, tree: object) -> None:
    assert read_source(text, "a").tree == tree


def test_every_value_has_its_line() -> None:
    source = read_source("a:\n  - 1\n  - b: 2\n    c/d: 3\ne: {f: 4}\n", "a.yaml")
    lines = {"": 1, "/a": 1, "/a/0": 2, "/a/1/b": 3, "/a/1/c~1d": 4, "/e/f": 5}
    assert {one: source.where(one) for one in lines} == {
        pointer: f"a.yaml:{line}" for pointer, line in lines.items()
    }
    assert source.where("/a/1/b/what/is/not/there") == "a.yaml:3"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(_LETTERS, max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(_LETTERS, max_size=5), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_json_is_read_as_json(tree: object) -> None:
    text = json.dumps(tree)
    assert read_source(text, "a").tree == tree


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-1", "/a/01", "/a/0/x"])
def test_a_pointer_into_nothing_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        at({"a": [1, 2]}, pointer)
