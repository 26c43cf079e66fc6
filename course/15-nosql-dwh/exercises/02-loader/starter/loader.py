"""Loads batches into the warehouse. `db` is a connection of DuckDB.

`dim_customer` and `fact_sales` are there already, see `warehouse.py`.
"""

from pathlib import Path


class Drift(Exception):
    """A batch is not as it was agreed. Nothing of it is in the warehouse."""


def migrate(db):
    """Makes your own tables. Called once."""
    db.execute("CREATE SEQUENCE keys")


def load(db, batch, folder):
    """
    Args:
        batch: its number.
        folder: with customers.csv and sales.csv.
    """
    db.execute(
        """
        INSERT INTO dim_customer
        SELECT nextval('keys'), customer_id, city, level, phone, changed_at,
            TIMESTAMP '9999-12-31'
        FROM read_csv(?, header = true, all_varchar = true)
        """,
        [str(Path(folder, "customers.csv"))],
    )
    db.execute(
        """
        INSERT INTO fact_sales
        SELECT order_id, line, customer_key, sold_at, amount
        FROM read_csv(?, header = true, all_varchar = true)
        JOIN dim_customer USING (customer_id)
        """,
        [str(Path(folder, "sales.csv"))],
    )
