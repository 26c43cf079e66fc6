"""A transaction: the snapshot that it reads, and what it wrote and nobody else sees yet."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.store.indexes import Index
from stend.engines.mongo.store.ordering import Key

TRANSIENT = "TransientTransactionError"


class Participant(Protocol):
    """A collection, as what a transaction has to do with it."""

    def commit(self, view: "Transaction", moment: int) -> None:
        """What the transaction wrote is there for all."""

    def release(self, view: "Transaction") -> None:
        """The transaction has ended: what it held is free."""

    def tell(self, change: "Change", session: Mapping[str, Any] | None = None) -> None:
        """The oplog gets one more change of the present commit."""


class Change(NamedTuple):
    """One write to one record, as the oplog will tell of it."""

    collection: Participant
    operation: str
    before: bytes | None
    after: bytes | None


class Overlay:
    """What a transaction wrote into one collection.

    Attributes:
        documents: the records as they are for the transaction; None where it deleted them.
        keys: of unique indexes, the record that has a key now; None where it has none.
    """

    __slots__ = ("documents", "keys")

    def __init__(self) -> None:
        self.documents: dict[int, bytes | None] = {}
        self.keys: dict[tuple[Index, Key], int | None] = {}


class Transaction:
    """Made by `Store.begin`. Ends by `Store.commit` or `Store.abort`.

    Args:
        snapshot: the number of the last commit that it sees.
        session: what the oplog tells of it, lsid and txnNumber; None for one that only reads.

    Attributes:
        is_open: neither committed nor aborted.
        overlays: what it wrote, by the records of collections.
        touched: the collections that it has read or written.
    """

    def __init__(self, snapshot: int, session: Mapping[str, Any] | None = None) -> None:
        self.snapshot = snapshot
        self.session = session
        self.is_open = True
        self.overlays: dict[object, Overlay] = {}
        self.changes: list[Change] = []
        self.touched: dict[Participant, None] = {}
        self.size_bytes = 0
        self._waiting: list[Callable[[], None]] = []

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back when this transaction was committed or aborted; at once if it has ended."""
        if self.is_open:
            self._waiting.append(callback)
        else:
            callback()

    def overlay(self, records: object) -> Overlay:
        """What was written into a collection, made if there is nothing yet."""
        found = self.overlays.get(records)
        if found is None:
            found = self.overlays[records] = Overlay()
        return found

    def end(self) -> None:
        """Lets those go on who waited for it; `Store` has released what it held."""
        self.is_open = False
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()


# What a read or a write sees: the latest commits, or the snapshot and writes of a transaction.
View = Transaction | None


class Wait(Exception):  # noqa: N818 - it is no failure
    """A write outside of transactions met what an open one holds.

    The caller waits with `transaction.on_end`, reads the record again and tries that one document
    again: documents that the same command has written before stay written.
    """

    def __init__(self, transaction: Transaction) -> None:
        super().__init__("held by an open transaction")
        self.transaction = transaction


def write_conflict() -> MongoError:
    """What the second writer of a record is told; the client starts its transaction again."""
    return MongoError(
        Code.WriteConflict,
        "Caused by :: Write conflict during plan execution and yielding is disabled. :: Please "
        "retry your operation or multi-document transaction.",
        labels=[TRANSIENT],
    )


def snapshot_unavailable() -> MongoError:
    """The collection was created, dropped or changed after the snapshot of the transaction."""
    return MongoError(
        Code.SnapshotUnavailable,
        "Unable to read from a snapshot due to pending collection catalog changes; please retry "
        "the operation.",
        labels=[TRANSIENT],
    )
