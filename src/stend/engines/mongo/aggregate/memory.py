"""How much a stage holds: the bound of 100 MB that MongoDB gives to each."""

from collections.abc import Mapping
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError

STAGE_LIMIT_BYTES: Final = 100 * 1024 * 1024
_OVERHEAD: Final = 16


def weight(value: Any) -> int:
    """About how many bytes a value has, cheaply."""
    if isinstance(value, str | bytes):
        return _OVERHEAD + len(value)
    if isinstance(value, Mapping):
        return _OVERHEAD + sum(len(name) + weight(item) for name, item in value.items())
    if isinstance(value, list | tuple):
        return _OVERHEAD + sum(map(weight, value))
    return _OVERHEAD


# MongoDB's bound of a buffer, and so of a string made by an expression.
TEXT_LIMIT_BYTES: Final = 64 * 1024 * 1024
# Twice what a document may have: no larger value is of use.
_VALUE_LIMIT_BYTES: Final = 32 * 1024 * 1024
# How deep documents may be nested.
_MOST_LEVELS: Final = 200


def check_text(length: int) -> None:
    """Raises MongoError 13548 for a string that no document could hold."""
    if length > TEXT_LIMIT_BYTES:
        raise MongoError(
            13548,
            f"BufBuilder attempted to grow() to {length} bytes, past the 64MB limit.",
        )


def check_value(name: str, value: Any) -> None:
    """Checks what an expression has made: parts of it may be one object that stands many times.

    Raises:
        MongoError: ExceededMemoryLimit or Overflow when it is larger or deeper than may be.
    """
    left, stack = _VALUE_LIMIT_BYTES, [(value, 0)]
    while stack:
        item, level = stack.pop()
        left -= _OVERHEAD
        if isinstance(item, str | bytes):
            left -= len(item)
        elif isinstance(item, Mapping | list):
            inner = item.values() if isinstance(item, Mapping) else item
            stack.extend((part, level + 1) for part in inner)
        if level > _MOST_LEVELS:
            raise MongoError(
                Code.Overflow, f"{name} exceeded maximum nested object depth: {_MOST_LEVELS}"
            )
        if left < 0:
            raise MongoError(
                Code.ExceededMemoryLimit,
                f"{name} used too much memory. Memory limit: {_VALUE_LIMIT_BYTES} bytes",
            )


class Growth:
    """Counts what one expression has made so far.

    Args:
        name: the operator, for the error.
    """

    __slots__ = ("bytes", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.bytes = 0

    def add(self, size: int) -> None:
        """Raises MongoError 146 when it is too much."""
        self.bytes += size
        if self.bytes > STAGE_LIMIT_BYTES:
            raise MongoError(
                Code.ExceededMemoryLimit,
                f"{self.name} used too much memory. Memory limit: {STAGE_LIMIT_BYTES} bytes",
            )


class Holding:
    """Counts what a stage holds.

    Args:
        stage: its name, for the error.
        limit_bytes: beyond it the stage fails: this server never spills to disk.
    """

    __slots__ = ("bytes", "limit_bytes", "stage")

    def __init__(self, stage: str, limit_bytes: int = STAGE_LIMIT_BYTES) -> None:
        self.stage = stage
        self.limit_bytes = limit_bytes
        self.bytes = 0

    def add(self, size: int) -> None:
        """Raises MongoError 292 when the stage holds too much."""
        self.bytes += size
        if self.bytes > self.limit_bytes:
            raise MongoError(
                Code.QueryExceededMemoryLimitNoDiskUseAllowed,
                f"Exceeded memory limit for {self.stage}: more than {self.limit_bytes} bytes. "
                "This server keeps what a stage holds in memory and does not spill to disk, "
                "with allowDiskUse or without: filter or limit the documents before this stage.",
            )
