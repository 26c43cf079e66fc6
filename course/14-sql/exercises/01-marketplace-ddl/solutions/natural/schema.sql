CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE city (
    city text PRIMARY KEY,
    region text NOT NULL CHECK (region <> '')
);

CREATE TABLE warehouse (
    warehouse text PRIMARY KEY,
    city text NOT NULL REFERENCES city
);

CREATE TABLE product (
    sku text PRIMARY KEY CHECK (sku ~ '^[A-Z]{2,4}-[0-9]{3,5}$'),
    title text NOT NULL CHECK (title <> ''),
    category text NOT NULL CHECK (category <> '')
);

CREATE TABLE seller (
    tax_id text PRIMARY KEY CHECK (tax_id ~ '^([0-9]{10}|[0-9]{12})$'),
    seller_name text NOT NULL
);

CREATE TABLE price (
    sku text NOT NULL REFERENCES product,
    tax_id text NOT NULL REFERENCES seller,
    since timestamptz NOT NULL,
    until timestamptz,
    list_price bigint NOT NULL CHECK (list_price > 0),
    PRIMARY KEY (sku, tax_id, since),
    CHECK (until > since),
    EXCLUDE USING gist (sku WITH =, tax_id WITH =, tstzrange(since, until) WITH &&)
);

CREATE TABLE stock (
    warehouse text NOT NULL REFERENCES warehouse,
    sku text NOT NULL REFERENCES product,
    tax_id text NOT NULL REFERENCES seller,
    in_stock integer NOT NULL CHECK (in_stock >= 0),
    PRIMARY KEY (warehouse, sku, tax_id)
);

CREATE TABLE customer (
    email text PRIMARY KEY CHECK (email = lower(email)),
    customer_name text NOT NULL
);

CREATE TABLE address (
    email text NOT NULL REFERENCES customer,
    address text NOT NULL,
    is_default boolean NOT NULL,
    PRIMARY KEY (email, address)
);
CREATE UNIQUE INDEX one_default ON address (email) WHERE is_default;

CREATE TABLE orders (
    order_no bigint PRIMARY KEY,
    email text NOT NULL REFERENCES customer,
    status text NOT NULL
        CHECK (status IN ('placed', 'paid', 'shipped', 'delivered', 'cancelled')),
    placed_at timestamptz NOT NULL
);

CREATE TABLE line (
    order_no bigint NOT NULL REFERENCES orders,
    sku text NOT NULL REFERENCES product,
    tax_id text NOT NULL REFERENCES seller,
    ordered integer NOT NULL CHECK (ordered BETWEEN 1 AND 99),
    paid_price bigint NOT NULL CHECK (paid_price >= 0),
    PRIMARY KEY (order_no, sku, tax_id)
);

CREATE TABLE review (
    order_no bigint NOT NULL,
    sku text NOT NULL,
    tax_id text NOT NULL,
    stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    PRIMARY KEY (order_no, sku, tax_id),
    FOREIGN KEY (order_no, sku, tax_id) REFERENCES line
);

CREATE VIEW current_price AS
SELECT sku, tax_id, list_price FROM price WHERE since <= now() AND (until IS NULL OR until > now());

CREATE VIEW cheapest AS
SELECT sku, min(list_price) AS list_price FROM current_price GROUP BY sku;

CREATE VIEW price_then AS
SELECT l.order_no, l.sku, l.tax_id, p.list_price, l.paid_price
FROM line l
JOIN orders o USING (order_no)
JOIN price p ON p.sku = l.sku AND p.tax_id = l.tax_id
    AND p.since <= o.placed_at AND (p.until IS NULL OR p.until > o.placed_at);

CREATE VIEW order_total AS
SELECT o.order_no, coalesce(sum(l.ordered * l.paid_price), 0) AS total
FROM orders o LEFT JOIN line l USING (order_no) GROUP BY o.order_no;

CREATE VIEW revenue AS
SELECT p.category, sum(l.ordered * l.paid_price) AS revenue
FROM line l JOIN orders o USING (order_no) JOIN product p USING (sku)
WHERE o.status <> 'cancelled' GROUP BY p.category;

CREATE VIEW stock_by_region AS
SELECT c.region, s.sku, sum(s.in_stock) AS in_stock
FROM stock s JOIN warehouse w USING (warehouse) JOIN city c USING (city) GROUP BY c.region, s.sku;

CREATE VIEW out_of_stock AS
SELECT p.sku FROM product p
WHERE NOT EXISTS (SELECT FROM stock s WHERE s.sku = p.sku AND s.in_stock > 0);

CREATE VIEW rating AS
SELECT sku, avg(stars) AS stars FROM review GROUP BY sku;

CREATE VIEW never_cancelled AS
SELECT s.tax_id FROM seller s WHERE NOT EXISTS (
    SELECT FROM line l JOIN orders o USING (order_no)
    WHERE l.tax_id = s.tax_id AND o.status = 'cancelled'
);

CREATE VIEW default_address AS
SELECT c.email, a.address FROM customer c LEFT JOIN address a ON a.email = c.email AND a.is_default;

CREATE VIEW repeat_customers AS
SELECT email, count(*) AS orders FROM orders WHERE status <> 'cancelled'
GROUP BY email HAVING count(*) > 1;

CREATE VIEW not_reviewed AS
SELECT l.order_no, l.sku, l.tax_id
FROM line l JOIN orders o USING (order_no) LEFT JOIN review r USING (order_no, sku, tax_id)
WHERE o.status = 'delivered' AND r.stars IS NULL;
