"""The transaction coordinator: who may write in which transaction, and how it ends. Pure.

Source: KIP-98 (transactions), KIP-360 (a producer asks for its next epoch), KIP-588 (fenced is not
the same as an old epoch), KIP-890 part 1 (a write is checked against the coordinator).

The end of a transaction is written down before its markers are, and its completion after them, with
the disk waited for in between: after a crash either nothing of it happened or all of it will.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.cluster import Cluster
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.journal import Journal
from stend.engines.kafka.transactions.producer_ids import ProducerIds
from stend.engines.kafka.transactions.transaction import (
    Transaction,
    TransactionState,
    read_transaction,
)
from stend.wire.kafka.errors import ErrorCode

# transaction.max.timeout.ms and transactional.id.expiration.ms, as Kafka has them by default.
MAX_TIMEOUT_MS = 900_000
EXPIRATION_MS = 604_800_000
_KEY = "transaction/"
# One short of the largest: a fenced producer's epoch is raised once more.
_LAST_EPOCH = 32_766
_COORDINATOR_EPOCH = 0

Answer = Callable[[ErrorCode], None]
ProducerAnswer = Callable[[ErrorCode, int, int], None]


@dataclass(frozen=True, slots=True)
class Producer:
    """Who a request says it is from."""

    transactional_id: str
    producer_id: int
    epoch: int


class Transactions:
    """
    Args:
        end_offsets: makes the offsets that a producer id has committed in its transaction valid, or
            drops them.
    """

    def __init__(
        self,
        cluster: Cluster,
        journal: Journal,
        barrier: Barrier,
        end_offsets: Callable[[int, bool], None],
    ) -> None:
        self._cluster = cluster
        self._journal = journal
        self._barrier = barrier
        self._end_offsets = end_offsets
        self._ids = ProducerIds(journal)
        self.by_id: dict[str, Transaction] = {}
        for key, kept in journal.under(_KEY):
            self.by_id[key] = read_transaction(key, kept)

    def recover(self, now_ms: int) -> None:
        """Completes what was being ended when the broker died."""
        for transaction in self.by_id.values():
            if transaction.state.is_ending:
                self._write_markers(transaction, now_ms, is_again=True)

    def new_producer_id(self) -> int:
        """For an idempotent producer without transactions."""
        return self._ids.take()

    def init(
        self,
        transactional_id: str,
        timeout_ms: int,
        known: tuple[int, int] | None,
        now_ms: int,
        answer: ProducerAnswer,
    ) -> None:
        """InitProducerId of a transactional producer; an open transaction is aborted first.

        Args:
            known: producer id and epoch that the producer has (KIP-360), to get the next epoch.
        """
        if not 0 < timeout_ms <= MAX_TIMEOUT_MS:
            answer(ErrorCode.INVALID_TRANSACTION_TIMEOUT, -1, -1)
            return
        transaction = self.by_id.get(transactional_id)
        if transaction is None:
            transaction = Transaction(transactional_id, self._ids.take(), -1, timeout_ms)
            self.by_id[transactional_id] = transaction
            known = None
        if transaction.state.is_ending:
            transaction.ended.append(
                lambda: self.init(transactional_id, timeout_ms, known, now_ms, answer)
            )
            return
        if known and self._is_fenced(transaction, known):
            answer(ErrorCode.PRODUCER_FENCED, -1, -1)
            return
        if transaction.state is TransactionState.ONGOING:
            self._fence(transaction, now_ms)
            transaction.ended.append(
                lambda: self.init(transactional_id, timeout_ms, known, now_ms, answer)
            )
            return
        if known != (transaction.producer_id, transaction.last_epoch):
            self._raise_epoch(transaction, known)
        transaction.timeout_ms = timeout_ms
        transaction.state = TransactionState.EMPTY
        self._save(transaction, now_ms)
        producer_id, epoch = transaction.producer_id, transaction.epoch
        self._barrier.after(lambda: answer(ErrorCode.NONE, producer_id, epoch))

    def add_partitions(
        self,
        producer: Producer,
        partitions: Iterable[tuple[str, int]],
        now_ms: int,
        answer: Answer,
    ) -> None:
        """The transaction will write to these partitions, which exist."""
        self._add(producer, set(partitions), set(), now_ms, answer)

    def add_group(self, producer: Producer, group: str, now_ms: int, answer: Answer) -> None:
        """The transaction will commit offsets of this group."""
        self._add(producer, set(), {group}, now_ms, answer)

    def end(self, producer: Producer, *, is_commit: bool, now_ms: int, answer: Answer) -> None:
        """EndTxn: answered when all markers are written and safe."""
        try:
            transaction = self._known(producer)
        except BrokerError as error:
            answer(error.code)
            return
        done = TransactionState.COMPLETE_COMMIT if is_commit else TransactionState.COMPLETE_ABORT
        if transaction.state is TransactionState.ONGOING:
            transaction.ended.append(lambda: answer(ErrorCode.NONE))
            self._end(transaction, is_commit=is_commit, now_ms=now_ms)
        elif transaction.state.is_ending:
            answer(ErrorCode.CONCURRENT_TRANSACTIONS)
        else:
            # The answer to the first request may have been lost.
            answer(ErrorCode.NONE if transaction.state is done else ErrorCode.INVALID_TXN_STATE)

    def check_write(self, producer: Producer, partition: tuple[str, int]) -> None:
        """Whether this producer may write to this partition now.

        Raises:
            BrokerError: INVALID_PRODUCER_EPOCH for a zombie, INVALID_TXN_STATE when the partition
                is no part of an open transaction.
        """
        transaction = self._of_epoch(producer)
        if (
            transaction.state is not TransactionState.ONGOING
            or partition not in transaction.partitions
        ):
            raise BrokerError(
                ErrorCode.INVALID_TXN_STATE, "Partition was not added to the transaction"
            )

    def check_group(self, producer: Producer, group: str) -> None:
        """Whether this producer may commit offsets of this group now.

        Raises:
            BrokerError: as `check_write`.
        """
        transaction = self._of_epoch(producer)
        if transaction.state is not TransactionState.ONGOING or group not in transaction.groups:
            raise BrokerError(ErrorCode.INVALID_TXN_STATE)

    def tick(self, now_ms: int) -> None:
        """Aborts what is open for too long, forgets ids that nobody uses any more."""
        for transaction in list(self.by_id.values()):
            deadline = transaction.deadline_ms
            if deadline is not None and deadline <= now_ms:
                self._fence(transaction, now_ms)
            elif self._is_expired(transaction, now_ms):
                del self.by_id[transaction.id]
                self._journal.put(_KEY + transaction.id, None)

    def next_moment_ms(self) -> int | None:
        deadlines = [one.deadline_ms for one in self.by_id.values() if one.deadline_ms is not None]
        return min(deadlines, default=None)

    def topic_deleted(self, name: str) -> None:
        """Nobody writes markers to partitions that are gone."""
        for transaction in self.by_id.values():
            gone = {one for one in transaction.partitions if one[0] == name}
            if gone:
                transaction.partitions -= gone
                self._save(transaction, transaction.updated_ms)

    def _add(
        self,
        producer: Producer,
        partitions: set[tuple[str, int]],
        groups: set[str],
        now_ms: int,
        answer: Answer,
    ) -> None:
        try:
            transaction = self._known(producer)
        except BrokerError as error:
            answer(error.code)
            return
        if transaction.state.is_ending:
            answer(ErrorCode.CONCURRENT_TRANSACTIONS)
            return
        if transaction.state is not TransactionState.ONGOING:
            transaction.state = TransactionState.ONGOING
            transaction.started_ms = now_ms
        elif partitions <= transaction.partitions and groups <= transaction.groups:
            answer(ErrorCode.NONE)
            return
        transaction.partitions |= partitions
        transaction.groups |= groups
        self._save(transaction, now_ms)
        self._barrier.after(lambda: answer(ErrorCode.NONE))

    def _known(self, producer: Producer) -> Transaction:
        transaction = self.by_id.get(producer.transactional_id)
        if transaction is None or transaction.producer_id != producer.producer_id:
            raise BrokerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        if transaction.epoch != producer.epoch:
            raise BrokerError(ErrorCode.PRODUCER_FENCED)
        return transaction

    def _of_epoch(self, producer: Producer) -> Transaction:
        try:
            return self._known(producer)
        except BrokerError as error:
            # Producers of before KIP-588 know only this code for a write that came too late.
            if error.code is ErrorCode.PRODUCER_FENCED:
                raise BrokerError(ErrorCode.INVALID_PRODUCER_EPOCH) from error
            raise

    def _is_fenced(self, transaction: Transaction, known: tuple[int, int]) -> bool:
        producer_id, epoch = known
        if producer_id != transaction.producer_id:
            return True
        # The request that raised the epoch may come again.
        is_repeated = epoch == transaction.last_epoch and epoch >= 0
        return epoch != transaction.epoch and not is_repeated

    def _raise_epoch(self, transaction: Transaction, known: tuple[int, int] | None) -> None:
        if transaction.epoch >= _LAST_EPOCH:
            transaction.producer_id = self._ids.take()
            transaction.epoch = 0
            transaction.last_epoch = -1
            return
        transaction.last_epoch = transaction.epoch if known else -1
        transaction.epoch += 1

    def _fence(self, transaction: Transaction, now_ms: int) -> None:
        """Aborts with the next epoch, which partitions learn from the markers."""
        transaction.epoch += 1
        transaction.last_epoch = -1
        self._end(transaction, is_commit=False, now_ms=now_ms)

    def _end(self, transaction: Transaction, *, is_commit: bool, now_ms: int) -> None:
        states = TransactionState
        transaction.state = states.PREPARE_COMMIT if is_commit else states.PREPARE_ABORT
        self._save(transaction, now_ms)
        self._barrier.after(lambda: self._write_markers(transaction, now_ms))

    def _write_markers(
        self, transaction: Transaction, now_ms: int, *, is_again: bool = False
    ) -> None:
        is_commit = transaction.state is TransactionState.PREPARE_COMMIT
        for topic, index in sorted(transaction.partitions):
            partition = self._cluster.partition(topic, index)
            if partition is None:
                continue
            if is_again and transaction.producer_id not in partition.log.open_transactions():
                continue
            partition.end_transaction(
                transaction.producer_id,
                transaction.epoch,
                _COORDINATOR_EPOCH,
                is_commit=is_commit,
                now_ms=now_ms,
            )
            self._barrier.owes(partition)
        self._barrier.after(lambda: self._complete(transaction, now_ms))

    def _complete(self, transaction: Transaction, now_ms: int) -> None:
        states = TransactionState
        is_commit = transaction.state is states.PREPARE_COMMIT
        self._end_offsets(transaction.producer_id, is_commit)
        transaction.state = states.COMPLETE_COMMIT if is_commit else states.COMPLETE_ABORT
        transaction.partitions.clear()
        transaction.groups.clear()
        self._save(transaction, now_ms)
        ended, transaction.ended = transaction.ended, []
        for done in ended:
            self._barrier.after(done)

    def _save(self, transaction: Transaction, now_ms: int) -> None:
        transaction.updated_ms = now_ms
        self._journal.put(_KEY + transaction.id, transaction.kept())

    def _is_expired(self, transaction: Transaction, now_ms: int) -> bool:
        is_idle = transaction.deadline_ms is None and not transaction.state.is_ending
        return is_idle and now_ms - transaction.updated_ms > EXPIRATION_MS
