"""What is known of the REST API before its framework is imported: where it answers, how far."""

from dataclasses import dataclass

from stend.shop.orders.api.rest import translate

# Where the runtime sends HTTP requests to this service.
PATH_PREFIXES = ("/api/v1/orders", translate.RUNS_ROOT, "/docs")


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
