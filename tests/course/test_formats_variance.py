"""Two schemas of one message: a break is shown by a message, what is said to be safe is."""

import itertools
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.course.formats.closing import closed
from stend.course.formats.contract import Role
from stend.course.formats.schemas import Schema, Validator, standalone
from stend.course.formats.variance import Subject, compare
from stend.course.formats.witnesses import Witnesses

_SUBJECT = Subject("message", "new:1")


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_TEXT: dict[str, Any] = {"type": "string"}
_INT: dict[str, Any] = {"type": "integer"}
_SMALL = {"type": "integer", "minimum": 1, "maximum": 9}
_OPEN = _object("a", a=_TEXT)
_CLOSED = {**_OPEN, "additionalProperties": False}
_TREE = {
    "$ref": "#/$defs/s0",
    "$defs": {"s0": _object("v", v=_INT, next={"$ref": "#/$defs/s0"})},
}
_WIDER_TREE = {
    "$ref": "#/$defs/s0",
    "$defs": {
        "s0": _object("v", v={"type": ["integer", "null"]}, next={"$ref": "#/$defs/s0"}),
    },
}
_SAFE, _BREAKS, _UNCLEAR = "safe", "breaks", "unclear"
# Old, new, and what it is for a request and for a response.
_PAIRS: dict[str, tuple[Schema, Schema, str, str]] = {
    "the same": (_OPEN, _OPEN, _SAFE, _SAFE),
    "an optional member": (_OPEN, _object("a", a=_TEXT, b=_INT), _SAFE, _SAFE),
    "an optional member of a closed object": (
        _CLOSED,
        {**_object("a", a=_TEXT, b=_INT), "additionalProperties": False},
        _SAFE,
        _BREAKS,
    ),
    "a required member": (_OPEN, _object("a", "b", a=_TEXT, b=_INT), _BREAKS, _SAFE),
    "a member that is no longer required": (_OPEN, _object(a=_TEXT), _SAFE, _BREAKS),
    "a member that is gone": (_OPEN, _object(), _SAFE, _BREAKS),
    "a member that is gone from a closed object": (
        _CLOSED,
        {**_object(), "additionalProperties": False},
        _BREAKS,
        _BREAKS,
    ),
    "closing": (_OPEN, _CLOSED, _SAFE, _SAFE),
    "an object that is open on purpose is closed": (
        {**_OPEN, "additionalProperties": True},
        _CLOSED,
        _BREAKS,
        _SAFE,
    ),
    "another type": (_TEXT, _INT, _BREAKS, _BREAKS),
    "a wider type": (_INT, {"type": "number"}, _SAFE, _BREAKS),
    "null": (_TEXT, {"type": ["string", "null"]}, _SAFE, _BREAKS),
    "one more value": ({"enum": ["a"]}, {"enum": ["a", "b"]}, _SAFE, _BREAKS),
    "another constant": ({"const": 1}, {"const": 2}, _BREAKS, _BREAKS),
    "a wider bound": (_SMALL, {**_SMALL, "maximum": 10}, _SAFE, _BREAKS),
    "a bound told in another way": (
        _SMALL,
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        _SAFE,
        _SAFE,
    ),
    "a shorter text": ({**_TEXT, "maxLength": 9}, {**_TEXT, "maxLength": 8}, _BREAKS, _SAFE),
    "the same pattern": ({**_TEXT, "pattern": "^a"}, {**_TEXT, "pattern": "^a"}, _SAFE, _SAFE),
    "no pattern any more": ({**_TEXT, "pattern": "^[a-c]{3}$"}, _TEXT, _SAFE, _BREAKS),
    "another pattern": (
        {**_TEXT, "pattern": "^[a-z]{2}-[0-9]+$"},
        {**_TEXT, "pattern": "^[a-z]{2}-[0-9]{1,5}$"},
        _BREAKS,
        # The new one is narrower, and nothing here proves that of two patterns.
        _UNCLEAR,
    ),
    "a format": (_TEXT, {**_TEXT, "format": "date-time"}, _BREAKS, _SAFE),
    "fewer items": (
        {"type": "array", "items": _TEXT},
        {"type": "array", "items": _TEXT, "minItems": 1},
        _BREAKS,
        _SAFE,
    ),
    "stricter items": (
        {"type": "array", "minItems": 2, "items": _INT},
        {"type": "array", "minItems": 2, "items": _SMALL},
        _BREAKS,
        _SAFE,
    ),
    "unique items": (
        {"type": "array", "items": _INT},
        {"type": "array", "items": _INT, "uniqueItems": True},
        _BREAKS,
        _SAFE,
    ),
    "parts that make the same": (
        _object("a", "b", a=_TEXT, b=_INT),
        {"allOf": [_object("a", a=_TEXT), _object("b", b=_INT)]},
        _SAFE,
        _SAFE,
    ),
    "a part that asks for more": (
        {"allOf": [_object("a", a=_TEXT), _object(b=_INT)]},
        {"allOf": [_object("a", a=_TEXT), _object("b", b=_INT)]},
        _BREAKS,
        _SAFE,
    ),
    "one more branch": (
        {"oneOf": [_object("a", a=_TEXT)]},
        {"oneOf": [_object("a", a=_TEXT), _object("b", b=_INT)]},
        _SAFE,
        _BREAKS,
    ),
    "deep inside": (
        _object("x", x={"type": "array", "items": _object("q", q=_INT)}),
        _object("x", x={"type": "array", "items": _object("q", q={**_INT, "maximum": 5})}),
        _BREAKS,
        _SAFE,
    ),
    "the same tree": (_TREE, _TREE, _SAFE, _SAFE),
    "a wider tree": (_TREE, _WIDER_TREE, _UNCLEAR, _BREAKS),
    "everything": (_OPEN, True, _SAFE, _BREAKS),
    "nothing": (_OPEN, False, _BREAKS, _SAFE),
}
_CASES = [
    pytest.param(role, old, new, told, id=f"{name}: {role}")
    for name, (old, new, request, response) in _PAIRS.items()
    for role, told in ((Role.REQUEST, request), (Role.RESPONSE, response))
]


