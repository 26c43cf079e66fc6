"""Ids grow with the log, and the relay publishes in their order: one number remembers them all."""

PLACED = "UPDATE stock SET taken = taken + ? WHERE sku = ?"
CANCELLED = "UPDATE stock SET returned = returned + ? WHERE sku = ?"


def migrate(db):
    db.execute("CREATE TABLE done (number INTEGER NOT NULL)")
    db.execute("INSERT INTO done VALUES (0)")


def handle(db, message):
    with db:
        fresh = db.execute("UPDATE done SET number = ? WHERE number < ?", (message["id"],) * 2)
        if fresh.rowcount:
            change = PLACED if message["type"] == "OrderPlaced" else CANCELLED
            db.execute(change, (message["quantity"], message["sku"]))
