"""Logical sessions: transactions, retryable writes, and how long the server remembers them. Pure.

Source: the specifications of drivers for sessions, transactions and retryable writes, and
mongod's TransactionParticipant for the words of errors.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bson import Int64

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.store.store import Store
from stend.engines.mongo.store.transactions import Transaction

Document = dict[str, Any]

TIMEOUT_MINUTES = 30
TIMEOUT_S = TIMEOUT_MINUTES * 60
# transactionLifetimeLimitSeconds.
LIFETIME_S = 60
MAX_SESSIONS = 100_000
TRANSIENT = "TransientTransactionError"


class Phase(Enum):
    """Of the last numbered thing that a session did."""

    NONE = "none"
    RETRYABLE = "retryable"
    IN_PROGRESS = "in progress"
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(slots=True)
class LogicalSession:
    """
    Attributes:
        id: 16 bytes of a UUID.
        number: the highest txnNumber that was seen; -1 before the first.
        transaction: while it is in progress.
        statements: what statements of a retryable write were answered, by their numbers.
        plain: first and last numbers of those whose answers need not be kept: inserts.
        is_busy: a command of it is under way.
    """

    id: bytes
    used_at: float
    number: int = -1
    phase: Phase = Phase.NONE
    transaction: Transaction | None = None
    began_at: float = 0.0
    statements: dict[int, Document] = field(default_factory=dict)
    plain: list[tuple[int, int]] = field(default_factory=list)
    is_busy: bool = False

    def begin(self, number: int, transaction: Transaction, now: float) -> None:
        self._move_to(number, Phase.IN_PROGRESS)
        self.transaction = transaction
        self.began_at = now

    def finish(self, phase: Phase) -> Transaction | None:
        """The transaction is over; hands it out to be committed or aborted."""
        transaction, self.transaction = self.transaction, None
        self.phase = phase
        return transaction

    def check_may_begin(self, number: int) -> None:
        """
        Raises:
            MongoError: the number is not a new one.
        """
        if number < self.number:
            raise self._too_old(number)
        if number == self.number:
            raise MongoError(
                Code.ConflictingOperationInProgress,
                f"Cannot start a transaction at given transaction number {number} a transaction "
                f"with the same number is in state {self.phase.value}",
            )

    def check_goes_on(self, number: int) -> None:
        """A statement of a transaction that is in progress.

        Raises:
            MongoError: it is not.
        """
        if number < self.number:
            raise self._too_old(number)
        if number > self.number or self.phase in (Phase.NONE, Phase.RETRYABLE):
            raise MongoError(
                Code.NoSuchTransaction,
                f"Given transaction number {number} does not match any in-progress transactions. "
                f"The active transaction number is {self.number}",
                labels=(TRANSIENT,),
            )
        if self.phase is Phase.ABORTED:
            raise MongoError(
                Code.NoSuchTransaction,
                f"Transaction with {{ txnNumber: {number} }} has been aborted.",
                labels=(TRANSIENT,),
            )

    def check_uncommitted(self, number: int) -> None:
        """
        Raises:
            MongoError: it is over.
        """
        if self.phase is Phase.COMMITTED:
            raise MongoError(
                Code.TransactionCommitted,
                f"Transaction with {{ txnNumber: {number} }} has been committed.",
            )

    def begin_retryable(self, number: int) -> None:
        """
        Raises:
            MongoError: a later number was seen, or the number is that of a transaction.
        """
        if number < self.number:
            raise self._too_old(number)
        if number > self.number:
            self._move_to(number, Phase.RETRYABLE)
        elif self.phase is not Phase.RETRYABLE:
            raise MongoError(
                Code.IncompleteTransactionHistory,
                f"Cannot retry a retryable write at transaction number {number}, which is that "
                "of a transaction",
            )

    def answered(self, statement: int) -> Document | None:
        """What a statement of the present retryable write was answered; None if it is new."""
        found = self.statements.get(statement)
        if found is None and any(first <= statement <= last for first, last in self.plain):
            return {}
        return found

    def keep(self, statement: int, result: Document) -> None:
        """The statement is done. An empty result takes next to no room: of inserts."""
        if result:
            self.statements[statement] = result
        elif self.plain and self.plain[-1][1] == statement - 1:
            self.plain[-1] = (self.plain[-1][0], statement)
        else:
            self.plain.append((statement, statement))

    def record(self) -> Document:
        """What must be remembered through a restart."""
        if self.phase is Phase.COMMITTED:
            return {"committed": True}
        return {
            "plain": [[Int64(first), Int64(last)] for first, last in self.plain],
            "statements": [
                {"id": Int64(key), "result": one} for key, one in self.statements.items()
            ],
        }

    def _move_to(self, number: int, phase: Phase) -> None:
        self.number = number
        self.phase = phase
        self.statements = {}
        self.plain = []

    def _too_old(self, number: int) -> MongoError:
        return MongoError(
            Code.TransactionTooOld,
            f"Cannot start transaction with {{ txnNumber: {number} }} on session "
            f"{self.id.hex()} because a newer transaction with txnNumber {self.number} has "
            "already started on this session.",
        )


class Sessions:
    """All of them.

    Args:
        store: remembers through a restart what numbers were answered.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[bytes, LogicalSession] = {}
        self.ended: list[Callable[[LogicalSession], None]] = []

    def __iter__(self) -> Iterator[LogicalSession]:
        return iter(tuple(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def use(self, session_id: bytes, now: float) -> LogicalSession:
        """The session of this id, made where it is new.

        Raises:
            MongoError: there are too many.
        """
        found = self._known.get(session_id)
        if found is None:
            if len(self._known) >= MAX_SESSIONS:
                raise MongoError(
                    Code.TooManyLogicalSessions,
                    f"cannot add session: {MAX_SESSIONS} are open, which is the most",
                )
            found = self._known[session_id] = self._remembered(session_id, now)
        found.used_at = now
        return found

    def refresh(self, ids: Iterable[bytes], now: float) -> None:
        for session_id in ids:
            self.use(session_id, now)

    def end(self, ids: Iterable[bytes]) -> None:
        """What they have open goes; what they wrote is remembered on the disk for a while."""
        for session_id in ids:
            session = self._known.get(session_id)
            if session is not None and not session.is_busy:
                self._forget(session)

    def expire(self, now: float) -> None:
        """Ends sessions that nobody used for half an hour, transactions older than a minute."""
        for session in self:
            if session.is_busy:
                continue
            if session.transaction and now - session.began_at > LIFETIME_S:
                self.abort(session)
            if now - session.used_at > TIMEOUT_S:
                self._forget(session)

    def abort(self, session: LogicalSession) -> None:
        """Ends a transaction that is in progress; does nothing where none is."""
        if session.phase is not Phase.IN_PROGRESS:
            return
        if (transaction := session.finish(Phase.ABORTED)) is not None:
            self._store.abort(transaction)
        for tell in self.ended:
            tell(session)

    def commit(self, session: LogicalSession, expires: float) -> None:
        """What the transaction wrote is there, and that it was committed is remembered.

        Raises:
            MongoError: it cannot be committed; it is aborted.
        """
        transaction = session.finish(Phase.COMMITTED)
        if transaction is None:
            return
        self._store.commit(transaction)
        self.remember(session, expires)

    def remember(self, session: LogicalSession, expires: float) -> None:
        """Goes to the disk with what was written since the last wait for it."""
        self._store.retries.save(session.id, session.number, session.record(), expires)

    def _forget(self, session: LogicalSession) -> None:
        self.abort(session)
        del self._known[session.id]
        for tell in self.ended:
            tell(session)

    def _remembered(self, session_id: bytes, now: float) -> LogicalSession:
        session = LogicalSession(session_id, now)
        kept = self._store.retries.find(session_id)
        if kept is None:
            return session
        session.number, value = kept
        if value.get("committed"):
            session.phase = Phase.COMMITTED
            return session
        session.phase = Phase.RETRYABLE
        session.plain = [(int(first), int(last)) for first, last in value["plain"]]
        session.statements = {int(one["id"]): one["result"] for one in value["statements"]}
        return session
