-- name: best_in_category
WITH sold AS (
    SELECT sku, sum(quantity * price_minor) AS revenue_minor
    FROM order_line
    WHERE order_id IN (SELECT order_id FROM orders WHERE status IN ('placed', 'delivered'))
    GROUP BY sku
), ranked AS (
    SELECT category, sku, revenue_minor,
        row_number() OVER (PARTITION BY category ORDER BY revenue_minor DESC, sku) AS place
    FROM sold JOIN product USING (sku)
)
SELECT category, sku, revenue_minor FROM ranked WHERE place = 1 ORDER BY category;

-- name: never_bought
SELECT customer_id FROM customer
EXCEPT
SELECT customer_id FROM orders WHERE status <> 'cancelled'
ORDER BY customer_id;

-- name: revenue_by_day
WITH sold AS (
    SELECT (placed_at AT TIME ZONE 'UTC')::date AS day, sum(quantity * price_minor) AS minor
    FROM orders JOIN order_line USING (order_id)
    WHERE status <> 'cancelled' AND placed_at >= %(begins)s AND placed_at < %(ends)s
    GROUP BY 1
)
SELECT first + n AS day, coalesce(minor, 0) AS revenue_minor
FROM (SELECT (%(begins)s AT TIME ZONE 'UTC')::date AS first) AS since
CROSS JOIN generate_series(0, (%(ends)s AT TIME ZONE 'UTC')::date - first - 1) AS n
LEFT JOIN sold ON sold.day = first + n
ORDER BY 1;

-- name: page_of_orders
SELECT order_id FROM orders
WHERE customer_id = %(customer_id)s
    AND placed_at <= %(placed_at)s
    AND (placed_at < %(placed_at)s OR order_id < %(order_id)s)
ORDER BY placed_at DESC, order_id DESC
LIMIT 10;

-- name: indexes
CREATE INDEX ON orders (customer_id, placed_at DESC, order_id DESC) INCLUDE (status);
