"""What compaction keeps of a batch. Pure.

The rules are those of Kafka's Cleaner, CleanedTransactionMetadata and MemoryRecords.filterTo:
the last record of each key stays; tombstones, and markers of transactions that have no records any
more, stay until the delete horizon that the first cleaning gives them (KIP-534); what a producer
sent last stays as an empty batch, for its sequence number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from stend.engines.kafka.log.indexes import AbortedTransaction
from stend.wire.kafka.records import (
    BatchHeader,
    Record,
    build_batch,
    end_marker,
    records,
)

_LONG_KEY_BYTES = 32


def short(key: bytes) -> bytes:
    """Long keys by their digest, which has another length than keys that are kept whole."""
    if len(key) < _LONG_KEY_BYTES:
        return key
    return blake2b(key, digest_size=_LONG_KEY_BYTES).digest()


@dataclass(slots=True)
class _Aborted:
    transaction: AbortedTransaction
    has_batches: bool = False


class Transactions:
    """Which transaction each batch belongs to, as the cleaner goes from batch to batch."""

    def __init__(self, aborted: Iterable[AbortedTransaction]) -> None:
        # The next one to begin is the last.
        self._ahead = sorted(aborted, key=lambda one: one.first_offset, reverse=True)
        self._aborted: dict[int, _Aborted] = {}
        self._committed: set[int] = set()
        # Aborted ones of which something is left, as their markers were passed.
        self.kept: list[AbortedTransaction] = []

    def is_gone(self, batch: bytes, header: BatchHeader) -> bool:
        """Whether no reader needs the batch: it was aborted, or marks the end of nothing."""
        while self._ahead and self._ahead[-1].first_offset <= header.last_offset:
            one = self._ahead.pop()
            self._aborted.setdefault(one.producer_id, _Aborted(one))
        if header.is_control:
            return self._is_marker_gone(batch, header)
        if not header.is_transactional:
            return False
        if (aborted := self._aborted.get(header.producer_id)) is not None:
            aborted.has_batches = True
            return True
        self._committed.add(header.producer_id)
        return False

    def _is_marker_gone(self, batch: bytes, header: BatchHeader) -> bool:
        if not header.count:
            return True
        marker = end_marker(records(batch, 0, header)[0])
        if marker is None:
            return False
        if marker.is_commit:
            is_empty = header.producer_id not in self._committed
            self._committed.discard(header.producer_id)
            return is_empty
        aborted = self._aborted.pop(header.producer_id, None)
        if aborted is None or not aborted.has_batches:
            return True
        self.kept.append(aborted.transaction)
        return False


@dataclass(slots=True)
class Rules:
    """Of one round of cleaning.

    Attributes:
        newest: the last offset of each key, by its short form.
        mapped_end: the offset up to which keys were looked at; records above stay.
        end: of the round. Its last batch stays, that the log does not lose its last offset.
        last_offsets: of each active producer; None when it has sent only markers in its epoch.
        epochs: of each active producer.
    """

    newest: Mapping[bytes, int]
    mapped_end: int
    end: int
    last_offsets: Mapping[int, int | None]
    epochs: Mapping[int, int]
    now_ms: int
    delete_retention_ms: int
    transactions: Transactions = field(default_factory=lambda: Transactions(()))

    def clean(self, batch: bytes, header: BatchHeader) -> bytes | None:
        """What is left of a batch: itself, another one in its place, or nothing.

        Raises:
            WireError: it cannot be read.
        """
        is_gone = self.transactions.is_gone(batch, header)
        horizon = header.delete_horizon_ms
        is_over = horizon is not None and horizon <= self.now_ms
        if is_gone and (not header.is_control or is_over):
            return _emptied(header) if self._must_stay(header) else None
        content = records(batch, 0, header)
        kept = content if header.is_control else self._kept(header, content)
        if not kept:
            return _emptied(header) if self._must_stay(header) else None
        needs_horizon = header.is_control and is_gone
        if not header.is_control:
            needs_horizon = any(record.value is None for record in kept)
        if needs_horizon and horizon is None:
            horizon = self.now_ms + self.delete_retention_ms
        if len(kept) == len(content) and horizon == header.delete_horizon_ms:
            return batch
        return _rebuilt(header, kept, horizon)

    def _kept(self, header: BatchHeader, content: list[Record]) -> list[Record]:
        horizon = header.delete_horizon_ms
        keeps_tombstones = horizon is None or self.now_ms < horizon
        kept: list[Record] = []
        for record in content:
            offset = header.base_offset + record.offset_delta
            if offset >= self.mapped_end or (
                record.key is not None
                and offset >= self.newest.get(short(record.key), -1)
                and (record.value is not None or keeps_tombstones)
            ):
                kept.append(record)
        return kept

    def _must_stay(self, header: BatchHeader) -> bool:
        if header.next_offset == self.end:
            return True
        if header.producer_id not in self.last_offsets:
            return False
        last = self.last_offsets[header.producer_id]
        if last is None:
            return header.is_control and header.producer_epoch == self.epochs[header.producer_id]
        return header.last_offset == last


def _emptied(header: BatchHeader) -> bytes:
    return build_batch(
        [],
        base_offset=header.base_offset,
        leader_epoch=header.leader_epoch,
        base_timestamp=-1,
        max_timestamp=header.max_timestamp,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        is_log_append_time=header.is_log_append_time,
        last_offset_delta=header.last_offset_delta,
    )


def _rebuilt(header: BatchHeader, kept: list[Record], horizon: int | None) -> bytes:
    first = kept[0].timestamp_delta
    base = header.base_timestamp + first
    kept = [record._replace(timestamp_delta=record.timestamp_delta - first) for record in kept]
    greatest = header.max_timestamp
    if not header.is_log_append_time:
        greatest = base + max(record.timestamp_delta for record in kept)
    return build_batch(
        kept,
        base_offset=header.base_offset,
        leader_epoch=header.leader_epoch,
        base_timestamp=base,
        max_timestamp=greatest,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        compression=header.compression,
        is_transactional=header.is_transactional,
        is_control=header.is_control,
        is_log_append_time=header.is_log_append_time,
        last_offset_delta=header.last_offset_delta,
        delete_horizon_ms=horizon,
    )
