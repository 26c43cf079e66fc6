-- name: best_in_category
SELECT category, sku, 0 AS revenue_minor FROM product;

-- name: never_bought
SELECT customer_id FROM customer;

-- name: revenue_by_day
SELECT placed_at::date AS day, 0 AS revenue_minor FROM orders
WHERE placed_at >= %(begins)s AND placed_at < %(ends)s;

-- name: page_of_orders
SELECT order_id FROM orders WHERE customer_id = %(customer_id)s LIMIT 10;

-- name: indexes
