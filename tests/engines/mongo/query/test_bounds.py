"""Bounds never leave out a document that the filter finds."""

from typing import Any

import pytest
from bson import Decimal128, Int64, MaxKey, MinKey, Regex
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.bounds import bounds_of
from stend.engines.mongo.query.keys import index_keys
from stend.engines.mongo.query.paths import split
from stend.engines.mongo.query.values import order_key
from tests.engines.mongo.query.given import matches

SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        2,
        Int64(1),
        1.5,
        -0.0,
        float("nan"),
        float("inf"),
        Decimal128("0"),
        Decimal128("1"),
        Decimal128("NaN"),
        "",
        "a",
        "ab",
        "b",
        b"a",
        Regex("^a"),
        Regex("a", "i"),
        MinKey(),
        MaxKey(),
    ]
)
NAMES = st.sampled_from(["a", "b", "0", "1"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=5,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=2)
PATHS = st.sampled_from(["a", "a.b", "a.0", "a.0.b", "b", "a.b.a", "a.1"])
PLAIN = VALUES.filter(lambda value: not isinstance(value, Regex))


def _operators(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    compared = st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$ne", "$eq"])
    return st.one_of(
        st.dictionaries(compared, PLAIN, min_size=1, max_size=2),
        st.builds(lambda items: {"$in": items}, st.lists(values, max_size=3)),
        st.builds(lambda items: {"$nin": items}, st.lists(values, max_size=3)),
        st.builds(lambda items: {"$all": items}, st.lists(values, max_size=2)),
        st.builds(lambda value: {"$exists": value}, SCALARS),
        st.builds(
            lambda text: {"$regex": text}, st.sampled_from(["^a", "^ab?", "b|^a", "^a*", ""])
        ),
        st.just({"$size": 1}),
        st.just({"$type": "number"}),
    )


OPERATORS = st.recursive(
    _operators(VALUES),
    lambda inner: st.one_of(
        st.builds(lambda one: {"$not": one}, inner),
        st.builds(lambda one: {"$elemMatch": one}, inner),
        st.builds(lambda name, one: {"$elemMatch": {name: one}}, NAMES, inner),
        st.builds(lambda name, one: {"$elemMatch": {name: one}}, NAMES, VALUES),
    ),
    max_leaves=2,
)
CLAUSES = st.dictionaries(PATHS, st.one_of(OPERATORS, VALUES), min_size=1, max_size=2)
FILTERS = st.one_of(
    CLAUSES,
    st.builds(lambda clauses: {"$and": clauses}, st.lists(CLAUSES, min_size=1, max_size=2)),
    st.builds(lambda clauses: {"$or": clauses}, st.lists(CLAUSES, min_size=1, max_size=2)),
)


def check(spec: dict[str, Any], document: dict[str, Any]) -> None:
    for path, bounds in bounds_of(spec).items():
        try:
            keys = [order_key(key[0]) for key in index_keys(document, [split(path)])]
        except MongoError:
            continue
        for intervals in bounds.predicates:
            assert any(one.holds(key) for one in intervals for key in keys), (path, intervals)
        if bounds.exists:
            assert matches({path: {"$exists": True}}, document)


@settings(max_examples=300)
@given(FILTERS, DOCUMENTS)
def test_a_document_that_is_found_has_keys_within_the_bounds(
    spec: dict[str, Any], document: dict[str, Any]
) -> None:
    if matches(spec, document):
        check(spec, document)


@pytest.mark.parametrize(
    ("spec", "document"),
    [
        ({"a": {"$exists": Decimal128("0")}}, {}),
        ({"a.0": None}, {"a": [[], {"b": "a"}]}),
        ({"a.0": {"$elemMatch": {"$eq": "b"}}}, {"a": [["b"], True]}),
        ({"a.0": {"$elemMatch": {"b": 1}}}, {"a": [[{"b": 1}]]}),
        ({"a": {"$elemMatch": {"$elemMatch": {"$regex": "^a"}}}}, {"a": [[1, "ab"]]}),
        ({"a": {"$elemMatch": {"$elemMatch": {"b": {"$ne": 1}}}}}, {"a": [[{}]]}),
        ({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}, {"a": [0, 2]}),
        ({"a": {"$gt": 3, "$lt": 2}}, {"a": [1, 5]}),
        ({"a": []}, {"a": []}),
        ({"a": {"$gte": {}}}, {"a": {"b": 1}}),
        ({"a": {"$lt": True}}, {"a": False}),
        ({"a": {"$regex": "^ab*"}}, {"a": "a"}),
    ],
)
def test_a_document_that_is_found_is_not_left_out(
    spec: dict[str, Any], document: dict[str, Any]
) -> None:
    assert matches(spec, document)
    check(spec, document)
