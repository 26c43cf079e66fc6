"""A collection: its records and indexes, how they are read by number, and how they are written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bson import Binary

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.values import decode, encode, identical
from stend.engines.mongo.store.documents import stored
from stend.engines.mongo.store.index_specs import ID_INDEX, ID_SPEC, IndexSpec
from stend.engines.mongo.store.indexes import KEY_BYTES, Index
from stend.engines.mongo.store.ledger import Ledger
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.ordering import Key
from stend.engines.mongo.store.records import Records
from stend.engines.mongo.store.reservations import Keys, Reservations, duplicate_key
from stend.engines.mongo.store.transactions import Change, Transaction, View
from stend.engines.mongo.store.validation import Validator
from stend.engines.mongo.store.volume import Put, Remove, SaveCollection

Document = dict[str, Any]


class Collection:
    """Made by `Store`.

    Args:
        number: of its table on the disk.

    Attributes:
        uuid: as listCollections tells it.
        born: the commit that made it, or changed its options or indexes last.
        is_dropped: whoever reads it has to stop.
        indexes: by name; the one of `_id` is first.
        users: open transactions that have read or written it.
    """

    def __init__(
        self,
        ledger: Ledger,
        number: int,
        database: str,
        name: str,
        uuid: Binary,
        options: CollectionOptions,
    ) -> None:
        self.number = number
        self.database = database
        self.name = name
        self.uuid = uuid
        self.born = ledger.moment
        self.is_dropped = False
        self.users: dict[Transaction, None] = {}
        self._ledger = ledger
        self.set_options(options)
        self._records = Records(ledger)
        self._reservations = Reservations(ledger, self._records, lambda: self.namespace)
        self.indexes: dict[str, Index] = {ID_INDEX: Index(ID_SPEC)}

    @property
    def namespace(self) -> str:
        """`database.collection`."""
        return f"{self.database}.{self.name}"

    @property
    def options(self) -> CollectionOptions:
        """What it was made with, or changed to."""
        return self._options

    @property
    def size_bytes(self) -> int:
        """Of its committed documents."""
        return self._records.size_bytes

    @property
    def moment(self) -> int:
        """The number of the last commit to any collection."""
        return self._ledger.moment

    def set_options(self, options: CollectionOptions) -> None:
        """Other options; documents that are there are not checked again."""
        self._validator = Validator(options, self._ledger.surroundings)
        self._options = options

    # Reading

    def count(self, view: View = None) -> int:
        """How many documents a view sees."""
        if view is None:
            return len(self._records)
        changed = self.changed_for(view)
        committed = sum(self._records.committed(record) is not None for record in changed)
        seen = sum(self.raw(record, view) is not None for record in changed)
        return len(self._records) - committed + seen

    def raw(self, record: int, view: View = None) -> bytes | None:
        """The bytes of a record as a view sees it: the same object until it changes."""
        if view is None:
            return self._records.committed(record)
        overlay = view.overlays.get(self._records)
        if overlay is not None and record in overlay.documents:
            return overlay.documents[record]
        return self._records.at(record, view.snapshot)

    def read(self, record: int, view: View = None) -> Document | None:
        """The document of a record as a view sees it; None where it has none."""
        data = self.raw(record, view)
        return None if data is None else decode(data)

    def records(self, *, backwards: bool = False) -> Iterator[int]:
        """The numbers of the committed records, in order; later ones may be missed."""
        return self._records.walk(backwards=backwards)

    def changed_for(self, view: Transaction) -> set[int]:
        """The records that may be others for a transaction than what is committed."""
        changed = self._records.changed_since(view.snapshot)
        overlay = view.overlays.get(self._records)
        return changed.union(overlay.documents) if overlay else changed

    # Writing

    def insert(self, document: Document, view: View = None, *, is_checked: bool = True) -> int:
        """A new record.

        Args:
            document: with an `_id`.
            is_checked: whether the validator of the collection is asked.

        Raises:
            MongoError: the document cannot be stored, or one with the same unique key is there.
            Wait: an open transaction holds such a key; not inside of a transaction.
        """
        data = stored(document)
        if is_checked:
            self._validator.check(document)
        keys = [(index, index.keys_of(document)) for index in self.indexes.values()]
        record = self._records.take_number()
        self._reservations.check_keys(keys, record, view, document)
        self._ledger.require_memory(len(data))
        self._write(record, None, data, ([], keys), "insert", view)
        return record

    def replace(
        self,
        record: int,
        document: Document,
        view: View = None,
        *,
        operation: str = "update",
        was: bytes | None = None,
        is_checked: bool = True,
    ) -> bool:
        """Another document for a record; the same one is no change.

        Args:
            operation: update or replace, for change streams.
            was: what `raw` gave when the document was read, where others may have run meanwhile.

        Returns:
            False where the record is gone, or is no longer what it was.

        Raises:
            MongoError: as of `insert`; or WriteConflict in a transaction.
            Wait: an open transaction holds the record or a key; not inside of a transaction.
        """
        before = self._to_write(record, view, was)
        if before is None:
            return False
        data = stored(document)
        if data == before:
            return True
        self._reservations.check_record(record, view)
        old = decode(before)
        if not identical(old["_id"], document["_id"]):
            raise MongoError(
                Code.ImmutableField,
                "Performing an update on the path '_id' would modify the immutable field '_id'",
            )
        if is_checked:
            self._validator.check(document, old)
        lost, gained = self._changed_keys(old, document)
        self._reservations.check_keys(gained, record, view, document)
        self._ledger.require_memory(len(data) - len(before))
        self._write(record, before, data, (lost, gained), operation, view)
        return True

    def delete(self, record: int, view: View = None, *, was: bytes | None = None) -> bool:
        """The record is gone.

        Returns:
            False where it was gone before, or is no longer what it was.

        Raises:
            MongoError: WriteConflict in a transaction.
            Wait: an open transaction holds the record; not inside of a transaction.
        """
        before = self._to_write(record, view, was)
        if before is None:
            return False
        self._reservations.check_record(record, view)
        old = decode(before)
        keys = [(index, index.keys_of(old)) for index in self.indexes.values()]
        self._write(record, before, None, (keys, []), "delete", view)
        return True

    def _to_write(self, record: int, view: View, was: bytes | None) -> bytes | None:
        before = self.raw(record, view)
        return None if was is not None and before is not was else before

    def _changed_keys(self, old: Document, new: Document) -> tuple[Keys, Keys]:
        """The keys that a record loses and gains; `_id` never changes."""
        lost: Keys = []
        gained: Keys = []
        for index in self.indexes.values():
            if index.spec.is_id:
                continue
            before, after = index.keys_of(old), index.keys_of(new)
            if before != after:
                lost.append((index, tuple([key for key in before if key not in after])))
                gained.append((index, tuple([key for key in after if key not in before])))
        return lost, gained

    def _write(
        self,
        record: int,
        before: bytes | None,
        after: bytes | None,
        keys: tuple[Keys, Keys],
        operation: str,
        view: View,
    ) -> None:
        if view is None:
            moment = self._ledger.advance()
            self._apply(record, after, keys, moment)
            self.tell(Change(self, operation, before, after))
            return
        view.changes.append(Change(self, operation, before, after))
        view.overlay(self._records).documents[record] = after
        self._reservations.hold(record, *keys, view)
        size = len(after or b"") + KEY_BYTES
        view.size_bytes += size
        self._ledger.memory_bytes += size

    def _apply(
        self, record: int, after: bytes | None, keys: tuple[Keys, Keys], moment: int
    ) -> None:
        lost, gained = keys
        if lost and self._ledger.has_snapshots:
            self._reservations.freed(lost, moment)
        grown = 0
        for index, own in lost:
            index.remove(own, record)
            grown -= len(own)
        for index, own in gained:
            index.add(own, record)
            grown += len(own)
        self._ledger.memory_bytes += grown * KEY_BYTES
        self._records.put(record, after, moment)
        self._ledger.operations.append(
            Remove(self.number, record) if after is None else Put(self.number, record, after)
        )

    # The ends of transactions

    def commit(self, view: Transaction, moment: int) -> None:
        """What a transaction wrote is there for all; called by `Store` for each it touched."""
        overlay = view.overlays.get(self._records)
        if overlay is None:
            return
        for record, after in overlay.documents.items():
            before = self._records.committed(record)
            if before is None and after is None:
                continue
            keys = self._changed_keys_of(before, after)
            self._apply(record, after, keys, moment)

    def _changed_keys_of(self, before: bytes | None, after: bytes | None) -> tuple[Keys, Keys]:
        if before is not None and after is not None:
            return self._changed_keys(decode(before), decode(after))
        document = decode(before if before is not None else after or b"")
        keys = [(index, index.keys_of(document)) for index in self.indexes.values()]
        return (keys, []) if after is None else ([], keys)

    def tell(self, change: Change, session: Mapping[str, Any] | None = None) -> None:
        """The oplog gets one more change of the present commit."""
        self._ledger.tell(
            change.operation,
            self.database,
            self.name,
            self.uuid,
            before=change.before,
            after=change.after,
            session=session,
        )

    def release(self, view: Transaction) -> None:
        """A transaction that touched it has ended; what it held is free."""
        self._reservations.release(view)
        self.users.pop(view, None)

    # The catalogue

    def load(self, records: Iterable[tuple[int, bytes]], specs: Iterable[IndexSpec]) -> None:
        """What the disk has."""
        self._records.load(records)
        self._fill(self.indexes[ID_INDEX])
        for spec in specs:
            if not spec.is_id:
                self.indexes[spec.name] = self.build(spec)

    def build(self, spec: IndexSpec) -> Index:
        """An index with all that is committed; not yet one of the collection.

        Raises:
            MongoError: two documents have the same key in it, or it cannot have one of them.
        """
        index = Index(spec, self._coverage(spec))
        self._fill(index)
        return index

    def _coverage(self, spec: IndexSpec) -> Callable[[Mapping[str, Any]], bool] | None:
        if spec.partial is None:
            return None
        context = self._ledger.surroundings.context()
        return compile_filter(spec.partial, context=context).matches

    def _fill(self, index: Index) -> None:
        for record in self._records.walk():
            document = decode(self._records.committed(record) or b"")
            keys = index.keys_of(document)
            if index.is_unique:
                self._check_alone(index, keys, document)
            index.add(keys, record)
        self._ledger.memory_bytes += index.size_bytes

    def _check_alone(self, index: Index, keys: tuple[Key, ...], document: Document) -> None:
        for key in keys:
            if index.owner(key) is not None:
                values = next(v for v in index.values_of(document) if index.key(v) == key)
                raise duplicate_key(self.namespace, index, values)

    def remove_index(self, name: str) -> None:
        """An index is gone; who scans it has to stop."""
        index = self.indexes.pop(name)
        index.is_dropped = True
        self._ledger.memory_bytes -= index.size_bytes

    def save(self) -> None:
        """Its definition goes to the disk with the next unit."""
        definition = {
            "database": self.database,
            "name": self.name,
            "uuid": self.uuid,
            "options": self.options.document(),
            "indexes": [index.spec.document() for index in self.indexes.values()],
        }
        self._ledger.operations.append(SaveCollection(self.number, encode(definition)))

    def close(self) -> None:
        """It is dropped: its memory is free, and who scans it has to stop."""
        self.is_dropped = True
        for index in self.indexes.values():
            self._ledger.memory_bytes -= index.size_bytes
        self._records.close()
