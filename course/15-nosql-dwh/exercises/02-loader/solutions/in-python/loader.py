"""Reads and checks in Python, keeps rows as they came, and computes versions by itself."""

import csv
import hashlib
from collections import defaultdict
from datetime import datetime
from pathlib import Path

CUSTOMERS = ["customer_id", "city", "level", "phone", "changed_at"]
SALES = ["order_id", "line", "customer_id", "sold_at", "amount"]
EVER = datetime.fromisoformat("9999-12-31")


class Drift(Exception):
    """A batch is not as it was agreed. Nothing of it is in the warehouse."""


def migrate(db):
    db.execute("""
        CREATE TABLE changes (batch INTEGER, customer_id VARCHAR, city VARCHAR, level VARCHAR,
            phone VARCHAR, changed_at TIMESTAMP)""")
    db.execute("""
        CREATE TABLE lines (batch INTEGER, order_id VARCHAR, line INTEGER, customer_id VARCHAR,
            sold_at TIMESTAMP, amount BIGINT)""")


def load(db, batch, folder):
    # Everything is read before anything is written.
    changes = read(Path(folder, "customers.csv"), CUSTOMERS, {"changed_at": moment})
    kinds = {"sold_at": moment, "line": whole, "amount": whole}
    lines = read(Path(folder, "sales.csv"), SALES, kinds)
    db.begin()
    db.execute("DELETE FROM changes WHERE batch = ?", [batch])
    write(db, "changes", [(batch, *row) for row in changes])
    db.execute("DELETE FROM lines WHERE batch = ?", [batch])
    write(db, "lines", [(batch, *row) for row in lines])
    versions = history(db)
    db.execute("DELETE FROM dim_customer")
    write(db, "dim_customer", [one for found in versions.values() for one in found])
    db.execute("DELETE FROM fact_sales")
    write(db, "fact_sales", facts(db, versions))
    db.commit()


def history(db):
    """Versions of every customer, in order of time."""
    found = db.execute("SELECT DISTINCT * EXCLUDE (batch) FROM changes ORDER BY changed_at")
    known = defaultdict(list)
    for customer, *rest in found.fetchall():
        known[customer].append(rest)
    versions = {}
    for customer, rows in known.items():
        differing = [
            row for place, row in enumerate(rows) if place == 0 or row[:2] != rows[place - 1][:2]
        ]
        ends = [row[3] for row in differing[1:]] + [EVER]
        phone = rows[-1][2]
        versions[customer] = [
            (key_of(customer, since), customer, city, level, phone, since, until)
            for (city, level, _, since), until in zip(differing, ends, strict=True)
        ]
    return versions


def facts(db, versions):
    found = db.execute("SELECT DISTINCT * EXCLUDE (batch) FROM lines").fetchall()
    return [
        (order, line, key_at(versions.get(customer, []), sold_at), sold_at, amount)
        for order, line, customer, sold_at, amount in found
    ]


def key_at(versions, moment):
    for key, *_, since, until in versions:
        if since <= moment < until:
            return key
    return 0


def key_of(customer, since):
    """The same for the same version, whenever it is computed."""
    digest = hashlib.sha256(f"{customer} {since}".encode()).digest()
    return int.from_bytes(digest[:7], "big") + 1


def read(path, columns, kinds):
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if set(rows.fieldnames or ()) != set(columns):
            raise Drift(f"{path.name} has the columns {rows.fieldnames}")
        return [tuple(kinds.get(name, str)(row[name]) for name in columns) for row in rows]


def moment(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Drift(str(error)) from error
    # The standard has many other ways to write the same.
    if str(found) != text:
        raise Drift(f"{text!r} is not written as agreed")
    return found


def whole(text):
    if not text.removeprefix("-").isdecimal():
        raise Drift(f"{text!r} is no whole number")
    return int(text)


def write(db, table, rows):
    if rows:
        # One statement for all of them: DuckDB is slow row by row.
        marks = ", ".join("(" + ", ".join("?" * len(rows[0])) + ")" for _ in rows)
        insert = f"INSERT INTO {table} VALUES {marks}"  # noqa: S608 - names and marks of our own
        db.execute(insert, [cell for row in rows for cell in row])
