"""A message, and its place in a queue."""

from stend.wire.amqp.content import ContentHeader, decode_content_header
from stend.wire.amqp.values import short_string

PERSISTENT = 2
# What the objects around a message take. tracemalloc on CPython 3.11: 380 bytes for a transient
# message and 610 for a stored one; the rest is for what the allocator loses.
OVERHEAD_BYTES = 700


class Message:
    """Immutable but for the book-keeping of who still holds it.

    Attributes:
        id: grows with every message, so it is also the order in a queue.
        address: exchange and routing key as Basic.Deliver carries them.
        more_keys: the routing keys of its CC and BCC headers.
        header: payload of its content header frame, as the publisher sent it.
        holders: how many entries there are of it.
        stored: in the journal: segment and size there; None for a transient one.
    """

    __slots__ = (
        "address",
        "body",
        "exchange",
        "header",
        "holders",
        "id",
        "more_keys",
        "persistent",
        "priority",
        "routing_key",
        "segment",
        "size",
        "ttl_ms",
    )

    def __init__(
        self,
        number: int,
        exchange: str,
        routing_key: str,
        content: ContentHeader,
        body: bytes,
        ttl_ms: int | None,
        more_keys: tuple[str, ...] = (),
    ) -> None:
        self.id = number
        self.exchange = exchange
        self.routing_key = routing_key
        self.address = short_string(exchange) + short_string(routing_key)
        self.header = content.payload
        self.body = body
        mode = content.properties.get("delivery_mode")
        self.persistent = mode is not None and mode[0] == PERSISTENT
        priority = content.properties.get("priority")
        self.priority = priority[0] if priority else 0
        self.ttl_ms = ttl_ms
        self.more_keys = more_keys
        self.size = len(self.header) + len(body) + len(self.address) + OVERHEAD_BYTES
        self.holders = 0
        self.segment: int | None = None

    @property
    def properties(self) -> dict[str, bytes]:
        """Read again when they are asked for, which is rare: kept, they would take more than most
        messages.
        """
        return decode_content_header(self.header).properties


class Entry:
    """One message in one queue.

    Attributes:
        delivered: somebody has or had it; another delivery will be a redelivery.
        redelivered: it was delivered before and came back.
        deliveries: how often it came back undone; None where nobody counts, which is everywhere
            but in a quorum queue.
        expires_at_ms: since 1970; None for never.
        stored: whether the journal knows of it.
    """

    __slots__ = (
        "delivered",
        "deliveries",
        "expires_at_ms",
        "message",
        "redelivered",
        "stored",
    )

    def __init__(self, message: Message, expires_at_ms: int | None) -> None:
        self.message = message
        self.delivered = False
        self.redelivered = False
        self.deliveries: int | None = None
        self.expires_at_ms = expires_at_ms
        self.stored = False
