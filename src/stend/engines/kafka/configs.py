"""Topic configs: names, types, defaults and bounds as in Apache Kafka 4 (TopicConfig, LogConfig).

A config that would change nothing here is refused when it is set to anything else than what this
broker does: a setting that is taken and then ignored would teach a lie.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.wire.kafka.errors import ErrorCode

_LONG_MAX = 2**63 - 1


class ConfigType(IntEnum):
    """As DescribeConfigs tells it."""

    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7


class ConfigSource(IntEnum):
    DYNAMIC_TOPIC = 1
    DYNAMIC_BROKER = 2
    STATIC_BROKER = 4
    DEFAULT = 5


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """
    Attributes:
        default: as text, like all values on the wire.
        check: says what is wrong with a value, or None.
        server_name: the broker's config that gives the default, a synonym on the wire.
        only: the values that this broker acts by, when Kafka knows more.
    """

    name: str
    type: ConfigType
    default: str
    documentation: str
    server_name: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def problem(self, value: str) -> str | None:
        """What is wrong with this value, in Kafka's words; None when it is right."""
        reading = _PROBLEMS.get(self.type)
        problem = reading(self, value) if reading else None
        if problem is None and self.choices:
            parts = (split_list(value) or [""]) if self.type is ConfigType.LIST else [value]
            if wrong := [part for part in parts if part not in self.choices]:
                problem = f"String must be one of: {', '.join(self.choices)}, not {wrong[0]!r}"
        if problem is None and self.only and value not in self.only:
            problem = f"this broker supports only {' and '.join(self.only)}"
        return problem and f"Invalid value {value} for configuration {self.name}: {problem}"


def split_list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _number_problem(row: ConfigRow, value: str, parse: Callable[[str], float]) -> str | None:
    try:
        number = parse(value.strip())
    except ValueError:
        return f"Not a number of type {row.type.name}"
    bits = {ConfigType.INT: 31, ConfigType.SHORT: 15, ConfigType.LONG: 63}.get(row.type)
    if bits and not -(2**bits) <= number < 2**bits:
        return f"Not a number of type {row.type.name}"
    if row.minimum is not None and number < row.minimum:
        return f"Value must be at least {row.minimum}"
    if row.maximum is not None and not number <= row.maximum:
        return f"Value must be no more than {row.maximum}"
    return None


def _boolean_problem(row: ConfigRow, value: str) -> str | None:
    is_boolean = value.strip().lower() in ("true", "false")
    return None if is_boolean else "Expected value to be either true or false"


def _whole_problem(row: ConfigRow, value: str) -> str | None:
    return _number_problem(row, value, int)


def _real_problem(row: ConfigRow, value: str) -> str | None:
    return _number_problem(row, value, float)


_PROBLEMS: Mapping[ConfigType, Callable[[ConfigRow, str], str | None]] = {
    ConfigType.BOOLEAN: _boolean_problem,
    ConfigType.INT: _whole_problem,
    ConfigType.SHORT: _whole_problem,
    ConfigType.LONG: _whole_problem,
    ConfigType.DOUBLE: _real_problem,
}


def _long(
    name: str,
    default: int,
    documentation: str,
    server_name: str = "",
    *,
    minimum: int | None = 0,
    only: tuple[str, ...] = (),
) -> ConfigRow:
    return ConfigRow(
        name, ConfigType.LONG, str(default), documentation, server_name, minimum, only=only
    )


def _int(name: str, default: int, documentation: str, server_name: str, minimum: int) -> ConfigRow:
    return ConfigRow(name, ConfigType.INT, str(default), documentation, server_name, minimum)


