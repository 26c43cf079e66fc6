"""Which plan wins, how an explain tells it, and what it counts."""

from typing import Any

import pytest

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import parse_index
from tests.engines.mongo.store.standing import Standing, found, planned

Document = dict[str, Any]


@pytest.fixture(scope="module")
def collection() -> Collection:
    """200 documents: `n` by itself, `s` of 4 kinds, `t` an array of two numbers."""
    standing = Standing()
    made = standing.collection()
    for n in range(200):
        made.insert({"_id": n, "n": n, "s": f"s{n % 4}", "t": [n, -n], "p": n % 2, "h": n})
    specs: list[Document] = [
        {"key": {"n": 1}, "name": "n_1"},
        {"key": {"s": 1, "n": -1}, "name": "s_1_n_-1"},
        {"key": {"t": 1}, "name": "t_1"},
        {"key": {"o": 1}, "name": "o_1", "sparse": True},
        {"key": {"p": 1}, "name": "p_1", "partialFilterExpression": {"n": {"$gte": 100}}},
        {"key": {"h": 1}, "name": "h_1", "hidden": True},
    ]
    standing.store.catalogue.create_indexes(made, list(map(parse_index, specs)))
    return made


def _stages(tree: Document) -> str:
    inner = [*tree.get("inputStages", ()), *([tree["inputStage"]] if "inputStage" in tree else [])]
    name = tree["stage"] + (f" {tree['indexName']}" if "indexName" in tree else "")
    return " < ".join([name, *map(_stages, inner)])


@pytest.mark.parametrize(
    ("query", "stages", "keys", "documents", "returned"),
    [
        ({}, "COLLSCAN", 0, 200, 200),
        ({"filter": {"_id": 5}}, "IDHACK", 1, 1, 1),
        ({"filter": {"_id": {"$eq": 500}}}, "IDHACK", 0, 0, 0),
        ({"filter": {"_id": {"$lt": 5}}}, "FETCH < IXSCAN _id_", 5, 5, 5),
        ({"filter": {"n": 5}}, "FETCH < IXSCAN n_1", 1, 1, 1),
        ({"filter": {"n": {"$in": [1, 2, 900]}}}, "FETCH < IXSCAN n_1", 2, 2, 2),
        ({"filter": {"n": 5, "p": 0}}, "FETCH < IXSCAN n_1", 1, 1, 0),
        ({"filter": {"s": "s1"}}, "FETCH < IXSCAN s_1_n_-1", 50, 50, 50),
        ({"filter": {"s": "s1", "n": {"$gte": 190}}}, "FETCH < IXSCAN s_1_n_-1", 2, 2, 2),
        ({"filter": {"s": {"$gt": "s1"}, "n": 7}}, "FETCH < IXSCAN n_1", 1, 1, 1),
        ({"filter": {"t": {"$gt": 195}}}, "FETCH < IXSCAN t_1", 4, 4, 4),
        ({"filter": {"t": {"$gt": 0, "$lt": 0}}}, "FETCH < IXSCAN t_1", 199, 199, 199),
        ({"filter": {"o": None}}, "COLLSCAN", 0, 200, 200),
        ({"filter": {"o": 1}}, "FETCH < IXSCAN o_1", 0, 0, 0),
        ({"filter": {"o": None}, "hint": "o_1"}, "FETCH < IXSCAN o_1", 0, 0, 0),
        ({"filter": {"p": 1}}, "COLLSCAN", 0, 200, 100),
        ({"filter": {"p": 1, "n": {"$gt": 150}}, "hint": "p_1"}, "FETCH < IXSCAN p_1", 50, 50, 25),
        ({"filter": {"h": 1}}, "COLLSCAN", 0, 200, 1),
        ({"filter": {"n": 5}, "hint": {"$natural": -1}}, "COLLSCAN", 0, 200, 1),
        ({"filter": {"n": 5}, "hint": {"s": 1, "n": -1}}, "FETCH < IXSCAN s_1_n_-1", 200, 1, 1),
        (
            {"filter": {"$or": [{"n": 1}, {"s": "s1", "n": 1}]}},
            "FETCH < OR < IXSCAN n_1 < IXSCAN n_1",
            2,
            1,
            1,
        ),
        ({"filter": {"$or": [{"n": 1}, {"p": 5}]}}, "COLLSCAN", 0, 200, 1),
        ({"sort": {"n": -1}, "limit": 3}, "LIMIT < FETCH < IXSCAN n_1", 3, 3, 3),
        ({"sort": {"p": 1}, "limit": 3}, "LIMIT < SORT < COLLSCAN", 0, 200, 3),
        (
            {"sort": {"n": 1}, "filter": {"s": "s1"}},
            "FETCH < IXSCAN s_1_n_-1",
            50,
            50,
            50,
        ),
        ({"sort": {"s": -1, "n": 1}}, "FETCH < IXSCAN s_1_n_-1", 200, 200, 200),
        ({"sort": {"s": 1, "n": 1}}, "SORT < COLLSCAN", 0, 200, 200),
        ({"sort": {"n": 1}, "skip": 5, "limit": 2}, "LIMIT < SKIP < FETCH < IXSCAN n_1", 7, 7, 2),
        ({"sort": {"$natural": -1}, "limit": 2}, "LIMIT < COLLSCAN", 0, 2, 2),
        (
            {"filter": {"n": 1}, "projection": {"n": 1, "_id": False}},
            "PROJECTION_SIMPLE < FETCH < IXSCAN n_1",
            1,
            1,
            1,
        ),
        ({"projection": {"n": 0}, "limit": 1}, "PROJECTION_SIMPLE < LIMIT < COLLSCAN", 0, 1, 1),
        ({"projection": {"n.x": 1}, "limit": 1}, "PROJECTION_DEFAULT < LIMIT < COLLSCAN", 0, 1, 1),
        ({"projection": {"n": "$s"}, "limit": 1}, "PROJECTION_DEFAULT < LIMIT < COLLSCAN", 0, 1, 1),
    ],
    ids=str,
)
def test_plans(
    collection: Collection,
    query: Document,
    stages: str,
    keys: int,
    documents: int,
    returned: int,
) -> None:
    plan = planned(collection, **query)
    assert _stages(plan.winning()) == stages
    assert len(list(plan.run())) == returned
    counted = plan.execution()
    assert (
        counted["nReturned"],
        counted["totalKeysExamined"],
        counted["totalDocsExamined"],
    ) == (returned, keys, documents)
    assert _stages(counted["executionStages"]) == stages


