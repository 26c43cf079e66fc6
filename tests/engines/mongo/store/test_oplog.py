"""What change streams are told: each change once, in order, when it is safe."""

from typing import Any

import pytest

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import identical
from stend.engines.mongo.store.differences import difference
from stend.engines.mongo.store.index_specs import parse_index
from stend.engines.mongo.store.oplog import Entry, Oplog, Position
from tests.engines.mongo.store.standing import FakeDisk, Standing


def _told(entries: list[Entry]) -> list[tuple[str, Any]]:
    return [(entry.operation, entry.document_key.get("_id")) for entry in entries]


def test_changes_are_told_when_they_are_safe() -> None:
    standing = Standing(FakeDisk(is_slow=True))
    store = standing.store
    start = store.oplog.last
    heard: list[str] = []
    silence = store.oplog.listen(lambda: heard.append("heard"))
    collection = standing.collection()
    record = collection.insert({"_id": 1, "n": 1})
    store.submit()
    assert list(store.oplog.since(start)) == []
    durable: list[str] = []
    store.after_durable(lambda: durable.append("durable"))
    assert (heard, durable) == ([], [])
    standing.disk.sync()
    assert (heard, durable) == (["heard"], ["durable"])
    collection.replace(record, {"_id": 1, "n": 2})
    collection.replace(record, {"_id": 1}, operation="replace")
    collection.delete(record)
    store.submit()
    standing.disk.sync()
    entries = list(store.oplog.since(start))
    assert _told(entries) == [
        ("create", None),
        ("insert", 1),
        ("update", 1),
        ("replace", 1),
        ("delete", 1),
    ]
    assert entries[2].document == {"_id": 1, "n": 2}
    assert entries[2].update_description.document() == {
        "updatedFields": {"n": 2},
        "removedFields": [],
        "truncatedArrays": [],
    }
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    assert len({entry.position for entry in entries}) == len(entries)
    assert _told(list(store.oplog.since(entries[2].position))) == [("replace", 1), ("delete", 1)]
    silence()
    standing.collection("other")
    store.submit()
    standing.disk.sync()
    assert heard == ["heard", "heard"]


def test_a_transaction_has_one_time_for_all_its_changes() -> None:
    standing = Standing()
    collection = standing.collection()
    standing.store.submit()
    start = standing.store.oplog.last
    view = standing.store.begin({"txnNumber": 7})
    standing.store.catalogue.find("db", "c", view)
    record = collection.insert({"_id": 1}, view)
    collection.replace(record, {"_id": 1, "n": 1}, view)
    collection.insert({"_id": 2}, view)
    standing.store.commit(view)
    standing.store.submit()
    entries = list(standing.store.oplog.since(start))
    assert _told(entries) == [("insert", 1), ("update", 1), ("insert", 2)]
    assert len({entry.position.time for entry in entries}) == 1
    assert [entry.position.number for entry in entries] == [0, 1, 2]
    assert {entry.session and entry.session["txnNumber"] for entry in entries} == {7}


def test_changes_of_the_catalogue_are_told() -> None:
    standing = Standing()
    start = standing.store.oplog.last
    catalogue = standing.store.catalogue
    collection = standing.collection("a")
    standing.collection("b")
    catalogue.create_indexes(collection, [parse_index({"key": {"n": 1}, "name": "n"})])
    catalogue.drop_indexes(collection, ["n"])
    catalogue.modify(collection, {"validationAction": "warn"})
    catalogue.rename(collection, "db", "b", drops_target=True)
    catalogue.drop(collection)
    standing.collection("c")
    catalogue.drop_database("db")
    standing.store.submit()
    told = [(each.operation, each.collection) for each in standing.store.oplog.since(start)]
    assert told == [
        ("create", "a"),
        ("create", "b"),
        ("createIndexes", "a"),
        ("dropIndexes", "a"),
        ("modify", "a"),
        ("rename", "a"),
        ("drop", "b"),
        ("create", "c"),
        ("drop", "c"),
        ("dropDatabase", ""),
    ]


def _entry(number: int, size: int = 0) -> Entry:
    return Entry(Position(1, number, 0), "insert", "db", "c", None, 0, after=b"x" * size)


def test_what_has_fallen_out_of_the_ring_is_not_passed_over() -> None:
    oplog = Oplog(Position(1, 0, 0))
    oplog.publish([_entry(1), _entry(2)])
    reading = oplog.since(Position(1, 0, 0))
    assert next(reading).position.increment == 1
    oplog.publish([_entry(number, 5_000_000) for number in range(3, 9)])
    with pytest.raises(MongoError) as lost:
        next(reading)
    assert lost.value.code == Code.ChangeStreamHistoryLost
    with pytest.raises(MongoError) as too_old:
        oplog.since(Position(1, 1, 0))
    assert too_old.value.code == Code.ChangeStreamHistoryLost
    assert [entry.position.increment for entry in oplog.since(Position(1, 6, 0))] == [7, 8]


def test_a_reading_goes_on_where_it_was() -> None:
    oplog = Oplog(Position(1, 0, 0))
    oplog.publish([_entry(1), _entry(2)])
    assert [entry.position.increment for entry in oplog.since(oplog.last)] == []
    last = oplog.last
    oplog.publish([_entry(number) for number in range(3, 30_000)])
    assert [entry.position.increment for entry in oplog.since(Position(1, 29_998, 0))] == [29_999]
    with pytest.raises(MongoError) as too_old:
        oplog.since(last)
    assert too_old.value.code == Code.ChangeStreamHistoryLost


@pytest.mark.parametrize(
    ("before", "after", "updated", "removed", "truncated"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}, [], []),
        ({"a": 1}, {"a": 1.0}, {"a": 1.0}, [], []),
        ({"a": 1, "b": 1}, {"b": 1}, {}, ["a"], []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.c": 3}, [], []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {}, ["a.c"], []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}}, {"a": {"c": 2, "b": 1}}, [], []),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {}}, [], []),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"a.1": 3, "a.2": 4}, [], []),
        ({"a": [1, 2, 3]}, {"a": [1]}, {}, [], [{"field": "a", "newSize": 1}]),
        ({"a": [1]}, {"a": []}, {"a": []}, [], []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, {"a.0.b": 2}, [], []),
        ({"a": 1}, {"a": 1}, {}, [], []),
    ],
    ids=str,
)
def test_a_difference_is_as_deep_as_can_be(
    before: dict[str, Any],
    after: dict[str, Any],
    updated: dict[str, Any],
    removed: list[str],
    truncated: list[dict[str, Any]],
) -> None:
    found = difference(before, after).document()
    expected = {
        "updatedFields": updated,
        "removedFields": removed,
        "truncatedArrays": truncated,
    }
    assert identical(found, expected)
