"""SELECT on PostgreSQL gives what MySQL gives."""

# Tables of statements, one in a line.
# ruff: noqa: E501

from typing import Any

import pytest

from tests.engines.mysql.statements.world import World

Rows = list[tuple[Any, ...]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("select id from users where city = 'МОСКВА' order by id", [(1,), (3,)]),
        ("select name from users order by name desc limit 1, 2", [("Вера",), ("борис",)]),
        ("select id from users order by city, id", [(4,), (1,), (3,), (2,)]),
        ("select id from users order by city desc, 1 desc", [(2,), (3,), (1,), (4,)]),
        ("select id from users order by age is null, age limit 2 offset 1", [(1,), (4,)]),
        ("select id, status from orders order by status desc, id limit 2", [(3, "sent"), (2, "paid")]),
        ("select 1 from dual", [(1,)]),
        ("select 1, 'a' from dual where 1 = 0", []),
        ("select id + 1 as next from users having next > 3 order by next", [(4,), (5,)]),
        ("select id as age from users order by age limit 1", [(1,)]),
        ("select id as age from users order by age + 0 limit 1", [(3,)]),
        ("select distinct city from users", [("Москва",), ("Тула",), (None,)]),
        ("select distinct status from orders order by status desc", [("sent",), ("paid",), ("new",)]),
        ("select distinct age > 26 as old from users order by old", [(None,), (0,), (1,)]),
        ("select distinct city from users order by lower(city) desc limit 1", [("Тула",)]),
        ("select id from adults order by id", [(1,), (4,)]),
        ("select a.name from adults a join users u using (id) where u.id = 1", [("Анна",)]),
        ("table users limit 1", [(1, "Анна", "Москва", 30)]),
        ("values row(1,'a'), row(2.5,'b') order by column_0 desc", [("2.5", "b"), ("1.0", "a")]),
        ("select u.* from users u where u.id = 2", [(2, "борис", "Тула", 25)]),
        ("select shop.users.id from users where shop.users.id = 1", [(1,)]),
        ("select (((select 7)))", [(7,)]),
        ("select all 1 union all (select 2 limit 0)", [(1,)]),
        ("select sql_no_cache straight_join 1", [(1,)]),
        ("select id from users use index (primary) force index for join (name) limit 1", [(1,)]),
        ("select id, (select count(*) from orders o where o.user_id = u.id) n from users u order by n desc, id limit 2",
         [(1, 2), (2, 1)]),
        ("select id from users u where exists (select * from orders o where o.user_id = u.id and total > 9)", [(1,)]),
        ("select id from users where (id, age) in (select id, age from users where age > 29) order by id", [(1,), (4,)]),
        ("select id from users where id = any (select user_id from orders where total > 9)", [(1,)]),
        ("select id from users where id > all (select user_id from orders)", [(4,)]),
        ("select id from users where id not in (select user_id from orders)", [(4,)]),
        ("select u.id, l.n from users u join lateral (select count(*) n from orders o where o.user_id = u.id) l on l.n > 1", [(1, 2)]),
        ("select t.n from (select 1 as n union select 2) t order by t.n desc", [(2,), (1,)]),
        ("select x from (values row(1, 2), row(3, 4)) as t (x, y) where y = 4", [(3,)]),
    ],
)  # fmt: skip
def test_queries(world: World, text: str, rows: Rows) -> None:
    assert world.rows(text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("select u.id, o.id from users u join orders o on o.user_id = u.id where u.id = 1 order by 2", [(1, 1), (1, 2)]),
        ("select u.id from users u left join orders o on o.user_id = u.id where o.id is null", [(4,)]),
        ("select o.id, u.id from orders o right join users u on o.user_id = u.id and o.total > 10 order by u.id, o.id",
         [(1, 1), (2, 1), (None, 2), (None, 3), (None, 4)]),
        ("select * from users natural join (select 30 as age, 1 as x union all select 25, 2) t order by id",
         [(30, 1, "Анна", "Москва", 1), (25, 2, "борис", "Тула", 2)]),
        ("select * from (select 1 as a, 2 as b) x join (select 1 as a, 3 as c) y using (a)", [(1, 2, 3)]),
        ("select a from (select 1 as a) x left join (select 2 as a) y using (a)", [(1,)]),
        ("select a from (select 1 as a) x right join (select 2 as a) y using (a)", [(2,)]),
        ("select * from (select 1 as a, 2 as b) x right join (select 3 as c, 4 as a) y using (a)", [(4, 3, None)]),
        ("select * from (select 1 a, 2 b) x natural right join (select 3 c, 1 a) y natural join (select 3 c, 9 d) z", [(3, 1, 2, 9)]),
        ("select a from (select 'Я' as a) x join (select 'я' as a) y using (a)", [("Я",)]),
        ("select x.a, y.b, z.c from (select 1 a) x, (select 1 b) y left join (select 2 c) z on z.c = y.b", [(1, 1, None)]),
        ("select x.a, z.c from (select 1 a) x join (select 1 b) y join (select 1 c) z on z.c = x.a", [(1, 1)]),
        ("select x.a, z.c from (select 1 a) x left join ((select 1 b) y join (select 2 c) z on z.c > y.b) on x.a = y.b", [(1, 2)]),
        ("select x.a, z.c from (select 1 a) x left join (select 1 b) y join (select 2 c) z on z.c > y.b on x.a = y.b", [(1, 2)]),
        ("select count(*) from users a, users b where a.id < b.id", [(6,)]),
        ("select count(*) from users a cross join users b", [(16,)]),
        ("select count(*) from users a straight_join users b on a.id = b.id", [(4,)]),
        ("select count(*) from (users a, users b) join users c on c.id = a.id and a.id = b.id", [(4,)]),
        # Nothing on the left: the right side of a comma is not lost in a RIGHT JOIN.
        ("select x.a, z.c from (select 1 a where false) x, (select 1 b) y right join (select 2 c) z on z.c = y.b", []),
    ],
)  # fmt: skip
def test_joins(world: World, text: str, rows: Rows) -> None:
    assert world.rows(text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("select city, count(*) c from users group by city order by city", [(None, 1), ("Москва", 2), ("Тула", 1)]),
        ("select city from users group by city having count(*) > 1", [("Москва",)]),
        ("select count(*), max(total), sum(total), avg(total) from orders", [(4, "20.00", "42.75", "10.687500")]),
        ("select count(*) from users where false", [(0,)]),
        ("select count(*) from users where false group by city", []),
        ("select u.id, u.name, sum(o.total) s from users u join orders o on o.user_id = u.id group by u.id order by s limit 1",
         [(2, "борис", "5.25")]),
        # Of the row of a key, and of a row that its columns find.
        ("select o.id, o.total, u.name from orders o join users u on u.id = o.user_id group by o.id order by o.id limit 1",
         [(1, "10.50", "Анна")]),
        ("select o.id, u.name from orders o left join users u on u.id = o.user_id group by o.id order by o.id limit 1", [(1, "Анна")]),
        ("select name, count(*) from users where id = 1", [("Анна", 1)]),
        ("select year(created) y, month(created) m, count(*) from orders group by y, m order by y, m",
         [(2024, 1, 1), (2024, 2, 2), (2024, 3, 1)]),
        ("select YEAR(created), count(*) from orders o group by year(o.created)", [(2024, 4)]),
        ("select status, count(*) from orders group by 1 order by 1", [("new", 2), ("paid", 1), ("sent", 1)]),
        ("select 'x', count(*) from orders group by 'x'", [("x", 4)]),
        ("select user_id, count(distinct status) from orders group by user_id order by count(*) desc, user_id limit 1", [(1, 2)]),
        ("select (select name from users u where u.id = o.user_id) n, count(*) from orders o group by o.user_id order by n limit 1",
         [("Анна", 2)]),
        ("select city, any_value(id) > 0 from users group by city order by city", [(None, 1), ("Москва", 1), ("Тула", 1)]),
        ("select count(*) from users having count(*) > 10", []),
        ("select ifnull(city, '-') c, count(*) from users group by c order by c", [("-", 1), ("Москва", 2), ("Тула", 1)]),
        # A key is a column of the table before it is an alias.
        ("select city as id, count(*) c from users group by id having c = 1 order by id limit 1", [(None, 1)]),
    ],
)  # fmt: skip
def test_groups(world: World, text: str, rows: Rows) -> None:
    assert world.rows(text) == rows


