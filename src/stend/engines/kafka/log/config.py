"""What the log of a partition goes by: the topic's configs, as values."""

from dataclasses import dataclass

LONG_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class LogConfig:
    """Defaults as in Apache Kafka 4 (org.apache.kafka.storage.internals.log.LogConfig).

    Attributes:
        retention_ms: -1 keeps records for ever.
        retention_bytes: of one partition; -1 for any size.
        cleanup_policies: `delete`, `compact` or both.
        is_log_append_time: the broker's clock stamps records, not the producer's.
        compression_type: `producer` keeps batches as they come, `uncompressed` or a codec's name
            has them built again.
        producer_id_expiration_ms: how long the sequence numbers of a silent producer are known.
    """

    segment_bytes: int = 1024 * 1024 * 1024
    segment_ms: int = 604_800_000
    segment_index_bytes: int = 10 * 1024 * 1024
    index_interval_bytes: int = 4096
    retention_ms: int = 604_800_000
    retention_bytes: int = -1
    cleanup_policies: frozenset[str] = frozenset(("delete",))
    min_cleanable_dirty_ratio: float = 0.5
    min_compaction_lag_ms: int = 0
    max_compaction_lag_ms: int = LONG_MAX
    delete_retention_ms: int = 86_400_000
    file_delete_delay_ms: int = 60_000
    max_message_bytes: int = 1_048_588
    is_log_append_time: bool = False
    timestamp_before_max_ms: int = LONG_MAX
    timestamp_after_max_ms: int = 3_600_000
    compression_type: str = "producer"
    producer_id_expiration_ms: int = 86_400_000

    @property
    def is_compacted(self) -> bool:
        return "compact" in self.cleanup_policies

    @property
    def is_deleted(self) -> bool:
        """Whether segments go because of their age and size."""
        return "delete" in self.cleanup_policies

    @property
    def max_segment_ms(self) -> int:
        """A record can only be compacted once its segment is closed (KIP-354)."""
        if self.is_compacted:
            return min(self.segment_ms, self.max_compaction_lag_ms)
        return self.segment_ms
