"""The store: databases of collections, transactions over them, what is safe on the disk.

Everything runs on one thread, and nothing here is interrupted: a caller that gives way to others
does so between calls, or between two results of `Plan.run`. Documents live in memory as BSON; the
disk has them all.

`Store.catalogue` finds, creates, changes and drops collections; `Collection` reads records by
their numbers and writes them; `planner.plan` finds documents. A command that wrote ends with
`submit` or `after_durable`: what it wrote and saved since the last one is one unit on the disk.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stend.engines.mongo.store.catalogue import Catalogue
from stend.engines.mongo.store.durability import Durability
from stend.engines.mongo.store.expiring import expire
from stend.engines.mongo.store.ledger import Ledger, Surroundings
from stend.engines.mongo.store.oplog import Oplog
from stend.engines.mongo.store.retries import Retries
from stend.engines.mongo.store.transactions import Transaction
from stend.engines.mongo.store.volume import Disk


class Store:
    """
    Args:
        disk: what it has is read at once.

    Attributes:
        catalogue: the collections.
        retries: the results of numbered writes.
    """

    def __init__(self, disk: Disk, surroundings: Surroundings) -> None:
        contents = disk.load()
        self._ledger = Ledger(surroundings, contents.cluster_time)
        self._disk = disk
        self._durability = Durability(self._ledger, disk)
        self.catalogue = Catalogue(self._ledger, contents)
        self.retries = Retries(self._ledger, contents.retries)

    @property
    def oplog(self) -> Oplog:
        """The changes that are safe on the disk, for change streams."""
        return self._ledger.oplog

    @property
    def memory_bytes(self) -> int:
        """About what documents, indexes and old versions take."""
        return self._ledger.memory_bytes

    @property
    def cluster_time(self) -> tuple[int, int]:
        """Of the last commit, safe or not: seconds since 1970, and a counter."""
        return self._ledger.cluster_time

    # Transactions

    def begin(self, session: Mapping[str, Any] | None = None) -> Transaction:
        """A transaction that reads what is committed now.

        Args:
            session: lsid and txnNumber, for change streams.
        """
        return self._ledger.begin(session)

    def commit(self, transaction: Transaction) -> None:
        """What it wrote is there for all, at once; it is safe after the next unit.

        Never fails: whatever could be in the way was held by it, or refused before.
        """
        if transaction.changes or self.catalogue.has_promises(transaction):
            moment = self._ledger.advance()
            self.catalogue.keep_promises(transaction)
            for collection in transaction.touched:
                collection.commit(transaction, moment)
            for change in transaction.changes:
                change.collection.tell(change, transaction.session)
        self._end(transaction)

    def abort(self, transaction: Transaction) -> None:
        """As if it had never been."""
        self._end(transaction)

    def open_transactions(self) -> list[Transaction]:
        """In the order in which they began."""
        return self._ledger.open_transactions()

    def _end(self, transaction: Transaction) -> None:
        for collection in transaction.touched:
            collection.release(transaction)
        self.catalogue.release(transaction)
        self._ledger.end(transaction)

    # The disk

    def submit(self) -> None:
        """What was written since the last time goes to the disk, as a whole or not at all."""
        self._durability.submit()

    def after_durable(self, callback: Callable[[], None]) -> None:
        """Submits, and calls back when all of it is safe: at once where nothing is under way."""
        self._durability.after(callback)

    def reached(self, position: int) -> None:
        """To be called on this thread when the disk tells that a unit is safe."""
        self._durability.reached(position)

    def close(self) -> None:
        """Waits until all is on the disk."""
        self.submit()
        self._disk.close()

    # Timers

    def expire(self, now: float, most: int = 1000) -> int:
        """Deletes documents whose time in a TTL index has come, and results nobody repeats.

        Args:
            now: seconds since 1970.
            most: so many documents at a time.

        Returns:
            How many documents were deleted.
        """
        self.retries.forget(now)
        return expire(self.catalogue, now, most)
