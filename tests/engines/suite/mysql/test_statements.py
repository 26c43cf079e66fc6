"""SELECT, INSERT, UPDATE and DELETE, and the counts that a client is told."""

from decimal import Decimal

import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.mysql.conftest import Client, Connect, error_of, execute, rows, value

_DUPLICATE, _NO_TABLE, _NO_COLUMN, _SYNTAX = 1062, 1146, 1054, 1064

_SHOP = (
    """CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,
       email VARCHAR(80) UNIQUE, points INT NOT NULL DEFAULT 0)""",
    """CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL,
       total DECIMAL(10, 2) NOT NULL, made DATE NOT NULL, KEY by_customer (customer_id),
       FOREIGN KEY (customer_id) REFERENCES customers (id))""",
    """INSERT INTO customers (name, email) VALUES ('Anna', 'anna@lavka'), ('Boris', NULL),
       ('Vera', 'vera@lavka')""",
    """INSERT INTO orders (customer_id, total, made) VALUES (1, 10.50, '2026-01-01'),
       (1, 20.00, '2026-01-03'), (2, 7.25, '2026-01-02'), (1, 0.01, '2026-02-01')""",
)


@pytest.fixture
def shop(connection: Client) -> Client:
    """Orders of two customers, and their lines."""
    for statement in _SHOP:
        execute(connection, statement)
    return connection


@check(
    ru="AUTO_INCREMENT: id по порядку, клиент узнаёт первый из вставленных",
    en="AUTO_INCREMENT: ids in a row, and the client is told the first that was made",
)
def test_last_insert_id(shop: Client) -> None:
    with shop.cursor() as cursor:
        assert cursor.execute("INSERT INTO customers (name) VALUES ('G'), ('D'), ('E')") == 3
        assert cursor.lastrowid == 4
    assert value(shop, "SELECT LAST_INSERT_ID()") == 4
    assert rows(shop, "SELECT id FROM customers WHERE name IN ('G', 'D', 'E') ORDER BY id") == (
        *((4,), (5,), (6,)),
    )


@check(
    ru="AUTO_INCREMENT продолжает после явного значения, NULL и 0 дают следующее",
    en="AUTO_INCREMENT goes on after an explicit value; NULL and 0 give the next one",
)
def test_auto_increment_follows(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)")
    execute(connection, "INSERT INTO t VALUES (10, 1)")
    execute(connection, "INSERT INTO t VALUES (NULL, 2)")
    execute(connection, "INSERT INTO t VALUES (0, 3)")
    execute(connection, "INSERT INTO t (a) VALUES (4)")
    assert rows(connection, "SELECT id FROM t ORDER BY a") == ((10,), (11,), (12,), (13,))


@check(
    ru="Откат не возвращает номера AUTO_INCREMENT",
    en="A rollback gives no AUTO_INCREMENT number back",
)
def test_rollback_leaves_a_gap(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)")
    execute(connection, "BEGIN")
    execute(connection, "INSERT INTO t (a) VALUES (1)")
    execute(connection, "ROLLBACK")
    execute(connection, "INSERT INTO t (a) VALUES (2)")
    assert rows(connection, "SELECT id, a FROM t") == ((2, 2),)


@check(
    ru="Повтор уникального значения — ошибка 1062 с ключом в тексте",
    en="A unique value that is there already is error 1062, which names the key",
)
def test_duplicate_key(shop: Client) -> None:
    again = "INSERT INTO customers (name, email) VALUES ('X', 'anna@lavka')"
    assert error_of(shop, again) == _DUPLICATE
    with pytest.raises(Exception, match=r"Duplicate entry 'anna@lavka' for key '.*email'"):
        execute(shop, again)
    assert value(shop, "SELECT COUNT(*) FROM customers") == 3


@check(
    ru="Ссылка в никуда — ошибка 1452, удаление того, на что ссылаются, — 1451",
    en="A reference to nothing is error 1452, deleting what is referred to is 1451",
)
def test_foreign_keys(shop: Client) -> None:
    stray = "INSERT INTO orders (customer_id, total, made) VALUES (99, 1, '2026-01-01')"
    assert error_of(shop, stray) == 1452
    assert error_of(shop, "DELETE FROM customers WHERE id = 1") == 1451
    assert execute(shop, "DELETE FROM customers WHERE id = 3") == 1


