"""Which collections there are, and how they come, change and go."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bson import Binary
from bson.binary import UUID_SUBTYPE

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import decode, equal
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import (
    ID_INDEX,
    MAX_INDEXES,
    IndexSpec,
    parse_index,
    with_changes,
)
from stend.engines.mongo.store.ledger import Ledger
from stend.engines.mongo.store.names import check_collection, check_database
from stend.engines.mongo.store.options import (
    CollectionOptions,
    changed_options,
    check_place,
    parse_options,
)
from stend.engines.mongo.store.rendering import rendered
from stend.engines.mongo.store.transactions import (
    Transaction,
    View,
    Wait,
    snapshot_unavailable,
    write_conflict,
)
from stend.engines.mongo.store.volume import Contents, DropCollection

Name = tuple[str, str]


class _Promise(NamedTuple):
    """A collection that an open transaction is about to create."""

    view: Transaction
    collection: Collection


class Catalogue:
    """Every change of it is a commit of its own, and waits for transactions that use its object."""

    def __init__(self, ledger: Ledger, contents: Contents) -> None:
        self._ledger = ledger
        self._collections: dict[Name, Collection] = {}
        self._next_number = 1
        self._promised: dict[Name, _Promise] = {}
        # Names that were given up since the oldest snapshot, and by which commit.
        self._given_up: dict[Name, int] = {}
        for number, definition, records in contents.collections:
            self._load(number, decode(definition), records)

    def _load(self, number: int, definition: Mapping[str, Any], records: Any) -> None:
        collection = Collection(
            self._ledger,
            number,
            definition["database"],
            definition["name"],
            definition["uuid"],
            parse_options(definition["options"]),
        )
        collection.load(records, map(parse_index, definition["indexes"]))
        self._collections[collection.database, collection.name] = collection
        self._next_number = max(self._next_number, number + 1)

    def __iter__(self) -> Iterator[Collection]:
        return iter(tuple(self._collections.values()))

    def databases(self) -> list[str]:
        """Those that have a collection, by name."""
        return sorted({database for database, _ in self._collections})

    def of(self, database: str, view: View = None) -> list[Collection]:
        """The collections of a database, by name."""
        found = {
            name: collection
            for (owner, name), collection in self._collections.items()
            if owner == database
        }
        if view is not None:
            found |= {new.name: new for new in self._created(view) if new.database == database}
        return [found[name] for name in sorted(found)]

    def find(self, database: str, name: str, view: View = None) -> Collection | None:
        """
        Raises:
            MongoError: SnapshotUnavailable: it was changed after the snapshot of the transaction.
        """
        found = self._collections.get((database, name))
        if view is None:
            return found
        if found is None:
            if self._given_up.get((database, name), 0) > view.snapshot:
                raise snapshot_unavailable()
            promise = self._promised.get((database, name))
            return promise.collection if promise and promise.view is view else None
        if found.born > view.snapshot:
            raise snapshot_unavailable()
        found.users[view] = None
        view.touched[found] = None
        return found

    # Collections

    def create(
        self, database: str, name: str, options: CollectionOptions, view: View = None
    ) -> Collection:
        """A new collection; one that is there with the same options is given back.

        Raises:
            MongoError: there is one with other options, or none can be called so.
            Wait: an open transaction is about to create it.
        """
        check_collection(database, name)
        check_place(options, database, name)
        existing = self.find(database, name, view)
        if existing is not None:
            return _same(existing, options, view)
        self._check_case(database)
        self._check_promise((database, name), view)
        collection = self._new(database, name, options)
        if view is None:
            self._ledger.advance()
            self._add(collection)
        else:
            self._promised[database, name] = _Promise(view, collection)
            view.touched[collection] = None
        return collection

    def _new(self, database: str, name: str, options: CollectionOptions) -> Collection:
        uuid = Binary(self._ledger.surroundings.new_uuid(), UUID_SUBTYPE)
        collection = Collection(self._ledger, self._next_number, database, name, uuid, options)
        self._next_number += 1
        return collection

    def _check_case(self, database: str) -> None:
        for other, _ in (*self._collections, *self._promised):
            if other != database and other.lower() == database.lower():
                raise MongoError(
                    Code.DatabaseDifferCase,
                    f"db already exists with different case already have: [{other}] trying to "
                    f"create [{database}]",
                )

    def _check_promise(self, name: Name, view: View) -> None:
        promise = self._promised.get(name)
        if promise is not None and promise.view is not view:
            if view is None:
                raise Wait(promise.view)
            raise write_conflict()

    def _add(self, collection: Collection) -> None:
        collection.born = self._ledger.moment
        self._collections[collection.database, collection.name] = collection
        collection.save()
        self._tell("create", collection, {"idIndex": {"v": 2, "key": {"_id": 1}, "name": "_id_"}})

    def keep_promises(self, view: Transaction) -> None:
        """A transaction commits: what it created is there for all."""
        for collection in self._created(view):
            self._add(collection)

    def release(self, view: Transaction) -> None:
        """A transaction has ended."""
        for collection in self._created(view):
            del self._promised[collection.database, collection.name]

    def has_promises(self, view: Transaction) -> bool:
        """Whether a transaction is about to create collections."""
        return bool(self._created(view))

    def _created(self, view: Transaction) -> list[Collection]:
        return [promise.collection for promise in self._promised.values() if promise.view is view]

    def drop(self, collection: Collection) -> None:
        """
        Raises:
            Wait: an open transaction uses it.
        """
        _require_unused(collection)
        self._ledger.advance()
        self._remove(collection)
        self._tell("drop", collection)

    def _remove(self, collection: Collection) -> None:
        self._give_up(collection)
        collection.close()
        self._ledger.operations.append(DropCollection(collection.number))

    def _give_up(self, collection: Collection) -> None:
        name = (collection.database, collection.name)
        del self._collections[name]
        if self._ledger.has_snapshots:
            self._given_up[name] = self._ledger.moment
            self._ledger.remember_to_forget(self._forget)

    def _forget(self, oldest: int | None) -> None:
        self._given_up = {
            name: moment
            for name, moment in self._given_up.items()
            if oldest is not None and moment > oldest
        }
        if not self._given_up:
            self._ledger.forgotten(self._forget)

    def drop_database(self, database: str) -> None:
        """With all its collections.

        Raises:
            Wait: an open transaction uses one of them.
        """
        check_database(database)
        collections = self.of(database)
        for collection in collections:
            _require_unused(collection)
        if not collections:
            return
        for collection in collections:
            self._ledger.advance()
            self._remove(collection)
            self._tell("drop", collection)
        self._ledger.advance()
        self._ledger.tell("dropDatabase", database, "", None)

    def rename(
        self, collection: Collection, database: str, name: str, *, drops_target: bool
    ) -> None:
        """Another name, in the same database.

        Raises:
            MongoError: there is one of that name, or none can be called so.
            Wait: an open transaction uses one of both.
        """
        check_collection(database, name)
        if database != collection.database:
            raise MongoError(
                Code.CommandNotSupported,
                "Renaming a collection into another database is not supported by this server",
            )
        if name == collection.name:
            raise MongoError(Code.IllegalOperation, "Can't rename a collection to itself")
        target = self._collections.get((database, name))
        if target is not None and not drops_target:
            raise MongoError(Code.NamespaceExists, "target namespace exists")
        self._check_promise((database, name), None)
        _require_unused(collection)
        if target is not None:
            _require_unused(target)
        self._ledger.advance()
        if target is not None:
            self._remove(target)
        self._move(collection, name, target)

    def _move(self, collection: Collection, name: str, target: Collection | None) -> None:
        details: dict[str, Any] = {"to": {"db": collection.database, "coll": name}}
        if target is not None:
            details["dropTarget"] = target.uuid
        self._tell("rename", collection, details)
        self._give_up(collection)
        collection.name = name
        collection.born = self._ledger.moment
        self._collections[collection.database, name] = collection
        collection.save()

    def modify(
        self,
        collection: Collection,
        options: Mapping[str, Any],
        *,
        index: str | None = None,
        hidden: bool | None = None,
        expire_after_s: Any = None,
    ) -> None:
        """Another validator, another index option (collMod).

        Args:
            options: validator, validationLevel, validationAction: those that change.
            index: the name of the one that changes.

        Raises:
            MongoError: a value is wrong.
            Wait: an open transaction uses it.
        """
        changed = changed_options(collection.options, options)
        check_place(changed, collection.database, collection.name)
        spec = None
        if index is not None:
            found = collection.indexes[index].spec
            spec = with_changes(found, hidden=hidden, expire_after_s=expire_after_s)
        _require_unused(collection)
        collection.set_options(changed)
        if spec is not None:
            collection.indexes[spec.name].spec = spec
        self._changed(collection, "modify", {})

    # Indexes

    def create_indexes(
        self, collection: Collection, specs: Sequence[IndexSpec], view: View = None
    ) -> list[str]:
        """All of them or none; those that are there already are left alone.

        Returns:
            The names of the new ones.

        Raises:
            MongoError: one conflicts with another, or documents with it.
            Wait: an open transaction uses the collection.
        """
        is_private = view is not None and collection in self._created(view)
        if view is not None and not (is_private and not collection.count(view)):
            raise MongoError(
                Code.OperationNotSupportedInTransaction,
                f"Cannot create new indexes on existing collection {collection.namespace} in a "
                "multi-document transaction.",
            )
        planned = {name: index.spec for name, index in collection.indexes.items()}
        new = [spec for spec in specs if _is_new(spec, planned, collection.namespace)]
        if new and not is_private:
            _require_unused(collection)
        built = [collection.build(spec) for spec in new]
        for index in built:
            collection.indexes[index.spec.name] = index
        if built and not is_private:
            details = {"indexes": [index.spec.document() for index in built]}
            self._changed(collection, "createIndexes", details)
        return [spec.name for spec in new]

    def drop_indexes(self, collection: Collection, names: Sequence[str]) -> None:
        """
        Args:
            names: of indexes that there are.

        Raises:
            MongoError: the one of `_id` is among them.
            Wait: an open transaction uses the collection.
        """
        if ID_INDEX in names:
            raise MongoError(Code.InvalidOptions, "cannot drop _id index")
        if not names:
            return
        _require_unused(collection)
        details = {"indexes": [collection.indexes[name].spec.document() for name in names]}
        for name in names:
            collection.remove_index(name)
        self._changed(collection, "dropIndexes", details)

    def _changed(self, collection: Collection, operation: str, details: Mapping[str, Any]) -> None:
        self._ledger.advance()
        collection.born = self._ledger.moment
        collection.save()
        self._tell(operation, collection, details)

    def _tell(
        self, operation: str, collection: Collection, details: Mapping[str, Any] | None = None
    ) -> None:
        self._ledger.tell(
            operation, collection.database, collection.name, collection.uuid, details=details
        )


def _require_unused(collection: Collection) -> None:
    for transaction in collection.users:
        raise Wait(transaction)


def _same(existing: Collection, options: CollectionOptions, view: View) -> Collection:
    is_same = equal(existing.options.document(), options.document())
    if view is None and is_same:
        return existing
    raise MongoError(
        Code.NamespaceExists,
        f"Collection {existing.namespace} already exists."
        if is_same
        else f"namespace {existing.namespace} already exists, but with different options: "
        f"{rendered(existing.options.document())}",
    )


def _is_new(spec: IndexSpec, planned: dict[str, IndexSpec], namespace: str) -> bool:
    named = planned.get(spec.name)
    if named is not None:
        if named.is_identical(spec):
            return False
        raise _name_conflict(spec, named)
    for other in planned.values():
        if other.is_equivalent(spec):
            raise _equivalent(spec, other)
    if len(planned) >= MAX_INDEXES:
        raise MongoError(
            Code.CannotCreateIndex,
            f"add index fails, too many indexes for {namespace} key:{rendered(spec.key)}",
        )
    planned[spec.name] = spec
    return True


def _name_conflict(spec: IndexSpec, named: IndexSpec) -> MongoError:
    both = (
        f"Requested index: {rendered(spec.document())}, existing index: "
        f"{rendered(named.document())}"
    )
    if named.is_equivalent(spec):
        return MongoError(
            Code.IndexOptionsConflict,
            "An equivalent index already exists with the same name but different options. " + both,
        )
    return MongoError(
        Code.IndexKeySpecsConflict,
        "An existing index has the same name as the requested index. When index names are not "
        "specified, they are auto generated and can cause conflicts. Please refer to our "
        "documentation. " + both,
    )


def _equivalent(spec: IndexSpec, other: IndexSpec) -> MongoError:
    if other.is_identical(spec):
        return MongoError(
            Code.IndexOptionsConflict,
            f"Index already exists with a different name: {other.name}",
        )
    return MongoError(
        Code.IndexOptionsConflict,
        "An equivalent index already exists with a different name and options. Requested index: "
        f"{rendered(spec.document())}, existing index: {rendered(other.document())}",
    )
