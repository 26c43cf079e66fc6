"""How far the HTTP protocols go, known before a framework is imported."""

from dataclasses import dataclass

from stend.chassis.event_stream import StreamLimits


@dataclass(frozen=True, slots=True)
class RestLimits:
    """How long and how much.

    Attributes:
        deadline_s: for one operation; a stream must open, not end, within it.
        body_limit_bytes: largest request body.
    """

    deadline_s: float
    body_limit_bytes: int
    stream: StreamLimits
