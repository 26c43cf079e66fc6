"""Batches as producers send them, and records as consumers read them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stend.engines.kafka.log.partition_log import PartitionLog
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.records import (
    Record,
    batches,
    build_batch,
    check_crc,
    end_marker,
    records,
)

Pair = tuple[bytes | None, bytes | None]
NOW_MS = 1_700_000_000_000


def batch(
    pairs: Sequence[Pair],
    timestamp: int = NOW_MS,
    *,
    step_ms: int = 1,
    compression: Compression = Compression.NONE,
    producer: tuple[int, int, int] = (-1, -1, -1),
    is_transactional: bool = False,
) -> bytes:
    """
    Args:
        producer: id, epoch and the first sequence number.
    """
    content = [
        Record(place, place * step_ms, key, value, []) for place, (key, value) in enumerate(pairs)
    ]
    producer_id, producer_epoch, base_sequence = producer
    return build_batch(
        content,
        base_timestamp=timestamp,
        max_timestamp=timestamp + max(one.timestamp_delta for one in content),
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        compression=compression,
        is_transactional=is_transactional,
    )


def values(*texts: str) -> list[Pair]:
    """Pairs with a key and a value of the same letters."""
    return [(text.encode(), text.encode()) for text in texts]


class Seen(NamedTuple):
    """A record as a consumer has it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    producer_id: int


def stored(log: PartitionLog, max_bytes: int = 1000, begin: int | None = None) -> bytes:
    """All batches from an offset on, fetched one answer after the other."""
    offset = log.log_start_offset if begin is None else begin
    parts: list[bytes] = []
    while offset < log.log_end_offset:
        data = log.read(offset, max_bytes, log.log_end_offset)
        if not data:
            break
        for header, _ in batches(data):
            assert header.last_offset >= offset
            offset = header.next_offset
        parts.append(data)
    return b"".join(parts)


def seen(data: bytes, aborted: Iterable[tuple[int, int]] | None = None) -> Iterator[Seen]:
    """The records in fetched batches.

    Args:
        aborted: producers and first offsets; with these, only what was committed, the way Java's
            client decides it (Fetcher.CompletedFetch).
    """
    ahead = sorted(aborted or (), key=lambda one: one[1])
    ignored: set[int] = set()
    for header, at in batches(data):
        check_crc(data, at, header)
        while ahead and ahead[0][1] <= header.last_offset:
            ignored.add(ahead.pop(0)[0])
        content = records(data, at, header)
        if header.is_control:
            marker = end_marker(content[0]) if content else None
            if marker and not marker.is_commit:
                ignored.discard(header.producer_id)
            continue
        if aborted is not None and header.is_transactional and header.producer_id in ignored:
            continue
        for one in content:
            timestamp = header.base_timestamp + one.timestamp_delta
            if header.is_log_append_time:
                timestamp = header.max_timestamp
            yield Seen(
                header.base_offset + one.offset_delta,
                timestamp,
                one.key,
                one.value,
                header.producer_id,
            )


def committed(log: PartitionLog) -> list[Seen]:
    """What a reader of committed records gets from the whole log."""
    first_open = log.first_open_offset
    end = log.log_end_offset if first_open is None else first_open
    found = seen(stored(log), log.aborted(log.log_start_offset, end))
    return [one for one in found if one.offset < end]


def sync(log: PartitionLog) -> None:
    unsynced = log.sync_files()
    for file in unsynced.files:
        file.sync()
    log.synced(unsynced)
