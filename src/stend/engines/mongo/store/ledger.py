"""What all collections of a store share: the order of commits, open snapshots, what awaits disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.store.oplog import Entry, Oplog, Position
from stend.engines.mongo.store.transactions import Transaction
from stend.engines.mongo.store.volume import Operation, SetClusterTime

# What a record takes beside its bytes.
RECORD_BYTES: Final = 150


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the store gets from outside.

    Attributes:
        seconds: since 1970.
        new_uuid: 16 bytes for a new collection.
        context: for filters of validators and of partial indexes; its `tick` must do nothing,
            for a write is never interrupted.
        warn: told of documents that fail a validator whose action is `warn`.
        memory_limit_bytes: writes beyond are refused.
    """

    seconds: Callable[[], float]
    new_uuid: Callable[[], bytes]
    context: Callable[[], Context]
    warn: Callable[[str], None]
    memory_limit_bytes: int


class Ledger:
    """
    Args:
        last: nothing gets this position or one before it.

    Attributes:
        moment: the number of the last commit.
        memory_bytes: about what documents, indexes and old versions take.
    """

    def __init__(self, surroundings: Surroundings, last: tuple[int, int]) -> None:
        self.surroundings = surroundings
        self.moment = 0
        self.memory_bytes = 0
        self.operations: list[Operation] = []
        self.entries: list[Entry] = []
        self._seconds, self._increment = last
        self.commit_position()
        # Before whatever may come at this very moment.
        self.oplog = Oplog(Position(self._seconds, self._increment, -1))
        self._open: dict[Transaction, None] = {}
        # Whose old versions have to go when no snapshot needs them any more.
        self._forgetters: dict[Callable[[int | None], None], None] = {}

    @property
    def cluster_time(self) -> tuple[int, int]:
        """Of the last commit: seconds since 1970, and a counter."""
        return self._seconds, self._increment

    @property
    def has_snapshots(self) -> bool:
        """Whether old versions are to be kept."""
        return bool(self._open)

    def open_transactions(self) -> list[Transaction]:
        """In the order of their snapshots."""
        return list(self._open)

    def begin(self, session: Mapping[str, Any] | None) -> Transaction:
        """A transaction that sees what is committed now."""
        transaction = Transaction(self.moment, session)
        self._open[transaction] = None
        return transaction

    def end(self, transaction: Transaction) -> None:
        """Old versions that only this transaction needed are forgotten."""
        was_oldest = next(iter(self._open)) is transaction
        del self._open[transaction]
        self.memory_bytes -= transaction.size_bytes
        if was_oldest:
            oldest = next(iter(self._open)).snapshot if self._open else None
            for forget in tuple(self._forgetters):
                forget(oldest)
        transaction.end()

    def remember_to_forget(self, forget: Callable[[int | None], None]) -> None:
        """`forget` is called with the oldest snapshot, None for none, whenever that moves."""
        self._forgetters[forget] = None

    def forgotten(self, forget: Callable[[int | None], None]) -> None:
        """Nothing is left there to be forgotten."""
        self._forgetters.pop(forget, None)

    def advance(self) -> int:
        """The number of a new commit."""
        self.moment += 1
        self.commit_position()
        return self.moment

    def commit_position(self) -> None:
        """A cluster time after all others."""
        # Entries of the present commit that the oplog has been told of.
        self._told = 0
        seconds = int(self.surroundings.seconds())
        if seconds > self._seconds:
            self._seconds, self._increment = seconds, 1
        else:
            self._increment += 1

    def tell(
        self,
        operation: str,
        database: str,
        collection: str,
        uuid: Any,
        *,
        before: bytes | None = None,
        after: bytes | None = None,
        details: Mapping[str, Any] | None = None,
        session: Mapping[str, Any] | None = None,
    ) -> None:
        """An entry of the oplog for the present commit."""
        position = Position(self._seconds, self._increment, self._told)
        self._told += 1
        wall = int(self.surroundings.seconds() * 1000)
        self.entries.append(
            Entry(
                position,
                operation,
                database,
                collection,
                uuid,
                wall,
                before,
                after,
                details,
                session,
            )
        )

    def require_memory(self, size: int) -> None:
        """
        Raises:
            MongoError: so many more bytes would be beyond the limit.
        """
        limit = self.surroundings.memory_limit_bytes
        if self.memory_bytes + size > limit:
            raise MongoError(
                Code.OutOfDiskSpace,
                f"The documents of this server live in memory and may take {limit} bytes; "
                f"{self.memory_bytes} are taken. Delete some, or start it with a larger limit.",
            )

    def take_unit(self) -> tuple[list[Operation], list[Entry]]:
        """What was written since the last unit; it is safe as a whole or not at all."""
        operations, self.operations = self.operations, []
        entries, self.entries = self.entries, []
        if entries:
            operations.append(SetClusterTime(self._seconds, self._increment))
        return operations, entries
