"""Snapshots, conflicts and waits: who sees what, and who is let write."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import parse_index
from stend.engines.mongo.store.transactions import Transaction, View, Wait
from tests.engines.mongo.store.standing import Standing, found, planned
from tests.long_runs import is_long_run


class Pair:
    """A collection with two documents and a unique index, and two transactions."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.store = self.standing.store
        self.collection = self.standing.collection()
        spec = parse_index({"key": {"u": 1}, "name": "u", "unique": True})
        self.store.catalogue.create_indexes(self.collection, [spec])
        for number in (1, 2):
            self.collection.insert({"_id": number, "u": number, "n": 0})
        self.first = self.begin()
        self.second = self.begin()

    def begin(self) -> Transaction:
        view = self.store.begin({"txnNumber": 1})
        assert self.store.catalogue.find("db", "c", view) is self.collection
        return view

    def record(self, number: int, view: View = None) -> int:
        ((record, _),) = planned(self.collection, view, filter={"_id": number}).run()
        return record


Write = Callable[[Pair, View], object]


def _update(number: int, **fields: Any) -> Write:
    def write(pair: Pair, view: View) -> object:
        new = {"_id": number, "u": number, "n": 1, **fields}
        return pair.collection.replace(pair.record(number, view), new, view)

    return write


def _delete(number: int) -> Write:
    return lambda pair, view: pair.collection.delete(pair.record(number, view), view)


def _insert(number: int, u: Any) -> Write:
    return lambda pair, view: pair.collection.insert({"_id": number, "u": u}, view)


# What two writers do, and how the second is told: by code; 0 where it may go on.
_CONFLICTS: list[tuple[str, Write, Write, int]] = [
    ("the same record", _update(1), _update(1), Code.WriteConflict),
    ("update and delete", _update(1), _delete(1), Code.WriteConflict),
    ("delete and update", _delete(1), _update(1), Code.WriteConflict),
    ("delete twice", _delete(1), _delete(1), Code.WriteConflict),
    ("other records", _update(1), _update(2), 0),
    ("new records", _insert(3, 3), _insert(4, 4), 0),
    ("the same new _id", _insert(3, 3), _insert(3, 4), Code.WriteConflict),
    ("the same new key", _insert(3, 3), _insert(4, 3), Code.WriteConflict),
    ("a key that was taken by an update", _update(1, u=9), _insert(4, 9), Code.WriteConflict),
    ("a key that was given up", _update(1, u=9), _insert(4, 1), Code.WriteConflict),
    ("a key of a deleted record", _delete(1), _insert(4, 1), Code.WriteConflict),
    ("an _id of a deleted record", _delete(1), _insert(1, 7), Code.WriteConflict),
    ("an update to a taken key", _insert(3, 3), _update(2, u=3), Code.WriteConflict),
    ("a key that was there before", _update(2, n=5), _insert(4, 1), Code.DuplicateKey),
]
_IDS = [name for name, *_ in _CONFLICTS]


def _code(write: Write, pair: Pair, view: View) -> int:
    try:
        write(pair, view)
    except MongoError as error:
        is_transient = error.labels == ("TransientTransactionError",)
        return error.code if is_transient == (error.code == Code.WriteConflict) else -1
    return 0


@pytest.mark.parametrize(("_name", "one", "other", "code"), _CONFLICTS, ids=_IDS)
def test_the_second_of_two_open_transactions_is_refused(
    _name: str, one: Write, other: Write, code: int
) -> None:
    pair = Pair()
    one(pair, pair.first)
    assert _code(other, pair, pair.second) == code


@pytest.mark.parametrize(("_name", "one", "other", "code"), _CONFLICTS, ids=_IDS)
def test_a_commit_after_the_snapshot_refuses_too(
    _name: str, one: Write, other: Write, code: int
) -> None:
    pair = Pair()
    one(pair, pair.first)
    pair.store.commit(pair.first)
    assert _code(other, pair, pair.second) == code


