"""What a log knows of its producers: epochs, sequence numbers, open transactions. Pure.

The rules are those of Kafka's ProducerStateManager and ProducerAppendInfo.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.indexes import AbortedTransaction
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import BatchHeader

# A producer has at most so many requests in flight, and may have to send each of them again.
KEPT_BATCHES = 5
_LAST_SEQUENCE = 2**31 - 1
NO_EPOCH = -1


class Sent(NamedTuple):
    """A batch that a producer has sent.

    Attributes:
        offset_delta: how many records it has, less one.
    """

    last_sequence: int
    last_offset: int
    offset_delta: int
    timestamp: int

    @property
    def first_sequence(self) -> int:
        return (self.last_sequence - self.offset_delta) & _LAST_SEQUENCE

    @property
    def first_offset(self) -> int:
        return self.last_offset - self.offset_delta


@dataclass(slots=True)
class Producer:
    """
    Attributes:
        coordinator_epoch: of who wrote the last marker; -1 before that.
        first_open_offset: of the open transaction.
        batches: the last ones of this epoch.
    """

    producer_id: int
    epoch: int = NO_EPOCH
    coordinator_epoch: int = -1
    last_timestamp: int = -1
    first_open_offset: int | None = None
    batches: deque[Sent] = field(default_factory=lambda: deque(maxlen=KEPT_BATCHES))

    @property
    def last_sequence(self) -> int:
        return self.batches[-1].last_sequence if self.batches else -1

    @property
    def last_offset(self) -> int:
        """Of its last batch in this epoch; -1: none."""
        return self.batches[-1].last_offset if self.batches else -1

    def set_epoch(self, epoch: int) -> None:
        if epoch != self.epoch:
            self.batches.clear()
            self.epoch = epoch


class Producers:
    """Of one log. What is checked is not yet entered: `enter` comes when it stands in the file."""

    def __init__(self) -> None:
        self.states: dict[int, Producer] = {}
        # By producer, its first offset. Values ascend, because nobody has two at a time.
        self.transactions: dict[int, int] = {}
        # Those that have ended: the marker, which a crash may still undo, and the first offset.
        self._unsafe_ends: list[tuple[int, int]] = []

    @property
    def first_unstable_offset(self) -> int | None:
        """Of the oldest transaction of which it is not decided for good what becomes of it."""
        offsets = [first for _, first in self._unsafe_ends]
        offsets += list(self.transactions.values())[:1]
        return min(offsets, default=None)

    def safe_below(self, offset: int) -> None:
        """What is on the disk cannot be undone."""
        if self._unsafe_ends:
            self._unsafe_ends = [one for one in self._unsafe_ends if one[0] >= offset]

    def duplicate_of(self, header: BatchHeader) -> Sent | None:
        """The same batch as it was taken before; None when it is new."""
        state = self.states.get(header.producer_id)
        if state is None or state.epoch != header.producer_epoch:
            return None
        for sent in state.batches:
            if (sent.first_sequence, sent.last_sequence) == (
                header.base_sequence,
                header.last_sequence,
            ):
                return sent
        return None

    def check(self, header: BatchHeader) -> None:
        """
        Raises:
            BrokerError: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE.
        """
        state = self.states.get(header.producer_id)
        # Whose records were all deleted may go on with any number (KIP-360).
        if state is None:
            return
        _check_epoch(state, header.producer_epoch)
        self._check_sequence(state, header)
        if state.first_open_offset is not None and not header.is_transactional:
            raise BrokerError(
                ErrorCode.INVALID_TXN_STATE,
                f"Expected transactional write from producer {header.producer_id}",
            )

    def check_marker(self, producer_id: int, producer_epoch: int, coordinator_epoch: int) -> None:
        """
        Raises:
            BrokerError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        state = self.states.get(producer_id)
        if state is None:
            return
        _check_epoch(state, producer_epoch)
        if state.coordinator_epoch > coordinator_epoch:
            raise BrokerError(
                ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                f"Invalid coordinator epoch for producerId {producer_id}: {coordinator_epoch} "
                f"(zombie), {state.coordinator_epoch} (current)",
            )

    def enter(self, header: BatchHeader) -> None:
        """A batch of records with its final offset."""
        state = self._state(header.producer_id)
        state.set_epoch(header.producer_epoch)
        last_offset = header.last_offset
        state.batches.append(
            Sent(header.last_sequence, last_offset, header.last_offset_delta, header.max_timestamp)
        )
        state.last_timestamp = header.max_timestamp
        if header.is_transactional and state.first_open_offset is None:
            state.first_open_offset = header.base_offset
            self.transactions[header.producer_id] = header.base_offset

    def enter_marker(
        self, header: BatchHeader, *, is_commit: bool, coordinator_epoch: int, timestamp: int
    ) -> AbortedTransaction | None:
        """A marker with its offset; what it aborted, if it did and there was something."""
        state = self._state(header.producer_id)
        first_offset = state.first_open_offset
        state.set_epoch(header.producer_epoch)
        state.coordinator_epoch = coordinator_epoch
        state.last_timestamp = timestamp
        state.first_open_offset = None
        self.transactions.pop(header.producer_id, None)
        if first_offset is None:
            return None
        self._unsafe_ends.append((header.base_offset, first_offset))
        if is_commit:
            return None
        stable = next(iter(self.transactions.values()), None)
        return AbortedTransaction(
            header.producer_id,
            first_offset,
            header.base_offset,
            header.base_offset + 1 if stable is None else stable,
        )

    def restore(self, state: Producer) -> None:
        """As a snapshot has it."""
        self.states[state.producer_id] = state
        if state.first_open_offset is not None:
            self.transactions[state.producer_id] = state.first_open_offset
            self.transactions = dict(sorted(self.transactions.items(), key=lambda item: item[1]))

    def expire(self, now_ms: int, expiration_ms: int) -> int:
        """Forgets who was silent for so long and has no open transaction; how many those were."""
        silent = [
            state.producer_id
            for state in self.states.values()
            if state.first_open_offset is None and now_ms - state.last_timestamp >= expiration_ms
        ]
        for producer_id in silent:
            del self.states[producer_id]
        return len(silent)

    def _state(self, producer_id: int) -> Producer:
        state = self.states.get(producer_id)
        if state is None:
            state = self.states[producer_id] = Producer(producer_id)
        return state

    def _check_sequence(self, state: Producer, header: BatchHeader) -> None:
        first = header.base_sequence
        if header.producer_epoch != state.epoch:
            if first != 0:
                raise BrokerError(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    f"Invalid sequence number for new epoch of producer {header.producer_id}: "
                    f"{header.producer_epoch} (request epoch), {first} (seq. number), "
                    f"{state.epoch} (current producer epoch)",
                )
            return
        last = state.last_sequence
        if first != last + 1 and not (first == 0 and last == _LAST_SEQUENCE):
            raise BrokerError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"Out of order sequence number for producer {header.producer_id}: {first} "
                f"(incoming seq. number), {last} (current end sequence number)",
            )


def _check_epoch(state: Producer, epoch: int) -> None:
    if epoch < state.epoch:
        raise BrokerError(
            ErrorCode.INVALID_PRODUCER_EPOCH,
            f"Epoch of producer {state.producer_id} is {epoch}, which is smaller than the last "
            f"seen epoch {state.epoch}",
        )
