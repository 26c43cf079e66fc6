"""The consumer of the queue `orders`: books the steps of orders with a carrier.

What `broker`, `db` and `carrier` can do is in broker.py.
"""

from typing import Any


def handle(message: dict[str, Any], broker: Any, db: Any, carrier: Any) -> None:
    """
    Args:
        message: id, headers (yours to fill), body with order_id and step.
    """
    body = message["body"]
    broker.ack()
    carrier.book(body)
    key = f"steps:{body['order_id']}"
    db.write({key: [*db.get(key, []), body["step"]]})
