"""Products and categories in SQLite. Every read takes many keys at once: that is what beats N+1."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE IF NOT EXISTS categories (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS products (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price_minor INTEGER NOT NULL CHECK (price_minor > 0),
    version INTEGER NOT NULL DEFAULT 1,
    category TEXT NOT NULL REFERENCES categories (id)
);
INSERT OR IGNORE INTO categories VALUES ('dairy', 'Dairy'), ('bakery', 'Bakery');
INSERT OR IGNORE INTO products (sku, name, price_minor, category) VALUES
    ('BREAD-1', 'Rye bread', 5990, 'bakery'), ('BUN-1', 'Bun', 2990, 'bakery'),
    ('KEFIR-1', 'Kefir', 7990, 'dairy'), ('MILK-1', 'Milk', 8990, 'dairy'),
    ('YOGURT-1', 'Yogurt', 4590, 'dairy');
"""
COLUMNS = "sku, name, price_minor, version, category"
DATABASE_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class ProductRow:
    sku: str
    name: str
    price_minor: int
    version: int
    category: str


class Catalogue:
    """A connection per call, as calls come from many threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction("IMMEDIATE") as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def products(self, skus: Sequence[str]) -> dict[str, ProductRow]:
        found = self._read(f"WHERE sku IN ({_marks(skus)})", skus)
        return {row.sku: row for row in found}

    def page(self, first: int, after: str) -> list[ProductRow]:
        return self._read("WHERE sku > ? ORDER BY sku LIMIT ?", (after, first))

    def of_categories(self, ids: Sequence[str]) -> dict[str, list[ProductRow]]:
        found: dict[str, list[ProductRow]] = {one: [] for one in ids}
        for row in self._read(f"WHERE category IN ({_marks(ids)}) ORDER BY sku", ids):
            found[row.category].append(row)
        return found

    def categories(self, ids: Sequence[str]) -> dict[str, str]:
        with self._transaction() as db:
            query = f"SELECT id, name FROM categories WHERE id IN ({_marks(ids)})"
            return dict(db.execute(query, ids).fetchall())

    def set_price(self, sku: str, price_minor: int, version: int) -> tuple[ProductRow | None, bool]:
        """The product as it is now, and whether it has this price by this call."""
        with self._transaction("IMMEDIATE") as db:
            db.execute(
                "UPDATE products SET price_minor = ?, version = version + 1 "
                "WHERE sku = ? AND version = ?",
                (price_minor, sku, version),
            )
            query = f"SELECT {COLUMNS} FROM products WHERE sku = ?"
            found = db.execute(query, (sku,)).fetchone()
        if found is None:
            return None, False
        now = ProductRow(*found)
        # True for a repeat, too: the first call has made exactly this of exactly that version.
        return now, (now.version, now.price_minor) == (version + 1, price_minor)

    def _read(self, where: str, values: Sequence[object]) -> list[ProductRow]:
        with self._transaction() as db:
            # Only marks and words of this file are put together; values go beside the statement.
            query = f"SELECT {COLUMNS} FROM products {where}"
            return [ProductRow(*row) for row in db.execute(query, tuple(values))]

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
