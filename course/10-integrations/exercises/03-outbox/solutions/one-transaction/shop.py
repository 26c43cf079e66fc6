"""Orders and their messages are written in one transaction; rows that are sent are marked."""

import json
import uuid


def migrate(db):
    db.execute(
        "CREATE TABLE outbox (place INTEGER PRIMARY KEY, message TEXT NOT NULL, sent INTEGER)"
    )


def place_order(db, broker, order):
    with db:
        known = db.execute("SELECT 1 FROM orders WHERE order_id = ?", (order["order_id"],))
        if known.fetchone():
            return
        db.execute(
            "INSERT INTO orders VALUES (?, ?, ?, 'placed')",
            (order["order_id"], order["sku"], order["quantity"]),
        )
        write(db, "OrderPlaced", order["order_id"], order["sku"], order["quantity"])


def cancel_order(db, broker, order_id):
    with db:
        done = db.execute(
            "UPDATE orders SET status = 'cancelled' WHERE order_id = ? AND status = 'placed'",
            (order_id,),
        )
        if done.rowcount == 1:
            found = db.execute("SELECT sku, quantity FROM orders WHERE order_id = ?", (order_id,))
            write(db, "OrderCancelled", order_id, *found.fetchone())


def write(db, kind, order_id, sku, quantity):
    message = {
        "id": uuid.uuid4().hex,
        "type": kind,
        "order_id": order_id,
        "sku": sku,
        "quantity": quantity,
    }
    db.execute("INSERT INTO outbox (message, sent) VALUES (?, 0)", (json.dumps(message),))


def relay(db, broker):
    waiting = db.execute("SELECT place, message FROM outbox WHERE sent = 0 ORDER BY place")
    for place, message in waiting.fetchall():
        broker.publish(json.loads(message))
        with db:
            db.execute("UPDATE outbox SET sent = 1 WHERE place = ?", (place,))
