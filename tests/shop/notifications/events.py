"""Events of orders as `orders` publishes them, each test with an order of its own."""

import os
from typing import Any

from stend.kit.ids import encode_ulid

STEPS = (
    ("OrderPlaced", "placed"),
    ("OrderReserved", "reserved"),
    ("OrderPaid", "paid"),
    ("PickingStarted", "picking"),
    ("OrderDispatched", "on_the_way"),
    ("OrderDelivered", "delivered"),
)


def fresh_ulid() -> str:
    return encode_ulid(bytes([1]) + os.urandom(15))


def fresh_order() -> str:
    return f"ord_{fresh_ulid()}"


def fresh_customer() -> str:
    return f"cus_{fresh_ulid()}"


def an_event(order_id: str, version: int, customer_id: str | None = None) -> dict[str, Any]:
    kind, status = STEPS[version - 1]
    event: dict[str, Any] = {
        "order_id": order_id,
        "version": version,
        "type": kind,
        "status": status,
        "occurred_at": f"2026-11-27T10:00:0{version}.5Z",
    }
    if version == 1:
        event["customer_id"] = customer_id or fresh_customer()
        event["lines"] = [
            {
                "sku": "MILK-001",
                "quantity": 2,
                "unit_price": {"amount_minor": 9900, "currency": "RUB"},
            }
        ]
        event["total"] = {"amount_minor": 19_800, "currency": "RUB"}
    return event
