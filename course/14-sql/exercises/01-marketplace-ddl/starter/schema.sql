-- Таблицы, ограничения и двенадцать представлений. Имена столбцов — слова брифа.
-- Tables, constraints and twelve views. Columns are named by the words of the brief.
CREATE TABLE product (
    sku text,
    title text,
    category text
);

CREATE TABLE stock (
    warehouse text,
    city text,
    region text,
    sku text,
    tax_id text,
    in_stock integer
);
