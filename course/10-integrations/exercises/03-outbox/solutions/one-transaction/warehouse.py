"""The effect and the id of its message are written in one transaction."""

CHANGES = {
    "OrderPlaced": "UPDATE stock SET taken = taken + ? WHERE sku = ?",
    "OrderCancelled": "UPDATE stock SET returned = returned + ? WHERE sku = ?",
}


def migrate(db):
    db.execute("CREATE TABLE inbox (message_id TEXT PRIMARY KEY)")


def handle(db, message):
    change = CHANGES[message["type"]]
    with db:
        new = db.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (message["id"],))
        if new.rowcount == 1:
            db.execute(change, (message["quantity"], message["sku"]))
