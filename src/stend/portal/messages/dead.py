"""Messages that a look into a queue has brought, and whether requeueing will help. Pure."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

# Of a body: enough to tell two messages apart, and all that a look brings.
HASHED_BYTES = 16 * 1024
REASONS = frozenset({"rejected", "expired", "maxlen", "delivery_limit"})


@dataclass(frozen=True, slots=True)
class Peeked:
    """
    Attributes:
        mark: tells this message from others of its queue when they are taken out one by one.
        origin: the queue that it died in last; None where `x-death` tells none.
        reason: why, in RabbitMQ's word.
        deaths: how often, in all queues together.
    """

    mark: str
    message_id: str
    type: str
    exchange: str
    routing_key: str
    redelivered: bool
    body: str
    size: int
    is_text: bool
    origin: str | None
    reason: str | None
    deaths: int

    @property
    def advice(self) -> str:
        """The key of the sentence that says whether requeueing will help."""
        if self.origin is None:
            return "unknown"
        return self.reason if self.reason in REASONS else "other"


def mark_of(message_id: str, body: bytes) -> str:
    return sha256(message_id.encode() + b"\0" + body[:HASHED_BYTES]).hexdigest()[:24]


def peeked_of(told: Mapping[str, Any]) -> Peeked:
    """
    Args:
        told: one message of `POST /api/queues/…/get`.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    properties = told["properties"] if isinstance(told["properties"], dict) else {}
    is_text = told["payload_encoding"] == "string"
    payload = str(told["payload"])
    body = payload.encode() if is_text else base64.b64decode(payload)
    origin, reason, deaths = death_of(properties.get("headers") or {})
    message_id = str(properties.get("message_id") or "")
    return Peeked(
        mark=mark_of(message_id, body),
        message_id=message_id,
        type=str(properties.get("type") or ""),
        exchange=str(told["exchange"]),
        routing_key=str(told["routing_key"]),
        redelivered=bool(told["redelivered"]),
        body=payload,
        size=int(told["payload_bytes"]),
        is_text=is_text,
        origin=origin,
        reason=reason,
        deaths=deaths,
    )


def death_of(headers: Mapping[str, Any]) -> tuple[str | None, str | None, int]:
    """Queue, reason and count out of `x-death`: the newest death comes first."""
    found = headers.get("x-death")
    entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    if not entries or not entries[0].get("queue"):
        return None, None, 0
    first = entries[0]
    deaths = sum(one["count"] for one in entries if isinstance(one.get("count"), int))
    return str(first["queue"]), str(first.get("reason") or ""), deaths
