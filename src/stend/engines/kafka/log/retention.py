"""Which segments may go because of their age, the size of the log or its new beginning. Pure.

The rules are those of Kafka's UnifiedLog: always the oldest, never above the high watermark.
"""

from collections.abc import Iterator, Sequence

from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.segment import Segment


def due(
    segments: Sequence[Segment],
    config: LogConfig,
    *,
    log_start_offset: int,
    high_watermark: int,
    log_end_offset: int,
    now_ms: int,
) -> int:
    """How many of the oldest may go; all of them when the active one is due too."""
    surplus = sum(segment.size for segment in segments) - config.retention_bytes
    for count, segment in enumerate(segments):
        is_last = segment is segments[-1]
        end = log_end_offset if is_last else segments[count + 1].base_offset
        # What is empty between others was emptied by compaction.
        is_due = segment.size == 0 or (not is_last and end <= log_start_offset)
        if config.is_deleted:
            if config.retention_bytes >= 0 and surplus >= segment.size:
                is_due = True
            if config.retention_ms >= 0:
                is_due |= now_ms - segment.largest_timestamp > config.retention_ms
        if end > high_watermark or not is_due or (is_last and segment.size == 0):
            return count
        surplus -= segment.size
    return len(segments)


def moments_ms(segments: Sequence[Segment], config: LogConfig) -> Iterator[int]:
    """When the oldest will be too old."""
    if config.is_deleted and config.retention_ms >= 0 and segments[0].size:
        yield segments[0].largest_timestamp + config.retention_ms + 1
