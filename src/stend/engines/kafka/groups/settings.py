"""What the coordinator of groups can be told, by Kafka's names. Pure."""

from dataclasses import dataclass

_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """
    Attributes:
        initial_rebalance_delay_ms: `group.initial.rebalance.delay.ms`. How long the first members
            of an empty group wait for further ones. Kafka's default is 3 s; on a desk nobody waits
            for a fleet to start.
        new_member_join_timeout_ms: how long a member that never got its id may be waited for.
        max_size: `group.max.size`.
        offset_metadata_max_bytes: `offset.metadata.max.bytes`.
        offsets_retention_ms: how long offsets outlive their group or their last commit.
        retention_check_interval_ms: how often that is looked at.
        consumer_session_timeout_ms: `group.consumer.session.timeout.ms`, of the protocol of
            KIP-848.
        consumer_heartbeat_interval_ms: what members of that protocol are told.
        consumer_max_size: `group.consumer.max.size`.
    """

    initial_rebalance_delay_ms: int = 100
    new_member_join_timeout_ms: int = 5 * _MINUTE_MS
    min_session_timeout_ms: int = 6_000
    max_session_timeout_ms: int = 30 * _MINUTE_MS
    max_size: int = 2**31 - 1
    offset_metadata_max_bytes: int = 4096
    offsets_retention_ms: int = 7 * _DAY_MS
    retention_check_interval_ms: int = 10 * _MINUTE_MS
    consumer_session_timeout_ms: int = 45_000
    consumer_heartbeat_interval_ms: int = 5_000
    consumer_max_size: int = 2**31 - 1