@pytest.mark.parametrize(
    ("query", "bounds", "direction"),
    [
        ({"filter": {"n": 5}}, {"n": ["[5, 5]"]}, "forward"),
        ({"filter": {"n": {"$gt": 5}}}, {"n": ["(5, inf.0]"]}, "forward"),
        ({"filter": {"n": {"$lte": 5.5}}}, {"n": ["[-inf.0, 5.5]"]}, "forward"),
        ({"filter": {"n": {"$gt": 5, "$lt": 7}}}, {"n": ["(5, 7)"]}, "forward"),
        ({"filter": {"n": {"$in": [7, 1]}}}, {"n": ["[1, 1]", "[7, 7]"]}, "forward"),
        ({"filter": {"n": {"$gt": 5}}, "sort": {"n": -1}}, {"n": ["[inf.0, 5)"]}, "backward"),
        (
            {"filter": {"s": {"$gte": "s1"}}},
            {"s": ['["s1", {})'], "n": ["[MaxKey, MinKey]"]},
            "forward",
        ),
        (
            {"filter": {"s": {"$regex": "^s1"}}},
            {"s": ['["s1", "s2")', "[//, MaxKey)"], "n": ["[MaxKey, MinKey]"]},
            "forward",
        ),
        ({"filter": {"t": {"$gt": 1, "$lt": 5}}}, {"t": ["(1, inf.0]"]}, "forward"),
    ],
    ids=str,
)
def test_bounds(collection: Collection, query: Document, bounds: Document, direction: str) -> None:
    tree = planned(collection, **query).winning()
    assert tree["stage"] == "FETCH"
    scan = tree["inputStage"]
    assert scan["indexBounds"] == bounds
    assert scan["direction"] == direction


def test_what_an_index_scan_tells(collection: Collection) -> None:
    tree = planned(collection, filter={"t": 1, "n": {"$ne": 4}}, hint="t_1").winning()
    assert tree["filter"] == {"n": {"$ne": 4}}
    scan = tree["inputStage"]
    assert (scan["keyPattern"], scan["isMultiKey"]) == ({"t": 1}, True)
    assert scan["multiKeyPaths"] == {"t": ["t"]}
    assert not scan["isUnique"]
    assert planned(collection, filter={"n": 5, "s": "s1"}).rejected()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"hint": "nope"}, 2),
        ({"hint": {"n": -1}}, 2),
        ({"hint": "h_1"}, 2),
        ({"hint": "p_1", "filter": {"p": 1}}, 291),
        ({"sort": {"$natural": 1, "n": 1}}, 2),
        ({"sort": {"$natural": 1}, "hint": "n_1"}, 2),
        ({"sort": {"n": 2}}, 15975),
        ({"filter": {"n": {"$foo": 1}}}, 2),
    ],
    ids=str,
)
def test_what_cannot_be_planned(collection: Collection, query: Document, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        planned(collection, **query)
    assert refused.value.code == code


def test_a_record_is_given_once_though_its_key_moves_ahead_of_the_scan() -> None:
    standing = Standing()
    collection = standing.collection()
    spec = parse_index({"key": {"n": 1}, "name": "n"})
    standing.store.catalogue.create_indexes(collection, [spec])
    for n in range(500):
        collection.insert({"_id": n, "n": n})
    given = []
    for record, document in planned(collection, filter={"n": {"$gte": 0}}).run():
        collection.replace(record, {**document, "n": document["n"] + 1000})
        given.append(document["_id"])
    assert sorted(given) == list(range(500))
    assert len(found(collection, {"n": {"$gte": 1000}})) == 500


def test_a_scan_goes_on_while_others_write() -> None:
    collection = Standing().collection()
    records = [collection.insert({"_id": n}) for n in range(500)]
    given = []
    for record, document in planned(collection).run():
        given.append(document["_id"])
        if record % 2 and record < 400:
            collection.delete(records[record])
        collection.insert({"_id": 1000 + record})
    assert len(given) == len(set(given))
    assert [number for number in given if number < 500 and number % 2 == 0] == list(
        range(0, 500, 2)
    )
    backwards = found(collection, sort={"$natural": -1}, limit=300)
    assert backwards == found(collection)[::-1][:300]
