"""The warehouse: goods leave the shelf with an order, and come back with its cancellation."""

CHANGES = {
    "OrderPlaced": "UPDATE stock SET taken = taken + ? WHERE sku = ?",
    "OrderCancelled": "UPDATE stock SET returned = returned + ? WHERE sku = ?",
}


def migrate(db):
    """Makes your own tables; `stock` is there already, with a row for every sku. Called once."""


def handle(db, message):
    """Called with each message at least once. Coming back is the acknowledgement."""
    db.execute(CHANGES[message["type"]], (message["quantity"], message["sku"]))
    db.commit()
