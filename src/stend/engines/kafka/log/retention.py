"""Which segments may go because of their age, the size of the log or its new beginning. Pure.

The rules are those of Kafka's UnifiedLog: always the oldest, never above the high watermark.
"""

from collections.abc import Sequence

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
    going = 0
    for count, segment in enumerate(segments, start=1):
        is_last = count == len(segments)
        end = log_end_offset if is_last else segments[count].base_offset
        if end > high_watermark or (is_last and segment.size == 0):
            break
        is_below = not is_last and end <= log_start_offset
        if is_below or (segment.size and _is_due(segment, config, surplus, now_ms)):
            going = count
        # What is empty between others was emptied by compaction, and goes with what follows it.
        elif segment.size:
            break
        surplus -= segment.size
    return going


def _is_due(segment: Segment, config: LogConfig, surplus: int, now_ms: int) -> bool:
    if not config.is_deleted:
        return False
    if config.retention_bytes >= 0 and surplus >= segment.size:
        return True
    return 0 <= config.retention_ms < now_ms - segment.largest_timestamp