def test_windows(world: World) -> None:
    rows = world.rows(
        "select id, row_number() over (order by total desc) r, sum(total) over w, "
        "count(*) over (partition by status) from orders "
        "window w as (order by id rows between 1 preceding and current row) order by id"
    )
    assert rows == [(1, 2, "10.50", 2), (2, 1, "30.50", 1), (3, 4, "25.25", 1), (4, 3, "12.25", 2)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("select 1 union select 2 union all select 2", [(1,), (2,), (2,)]),
        ("select 1 union all select 2 union select 2", [(1,), (2,)]),
        ("select 'a' union select 'A' union select 'b'", [("a",), ("b",)]),
        ("select name from users where id < 3 union select 'АННА' order by name desc", [("борис",), ("Анна",)]),
        ("select city from users except select 'МОСКВА'", [("Тула",), (None,)]),
        ("select city from users intersect select 'тула'", [("Тула",)]),
        ("select id from users intersect select user_id from orders order by id", [(1,), (2,), (3,)]),
        ("select 1 union select 2 intersect select 3", [(1,)]),
        ("(select id from users order by id desc limit 1) union all (select 9) limit 5", [(4,), (9,)]),
        ("select 1 as n union select 2.50 order by n desc", [("2.50",), ("1.00",)]),
        ("select null union all select 'x'", [(None,), ("x",)]),
        ("with t as (select * from users where age > 20), s as (select id from t) select count(*) from s join t using (id)", [(3,)]),
        ("with t (n) as (select 1) select n from t where exists (with t as (select 2 as n) select 1 from t where n = 2)", [(1,)]),
        ("with recursive t (n) as (select 1 union all select n + 1 from t where n < 4) select * from t", [(1,), (2,), (3,), (4,)]),
        ("with recursive t (n) as (select 1 union all select n + 1 from t where n < 1000) select max(n) from t", [(1000,)]),
        ("with recursive t as (select 1 as n union select (n + 1) % 4 from t) select n from t order by n", [(0,), (1,), (2,), (3,)]),
        ("with recursive t as (select 1 n, cast('a' as char(9)) s union all select n + 1, concat(s, 'b') from t where n < 3) select s from t",
         [("a",), ("ab",), ("abb",)]),
    ],
)  # fmt: skip
def test_unions_and_common_tables(world: World, text: str, rows: Rows) -> None:
    assert world.rows(text) == rows


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("select nosuch from users", 1054, "Unknown column 'nosuch' in 'field list'"),
        ("select 1 from users u where users.id = 1", 1054, "Unknown column 'users.id' in 'where clause'"),
        ("select id from users order by nosuch", 1054, "Unknown column 'nosuch' in 'order clause'"),
        ("select id from users order by 2", 1054, "Unknown column '2' in 'order clause'"),
        ("select count(*) from users group by nosuch", 1054, "Unknown column 'nosuch' in 'group statement'"),
        ("select age from users having id > 2", 1054, "Unknown column 'id' in 'having clause'"),
        ("select 1 from users u join orders o on x.id = 1", 1054, "Unknown column 'x.id' in 'on clause'"),
        ("select 1 from users a, users b left join users c on c.id = a.id", 1054, "Unknown column 'a.id' in 'on clause'"),
        ("select id from users, orders", 1052, "Column 'id' in field list is ambiguous"),
        ("select id from (select 1 id) a join (select 1 id, 2 n) b using (id) join (select 2 n, 3 id) c using (n)", 1052, "Column 'id' in field list is ambiguous"),
        ("select sum(id) over (rows between 1 following and current row) from users", 1235, None),
        ("select 1 from users join users", 1066, "Not unique table/alias: 'users'"),
        ("select 1 from nosuch", 1146, "Table 'shop.nosuch' doesn't exist"),
        ("select 1 from Users", 1146, "Table 'shop.Users' doesn't exist"),
        ("select 1 from nodb.t", 1049, "Unknown database 'nodb'"),
        ("select u.* from users", 1051, "Unknown table 'u'"),
        ("select *", 1096, "No tables used"),
        ("select city, name from users group by city", 1055,
         ("Expression #2 of SELECT list is not in GROUP BY clause and contains nonaggregated column 'shop.users.name' which is not "
         "functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by")),
        ("select city from users group by city order by age", 1055,
         ("Expression #1 of ORDER BY clause is not in GROUP BY clause and contains nonaggregated column 'shop.users.age' which is not "
         "functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by")),
        ("select count(*), name from users", 1140,
         ("In aggregated query without GROUP BY, expression #2 of SELECT list contains nonaggregated column 'shop.users.name'; this is "
         "incompatible with sql_mode=only_full_group_by")),
        ("select * from users group by city", 1055, None),
        # A text that a text is equal to is the same by its weights only.
        ("select a.id, b.city from users a join users b on b.city = a.city group by a.id", 1055, None),
        ("select o.id, u.name from orders o left join users u on u.id = o.user_id and o.total > 1 group by o.user_id", 1055, None),
        ("select id from users where count(*) > 1", 1111, "Invalid use of group function"),
        ("select count(*) c from users group by c", 1056, "Can't group on 'c'"),
        ("select distinct city from users order by age", 3065, None),
        ("select 1 union select 1, 2", 1222, "The used SELECT statements have a different number of columns"),
        ("select * from (select 1)", 1248, "Every derived table must have its own alias"),
        ("select * from (select 1 a, 2 a) t", 1060, "Duplicate column name 'a'"),
        ("select * from (select 1) t (a, b)", 1353, None),
        ("select * from users where id = (select id from users)", 1242, "Subquery returns more than 1 row"),
        ("with recursive t (n) as (select 1 union all select n + 1 from t) select count(*) from t", 3636,
         "Recursive query aborted after 1001 iterations. Try increasing @@cte_max_recursion_depth to a larger value."),
        ("with recursive t as (select 1 n, 'a' s union all select n + 1, concat(s, 'b') from t where n < 3) select * from t", 1406,
         "Data too long for column 's' at row 1"),
        ("with recursive t as (select 1 n union all select count(*) from t) select * from t", 3575, None),
        ("with t as (select 1), t as (select 2) select * from t", 1066, None),
        ("select 1 from users for update of orders", 3568, None),
        ("select * from users limit 'a'", 1064, None),
        ("select * from users left join orders", 1064, None),
        ("select id, * from users", 1064, None),
        ("select 1 order by 1 union select 2", 1064, None),
        ("select id from users order by id nulls last", 1064, None),
        ("select id from users use index (nosuch)", 1176, "Key 'nosuch' doesn't exist in table 'users'"),
    ],
)  # fmt: skip
def test_errors(world: World, text: str, number: int, message: str | None) -> None:
    found = world.error(text)
    assert found == (number, message or found[1])