_COMPRESSIONS = ("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")
TOPIC_CONFIGS: Mapping[str, ConfigRow] = {
    row.name: row
    for row in (
        ConfigRow(
            "cleanup.policy",
            ConfigType.LIST,
            "delete",
            "What happens to old segments: delete, compact, or both.",
            "log.cleanup.policy",
            choices=("compact", "delete"),
        ),
        ConfigRow(
            "compression.type",
            ConfigType.STRING,
            "producer",
            "The codec in which batches are kept; producer: as they come.",
            "compression.type",
            choices=_COMPRESSIONS,
        ),
        _long(
            "delete.retention.ms",
            86_400_000,
            "How long tombstones stay in a compacted topic.",
            "log.cleaner.delete.retention.ms",
        ),
        _long(
            "file.delete.delay.ms",
            60_000,
            "How long a deleted segment stays on the disk.",
            "log.segment.delete.delay.ms",
        ),
        # Kafka's default is never, since it has replicas; one disk has none.
        _long(
            "flush.messages",
            1,
            "1: acknowledged and readable once it is on the disk; more: at once, synced behind.",
            "log.flush.interval.messages",
            minimum=1,
        ),
        _long(
            "flush.ms",
            _LONG_MAX,
            "This broker syncs all the time, which is within any value.",
            "log.flush.interval.ms",
        ),
        _int(
            "index.interval.bytes",
            4096,
            "How many bytes of the log lie between two index entries.",
            "log.index.interval.bytes",
            0,
        ),
        _long(
            "max.compaction.lag.ms",
            _LONG_MAX,
            "After which time a record is compacted whatever the dirty ratio is.",
            "log.cleaner.max.compaction.lag.ms",
            minimum=1,
        ),
        _int(
            "max.message.bytes",
            1_048_588,
            "The largest batch that is taken, as it lies on the disk.",
            "message.max.bytes",
            0,
        ),
        ConfigRow(
            "message.timestamp.type",
            ConfigType.STRING,
            "CreateTime",
            "Whose clock stamps a record: the producer's or the broker's.",
            "log.message.timestamp.type",
            choices=("CreateTime", "LogAppendTime"),
        ),
        _long(
            "message.timestamp.before.max.ms",
            _LONG_MAX,
            "How far a producer's timestamp may lie in the past.",
            "log.message.timestamp.before.max.ms",
        ),
        _long(
            "message.timestamp.after.max.ms",
            3_600_000,
            "How far a producer's timestamp may lie in the future.",
            "log.message.timestamp.after.max.ms",
        ),
        ConfigRow(
            "min.cleanable.dirty.ratio",
            ConfigType.DOUBLE,
            "0.5",
            "Which part of a log must be uncompacted before it is compacted.",
            "log.cleaner.min.cleanable.ratio",
            0,
            1,
        ),
        _long(
            "min.compaction.lag.ms",
            0,
            "How long a record stays uncompacted.",
            "log.cleaner.min.compaction.lag.ms",
        ),
        _int(
            "min.insync.replicas",
            1,
            "How many replicas must be in sync for acks=all.",
            "min.insync.replicas",
            1,
        ),
        ConfigRow(
            "preallocate",
            ConfigType.BOOLEAN,
            "false",
            "Files of segments grow as they are written.",
            "log.preallocate",
            only=("false",),
        ),
        _long(
            "retention.bytes",
            -1,
            "How many bytes of a partition are kept; -1: all.",
            "log.retention.bytes",
            minimum=None,
        ),
        _long(
            "retention.ms",
            604_800_000,
            "How long records are kept; -1: for ever.",
            "log.retention.ms",
            minimum=-1,
        ),
        # KIP-1030: Kafka 4 refuses smaller ones.
        _int(
            "segment.bytes",
            1_073_741_824,
            "The size of a segment.",
            "log.segment.bytes",
            1024 * 1024,
        ),
        _int(
            "segment.index.bytes",
            10_485_760,
            "The size of an index after which a new segment begins.",
            "log.index.size.max.bytes",
            4,
        ),
        _long(
            "segment.jitter.ms",
            0,
            "Segments begin on time, without jitter.",
            "log.roll.jitter.ms",
            only=("0",),
        ),
        _long(
            "segment.ms",
            604_800_000,
            "After which time a new segment begins.",
            "log.roll.ms",
            minimum=1,
        ),
        ConfigRow(
            "unclean.leader.election.enable",
            ConfigType.BOOLEAN,
            "false",
            "Only a replica in sync becomes leader.",
            "unclean.leader.election.enable",
            only=("false",),
        ),
    )
}


def check_topic_configs(configs: Mapping[str, str | None]) -> None:
    """
    Raises:
        BrokerError: INVALID_CONFIG, with the first value that is wrong.
    """
    for name, value in configs.items():
        row = TOPIC_CONFIGS.get(name)
        if row is None:
            raise BrokerError(ErrorCode.INVALID_CONFIG, f"Unknown topic config name: {name}")
        if value is None:
            raise BrokerError(
                ErrorCode.INVALID_CONFIG, f"Null value not supported for topic configs: {name}"
            )
        if problem := row.problem(value):
            raise BrokerError(ErrorCode.INVALID_CONFIG, problem)
    least = int(value_of(configs, "min.compaction.lag.ms"))
    most = int(value_of(configs, "max.compaction.lag.ms"))
    if least > most:
        raise BrokerError(
            ErrorCode.INVALID_CONFIG,
            f"conflict topic config setting min.compaction.lag.ms ({least}) > "
            f"max.compaction.lag.ms ({most})",
        )


def value_of(configs: Mapping[str, str | None], name: str) -> str:
    """The value that holds: the topic's own or the default."""
    return configs.get(name) or TOPIC_CONFIGS[name].default


def log_config(configs: Mapping[str, str]) -> LogConfig:
    """What the log needs of a topic's configs, which were checked."""

    def number(name: str) -> int:
        return int(value_of(configs, name))

    return LogConfig(
        segment_bytes=number("segment.bytes"),
        segment_ms=number("segment.ms"),
        segment_index_bytes=number("segment.index.bytes"),
        index_interval_bytes=number("index.interval.bytes"),
        retention_ms=number("retention.ms"),
        retention_bytes=number("retention.bytes"),
        cleanup_policies=frozenset(split_list(value_of(configs, "cleanup.policy"))),
        min_cleanable_dirty_ratio=float(value_of(configs, "min.cleanable.dirty.ratio")),
        min_compaction_lag_ms=number("min.compaction.lag.ms"),
        max_compaction_lag_ms=number("max.compaction.lag.ms"),
        delete_retention_ms=number("delete.retention.ms"),
        file_delete_delay_ms=number("file.delete.delay.ms"),
        max_message_bytes=number("max.message.bytes"),
        is_log_append_time=value_of(configs, "message.timestamp.type") == "LogAppendTime",
        timestamp_before_max_ms=number("message.timestamp.before.max.ms"),
        timestamp_after_max_ms=number("message.timestamp.after.max.ms"),
        compression_type=value_of(configs, "compression.type"),
    )
