"""The trace context that a message carries: the value of `traceparent` (W3C Trace Context §3.2)."""

import re

PATTERN = "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
_TRACEPARENT = re.compile(PATTERN)


def traceparent(told: object) -> str | None:
    """`told` where it is one; None for whatever else somebody calls by that name."""
    is_one = isinstance(told, str) and _TRACEPARENT.fullmatch(told) is not None
    return str(told) if is_one else None
