"""Which record is as late as a time: exact to the record, also in compressed batches. Pure."""

from collections.abc import Sequence

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.segment import Segment
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.records import BatchHeader, records


def find_time(
    segments: Sequence[Segment], timestamp: int, from_offset: int
) -> tuple[int, int] | None:
    """Offset and timestamp of the first record that is as late or later, from an offset on."""
    for segment in segments:
        if segment.greatest[0] < timestamp:
            continue
        for position, batch, header in segment.from_time(timestamp, from_offset):
            if header.max_timestamp >= timestamp and header.last_offset >= from_offset:
                for offset, stamp in _stamps(segment, position, batch, header):
                    if stamp >= timestamp and offset >= from_offset:
                        return offset, stamp
    return None


def max_timestamp(segments: Sequence[Segment], from_offset: int) -> tuple[int, int] | None:
    """Offset and timestamp of the first of the latest records (KIP-734)."""
    greatest = max((segment.greatest[0] for segment in segments), default=-1)
    return find_time(segments, greatest, from_offset) if greatest >= 0 else None


def _stamps(
    segment: Segment, position: int, batch: bytes, header: BatchHeader
) -> list[tuple[int, int]]:
    try:
        content = records(batch, 0, header)
    except WireError as error:
        raise BrokerError(
            ErrorCode.KAFKA_STORAGE_ERROR, str(DamagedLogError(segment.name, position, str(error)))
        ) from error
    if header.is_log_append_time:
        return [(header.base_offset + one.offset_delta, header.max_timestamp) for one in content]
    return [
        (header.base_offset + one.offset_delta, header.base_timestamp + one.timestamp_delta)
        for one in content
    ]
