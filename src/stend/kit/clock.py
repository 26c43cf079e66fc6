"""Time as an argument, so that tests, lessons and the simulator can hold it still."""

from datetime import UTC, datetime
from typing import Protocol

_UTC_OFFSET = "+00:00"


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T10:00:00.123456Z` (RFC 3339, section 5.6), always in UTC and with `Z`."""
    text = moment.isoformat()
    if not text.endswith(_UTC_OFFSET):
        text = moment.astimezone(UTC).isoformat()
    return text.removesuffix(_UTC_OFFSET) + "Z"