@pytest.mark.parametrize(
    "text",
    [
        "select sql_calc_found_rows id from users",
        "select id into @x from users",
        "select city, count(*) from users group by city with rollup",
        "select id from users partition (p0)",
        "select id from users tablesample (10)",
        "select id from users full join orders on true",
        "select count(*) from users for update",
        "select distinct id from users for share",
        "select o.id from users u left join orders o on o.user_id = u.id for update",
        "select id from users qualify 1",
        "select distinct on (id) id from users",
        "select id from users fetch first 1 rows only",
        "select id from users asof join orders on true",
        "select * except (id) from users",
        "select name from users except all select 'x'",
        "select id from users where id in (select max(name) from orders)",
    ],
)
def test_what_mysql_lacks_or_this_server_lacks_is_refused(world: World, text: str) -> None:
    assert world.error(text)[0] in (1064, 1235)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select ID, Name as n, u.city, `age` from users u", ["ID", "n", "city", "age"]),
        (
            "select 1+ 1, COUNT(*), 'it''s', null, true, -1, (id) from users group by id",
            ["1+ 1", "COUNT(*)", "it's", "NULL", "TRUE", "-1", "id"],
        ),
        ("select u.*, 'a' 'b' from users u", ["id", "name", "city", "age", "a"]),
        ("select x from (select 1 x, 2) t", ["x"]),
        ("select t.* from (select 1, id * 2 from users) t", ["1", "id * 2"]),
        ("select 1 as a union select 2 as b", ["a"]),
        ("select if(1, 2 /* c */, 3)", ["if(1, 2 /* c */, 3)"]),
        ("values row(1, 2)", ["column_0", "column_1"]),
    ],
)
def test_columns_are_called_as_in_mysql(world: World, text: str, names: list[str]) -> None:
    assert world.names(text) == names


