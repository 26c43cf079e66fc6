"""Keeps what came, by batch; what is made of it is made anew for the customers of the batch."""

import csv
from pathlib import Path

AGREED = {
    "customers": ["customer_id", "city", "level", "phone", "changed_at"],
    "sales": ["order_id", "line", "customer_id", "sold_at", "amount"],
}
STAGE = {
    "customers": """
        CREATE OR REPLACE TEMP TABLE new_customers AS
        SELECT customer_id, city, level, phone, changed_at
        FROM read_csv(?, header = true, all_varchar = true, delim = ',')""",
    "sales": """
        CREATE OR REPLACE TEMP TABLE new_sales AS
        SELECT order_id, line, customer_id, sold_at, amount
        FROM read_csv(?, header = true, all_varchar = true, delim = ',')""",
}
UNFIT = {
    "customers": r"""
        FROM new_customers
        WHERE customer_id IS NULL OR try_cast(changed_at AS TIMESTAMP) IS NULL
            OR NOT regexp_full_match(changed_at, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d')""",
    "sales": r"""
        FROM new_sales
        WHERE order_id IS NULL OR customer_id IS NULL OR try_cast(sold_at AS TIMESTAMP) IS NULL
            OR NOT regexp_full_match(sold_at, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d')
            OR NOT regexp_full_match(line, '\d+') OR NOT regexp_full_match(amount, '-?\d+')""",
}
# Those whom the batch is about: as it was before, and as it is now.
TOUCHED = """
    CREATE OR REPLACE TEMP TABLE touched AS
    SELECT customer_id FROM raw_customers WHERE batch = $1
    UNION SELECT customer_id FROM raw_sales WHERE batch = $1
    UNION SELECT customer_id FROM new_customers UNION SELECT customer_id FROM new_sales"""
GONE = """
    CREATE OR REPLACE TEMP TABLE gone AS
    SELECT order_id, line FROM raw_sales WHERE batch = ?"""
MARTS = """
    DELETE FROM dim_customer WHERE customer_id IN (FROM touched);

    INSERT INTO keys
    SELECT nextval('key_numbers'), customer_id, changed_at
    FROM (SELECT DISTINCT customer_id, changed_at FROM raw_customers)
    ANTI JOIN keys USING (customer_id, changed_at);

    INSERT INTO dim_customer
    WITH known AS (
        SELECT DISTINCT customer_id, city, level, phone, changed_at
        FROM raw_customers WHERE customer_id IN (FROM touched)
    ),
    versions AS (
        SELECT *, last_value(phone) OVER (
            PARTITION BY customer_id ORDER BY changed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last_phone
        FROM known
        QUALIFY (city, level) IS DISTINCT FROM
            lag((city, level)) OVER (PARTITION BY customer_id ORDER BY changed_at)
    )
    SELECT customer_key, customer_id, city, level, last_phone, changed_at,
        lead(changed_at, 1, TIMESTAMP '9999-12-31')
            OVER (PARTITION BY customer_id ORDER BY changed_at)
    FROM versions JOIN keys USING (customer_id, changed_at);

    DELETE FROM fact_sales WHERE (order_id, line) IN (
        SELECT (order_id, line) FROM gone
        UNION ALL SELECT (order_id, line) FROM raw_sales
            WHERE customer_id IN (FROM touched));

    INSERT INTO fact_sales
    SELECT order_id, line, coalesce(customer_key, 0), sold_at, amount
    FROM (SELECT DISTINCT order_id, line, customer_id, sold_at, amount FROM raw_sales
        WHERE customer_id IN (FROM touched)) AS s
    LEFT JOIN dim_customer AS d
        ON d.customer_id = s.customer_id AND s.sold_at >= d.since AND s.sold_at < d.until
"""


class Drift(Exception):
    """A batch is not as it was agreed. Nothing of it is in the warehouse."""


def migrate(db):
    db.execute("""
        CREATE TABLE raw_customers (batch BIGINT, customer_id VARCHAR, city VARCHAR,
            level VARCHAR, phone VARCHAR, changed_at TIMESTAMP);
        CREATE TABLE raw_sales (batch BIGINT, order_id VARCHAR, line INTEGER,
            customer_id VARCHAR, sold_at TIMESTAMP, amount BIGINT);
        CREATE TABLE keys (customer_key BIGINT, customer_id VARCHAR, changed_at TIMESTAMP);
        CREATE SEQUENCE key_numbers
    """)


def load(db, batch, folder):
    for name in AGREED:
        stage(db, name, Path(folder, f"{name}.csv"))
    db.execute("BEGIN")
    db.execute(TOUCHED, [batch])
    db.execute(GONE, [batch])
    db.execute("DELETE FROM raw_customers WHERE batch = ?", [batch])
    db.execute("DELETE FROM raw_sales WHERE batch = ?", [batch])
    db.execute("INSERT INTO raw_customers SELECT ?, * FROM new_customers", [batch])
    db.execute("INSERT INTO raw_sales SELECT ?, * FROM new_sales", [batch])
    for statement in MARTS.split(";"):
        db.execute(statement)
    db.execute("COMMIT")


def stage(db, name, path):
    with path.open(newline="", encoding="utf-8") as file:
        found = next(csv.reader(file))
    if sorted(found) != sorted(AGREED[name]):
        raise Drift(f"{path.name}: columns {found}, agreed were {AGREED[name]}")
    db.execute(STAGE[name], [str(path)])
    unfit = db.execute(UNFIT[name]).fetchone()
    if unfit:
        raise Drift(f"{path.name}: {unfit}")