@pytest.mark.parametrize(("_name", "one", "other", "code"), _CONFLICTS, ids=_IDS)
def test_a_write_outside_waits_and_then_sees_the_outcome(
    _name: str, one: Write, other: Write, code: int
) -> None:
    pair = Pair()
    one(pair, pair.first)
    if code != Code.WriteConflict:
        assert _code(other, pair, None) == code
        return
    with pytest.raises(Wait) as waiting:
        other(pair, None)
    assert waiting.value.transaction is pair.first
    ended: list[str] = []
    waiting.value.transaction.on_end(lambda: ended.append("first"))
    assert not ended
    pair.store.abort(pair.first)
    assert ended == ["first"]
    is_taken = _name in {
        "a key that was given up",
        "a key of a deleted record",
        "an _id of a deleted record",
    }
    assert _code(other, pair, None) == (Code.DuplicateKey if is_taken else 0)


@pytest.mark.parametrize(("_name", "one", "other", "_code_"), _CONFLICTS, ids=_IDS)
def test_an_abort_leaves_nothing_behind(_name: str, one: Write, other: Write, _code_: int) -> None:
    pair = Pair()
    before = found(pair.collection), pair.store.memory_bytes
    one(pair, pair.first)
    assert found(pair.collection) == before[0]
    pair.store.abort(pair.first)
    pair.store.abort(pair.second)
    assert (found(pair.collection), pair.store.memory_bytes) == before
    third = pair.begin()
    if _name != "a key that was there before":
        one(pair, third)
    pair.store.commit(third)
    assert not pair.store.open_transactions()


def test_a_transaction_sees_its_own_writes_and_nobody_elses() -> None:
    pair = Pair()
    _update(1, n="first")(pair, pair.first)
    _insert(3, 3)(pair, pair.first)
    _delete(2)(pair, pair.first)
    own = [{"_id": 1, "u": 1, "n": "first"}, {"_id": 3, "u": 3}]
    old = [{"_id": 1, "u": 1, "n": 0}, {"_id": 2, "u": 2, "n": 0}]
    for spec in ({}, {"u": {"$gte": 0}}, {"_id": {"$in": [1, 2, 3]}}):
        assert found(pair.collection, spec, pair.first, sort={"_id": 1}) == own
        assert found(pair.collection, spec, pair.second, sort={"_id": 1}) == old
        assert found(pair.collection, spec, sort={"_id": 1}) == old
    assert [pair.collection.count(view) for view in (pair.first, pair.second, None)] == [2, 2, 2]
    pair.store.commit(pair.first)
    assert found(pair.collection, sort={"_id": 1}) == own
    assert found(pair.collection, {}, pair.second, sort={"_id": 1}) == old


def test_a_key_can_move_inside_of_a_transaction() -> None:
    pair = Pair()
    _update(1, u=9)(pair, pair.first)
    _update(2, u=1)(pair, pair.first)
    _update(1, u=2)(pair, pair.first)
    assert _code(_insert(5, 1), pair, pair.first) == Code.DuplicateKey
    _insert(6, 9)(pair, pair.first)
    pair.store.commit(pair.first)
    keys = {document["_id"]: document["u"] for document in found(pair.collection)}
    assert keys == {1: 2, 2: 1, 6: 9}
    for number, key in keys.items():
        assert [each["_id"] for each in found(pair.collection, {"u": key})] == [number]


def test_collections_of_a_transaction_are_its_own_until_it_commits() -> None:
    standing = Standing()
    catalogue = standing.store.catalogue
    first, second = standing.store.begin(), standing.store.begin()
    created = standing.collection("new", first)
    created.insert({"_id": 1}, first)
    assert catalogue.find("db", "new", first) is created
    assert catalogue.find("db", "new") is None
    assert catalogue.find("db", "new", second) is None
    with pytest.raises(MongoError, match="Write conflict"):
        standing.collection("new", second)
    with pytest.raises(Wait):
        standing.collection("new")
    standing.store.commit(first)
    assert found(created) == [{"_id": 1}]
    with pytest.raises(MongoError) as unavailable:
        catalogue.find("db", "new", second)
    assert unavailable.value.code == Code.SnapshotUnavailable
    third = standing.store.begin()
    standing.collection("gone", third).insert({"_id": 1}, third)
    standing.store.abort(third)
    assert catalogue.find("db", "gone") is None
    assert found(standing.collection("gone")) == []


