"""The database writes the outbox itself: no code can change an order and forget to tell of it."""


def migrate(db):
    db.executescript("""
        CREATE TABLE outbox (
            place INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, order_id TEXT NOT NULL,
            sku TEXT NOT NULL, quantity INTEGER NOT NULL);
        CREATE TRIGGER placed AFTER INSERT ON orders BEGIN
            INSERT INTO outbox (type, order_id, sku, quantity)
            VALUES ('OrderPlaced', new.order_id, new.sku, new.quantity);
        END;
        CREATE TRIGGER cancelled AFTER UPDATE OF status ON orders
        WHEN old.status = 'placed' AND new.status = 'cancelled' BEGIN
            INSERT INTO outbox (type, order_id, sku, quantity)
            VALUES ('OrderCancelled', new.order_id, new.sku, new.quantity);
        END;
    """)


def place_order(db, broker, order):
    db.execute(
        "INSERT INTO orders VALUES (:order_id, :sku, :quantity, 'placed') ON CONFLICT DO NOTHING",
        order,
    )
    db.commit()


def cancel_order(db, broker, order_id):
    db.execute("UPDATE orders SET status = 'cancelled' WHERE order_id = ?", (order_id,))
    db.commit()


def relay(db, broker):
    rows = db.execute("SELECT place, type, order_id, sku, quantity FROM outbox ORDER BY place")
    batch = rows.fetchall()
    for place, kind, order_id, sku, quantity in batch:
        told = {"type": kind, "order_id": order_id, "sku": sku, "quantity": quantity}
        broker.publish({"id": str(place), **told})
    if batch:
        # Only what was read above: meanwhile others may have written more.
        db.execute("DELETE FROM outbox WHERE place <= ?", (batch[-1][0],))
        db.commit()