def test_columns_tell_where_they_come_from(world: World) -> None:
    columns = world.translated(
        "select o.ID as n, u.name, total + 1 from orders o left join users u on true"
    ).columns
    first, second, third = columns
    assert first.source is not None
    assert (first.name, first.table, first.source[0].table, first.source[1]) == (
        "n",
        "o",
        "orders",
        "id",
    )
    assert (first.is_primary_key, first.auto_increment, first.nullable) == (True, True, False)
    assert (second.is_unique_key, second.nullable) == (True, True)
    assert (third.source, third.table) == (None, "")


def test_what_is_read_and_locked_is_told(world: World) -> None:
    plain = world.translated("select 1 from adults where id in (select user_id from orders)")
    assert sorted(one.table for one in plain.reads) == ["adults", "orders", "users"]
    assert (plain.is_locking, plain.writes) == (False, frozenset())
    locking = world.translated(
        "select 1 from users u join orders o on true for update of u skip locked for share of o nowait"
    )
    assert locking.is_locking
    assert "FOR UPDATE OF" in locking.sql
    assert "SKIP LOCKED FOR SHARE OF" in locking.sql


@pytest.mark.parametrize(
    "clause", ["for update", "for share", "lock in share mode", "for update nowait"]
)
def test_locks(world: World, clause: str) -> None:
    text = f"select id from users where id < 3 order by id {clause}"  # noqa: S608
    assert world.rows(text) == [(1,), (2,)]


def test_rows_of_one_table_come_by_its_key(world: World) -> None:
    world.run("update users set age = 1 where id = 1")
    assert world.rows("select id from users") == [(1,), (2,), (3,), (4,)]
    assert world.rows("select sku from order_lines limit 2") == [("BREAD",), ("MILK",)]


def test_parameters(world: World) -> None:
    rows = world.rows(
        "select ?, ?, ?, ? from users where id > ? and name <> ? order by id limit ? offset ?",
        1, "a'b\\", None, b"\x00\xff", 1, "борис", 1, 1,
    )  # fmt: skip
    assert rows == [(1, "a'b\\", None, b"\x00\xff")]
    assert world.error("select 1 limit ?", -1)[0] == 1210


def test_bytes_that_are_no_text(world: World) -> None:
    assert world.rows("select _binary'a\udcff\\0\udc80'") == [(b"a\xff\x00\x80",)]


def test_no_database(world: World) -> None:
    world.database = None
    assert world.error("select 1 from users") == (1046, "No database selected")
    assert world.rows("select count(*) from shop.users") == [(4,)]