def test_changes_of_the_catalogue_wait_for_who_uses_the_collection() -> None:
    pair = Pair()
    catalogue = pair.store.catalogue
    spec = parse_index({"key": {"n": 1}, "name": "n"})
    changes: list[Callable[[], object]] = [
        lambda: catalogue.drop(pair.collection),
        lambda: catalogue.drop_database("db"),
        lambda: catalogue.rename(pair.collection, "db", "d", drops_target=False),
        lambda: catalogue.create_indexes(pair.collection, [spec]),
        lambda: catalogue.drop_indexes(pair.collection, ["u"]),
        lambda: catalogue.modify(pair.collection, {"validationLevel": "off"}),
    ]
    for change in changes:
        with pytest.raises(Wait):
            change()
    pair.store.commit(pair.first)
    pair.store.commit(pair.second)
    late = pair.store.begin()
    for change in reversed(changes):
        try:
            change()
        except (KeyError, MongoError):
            assert catalogue.find("db", "c") is None
    for name in ("c", "d"):
        with pytest.raises(MongoError, match="Unable to read from a snapshot"):
            catalogue.find("db", name, late)


class Model:
    """Snapshot isolation, as simple as can be: copies of dicts."""

    def __init__(self) -> None:
        self.committed: dict[int, int] = {}
        self.changed_at: dict[int, int] = {}
        self.moment = 0

    def commit(self, writes: dict[int, int | None]) -> None:
        self.moment += 1
        for number, value in writes.items():
            if value is None and number not in self.committed:
                continue
            self.changed_at[number] = self.moment
            if value is None:
                self.committed.pop(number, None)
            else:
                self.committed[number] = value


class Actor:
    """A transaction of the store, and what the model knows of it."""

    def __init__(self, view: Transaction, model: Model) -> None:
        self.view = view
        self.snapshot = dict(model.committed)
        self.moment = model.moment
        self.writes: dict[int, int | None] = {}

    def seen(self) -> dict[int, int]:
        merged = {**self.snapshot, **self.writes}
        return {number: value for number, value in merged.items() if value is not None}


