"""Sorts and keys of indexes: arrays by their least or greatest element, equals as they came."""

from typing import Any

import pytest

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.keys import index_keys
from stend.engines.mongo.query.paths import elements, split
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import MISSING, UNDEFINED

KEYS: list[tuple[dict[str, Any], list[str], list[tuple[Any, ...]]]] = [
    ({"a": 1}, ["a"], [(1,)]),
    ({}, ["a", "b"], [(MISSING, MISSING)]),
    ({"a": None}, ["a"], [(None,)]),
    ({"a": [1, 2]}, ["a", "b"], [(1, MISSING), (2, MISSING)]),
    ({"a": []}, ["a"], [(UNDEFINED,)]),
    ({"a": []}, ["a.b"], [(MISSING,)]),
    ({"a": [[1, 2], 3]}, ["a"], [([1, 2],), (3,)]),
    ({"a": [{"b": 1}, {"b": [2, 3]}, 5, {}]}, ["a.b"], [(1,), (2,), (3,), (MISSING,), (MISSING,)]),
    ({"a": [{"b": 1, "c": 2}, {"b": 3}]}, ["a.b", "a.c"], [(1, 2), (3, MISSING)]),
    ({"a": {"b": {"c": 1}}}, ["a.b", "a.b.c"], [({"c": 1}, 1)]),
    ({"a": 5}, ["a.b"], [(MISSING,)]),
    ({"a": [7, 8]}, ["a.1"], [(8,), (8,)]),
    ({"a": [{"b": 1}, {"b": 2}]}, ["a.0.b"], [(1,), (1,)]),
    ({"a": [[1, 2]]}, ["a.0"], [([1, 2],), ([1, 2],)]),
    ({"a": [[]]}, ["a.0"], [(UNDEFINED,)]),
]


@pytest.mark.parametrize(("document", "paths", "keys"), KEYS, ids=[str(row[:2]) for row in KEYS])
def test_a_document_has_keys(
    document: dict[str, Any], paths: list[str], keys: list[tuple[Any, ...]]
) -> None:
    assert index_keys(document, [split(path) for path in paths]) == keys


@pytest.mark.parametrize(
    ("document", "paths", "code"),
    [
        ({"a": [1], "b": [2]}, ["a", "b"], 171),
        ({"a": [{"0": 1}]}, ["a.0"], 16746),
    ],
)
def test_a_document_has_no_keys(document: dict[str, Any], paths: list[str], code: int) -> None:
    with pytest.raises(MongoError) as refused:
        index_keys(document, [split(path) for path in paths])
    assert refused.value.code == code


SORTED: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"a": 1}, [{"a": []}, {}, {"a": None}, {"a": 0.5}, {"a": [9, 1]}, {"a": 2}, {"a": "x"}]),
    ({"a": -1}, [{"a": "x"}, {"a": [9, 1]}, {"a": 2}, {}, {"a": None}, {"a": []}]),
    ({"a": 1.0, "b": -1}, [{"a": 1, "b": 5}, {"a": 1, "b": 1}, {"a": 1}, {"a": 2, "b": 9}]),
    ({"a.b": 1}, [{"a": 5}, {"a": [{"b": 3}, {"b": 1}]}, {"a": {"b": 2}}]),
    ({"a.b": -1}, [{"a": [{"b": 3}, {"b": 1}]}, {"a": {"b": 2}}, {"a": 5}]),
    # The least key as a whole decides, not the least of each field.
    ({"a.b": 1, "a.c": 1}, [{"a": [{"b": 1, "c": 9}]}, {"a": [{"b": 2, "c": 0}]}]),
    ({"n": 1}, [{"n": 1, "at": 1}, {"n": 1.0, "at": 2}, {"n": 1, "at": 0}]),
    ({"n": -1}, [{"n": 1, "at": 1}, {"n": 1.0, "at": 2}, {"n": 1, "at": 0}]),
    ({}, [{"a": 2}, {"a": 1}]),
]


@pytest.mark.parametrize(("spec", "documents"), SORTED, ids=[str(row[0]) for row in SORTED])
def test_documents_are_sorted(spec: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    key = sort_key(spec)
    assert sorted(documents, key=key) == documents
    if len({key(document) for document in documents}) == len(documents):
        turned = documents[::-1]
        assert sorted(turned, key=key) == documents


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"a": 2}, 15975),
    ({"a": 0}, 15975),
    ({"a": "x"}, 15974),
    ({"a": True}, 15974),
    ({"": 1}, 40352),
    ({"a.": 1}, 40353),
    ({"a..b": 1}, 15998),
    ({"$a": 1}, 16410),
    ({"a": {"$meta": "textScore"}}, 40218),
    ({"a": {"$meta": "nothing"}}, 31138),
    ({"a": {"$gt": 1}}, 17312),
    ({f"f{at}": 1 for at in range(33)}, 13103),
]


@pytest.mark.parametrize(("spec", "code"), WRONG, ids=[str(row[0])[:30] for row in WRONG])
def test_a_wrong_sort_is_refused(spec: dict[str, Any], code: int) -> None:
    with pytest.raises(MongoError) as refused:
        sort_key(spec)
    assert refused.value.code == code


def test_arrays_side_by_side_cannot_be_sorted_by() -> None:
    key = sort_key({"a": 1, "b": 1})
    with pytest.raises(MongoError, match="parallel arrays") as refused:
        key({"a": [1, 2], "b": [1, 2]})
    assert refused.value.code == 2


def test_values_are_reached_by_paths() -> None:
    document = {"a": [{"b": [1, 2]}, {"b": 3}], "o": {"x": {"y": 1}}}

    def reached(path: str, *, leaf: bool = True) -> list[Any]:
        return list(elements(document, split(path), leaf=leaf))

    assert reached("a.b") == [(1, 0), (2, 0), ([1, 2], 0), (3, 1)]
    assert reached("a.b", leaf=False) == [([1, 2], 0), (3, 1)]
    assert reached("a.1.b") == [(MISSING, 0), (MISSING, 1), (3, None)]
    assert reached("o.x.y") == [(1, None)]
    assert reached("q") == [(MISSING, None)]
