"""How values of Kafka's fields are shown: numbers with the names that the protocol gives them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from stend.kit.fields import Value
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.batches import (
    COMPRESSION_MASK,
    CONTROL,
    DELETE_HORIZON,
    LOG_APPEND_TIME,
    TRANSACTIONAL,
)
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import ErrorCode
from stend.wire.reading import MASK

_NAMES: dict[str, dict[int, str]] = {
    "acks": {0: "none", 1: "leader", -1: "all"},
    "isolation_level": {0: "READ_UNCOMMITTED", 1: "READ_COMMITTED"},
    "key_type": {0: "GROUP", 1: "TRANSACTION", 2: "SHARE"},
    "endpoint_type": {1: "BROKER", 2: "CONTROLLER"},
    "election_type": {0: "PREFERRED", 1: "UNCLEAN"},
    "config_operation": {0: "SET", 1: "DELETE", 2: "APPEND", 3: "SUBTRACT"},
    "operation": {
        1: "ANY",
        2: "ALL",
        3: "READ",
        4: "WRITE",
        5: "CREATE",
        6: "DELETE",
        7: "ALTER",
        8: "DESCRIBE",
        9: "CLUSTER_ACTION",
        10: "DESCRIBE_CONFIGS",
        11: "ALTER_CONFIGS",
        12: "IDEMPOTENT_WRITE",
        13: "CREATE_TOKENS",
        14: "DESCRIBE_TOKENS",
        15: "TWO_PHASE_COMMIT",
    },
    "permission_type": {1: "ANY", 2: "DENY", 3: "ALLOW"},
    "pattern_type": {1: "ANY", 2: "MATCH", 3: "LITERAL", 4: "PREFIXED"},
    "mechanism": {1: "SCRAM-SHA-256", 2: "SCRAM-SHA-512"},
    "security_protocol": {0: "PLAINTEXT", 1: "SSL", 2: "SASL_PLAINTEXT", 3: "SASL_SSL"},
    "upgrade_type": {1: "UPGRADE", 2: "SAFE_DOWNGRADE", 3: "UNSAFE_DOWNGRADE"},
    "delivery_state": {0: "AVAILABLE", 2: "ACKNOWLEDGED", 4: "ARCHIVED"},
}
_NAMES |= {
    "resource_pattern_type": _NAMES["pattern_type"],
    "pattern_type_filter": _NAMES["pattern_type"],
}
# Of ListOffsets: no moments, but what is asked for.
_SPECIAL_OFFSETS = {-1: "LATEST", -2: "EARLIEST", -3: "MAX_TIMESTAMP", -4: "EARLIEST_LOCAL"}
_SECRET = frozenset({"auth_bytes", "salted_password", "hmac"})
_ERRORS = {int(one): one.name for one in ErrorCode}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TEXT = 64 * 1024


def shown(name: str, value: Any) -> Value:
    """
    Args:
        name: of the field.
    """
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(name, bytes(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(name, value)
    found: Value = value
    return found


def error_name(code: int) -> str:
    """`NOT_LEADER_OR_FOLLOWER`; the number alone where it has no name."""
    return _ERRORS.get(code, str(code))


def api_name(key: int) -> str:
    """`OffsetCommit`."""
    try:
        return "".join(part.capitalize() for part in ApiKey(key).name.split("_"))
    except ValueError:
        return f"API {key}"


def _bytes(name: str, value: bytes) -> Value:
    if name in _SECRET:
        return MASK
    if len(value) > _LONGEST_TEXT:
        return value
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value
    return text if text.isprintable() or not set(text) & _CONTROLS else value


_CONTROLS = frozenset(map(chr, range(32))) - set("\t\r\n")


def _number(name: str, value: int) -> Value:
    if name.endswith("error_code"):
        return f"{value} {error_name(value)}"
    if name in ("api_key", "request_api_key"):
        return f"{value} {api_name(value)}"
    if name == "timestamp" and value in _SPECIAL_OFFSETS:
        return f"{value} {_SPECIAL_OFFSETS[value]}"
    if name == "log_append_time_ms" or ("timestamp" in name and name != "timestamp_delta"):
        return _moment(value)
    if known := _NAMES.get(name, {}).get(value):
        return f"{value} {known}"
    return value


def _moment(milliseconds: int) -> Value:
    if milliseconds <= 0:
        return milliseconds
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return milliseconds
    return f"{milliseconds} ({moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')})"


def batch_attributes(value: int) -> str:
    """The bits of a record batch by their names."""
    number = value & COMPRESSION_MASK
    parts = [
        Compression(number).name.lower() if number <= Compression.ZSTD else f"compression {number}"
    ]
    parts.append("LogAppendTime" if value & LOG_APPEND_TIME else "CreateTime")
    parts += [
        name
        for bit, name in (
            (TRANSACTIONAL, "transactional"),
            (CONTROL, "control"),
            (DELETE_HORIZON, "delete horizon"),
        )
        if value & bit
    ]
    return f"{value:#06x} {', '.join(parts)}"
