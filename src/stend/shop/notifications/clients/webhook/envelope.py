"""A webhook as it goes over the wire: a CloudEvent in JSON, signed. Pure.

Sources: CloudEvents 1.0.2, "JSON Event Format", section 3 (structured mode); Standard Webhooks
1.0, "Webhook scheme".
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic_core import to_json
from standardwebhooks import Webhook as Signer

from stend.kit.clock import rfc3339
from stend.shop.notifications.domain import Delivery, OrderEvent

MEDIA_TYPE = "application/cloudevents+json"
SOURCE = "/lavka/orders"


def cloud_event(event: OrderEvent) -> bytes:
    """The event as the receiver gets it, the same bytes at every attempt."""
    return to_json(
        {
            "specversion": "1.0",
            "id": event.event_id,
            "source": SOURCE,
            "type": event.type.value,
            "subject": event.order_id,
            "time": rfc3339(event.occurred_at),
            "datacontenttype": "application/json",
            "data": event.payload,
        }
    )


def signed_headers(
    delivery: Delivery, secret: str, body: bytes, now: datetime
) -> Mapping[str, str]:
    """Id, time and signature: HMAC-SHA256 over `id.timestamp.body`, fresh for each attempt."""
    return {
        "content-type": MEDIA_TYPE,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(delivery.message_id, now, body.decode()),
    }
