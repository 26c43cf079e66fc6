"""Topics and their partitions. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from stend.engines.kafka.configs import value_of
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.partition_log import Appended, PartitionLog, Unsynced
from stend.wire.kafka.errors import ErrorCode

NO_LEADER = -1
_LEGAL_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_MAX_NAME = 249


@dataclass(slots=True)
class Partition:
    """
    Attributes:
        replicas: broker ids; the first is the preferred leader.
        isr: those of them that are in sync.
        leader: a broker id, or -1 while none of the ISR is alive.
        epochs: each leader epoch and the offset it began at, oldest first.
        appended_bytes: since the start of the process.
        told_bytes: of these, what the watchers were told of.
        watchers: called with the number of new bytes when readers may see more, and with -1 when
            what they wait for has changed.
    """

    topic: "Topic"
    index: int
    log: PartitionLog
    replicas: list[int]
    isr: list[int]
    leader: int
    leader_epoch: int = 0
    epochs: list[tuple[int, int]] = field(default_factory=list)
    watchers: set[Callable[[int], None]] = field(default_factory=set)
    appended_bytes: int = 0
    told_bytes: int = 0

    @property
    def high_watermark(self) -> int:
        """What is safe on the disk, or as safe as its topic wants; no reader sees more."""
        return self.log.synced_offset

    @property
    def last_stable_offset(self) -> int:
        """Below it every transaction has ended."""
        first_open = self.log.first_open_offset
        watermark = self.log.synced_offset
        return watermark if first_open is None else min(first_open, watermark)

    def append(self, records: bytes, now_ms: int) -> Appended:
        """A batch from a producer.

        Raises:
            BrokerError: why it is not taken.
        """
        appended = self.log.append(records, leader_epoch=self.leader_epoch, now_ms=now_ms)
        if not appended.is_duplicate:
            self.appended_bytes += len(records)
            if not self.topic.waits_for_disk:
                end = Unsynced([], self.log.log_end_offset)
                self.synced(end, self.appended_bytes)
        return appended

    def end_transaction(
        self, producer_id: int, epoch: int, coordinator_epoch: int, *, is_commit: bool, now_ms: int
    ) -> None:
        """Writes the marker."""
        self.log.append_control(
            is_commit,
            producer_id,
            epoch,
            coordinator_epoch,
            leader_epoch=self.leader_epoch,
            now_ms=now_ms,
        )
        self.appended_bytes += 1

    def synced(self, unsynced: Unsynced, appended_bytes: int) -> None:
        """What was taken to be synced is safe: readers may see it."""
        self.log.synced(unsynced)
        new_bytes, self.told_bytes = appended_bytes - self.told_bytes, appended_bytes
        self.wake(new_bytes)

    def wake(self, new_bytes: int) -> None:
        for watcher in tuple(self.watchers):
            watcher(new_bytes)

    def end_of_epoch(self, epoch: int) -> tuple[int, int]:
        """The largest epoch not above this one, and the offset where it ended (KIP-101).

        Returns:
            -1 and -1 when all known epochs are above it, or below.
        """
        found = (-1, -1)
        if epoch > self.leader_epoch:
            return found
        for position, (known, _) in enumerate(self.epochs):
            if known > epoch:
                break
            is_last = position == len(self.epochs) - 1
            end = self.log.log_end_offset if is_last else self.epochs[position + 1][1]
            found = (known, end)
        return found


@dataclass(slots=True)
class Topic:
    name: str
    id: UUID
    configs: dict[str, str] = field(default_factory=dict)
    partitions: list[Partition] = field(default_factory=list)

    @property
    def waits_for_disk(self) -> bool:
        """Whether a record counts only once a power loss cannot take it back."""
        return value_of(self.configs, "flush.messages") == "1"

    @property
    def min_insync_replicas(self) -> int:
        return int(value_of(self.configs, "min.insync.replicas"))


def folder_name(topic: str, index: int) -> str:
    """As Kafka names the folder of a partition."""
    return f"{topic}-{index}"


def check_name(name: str) -> None:
    """
    Raises:
        BrokerError: INVALID_TOPIC_EXCEPTION, with Kafka's texts (Topic.validate).
    """
    problem = None
    if not name:
        problem = "the empty string is not allowed"
    elif name in (".", ".."):
        problem = "'.' or '..' is not allowed"
    elif len(name) > _MAX_NAME:
        problem = f"the length of '{name}' is longer than the max allowed length {_MAX_NAME}"
    elif not _LEGAL_NAME.fullmatch(name):
        problem = (
            f"'{name}' contains one or more characters other than ASCII alphanumerics, "
            "'.', '_' and '-'"
        )
    if problem:
        raise BrokerError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {problem}")
