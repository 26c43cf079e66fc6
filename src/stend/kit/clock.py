"""Time as an argument, so that tests, lessons and the simulator can hold it still."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T10:00:00.123456Z` (RFC 3339, section 5.6), always in UTC and with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
