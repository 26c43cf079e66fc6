"""The shop: takes orders, and tells the warehouse of them through a broker.

`db` is a connection of sqlite3, `broker.publish(message)` takes a dict and raises ConnectionError
while the broker is away.
"""

import uuid


def migrate(db):
    """Makes your own tables; `orders` is there already. Called once."""


def place_order(db, broker, order):
    """
    Args:
        order: has order_id, sku, quantity. A client that heard no answer sends it again.
    """
    db.execute(
        "INSERT INTO orders VALUES (?, ?, ?, 'placed')",
        (order["order_id"], order["sku"], order["quantity"]),
    )
    db.commit()
    broker.publish({"id": uuid.uuid4().hex, "type": "OrderPlaced", **order})


def cancel_order(db, broker, order_id):
    db.execute("UPDATE orders SET status = 'cancelled' WHERE order_id = ?", (order_id,))
    db.commit()
    row = db.execute("SELECT sku, quantity FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    if row:
        message = {"order_id": order_id, "sku": row[0], "quantity": row[1]}
        broker.publish({"id": uuid.uuid4().hex, "type": "OrderCancelled", **message})


def relay(db, broker):
    """Publishes what waits; called again and again, in one process at a time."""
