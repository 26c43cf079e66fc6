-- name: best_in_category
SELECT DISTINCT ON (category) category, sku, sum(quantity * price_minor) AS revenue_minor
FROM product JOIN order_line USING (sku) JOIN orders USING (order_id)
WHERE status <> 'cancelled'
GROUP BY category, sku
ORDER BY category, revenue_minor DESC, sku;

-- name: never_bought
SELECT customer_id FROM customer
WHERE NOT EXISTS (
    SELECT 1 FROM orders
    WHERE orders.customer_id = customer.customer_id AND status <> 'cancelled'
)
ORDER BY customer_id;

-- name: revenue_by_day
SELECT day::date AS day, coalesce(sum(quantity * price_minor), 0) AS revenue_minor
FROM generate_series(
    %(begins)s AT TIME ZONE 'UTC', %(ends)s AT TIME ZONE 'UTC' - interval '1 day', '1 day'
) AS day
LEFT JOIN orders ON (placed_at AT TIME ZONE 'UTC')::date = day::date AND status <> 'cancelled'
LEFT JOIN order_line USING (order_id)
GROUP BY day
ORDER BY day;

-- name: page_of_orders
SELECT order_id FROM orders
WHERE customer_id = %(customer_id)s AND (placed_at, order_id) < (%(placed_at)s, %(order_id)s)
ORDER BY placed_at DESC, order_id DESC
LIMIT 10;

-- name: indexes
CREATE INDEX orders_of_customer ON orders (customer_id, placed_at, order_id);