@check(
    ru="ON DELETE CASCADE удаляет и зависимые строки, SET NULL обнуляет ссылку",
    en="ON DELETE CASCADE deletes what depends on a row, SET NULL clears the reference",
)
def test_cascades(connection: Client) -> None:
    execute(connection, "CREATE TABLE p (id INT PRIMARY KEY)")
    execute(
        connection,
        "CREATE TABLE c (a INT, b INT, FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE,"
        " FOREIGN KEY (b) REFERENCES p (id) ON DELETE SET NULL)",
    )
    execute(connection, "INSERT INTO p VALUES (1), (2)")
    execute(connection, "INSERT INTO c VALUES (1, 2), (2, 1)")
    execute(connection, "DELETE FROM p WHERE id = 1")
    assert rows(connection, "SELECT a, b FROM c") == ((2, None),)


@check(
    ru="UPDATE сообщает число изменённых строк, а с FOUND_ROWS — найденных",
    en="UPDATE tells how many rows it changed, with FOUND_ROWS how many it found",
)
def test_affected_rows(shop: Client, connect: Connect) -> None:
    assert execute(shop, "UPDATE customers SET points = 5 WHERE id < 3") == 2
    assert execute(shop, "UPDATE customers SET points = 5 WHERE id < 4") == 1
    found = connect(autocommit=True, client_flag=2)
    assert execute(found, "UPDATE customers SET points = 5 WHERE id < 4") == 3


@check(
    ru="UPDATE вычисляет присваивания слева направо",
    en="UPDATE works its assignments out from left to right",
)
def test_update_order(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT, b INT)")
    execute(connection, "INSERT INTO t VALUES (1, 0)")
    execute(connection, "UPDATE t SET a = a + 1, b = a * 10")
    assert rows(connection, "SELECT a, b FROM t") == ((2, 20),)


