"""The inbox is asked first; a message that it knows changes nothing."""


def migrate(db):
    db.execute("CREATE TABLE inbox (message_id TEXT PRIMARY KEY)")


def handle(db, message):
    seen = db.execute("SELECT 1 FROM inbox WHERE message_id = ?", (message["id"],))
    if seen.fetchone():
        return
    if message["type"] == "OrderPlaced":
        change = "UPDATE stock SET taken = taken + ? WHERE sku = ?"
    else:
        change = "UPDATE stock SET returned = returned + ? WHERE sku = ?"
    db.execute(change, (message["quantity"], message["sku"]))
    db.execute("INSERT INTO inbox VALUES (?)", (message["id"],))
    db.commit()
