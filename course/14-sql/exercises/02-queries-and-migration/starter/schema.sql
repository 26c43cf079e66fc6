-- Что уже есть. Менять нельзя: проверка берёт свою копию.
-- What is there already. Not to be edited: the check takes its own copy.
CREATE TABLE customer (
    customer_id bigint PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE product (
    sku text PRIMARY KEY,
    category text NOT NULL
);

CREATE TABLE orders (
    order_id bigint PRIMARY KEY,
    customer_id bigint REFERENCES customer,
    placed_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('placed', 'delivered', 'cancelled'))
);

CREATE TABLE order_line (
    order_id bigint NOT NULL REFERENCES orders,
    sku text NOT NULL REFERENCES product,
    quantity integer NOT NULL CHECK (quantity > 0),
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    PRIMARY KEY (order_id, sku)
);
