"""What a consumer of webhooks says to `notifications`, and what it is sent. Pure.

Sources: CloudEvents 1.0.2, "JSON Event Format"; the contract of `notifications`.
"""

from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import dump, event_from_json, json_from
from stend.shop.orders.domain import OrderEvent

WEBHOOKS = "/api/v1/webhooks"
_SPEC_VERSION = "1.0"


def registration(url: str, order_id: str) -> bytes:
    """Asks for every event of the order, those that have happened already included."""
    members: JsonObject = {"url": url, "order_id": order_id, "replay": True}
    return dump(members)


def event_from(body: bytes) -> OrderEvent:
    """
    Raises:
        ValueError: not a CloudEvent with an event of an order in it.
    """
    envelope = json_from(body)
    if envelope.get("specversion") != _SPEC_VERSION:
        raise ValueError(f"expected CloudEvents {_SPEC_VERSION}: {envelope.get('specversion')!r}")
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise ValueError("a CloudEvent without an event of an order in `data`")
    try:
        return event_from_json(data)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no event of an order: {error!r}") from None
