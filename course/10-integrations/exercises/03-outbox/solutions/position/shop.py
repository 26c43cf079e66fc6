"""The outbox is a log that nobody changes; the relay remembers how far it has come."""


def migrate(db):
    db.execute("""CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, order_id TEXT NOT NULL)""")
    db.execute("CREATE TABLE relayed (number INTEGER NOT NULL)")
    db.execute("INSERT INTO relayed VALUES (0)")


def place_order(db, broker, order):
    db.execute("BEGIN IMMEDIATE")
    new = db.execute(
        "INSERT OR IGNORE INTO orders VALUES (:order_id, :sku, :quantity, 'placed')", order
    )
    if new.rowcount:
        log(db, "OrderPlaced", order["order_id"])
    db.execute("COMMIT")


def cancel_order(db, broker, order_id):
    db.execute("BEGIN IMMEDIATE")
    found = db.execute("SELECT status FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    if found == ("placed",):
        db.execute("UPDATE orders SET status = 'cancelled' WHERE order_id = ?", (order_id,))
        log(db, "OrderCancelled", order_id)
    db.execute("COMMIT")


def log(db, kind, order_id):
    db.execute("INSERT INTO events (type, order_id) VALUES (?, ?)", (kind, order_id))


def relay(db, broker):
    while True:
        following = db.execute("""
            SELECT number, type, order_id, sku, quantity FROM events JOIN orders USING (order_id)
            WHERE number > (SELECT number FROM relayed) ORDER BY number LIMIT 1""").fetchone()
        if following is None:
            return
        names = ("id", "type", "order_id", "sku", "quantity")
        broker.publish(dict(zip(names, following, strict=True)))
        db.execute("UPDATE relayed SET number = ?", (following[0],))
        db.commit()
