"""The order and the equality of values, as the manual's page on comparison has them."""

import itertools
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.errors import InvalidBSON
from hypothesis import given
from hypothesis import strategies as st

from stend.engines.mongo.query.values import (
    MISSING,
    UNDEFINED,
    bson_type,
    compare,
    decode,
    encode,
    equal,
    identical,
    is_nan,
    order_class,
    order_key,
    received,
    type_alias,
)

# One of each, from the least to the greatest; those in a list are equal.
IN_ORDER: list[list[Any]] = [
    [MinKey()],
    [UNDEFINED],
    [None, MISSING],
    [float("nan"), Decimal128("NaN")],
    [float("-inf"), Decimal128("-Infinity")],
    [Int64(-(2**63))],
    [-1, Int64(-1), -1.0, Decimal128("-1.000")],
    [0, Int64(0), 0.0, -0.0, Decimal128("0E-6176")],
    [Decimal128("1E-6176")],
    [Decimal128("0.1")],
    [0.1],
    [2**53],
    [2**53 + 1],
    [Int64(2**63 - 1)],
    [2.0**63],
    [Decimal128("9.999999999999999999999999999999999E+6144")],
    [float("inf"), Decimal128("Infinity")],
    [""],
    ["a"],
    ["b"],
    ["bb"],
    ["ё"],
    ["😀"],
    [{}],
    [{"b": 1}, {"b": 1.0}],
    [{"b": 1, "c": 1}],
    [{"c": 0}],
    [{"a": "x"}],
    [[]],
    [[1], [Int64(1)]],
    [[1, 2]],
    [[2]],
    [b""],
    [b"zz", Binary(b"zz", 0)],
    [Binary(b"aa", 5)],
    [b"aaa"],
    [ObjectId("0" * 24)],
    [ObjectId("f" * 24)],
    [False],
    [True],
    [DatetimeMS(-(2**63))],
    [DatetimeMS(0), datetime(1970, 1, 1, tzinfo=UTC)],
    [DatetimeMS(1)],
    [Timestamp(0, 1)],
    [Timestamp(1, 0)],
    [Regex("a")],
    [Regex("a", "i")],
    [Code("f")],
    [Code("f", {})],
    [MaxKey()],
]


def test_values_are_in_the_order_of_the_manual() -> None:
    for (at, left), (other, right) in itertools.product(enumerate(IN_ORDER), repeat=2):
        for one, two in itertools.product(left, right):
            assert (order_key(one) < order_key(two)) == (at < other), (one, two)
            assert (order_key(one) == order_key(two)) == (at == other), (one, two)


def test_names_in_objects_count_before_numbers_that_are_none() -> None:
    nan = float("nan")
    assert compare({"b": nan}, {"a": 1}) == 1
    assert compare({"a": nan}, {"a": float("-inf")}) == -1
    assert compare({"a": nan}, {"a": Decimal128("NaN")}) == 0


def test_a_missing_field_is_below_null_in_an_expression() -> None:
    assert [compare(MISSING, None), compare(None, MISSING), compare(MISSING, MISSING)] == [-1, 1, 0]
    assert not equal(MISSING, None)
    assert equal(MISSING, MISSING)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.floats(),
    st.decimals(allow_nan=True, places=3, min_value=-1000, max_value=1000).map(Decimal128),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3),
    st.binary(max_size=3),
    st.sampled_from([ObjectId("0" * 24), Timestamp(1, 1), DatetimeMS(5), Regex("a", "im")]),
    st.sampled_from([MinKey(), MaxKey(), Binary(b"a", 4), Code("x")]),
)
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)


@given(st.lists(VALUES, min_size=3, max_size=3))
def test_the_order_is_total_and_agrees_with_equality(values: list[Any]) -> None:
    one, two, three = values
    first, second, third = (order_key(value) for value in values)
    assert (first < second) + (first == second) + (first > second) == 1
    assert (first == second) == equal(one, two) == equal(two, one)
    assert compare(one, two) == -compare(two, one)
    if first <= second <= third:
        assert first <= third
    if first == second:
        assert hash(first) == hash(second)
        assert order_class(one) == order_class(two)
    assert equal(three, three)


