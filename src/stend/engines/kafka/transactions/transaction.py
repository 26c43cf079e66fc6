"""What is known of one transactional id. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from stend.wire.kafka.codec import Fields


class TransactionState(Enum):
    """With Kafka's names (TransactionState)."""

    EMPTY = "Empty"
    ONGOING = "Ongoing"
    PREPARE_COMMIT = "PrepareCommit"
    PREPARE_ABORT = "PrepareAbort"
    COMPLETE_COMMIT = "CompleteCommit"
    COMPLETE_ABORT = "CompleteAbort"

    @property
    def is_ending(self) -> bool:
        return self in (TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT)


@dataclass(slots=True)
class Transaction:
    """
    Attributes:
        last_epoch: the epoch before this one, when the producer itself asked for a new one: its
            request may come again (KIP-360); -1 otherwise.
        partitions: of topics that this transaction wrote to.
        groups: whose offsets it commits.
        started_ms: of the transaction that is going on.
        ended: called when the end that is under way is complete.
    """

    id: str
    producer_id: int
    epoch: int
    timeout_ms: int
    state: TransactionState = TransactionState.EMPTY
    last_epoch: int = -1
    partitions: set[tuple[str, int]] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    started_ms: int = -1
    updated_ms: int = 0
    ended: list[Callable[[], None]] = field(default_factory=list)

    @property
    def deadline_ms(self) -> int | None:
        """When an open transaction is aborted."""
        is_open = self.state is TransactionState.ONGOING
        return self.started_ms + self.timeout_ms if is_open else None

    def kept(self) -> Fields:
        """As it is written down."""
        return {
            "producer_id": self.producer_id,
            "epoch": self.epoch,
            "last_epoch": self.last_epoch,
            "timeout_ms": self.timeout_ms,
            "state": self.state.value,
            "partitions": sorted(self.partitions),
            "groups": sorted(self.groups),
            "started_ms": self.started_ms,
            "updated_ms": self.updated_ms,
        }


def read_transaction(transactional_id: str, kept: Fields) -> Transaction:
    return Transaction(
        transactional_id,
        kept["producer_id"],
        kept["epoch"],
        kept["timeout_ms"],
        TransactionState(kept["state"]),
        kept["last_epoch"],
        {(topic, index) for topic, index in kept["partitions"]},
        set(kept["groups"]),
        kept["started_ms"],
        kept["updated_ms"],
    )
