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

    def release(self, size: int) -> None:
        self.bytes -= size
