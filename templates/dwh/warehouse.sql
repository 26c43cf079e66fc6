-- The tables and views of the warehouse. Every statement may run again.

-- Which batches are in. A batch and its row come in one transaction.
CREATE TABLE IF NOT EXISTS loads (
    batch VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL, row_count INTEGER NOT NULL
);

-- Everything that came, as it came. Two different rows for one key and moment are refused.
CREATE TABLE IF NOT EXISTS customer_changes (
    customer_id VARCHAR, city VARCHAR, level VARCHAR, changed_at TIMESTAMP,
    PRIMARY KEY (customer_id, changed_at)
);
CREATE TABLE IF NOT EXISTS order_changes (
    order_id VARCHAR, customer_id VARCHAR, amount_minor BIGINT,
    ordered_at TIMESTAMP, updated_at TIMESTAMP,
    PRIMARY KEY (order_id, updated_at)
);

-- SCD2: one row per customer and version. valid_to is the first moment after it, or NULL.
CREATE TABLE IF NOT EXISTS dim_customer (
    customer_id VARCHAR, city VARCHAR, level VARCHAR,
    valid_from TIMESTAMP, valid_to TIMESTAMP, is_current BOOLEAN,
    PRIMARY KEY (customer_id, valid_from)
);

-- Orders as they were last.
CREATE TABLE IF NOT EXISTS fact_order (
    order_id VARCHAR PRIMARY KEY, customer_id VARCHAR, amount_minor BIGINT,
    ordered_at TIMESTAMP, updated_at TIMESTAMP
);

-- An order belongs to the customer as he was then. The join is by time, so that a change that comes
-- late puts earlier orders right by itself.
CREATE OR REPLACE VIEW order_by_customer AS
SELECT o.order_id, o.ordered_at, o.amount_minor, o.customer_id,
       coalesce(c.city, 'unknown') AS city, coalesce(c.level, 'unknown') AS level
FROM fact_order AS o
LEFT JOIN dim_customer AS c
    ON c.customer_id = o.customer_id
    AND o.ordered_at >= c.valid_from
    AND (c.valid_to IS NULL OR o.ordered_at < c.valid_to);

CREATE OR REPLACE VIEW revenue AS
SELECT CAST(ordered_at AS DATE) AS day, city, level,
       count(*) AS orders, CAST(sum(amount_minor) AS BIGINT) AS amount_minor
FROM order_by_customer
GROUP BY ALL
ORDER BY ALL;
