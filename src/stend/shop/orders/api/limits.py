"""How far the HTTP protocols go, known before a framework is imported."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestLimits:
    """How long and how much.

    Attributes:
        deadline_s: for one operation; a stream must open, not end, within it.
        body_limit_bytes: largest request body.
        heartbeat_s: a comment goes out on a silent stream this often, so that proxies keep it.
        stream_s: a stream is closed after this time; the client comes back by itself.
    """

    deadline_s: float
    body_limit_bytes: int
    heartbeat_s: float
    stream_s: float
