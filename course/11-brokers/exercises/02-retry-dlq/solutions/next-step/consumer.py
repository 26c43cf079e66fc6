"""Every order knows which of its steps is next: an older one is done, a later one has to wait."""

from dataclasses import dataclass
from typing import Any

RETRIES = 3


@dataclass
class Order:
    """What is known of one order, under two keys that are written together."""

    db: Any
    order_id: str

    def __post_init__(self) -> None:
        self.next = self.db.get(f"next:{self.order_id}", 1)

    def move(self, booked: int | None) -> None:
        values = {f"next:{self.order_id}": self.next + 1}
        if booked is not None:
            key = f"steps:{self.order_id}"
            values[key] = [*self.db.get(key, []), booked]
        self.db.write(values)


def handle(message: dict[str, Any], broker: Any, db: Any, carrier: Any) -> None:
    body = message["body"]
    if not isinstance(body, dict) or not {"order_id", "step"} <= set(body):
        bury(message, broker, f"no step of an order: {body!r}")
        broker.ack()
        return
    order = Order(db, body["order_id"])
    if body["step"] > order.next:
        broker.publish("orders", message, 1)
    elif body["step"] == order.next:
        attempt(message, broker, order, carrier)
    broker.ack()


def attempt(message: dict[str, Any], broker: Any, order: Order, carrier: Any) -> None:
    retries = message["headers"].get("retries", 0)
    try:
        carrier.book(message["body"])
    except TimeoutError as error:
        if retries < RETRIES:
            again = {**message, "headers": {"retries": retries + 1}}
            broker.publish("orders", again, 3.0**retries)
            return
        reason = str(error)
    except ValueError as error:
        reason = str(error)
    else:
        order.move(order.next)
        return
    bury(message, broker, reason)
    order.move(None)


def bury(message: dict[str, Any], broker: Any, reason: str) -> None:
    broker.publish("orders.dlq", {**message, "headers": {**message["headers"], "reason": reason}})
