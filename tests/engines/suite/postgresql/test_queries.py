"""What a statement can say: upserts, recursion, windows, partitions, plans, text search."""

import json
from decimal import Decimal
from typing import LiteralString

import psycopg
import pytest
from psycopg import errors

from tests.engines.suite.checks import check
from tests.engines.suite.postgresql.conftest import Connect, Row


def rows(connection: psycopg.Connection[Row], query: LiteralString, *values: object) -> list[Row]:
    return connection.execute(query, values or None).fetchall()


@check(
    ru="COPY принимает и отдаёт строки, ошибка в одной строке отменяет всё",
    en="COPY takes and gives rows, an error in one row undoes them all",
)
def test_copy(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
    cursor = connection.cursor()
    with cursor.copy("COPY t FROM STDIN") as copy:
        for row in ((1, "табуляция\tи\nстрока"), (2, None)):
            copy.write_row(row)
    with cursor.copy("COPY t TO STDOUT (FORMAT csv, HEADER)") as copy:
        text = b"".join(copy).decode()
    assert text == 'id,name\n1,"табуляция\tи\nстрока"\n2,\n'
    connection.commit()
    with pytest.raises(errors.BadCopyFileFormat), cursor.copy("COPY t FROM STDIN") as copy:
        copy.write("3\tok\n4\n")
    connection.rollback()
    assert rows(connection, "SELECT count(*) FROM t") == [(2,)]


@check(
    ru="INSERT … ON CONFLICT обновляет или пропускает и возвращает итоговую строку",
    en="INSERT … ON CONFLICT updates or skips, and returns the resulting row",
)
def test_upsert(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE stock (sku text PRIMARY KEY, quantity int NOT NULL)")
    add = (
        "INSERT INTO stock VALUES (%s, %s) ON CONFLICT (sku)"
        " DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING quantity"
    )
    assert rows(connection, add, "MILK-001", 5) == [(5,)]
    assert rows(connection, add, "MILK-001", 7) == [(12,)]
    skip = "INSERT INTO stock VALUES (%s, 1) ON CONFLICT DO NOTHING RETURNING quantity"
    assert rows(connection, skip, "MILK-001") == []


@check(ru="MERGE вставляет, обновляет и удаляет", en="MERGE inserts, updates and deletes")
def test_merge(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE stock (sku text PRIMARY KEY, quantity int)")
    connection.execute("INSERT INTO stock VALUES ('a', 1), ('b', 1)")
    merged = connection.execute(
        "MERGE INTO stock USING (VALUES ('a', 0), ('b', 5), ('c', 9)) AS now (sku, quantity)"
        " ON stock.sku = now.sku WHEN MATCHED AND now.quantity = 0 THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET quantity = now.quantity"
        " WHEN NOT MATCHED THEN INSERT VALUES (now.sku, now.quantity)"
    )
    assert merged.rowcount == 3
    assert rows(connection, "SELECT * FROM stock ORDER BY sku") == [("b", 5), ("c", 9)]


@check(
    ru="Рекурсивный запрос обходит дерево и замечает цикл",
    en="A recursive query walks a tree and notices a cycle",
)
def test_recursive_query(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE categories (id int, parent int, name text)")
    connection.execute(
        "INSERT INTO categories VALUES (1, 3, 'еда'), (2, 1, 'молочное'), (3, 2, 'сыр')"
    )
    walked = rows(
        connection,
        "WITH RECURSIVE path AS (SELECT id, name FROM categories WHERE id = 1 UNION ALL"
        " SELECT c.id, c.name FROM categories c JOIN path ON c.parent = path.id)"
        " CYCLE id SET looped USING way SELECT name, looped FROM path",
    )
    assert walked == [("еда", False), ("молочное", False), ("сыр", False), ("еда", True)]


@check(
    ru="Оконные функции: нарастающий итог, место и предыдущая строка",
    en="Window functions: a running total, a rank and the previous row",
)
def test_window_functions(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        "SELECT day, sum(sales) OVER (ORDER BY day), rank() OVER (ORDER BY sales DESC),"
        " lag(sales, 1, 0) OVER (ORDER BY day)"
        " FROM (VALUES (1, 10), (2, 30), (3, 20)) AS t (day, sales) ORDER BY day",
    )
    assert answer == [(1, 10, 3, 0), (2, 40, 1, 10), (3, 60, 2, 30)]


@check(
    ru="GROUPING SETS, FILTER и упорядоченные агрегаты",
    en="GROUPING SETS, FILTER and ordered-set aggregates",
)
def test_aggregates(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        "SELECT city, sum(n), count(*) FILTER (WHERE n > 1),"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY n), string_agg(n::text, ',' ORDER BY n DESC)"
        " FROM (VALUES ('Тверь', 1), ('Тверь', 2), ('Омск', 6)) AS t (city, n)"
        " GROUP BY ROLLUP (city) ORDER BY city NULLS LAST",
    )
    assert answer == [
        ("Омск", 6, 1, 6.0, "6"),
        ("Тверь", 3, 1, 1.5, "2,1"),
        (None, 9, 2, 2.0, "6,2,1"),
    ]


@check(
    ru="Строки попадают в свои разделы; строка без раздела отвергается кодом 23514",
    en="Rows go to their partitions; a row without one is refused with 23514",
)
def test_partitions(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE events (at date, n int) PARTITION BY RANGE (at)")
    for month in (1, 2):
        connection.execute(
            f"CREATE TABLE events_{month} PARTITION OF events"
            f" FOR VALUES FROM ('2026-0{month}-01') TO ('2026-0{month + 1}-01')"
        )
    connection.execute("INSERT INTO events VALUES ('2026-01-31', 1), ('2026-02-01', 2)")
    assert rows(connection, "SELECT n FROM events_2") == [(2,)]
    plan = rows(connection, "EXPLAIN SELECT * FROM events WHERE at = '2026-01-15'")
    assert "events_2" not in str(plan)
    with pytest.raises(errors.CheckViolation) as refused:
        connection.execute("INSERT INTO events VALUES ('2026-03-01', 3)")
    assert refused.value.sqlstate == "23514"


@check(
    ru="Серверный курсор отдаёт большую выборку частями и прокручивается назад",
    en="A server-side cursor gives a large result in parts and scrolls back",
)
def test_server_side_cursor(connection: psycopg.Connection[Row]) -> None:
    with connection.cursor("numbers", scrollable=True) as cursor:
        cursor.execute("SELECT generate_series(1, 100000)")
        assert cursor.fetchmany(2) == [(1,), (2,)]
        cursor.scroll(99_998, mode="absolute")
        assert cursor.fetchall() == [(99_999,), (100_000,)]
        cursor.scroll(-3, mode="relative")
        assert cursor.fetchone() == (99_999,)


@check(
    ru="EXPLAIN в JSON показывает, что выборка по ключу идёт через индекс",
    en="EXPLAIN as JSON shows that a select by key goes through the index",
)
def test_explain(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t AS SELECT id FROM generate_series(1, 10000) AS id")
    connection.execute("CREATE UNIQUE INDEX t_id ON t (id)")
    connection.execute("ANALYZE t")
    ((plan,),) = rows(connection, "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM t WHERE id = 42")
    node = (plan if isinstance(plan, list) else json.loads(str(plan)))[0]["Plan"]
    assert node["Index Name"] == "t_id"
    assert node["Actual Rows"] == 1


@check(
    ru="Полнотекстовый поиск сводит формы слов, русские и английские",
    en="Text search brings together the forms of words, Russian and English",
)
def test_text_search(connection: psycopg.Connection[Row]) -> None:
    found = rows(
        connection,
        "SELECT to_tsvector('russian', 'свежие молочные продукты') @@"
        " plainto_tsquery('russian', 'молочный продукт'),"
        " to_tsvector('english', 'running shoes')"
        " @@ websearch_to_tsquery('english', 'shoe -boots'),"
        " ts_headline('russian', 'молочные продукты', to_tsquery('russian', 'продукт'))",
    )
    assert found == [(True, True, "молочные <b>продукты</b>")]


@check(
    ru="Материализованное представление обновляется, не мешая читающим",
    en="A materialized view is refreshed without disturbing readers",
)
def test_materialized_view(connect: Connect) -> None:
    connection, reader = connect(), connect()
    connection.execute("CREATE TABLE sales (sku text, n int)")
    connection.execute("INSERT INTO sales VALUES ('a', 1), ('a', 2)")
    connection.execute(
        "CREATE MATERIALIZED VIEW totals AS SELECT sku, sum(n) AS n FROM sales GROUP BY sku"
    )
    connection.execute("CREATE UNIQUE INDEX ON totals (sku)")
    connection.execute("INSERT INTO sales VALUES ('a', 4)")
    connection.commit()
    connection.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")
    assert rows(reader, "SELECT n FROM totals") == [(Decimal(3),)]
    reader.commit()
    connection.commit()
    assert rows(reader, "SELECT n FROM totals") == [(Decimal(7),)]


@check(
    ru="LATERAL берёт первые строки каждой группы; DISTINCT ON — одну",
    en="LATERAL takes the first rows of each group; DISTINCT ON takes one",
)
def test_lateral_and_distinct_on(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (g int, n int)")
    connection.execute("INSERT INTO t VALUES (1, 5), (1, 7), (1, 9), (2, 4)")
    lateral = (
        "SELECT groups.g, top.n FROM (SELECT DISTINCT g FROM t) AS groups,"
        " LATERAL (SELECT n FROM t WHERE t.g = groups.g ORDER BY n DESC LIMIT 2) AS top"
        " ORDER BY 1, 2"
    )
    assert rows(connection, lateral) == [(1, 7), (1, 9), (2, 4)]
    distinct = "SELECT DISTINCT ON (g) g, n FROM t ORDER BY g, n"
    assert rows(connection, distinct) == [(1, 5), (2, 4)]


@check(
    ru="Триггер на PL/pgSQL меняет строку и отвергает её своим кодом ошибки",
    en="A trigger in PL/pgSQL changes a row and refuses one with a code of its own",
)
def test_trigger(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (sku text, quantity int)")
    connection.execute(
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF new.quantity < 0 THEN RAISE EXCEPTION 'остаток %', new.quantity"
        " USING ERRCODE = 'LV001', HINT = 'верните товар'; END IF;"
        " new.sku := upper(new.sku); RETURN new; END $$"
    )
    connection.execute(
        "CREATE TRIGGER guard BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION guard()"
    )
    connection.execute("INSERT INTO t VALUES ('milk', 1)")
    assert rows(connection, "SELECT sku FROM t") == [("MILK",)]
    with pytest.raises(psycopg.DatabaseError) as refused:
        connection.execute("INSERT INTO t VALUES ('milk', -1)")
    said = refused.value.diag
    assert (said.sqlstate, said.message_primary) == ("LV001", "остаток -1")
    assert said.message_hint == "верните товар"