@pytest.mark.parametrize(("role", "old", "new", "told"), _CASES)
def test_a_change_is_judged_and_shown(role: Role, old: Schema, new: Schema, told: str) -> None:
    found = compare(_SUBJECT, role, old, new)
    kind = _BREAKS if found.breaks else _UNCLEAR if found.incomparable else _SAFE
    assert kind == told
    writer, reader = (old, new) if role is Role.REQUEST else (new, old)
    for one in found.breaks:
        assert _fits(writer, one.witness)
        assert not _fits(reader, one.witness)
        assert one.sentence.ru != one.sentence.en


@pytest.mark.parametrize(("old", "new", "_", "__"), _PAIRS.values(), ids=_PAIRS)
def test_an_event_breaks_where_either_direction_does(
    old: Schema, new: Schema, _: str, __: str
) -> None:
    both = compare(_SUBJECT, Role.EVENT, old, new)
    one = compare(_SUBJECT, Role.REQUEST, old, new)
    other = compare(_SUBJECT, Role.RESPONSE, old, new)
    assert both.breaks == (*one.breaks, *other.breaks)
    assert both.is_compatible == (one.is_compatible and other.is_compatible)


def test_each_broken_rule_is_shown_once() -> None:
    old = _object("a", "b", a=_INT, b=_TEXT)
    new = _object("a", "b", "c", a=_SMALL, b={**_TEXT, "maxLength": 3})
    found = compare(_SUBJECT, Role.REQUEST, old, new)
    assert sorted({one.pointer for one in found.breaks}) == ["", "/a", "/b"]


_LEAVES = st.sampled_from(
    [
        True,
        {"type": "string"},
        {"type": "string", "maxLength": 2},
        {"type": "integer"},
        {"type": "integer", "minimum": 0},
        {"type": "number", "maximum": 3},
        {"type": ["integer", "null"]},
        {"enum": ["a", "b", 1]},
        {"const": None},
        {"type": "boolean"},
    ]
)


def _bigger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["a", "b", "c"])
    objects = st.builds(
        lambda properties, required, is_closed: {
            "type": "object",
            "properties": properties,
            "required": sorted(required),
            **({"additionalProperties": False} if is_closed else {}),
        },
        st.dictionaries(names, inner, max_size=3),
        st.sets(names, max_size=2),
        st.booleans(),
    )
    arrays = st.builds(
        lambda item, least: {"type": "array", "items": item, "minItems": least},
        inner,
        st.integers(0, 2),
    )
    pairs = st.lists(inner, min_size=1, max_size=2)
    return (
        objects
        | arrays
        | pairs.map(lambda parts: {"anyOf": parts})
        | pairs.map(lambda parts: {"allOf": parts})
        | pairs.map(lambda parts: {"oneOf": parts})
    )


_SCHEMAS = st.recursive(_LEAVES, _bigger, max_leaves=6)
_VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, -1, 5, 0.5, "", "a", "abc"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(old=_SCHEMAS, new=_SCHEMAS, values=st.lists(_VALUES, max_size=10))
def test_a_verdict_is_true(old: Any, new: Any, values: list[Any]) -> None:
    found = compare(_SUBJECT, Role.REQUEST, old, new)
    for one in found.breaks:
        assert _fits(old, one.witness)
        assert not _fits(new, one.witness)
    if not found.is_compatible:
        return
    sent = Validator(closed(old))
    made = Witnesses(new, (old,)).some(50)
    for value in itertools.chain(values, made):
        assert not (sent.accepts(value) and not _fits(new, value))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(schema=_SCHEMAS)
def test_witnesses_are_what_they_are_made_for(schema: Any) -> None:
    for value in Witnesses(schema).some(30):
        assert _fits(schema, value)
    for value in Witnesses(closed(schema)).some(30):
        assert _fits(schema, value)


def test_a_schema_taken_out_judges_as_in_its_document() -> None:
    tree = {
        "a": {"properties": {"b": {"$ref": "#/c/d~1e"}, "enum": {"type": "null"}}},
        "c": {"d/e": {"type": "array", "items": {"$ref": "#/a"}, "title": "x"}},
    }
    taken = standalone(tree, "/a")
    good: list[object] = [{"b": [{"b": []}]}, {"enum": None}, {}]
    bad: list[object] = [{"b": [{"b": 1}]}, {"enum": 1}]
    assert [Validator(taken).accepts(one) for one in (*good, *bad)] == [True] * 3 + [False] * 2


def _fits(schema: Schema, value: object) -> bool:
    """By another validator than the one that the comparison asks."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return bool(jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value))