@given(st.dictionaries(NAMES, VALUES, max_size=3))
def test_a_document_survives_its_bytes(document: dict[str, Any]) -> None:
    again = decode(encode(document))
    assert identical(again, document)
    assert order_key(again) == order_key(document)
    assert encode(again) == encode(document)


@pytest.mark.parametrize(
    ("value", "number", "alias"),
    [
        (1, 16, "int"),
        (2**31, 18, "long"),
        (Int64(1), 18, "long"),
        (1.0, 1, "double"),
        (Decimal128("1"), 19, "decimal"),
        (True, 8, "bool"),
        (None, 10, "null"),
        ("x", 2, "string"),
        ({}, 3, "object"),
        ([], 4, "array"),
        (b"", 5, "binData"),
        (Binary(b"", 4), 5, "binData"),
        (ObjectId("0" * 24), 7, "objectId"),
        (DatetimeMS(0), 9, "date"),
        (Regex("x"), 11, "regex"),
        (Code("x"), 13, "javascript"),
        (Code("x", {}), 15, "javascriptWithScope"),
        (Timestamp(0, 0), 17, "timestamp"),
        (MinKey(), -1, "minKey"),
        (MaxKey(), 127, "maxKey"),
        (MISSING, 0, "missing"),
        (UNDEFINED, 6, "undefined"),
    ],
)
def test_types_have_their_numbers_and_names(value: Any, number: int, alias: str) -> None:
    assert (bson_type(value), type_alias(value)) == (number, alias)


def test_a_reference_is_an_object_as_any_other() -> None:
    found = decode(bson.encode({"a": DBRef("c", 1, "d", x=2), "b": [DBRef("c", 2)]}))
    assert found == {
        "a": {"$ref": "c", "$id": 1, "$db": "d", "x": 2},
        "b": [{"$ref": "c", "$id": 2}],
    }


def test_bytes_are_compared_where_equality_is_not_enough() -> None:
    assert equal(1, 1.0)
    assert not identical(1, 1.0)
    assert not identical(0.0, -0.0)
    assert identical(float("nan"), float("nan"))
    assert is_nan(Decimal128("NaN"))
    assert not is_nan("NaN")


def test_what_is_no_value_of_bson_is_told_apart() -> None:
    with pytest.raises(TypeError, match="not a value of BSON"):
        order_key(object())
    with pytest.raises(TypeError, match="not a value of BSON"):
        bson_type(object())


def document_of(element: bytes) -> bytes:
    return (len(element) + 5).to_bytes(4, "little") + element + b"\0"


ONE = b"\x01\0\0\0"


@pytest.mark.limitation("mongo", "old-types")
@pytest.mark.parametrize(
    "element",
    [
        pytest.param(b"\x0ea\0\x02\0\0\0x\0", id="symbol"),
        pytest.param(b"\x06a\0", id="undefined"),
        pytest.param(b"\x0ca\0\x02\0\0\0x\0aaaaaaaaaaaa", id="dbPointer"),
        pytest.param(b"\x10a\0" + ONE + b"\x10a\0" + ONE, id="twice"),
        pytest.param(b"\x03a\0" + document_of(b"\x06b\0"), id="inner"),
        pytest.param(b"\x04a\0" + document_of(b"\x10x\0" + ONE), id="keys of an array"),
        pytest.param(b"\x0ba\0b\0q\0", id="an option of a regular expression"),
        pytest.param(
            b"\x03a\0" + document_of(b"\x10$id\0" + ONE + b"\x02$ref\0\x02\0\0\0x\0"),
            id="fields of a reference",
        ),
    ],
)
def test_what_would_be_lost_is_not_received(element: bytes) -> None:
    with pytest.raises(InvalidBSON, match="does not keep"):
        received(document_of(element))


@pytest.mark.parametrize(
    "document",
    [
        {"a": 1, "_id": 2},
        {"a": {"$ref": "c", "$id": 1, "$db": "d", "more": [-0.0, Int64(1), None]}},
        {"": [{}, [], Binary(b"x", 2), b"x", Code("f"), Code("f", {}), Regex("a", "imsx")]},
    ],
)
def test_what_is_kept_is_received(document: dict[str, Any]) -> None:
    data = bson.encode({"": document})[6:-1]
    assert received(data) == document
    assert received(memoryview(data)) == document