class Machine:
    """Runs the same steps on the store and on the model; a document is `{_id, v, w: -v}`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.standing = Standing()
        self.collection = self.standing.collection()
        specs = [{"key": {"v": 1}, "name": "v"}, {"key": {"w": -1, "_id": 1}, "name": "w"}]
        catalogue = self.standing.store.catalogue
        catalogue.create_indexes(self.collection, list(map(parse_index, specs)))
        self.model = Model()
        self.actors: list[Actor] = []

    def step(self) -> None:
        kind = self.random.randrange(10)
        if kind == 0 and len(self.actors) < 3:
            view = self.standing.store.begin()
            self.standing.store.catalogue.find("db", "c", view)
            self.actors.append(Actor(view, self.model))
        elif kind == 1 and self.actors:
            self.end(self.random.choice(self.actors), commits=self.random.random() < 0.7)
        elif kind < 8:
            self.write(self.random.choice([None, *self.actors]))
        else:
            self.read(self.random.choice([None, *self.actors]))

    def end(self, actor: Actor, *, commits: bool) -> None:
        self.actors.remove(actor)
        if commits:
            self.standing.store.commit(actor.view)
            self.model.commit(actor.writes)
        else:
            self.standing.store.abort(actor.view)

    def write(self, actor: Actor | None) -> None:
        number = self.random.randrange(8)
        value = self.random.choice([None, *range(5)])
        seen = actor.seen() if actor else self.model.committed
        if value is None and number not in seen:
            return
        if number in seen and seen[number] == value:
            # What changes nothing is no write, and conflicts with none.
            self.do(number, value, actor.view if actor else None, is_there=True)
            return
        holder = next((other for other in self.actors if number in other.writes), None)
        view = actor.view if actor else None
        outcome = self.attempt(number, value, view, is_there=number in seen)
        is_late = actor and self.model.changed_at.get(number, 0) > actor.moment
        if is_late or (holder and holder is not actor):
            assert outcome == (Code.WriteConflict if actor else holder and holder.view)
            if actor:
                self.end(actor, commits=False)
            return
        assert outcome is None
        if actor:
            actor.writes[number] = value
        else:
            self.model.commit({number: value})

    def attempt(self, number: int, value: int | None, view: View, *, is_there: bool) -> object:
        """What stood in the way: a code, or the transaction that is waited for."""
        try:
            self.do(number, value, view, is_there=is_there)
        except Wait as waiting:
            return waiting.transaction
        except MongoError as error:
            return error.code
        return None

    def do(self, number: int, value: int | None, view: View, *, is_there: bool) -> None:
        document = {"_id": number, "v": value, "w": -(value or 0)}
        if not is_there:
            self.collection.insert(document, view)
            return
        ((record, _),) = planned(self.collection, view, filter={"_id": number}).run()
        if value is None:
            self.collection.delete(record, view)
        else:
            self.collection.replace(record, document, view)

    def read(self, actor: Actor | None) -> None:
        seen = actor.seen() if actor else self.model.committed
        view = actor.view if actor else None
        low = self.random.randrange(5)
        expected = sorted(number for number, value in seen.items() if value >= low)
        for spec in ({"v": {"$gte": low}}, {"w": {"$lte": -low}}, {"$expr": True}):
            if "$expr" in spec:
                assert self.collection.count(view) == len(seen)
                continue
            got = found(self.collection, spec, view, sort={"_id": 1})
            assert [document["_id"] for document in got] == expected
        by_value = found(self.collection, {"v": {"$gte": low}}, view, sort={"v": -1}, limit=2)
        values = sorted((value for value in seen.values() if value >= low), reverse=True)
        assert [document["v"] for document in by_value] == values[:2]

    def finish(self) -> None:
        for actor in tuple(self.actors):
            self.end(actor, commits=True)
        self.read(None)
        contents = self.standing.store
        contents.submit()
        again = Standing(self.standing.disk)
        reopened = again.store.catalogue.find("db", "c")
        assert isinstance(reopened, Collection)
        assert {each["_id"]: each["v"] for each in found(reopened)} == self.model.committed
        assert again.store.memory_bytes == contents.memory_bytes
        # No time of the old store is given out again.
        assert again.store.oplog.last > contents.oplog.last


@pytest.mark.parametrize("seed", range(2000 if is_long_run() else 25))
def test_snapshot_isolation_is_that_of_a_simple_model(seed: int) -> None:
    machine = Machine(seed)
    for _ in range(120):
        machine.step()
    machine.finish()


@pytest.mark.parametrize(
    "query",
    [
        {"sort": {"v": 1}},
        {"sort": {"v": -1}, "filter": {"v": {"$gte": 3}}},
        {"sort": {"$natural": -1}},
        {"filter": {"v": {"$lt": 7}}},
        {"sort": {"w": 1}},
        {},
    ],
    ids=str,
)
def test_a_cursor_of_a_transaction_reads_its_snapshot_while_others_commit(
    query: dict[str, Any],
) -> None:
    random = Random(str(query))
    standing = Standing()
    collection = standing.collection()
    spec = parse_index({"key": {"v": 1}, "name": "v"})
    standing.store.catalogue.create_indexes(collection, [spec])
    records = [
        collection.insert({"_id": number, "v": random.randrange(10), "w": number % 3})
        for number in range(400)
    ]
    for _ in range(3):
        expected = found(collection, query.get("filter"), sort=query.get("sort", {}))
        view = standing.store.begin()
        standing.store.catalogue.find("db", "c", view)
        given = []
        for _, document in planned(collection, view, **query).run():
            given.append(document)
            record = random.choice(records)
            if random.random() < 0.1:
                collection.delete(record)
                records.append(
                    collection.insert({"_id": f"{record}-{len(records)}", "v": 5, "w": 1})
                )
            elif was := collection.read(record):
                collection.replace(record, {**was, "v": random.randrange(10)})
        standing.store.abort(view)
        key = "v" if "v" in query.get("sort", {}) else "w"
        assert sorted(map(str, given)) == sorted(map(str, expected))
        if "$natural" in query.get("sort", {}):
            assert given == expected
        elif "sort" in query:
            assert [each[key] for each in given] == [each[key] for each in expected]


def test_documents_stand_in_the_order_of_their_records_whoever_commits_first() -> None:
    standing = Standing()
    collection = standing.collection()
    early = standing.store.begin()
    standing.store.catalogue.find("db", "c", early)
    collection.insert({"_id": "early"}, early)
    collection.insert({"_id": "late"})
    standing.store.commit(early)
    collection.insert({"_id": "last"})
    order = ["early", "late", "last"]
    assert [document["_id"] for document in found(collection)] == order
    assert [document["_id"] for document in found(collection, sort={"$natural": -1})] == order[::-1]