@check(
    ru="INSERT … ON DUPLICATE KEY UPDATE: 1 — вставка, 2 — изменение, 0 — без изменений",
    en="INSERT … ON DUPLICATE KEY UPDATE: 1 is an insert, 2 a change, 0 no change",
)
def test_upsert(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (sku VARCHAR(9) PRIMARY KEY, n INT NOT NULL)")
    upsert = "INSERT INTO t VALUES ('milk', %s) ON DUPLICATE KEY UPDATE n = n + VALUES(n)"
    assert execute(connection, upsert, (3,)) == 1
    assert execute(connection, upsert, (4,)) == 2
    assert execute(connection, upsert, (0,)) == 0
    assert rows(connection, "SELECT * FROM t") == (("milk", 7),)


@check(
    ru="INSERT IGNORE пропускает повторы и вставляет остальное",
    en="INSERT IGNORE leaves duplicates out and takes the rest",
)
def test_insert_ignore(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    execute(connection, "INSERT INTO t VALUES (1, 1)")
    assert execute(connection, "INSERT IGNORE INTO t VALUES (1, 9), (2, 2), (2, 3)") == 1
    assert rows(connection, "SELECT * FROM t ORDER BY id") == ((1, 1), (2, 2))


@check(
    ru="REPLACE удаляет старую строку и вставляет новую: 2 затронутых",
    en="REPLACE deletes the old row and puts the new one: 2 affected",
)
def test_replace(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT 5, b INT)")
    execute(connection, "INSERT INTO t VALUES (1, 1, 1)")
    assert execute(connection, "REPLACE INTO t (id, b) VALUES (1, 2)") == 2
    assert execute(connection, "REPLACE INTO t (id, b) VALUES (2, 2)") == 1
    assert rows(connection, "SELECT * FROM t ORDER BY id") == ((1, 5, 2), (2, 5, 2))


@check(
    ru="INSERT … SELECT копирует строки",
    en="INSERT … SELECT copies rows",
)
def test_insert_select(shop: Client) -> None:
    execute(shop, "CREATE TABLE copies (id INT PRIMARY KEY, name VARCHAR(40))")
    copied = execute(shop, "INSERT INTO copies SELECT id + 100, name FROM customers WHERE id < 3")
    assert copied == 2
    assert rows(shop, "SELECT * FROM copies ORDER BY id") == ((101, "Anna"), (102, "Boris"))


@check(
    ru="DELETE и UPDATE с ORDER BY и LIMIT трогают первые строки",
    en="DELETE and UPDATE with ORDER BY and LIMIT touch the first rows",
)
def test_limited_changes(shop: Client) -> None:
    assert execute(shop, "DELETE FROM orders ORDER BY total DESC LIMIT 1") == 1
    assert execute(shop, "UPDATE orders SET total = 9 ORDER BY total LIMIT 2") == 2
    assert rows(shop, "SELECT total FROM orders ORDER BY id") == (
        *((Decimal("10.50"),), (Decimal("9.00"),), (Decimal("9.00"),)),
    )


@check(
    ru="INNER, LEFT и RIGHT JOIN, USING и самосоединение",
    en="INNER, LEFT and RIGHT JOIN, USING, and a table joined with itself",
)
def test_joins(shop: Client) -> None:
    sums = (
        "SELECT c.name, SUM(o.total) FROM customers c {} JOIN orders o ON o.customer_id = c.id"
        " GROUP BY c.id, c.name ORDER BY c.id"
    )
    some = (("Anna", Decimal("30.51")), ("Boris", Decimal("7.25")))
    assert rows(shop, sums.format("INNER")) == some
    assert rows(shop, sums.format("LEFT")) == (*some, ("Vera", None))
    right = "SELECT o.id, c.id FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id"
    assert (None, 3) in rows(shop, right)
    pairs = "SELECT COUNT(*) FROM orders a JOIN orders b USING (customer_id) WHERE a.id < b.id"
    assert value(shop, pairs) == 3


@check(
    ru="Подзапросы: скалярный, IN, EXISTS, коррелированный, в FROM",
    en="Subqueries: scalar, IN, EXISTS, correlated, in FROM",
)
def test_subqueries(shop: Client) -> None:
    assert rows(
        shop,
        "SELECT name, (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.id) AS n"
        " FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)"
        " AND c.id IN (SELECT customer_id FROM orders) ORDER BY n DESC",
    ) == (("Anna", 3), ("Boris", 1))
    top = "SELECT MAX(s) FROM (SELECT SUM(total) AS s FROM orders GROUP BY customer_id) AS sums"
    assert value(shop, top) == Decimal("30.51")


@check(
    ru="WITH и WITH RECURSIVE",
    en="WITH and WITH RECURSIVE",
)
def test_common_table_expressions(shop: Client) -> None:
    assert rows(
        shop,
        "WITH big AS (SELECT * FROM orders WHERE total > 5) SELECT COUNT(*), SUM(total) FROM big",
    ) == ((3, Decimal("37.75")),)
    counting = (
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
        " SELECT SUM(i) FROM n"
    )
    assert value(shop, counting) == 15


@check(
    ru="Оконные функции: номер, ранг, накопленная сумма, предыдущая строка",
    en="Window functions: row number, rank, running total, the row before",
)
def test_window_functions(shop: Client) -> None:
    assert rows(
        shop,
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total DESC),"
        " RANK() OVER (ORDER BY customer_id), SUM(total) OVER (ORDER BY id),"
        " LAG(id) OVER (ORDER BY id) FROM orders ORDER BY id",
    ) == (
        (1, 2, 1, Decimal("10.50"), None),
        (2, 1, 1, Decimal("30.50"), 1),
        (3, 1, 4, Decimal("37.75"), 2),
        (4, 3, 1, Decimal("37.76"), 3),
    )


@check(
    ru="GROUP_CONCAT с DISTINCT, ORDER BY и SEPARATOR",
    en="GROUP_CONCAT with DISTINCT, ORDER BY and SEPARATOR",
)
def test_group_concat(shop: Client) -> None:
    assert rows(
        shop,
        "SELECT customer_id, GROUP_CONCAT(id ORDER BY id DESC SEPARATOR '; '),"
        " GROUP_CONCAT(DISTINCT customer_id) FROM orders GROUP BY customer_id ORDER BY 1",
    ) == ((1, "4; 2; 1", "1"), (2, "3", "2"))


@check(
    ru="Столбец вне GROUP BY — ошибка 1055",
    en="A column that GROUP BY does not have is error 1055",
)
def test_only_full_group_by(shop: Client) -> None:
    assert error_of(shop, "SELECT total, COUNT(*) FROM orders GROUP BY customer_id") == 1055


@check(
    ru="HAVING и ORDER BY понимают псевдоним столбца",
    en="HAVING and ORDER BY know the alias of a column",
)
def test_aliases(shop: Client) -> None:
    assert rows(
        shop,
        "SELECT customer_id AS who, COUNT(*) AS n FROM orders GROUP BY who HAVING n > 1 ORDER BY n",
    ) == ((1, 3),)


@check(
    ru="NULL при ORDER BY идёт первым, при DESC — последним",
    en="NULL comes first in ORDER BY, last with DESC",
)
def test_null_order(shop: Client) -> None:
    names = [one for (one,) in rows(shop, "SELECT name FROM customers ORDER BY email, name")]
    assert names == ["Boris", "Anna", "Vera"]
    names = [one for (one,) in rows(shop, "SELECT name FROM customers ORDER BY email DESC")]
    assert names == ["Vera", "Anna", "Boris"]


@check(
    ru="UNION убирает повторы, UNION ALL — нет; ORDER BY и LIMIT относятся к целому",
    en="UNION drops duplicates, UNION ALL does not; ORDER BY and LIMIT are of the whole",
)
def test_unions(shop: Client) -> None:
    ids = "SELECT customer_id AS a FROM orders UNION {} SELECT id FROM customers ORDER BY a LIMIT 4"
    assert rows(shop, ids.format("")) == ((1,), (2,), (3,))
    assert rows(shop, ids.format("ALL")) == ((1,), (1,), (1,), (1,))


@check(
    ru="LIMIT со смещением в обеих записях",
    en="LIMIT with an offset in both forms",
)
def test_limits(shop: Client) -> None:
    assert rows(shop, "SELECT id FROM orders ORDER BY id LIMIT 1, 2") == ((2,), (3,))
    assert rows(shop, "SELECT id FROM orders ORDER BY id LIMIT 2 OFFSET 1") == ((2,), (3,))


@check(
    ru="Имена столбцов результата: псевдоним, столбец или текст выражения",
    en="Names of a result's columns: the alias, the column, or the expression's text",
)
def test_column_names(shop: Client) -> None:
    with shop.cursor() as cursor:
        cursor.execute("SELECT ID, count(*), 1+1, MAX(total) AS top FROM orders GROUP BY id")
        names = [one[0] for one in cursor.description]
    assert names == ["ID", "count(*)", "1+1", "top"]


@check(
    ru="Нет таблицы — 1146, нет столбца — 1054, ошибка синтаксиса — 1064",
    en="No such table is 1146, no such column 1054, a syntax error 1064",
)
def test_errors(shop: Client) -> None:
    assert error_of(shop, "SELECT * FROM nowhere") == _NO_TABLE
    assert error_of(shop, "SELECT nothing FROM orders") == _NO_COLUMN
    assert error_of(shop, "SELEC 1") == _SYNTAX
    assert error_of(shop, "INSERT INTO orders (id) VALUES (1, 2)") == 1136
    assert error_of(shop, "SELECT no_such_function(1)") == 1305


@check(
    ru="Несколько команд в одном запросе, если клиент о них условился",
    en="Several statements in one request, when the client has agreed on them",
)
def test_multiple_statements(shop: Client, connect: Connect) -> None:
    several = connect(autocommit=True, client_flag=1 << 16)
    with several.cursor() as cursor:
        cursor.execute("UPDATE customers SET points = 1; SELECT COUNT(*) FROM customers; SELECT 7")
        assert cursor.rowcount == 3
        answers = []
        while cursor.nextset():
            answers.append(cursor.fetchall())
    assert answers == [((3,),), ((7,),)]
    assert error_of(shop, "SELECT 1; SELECT 2") == _SYNTAX


@check(
    ru="TRUNCATE пустит таблицу и сбросит AUTO_INCREMENT",
    en="TRUNCATE empties a table and starts AUTO_INCREMENT anew",
)
def test_truncate(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT)")
    execute(connection, "INSERT INTO t (a) VALUES (1), (2)")
    execute(connection, "TRUNCATE TABLE t")
    execute(connection, "INSERT INTO t (a) VALUES (3)")
    assert rows(connection, "SELECT * FROM t") == ((1, 3),)


@check(
    ru="Переменные пользователя и подготовленное значение в запросе",
    en="User variables keep a value from one statement to the next",
)
def test_user_variables(connection: Client) -> None:
    execute(connection, "SET @limit = 5, @name = 'milk'")
    assert rows(connection, "SELECT @limit + 1, @name, @none") == ((6, "milk", None),)
