"""What open transactions hold of a collection: records, and keys of its unique indexes."""

from collections.abc import Callable, Mapping
from typing import Any

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, UNDEFINED
from stend.engines.mongo.store.indexes import Index
from stend.engines.mongo.store.ledger import Ledger
from stend.engines.mongo.store.ordering import Key
from stend.engines.mongo.store.records import Records
from stend.engines.mongo.store.rendering import rendered
from stend.engines.mongo.store.transactions import Transaction, View, Wait, write_conflict

Keys = list[tuple[Index, tuple[Key, ...]]]
Slot = tuple[Index, Key]


class Reservations:
    """
    Args:
        namespace: gives the present name of the collection, for messages.
    """

    def __init__(self, ledger: Ledger, records: Records, namespace: Callable[[], str]) -> None:
        self._ledger = ledger
        self._records = records
        self._namespace = namespace
        self._held: dict[int, Transaction] = {}
        # Keys that an open transaction took or gave up.
        self._held_keys: dict[Slot, Transaction] = {}
        # Keys that commits gave up since the oldest snapshot, and by which commit.
        self._freed_keys: dict[Slot, int] = {}

    def check_record(self, record: int, view: View) -> None:
        """
        Raises:
            MongoError: WriteConflict, in a transaction: another one was first.
            Wait: outside of one.
        """
        holder = self._held.get(record)
        if view is None:
            if holder is not None:
                raise Wait(holder)
        elif holder is not view and (
            holder is not None or self._records.changed_at(record) > view.snapshot
        ):
            raise write_conflict()

    def check_keys(self, keys: Keys, record: int, view: View, document: Mapping[str, Any]) -> None:
        """
        Args:
            keys: that a record is to have and has not yet.

        Raises:
            MongoError: DuplicateKey; or WriteConflict in a transaction.
            Wait: an open transaction holds one; not inside of a transaction.
        """
        for index, own in keys:
            if index.is_unique:
                for key in own:
                    self._check_key(index, key, record, view, document)

    def _check_key(
        self, index: Index, key: Key, record: int, view: View, document: Mapping[str, Any]
    ) -> None:
        if self._held_keys:
            holder = self._held_keys.get((index, key))
            if holder is not None and holder is not view:
                if view is None:
                    raise Wait(holder)
                raise write_conflict()
        owner = index.owner(key) if view is None else self._owner_for(index, key, view)
        if owner is not None and owner != record:
            raise self._duplicate(index, key, document)

    def _owner_for(self, index: Index, key: Key, view: Transaction) -> int | None:
        overlay = view.overlays.get(self._records)
        if overlay is not None and (index, key) in overlay.keys:
            return overlay.keys[index, key]
        owner = index.owner(key)
        # Its owner came, or it was given up, after the snapshot: the transaction sees neither.
        if owner is not None and self._records.changed_at(owner) > view.snapshot:
            raise write_conflict()
        if self._freed_keys.get((index, key), 0) > view.snapshot:
            raise write_conflict()
        return owner

    def hold(self, record: int, lost: Keys, gained: Keys, view: Transaction) -> None:
        """A transaction has written a record, which lost and gained keys by that."""
        self._held[record] = view
        taken = view.overlay(self._records).keys
        for keys, owner in ((lost, None), (gained, record)):
            for index, own in keys:
                if index.is_unique:
                    for key in own:
                        self._held_keys[index, key] = view
                        taken[index, key] = owner

    def release(self, view: Transaction) -> None:
        """A transaction has ended."""
        overlay = view.overlays.get(self._records)
        if overlay is not None:
            for record in overlay.documents:
                del self._held[record]
            for slot in overlay.keys:
                del self._held_keys[slot]

    def freed(self, lost: Keys, moment: int) -> None:
        """A commit gave these keys up; called while there are snapshots."""
        for index, own in lost:
            if index.is_unique:
                if not self._freed_keys and own:
                    self._ledger.remember_to_forget(self._forget)
                self._freed_keys.update(((index, key), moment) for key in own)

    def _forget(self, oldest: int | None) -> None:
        self._freed_keys = {
            slot: moment
            for slot, moment in self._freed_keys.items()
            if oldest is not None and moment > oldest
        }
        if not self._freed_keys:
            self._ledger.forgotten(self._forget)

    def _duplicate(self, index: Index, key: Key, document: Mapping[str, Any]) -> MongoError:
        values = next(values for values in index.values_of(document) if index.key(values) == key)
        return duplicate_key(self._namespace(), index, values)


def duplicate_key(namespace: str, index: Index, values: tuple[Any, ...]) -> MongoError:
    """What is told when two documents would have the same key in a unique index."""
    key = dict(zip(index.spec.paths, values, strict=True))
    # BSON's undefined, which MongoDB answers for an empty array, is a null to clients of today.
    told = {path: None if _is_nothing(value) else value for path, value in key.items()}
    return MongoError(
        Code.DuplicateKey,
        f"E11000 duplicate key error collection: {namespace} index: {index.spec.name} "
        f"dup key: {rendered(key)}",
        details={"keyPattern": dict(index.spec.key), "keyValue": told},
    )


def _is_nothing(value: Any) -> bool:
    return value is MISSING or value is UNDEFINED
