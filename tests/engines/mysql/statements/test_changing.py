"""INSERT, UPDATE, DELETE and REPLACE: rows, counts and ids as MySQL has them."""

# Tables of statements, one in a line.
# ruff: noqa: E501

from typing import Any

import pytest

from tests.engines.mysql.statements.world import World

Counts = tuple[Any, ...]


@pytest.fixture
def tables(world: World) -> World:
    """With three rows in `t`, whose next number is 4."""
    world.count_from("t", 3)
    world.count_from("two", 0)
    world.run("insert into t values (1, 'a', 7, 1), (2, 'b', 7, 2), (3, 'c', 7, 3)")
    return world


@pytest.mark.parametrize(
    ("text", "counts", "rows"),
    [
        ("insert into t (k) values ('d')", (1, 1, 4, None), [(4, "d", 7, None)]),
        ("insert into t (k, v) values ('d', 1), ('e', default)", (2, 2, 4, None), [(4, "d", 1, None), (5, "e", 7, None)]),
        ("insert into t values (null, 'd', default, 1)", (1, 1, 4, None), [(4, "d", 7, 1)]),
        ("insert into t values (0, 'd', null, 1)", (1, 1, 4, None), [(4, "d", None, 1)]),
        ("insert into t (id, k) values (10, 'd')", (1, 1, None, 10), [(10, "d", 7, None)]),
        ("insert into t (id) values (10), (null), (9), (0)", (4, 4, 11, 12), [(9, None, 7, None), (10, None, 7, None), (11, None, 7, None), (12, None, 7, None)]),
        ("insert into t set k = 'd', n = v + 1, v = 5", None, []),
        ("insert into t set k = 'd', v = 5, n = v + 1", (1, 1, 4, None), [(4, "d", 5, 6)]),
        ("insert into t () values ()", (1, 1, 4, None), [(4, None, 7, None)]),
        ("insert into t (k) select concat(k, 'x') from t where id < 3 order by id desc", (2, 2, 4, None), [(4, "bx", 7, None), (5, "ax", 7, None)]),
        ("insert into t (id, k) select 20, 'd' union all select null, 'e'", (2, 2, 21, 21), [(20, "d", 7, None), (21, "e", 7, None)]),
        ("insert into t (k) values row('d'), row('e')", (2, 2, 4, None), [(4, "d", 7, None), (5, "e", 7, None)]),
        ("insert ignore into t (k) values ('A'), ('d'), ('D')", (3, 1, 4, 4), [(4, "d", 7, None)]),
        ("insert ignore into t (k) values ('A')", (1, 0, None, None), []),
        ("insert low_priority into t (id) values (-5)", (1, 1, None, -5), []),
    ],
)  # fmt: skip
def test_insert(tables: World, text: str, counts: Counts | None, rows: list[Any]) -> None:
    if counts is None:
        # A column is named before it has a value.
        assert tables.error(text)[0] == 1054
        return
    assert tables.run(text) == counts
    assert tables.rows("select id, k, v, n from t where id > 3 order by id") == rows


def test_the_counter_follows_what_is_given(tables: World) -> None:
    tables.run("insert into t (id) values (100)")
    assert tables.run("insert into t (k) values ('x')")[2] == 101
    tables.run("insert into t (id) values (50)")
    assert tables.run("insert into t (k) values ('y')")[2] == 102
    assert tables.run("update t set id = 500 where id = 102")[1] == 1
    # The same for changed ones, since MySQL 8.0.
    assert tables.run("insert into t (k) values ('z')")[2] == 501


def test_defaults_and_generated_columns(tables: World) -> None:
    assert tables.run("insert into plain (id) values (1)") == (1, 1, None, None)
    assert tables.run("insert into plain values (2, 3.456, 'abc', 'b', default, null)")[1] == 1
    assert tables.rows("select * from plain order by id") == [
        (1, "1.50", "x", "a", 2, None),
        (2, "3.46", "abc", "b", 4, None),
    ]


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("insert into t (k) values ('A')", 1062, "Duplicate entry 'A' for key 't.k'"),
        ("insert into t (id) values (1)", 1062, "Duplicate entry '1' for key 't.PRIMARY'"),
        ("insert into plain (s) values ('a')", 1364, "Field 'id' doesn't have a default value"),
        ("insert into plain (id) values (default)", 1364, "Field 'id' doesn't have a default value"),
        ("insert into plain () values ()", 1364, "Field 'id' doesn't have a default value"),
        ("insert into plain (id, s) values (1, null)", 1048, "Column 's' cannot be null"),
        ("insert into plain (id, g) values (1, 2)", 3105,
         "The value specified for generated column 'g' in table 'plain' is not allowed."),
        ("insert into plain (id, s) values (1, 'longer')", 1406, "Data too long for column 's' at row 1"),
        ("insert into plain (id, d) values (1, 1000000)", 1264, "Out of range value for column 'd' at row 1"),
        ("insert into plain (id) values ('x')", 1366, "Incorrect integer value: 'x' for column 'id' at row 1"),
        ("insert into t (k, nosuch) values (1, 2)", 1054, "Unknown column 'nosuch' in 'field list'"),
        ("insert into t (k, k) values (1, 2)", 1110, "Column 'k' specified twice"),
        ("insert into t (k, v) values ('d', 1), ('e')", 1136, "Column count doesn't match value count at row 2"),
        ("insert into t (k, v) select 1", 1136, "Column count doesn't match value count at row 1"),
        ("insert into child values (1, 99)", 1452, None),
        ("insert into t (v) values ((select max(v) from t))", 1093, "You can't specify target table 't' for update in FROM clause"),
        ("insert into adults (id) values (1)", 1235, None),
        ("insert into information_schema.tables values (1)", 1044, None),
        ("replace into t (k) select 'a'", 1235, None),
        ("insert into t (k) values ('a') on conflict do nothing", 1235, None),
        ("update t set nosuch = 1", 1054, "Unknown column 'nosuch' in 'field list'"),
        ("update t set v = (select max(v) from t x)", 1093, "You can't specify target table 't' for update in FROM clause"),
        # One row after the other, as their key orders them.
        ("update t set id = id + 1", 1062, "Duplicate entry '2' for key 't.PRIMARY'"),
        ("with q as (select 1) update t set id = id + 1", 1235, None),
        ("update t set v = 1 / 0", 1365, None),
        ("update t set k = 'b' where id = 1", 1062, "Duplicate entry 'b' for key 't.k'"),
        ("update t set v = count(*)", 1111, None),
        ("update t x join plain y on x.id = y.id set x.v = 1 limit 1", 1221, "Incorrect usage of UPDATE and LIMIT"),
        ("update t join two on true set id = 1", 1052, None),
        ("update ignore t set v = 1", 1235, None),
        ("update plain set g = 1", 3105, None),
        ("update plain set e = null", None, None),
        ("update adults set name = 'x'", 1235, None),
        ("update t set v = rand(), n = v", 1235, None),
        ("delete from t where id in (select id from t)", 1093, None),
        ("delete t from t join plain p on true order by 1", 1064, None),
        ("delete nosuch from t join plain p on true", 1109, "Unknown table 'nosuch' in MULTI DELETE"),
        ("delete from nosuch", 1146, "Table 'shop.nosuch' doesn't exist"),
        ("delete ignore from t", 1235, None),
        ("insert into t (k) values ('a') returning id", 1235, None),
        ("insert overwrite t values (1)", 1235, None),
        ("update t set v = 1 from plain", 1235, None),
        ("insert into t partition (p) values (1)", 1235, None),
    ],
)  # fmt: skip
def test_errors(tables: World, text: str, number: int | None, message: str | None) -> None:
    if number is None:
        tables.run("insert into plain (id) values (1)")
        assert tables.error(text) == (1048, "Column 'e' cannot be null")
        return
    found = tables.error(text)
    assert found[0] in (number, 1064 if number == 1235 else number)
    assert found[1] == (message or found[1])


@pytest.mark.parametrize(
    ("text", "counts", "rows"),
    [
        ("insert into t (k, v) values ('A', 8) on duplicate key update v = values(v)", (1, 2, None, 1), [(1, "a", 8)]),
        ("insert into t (k, v) values ('a', 7) on duplicate key update v = values(v)", (1, 0, None, None), [(1, "a", 7)]),
        ("insert into t (k) values ('z') on duplicate key update v = 0", (1, 1, 4, 4), [(1, "a", 7)]),
        ("insert into t (k, v) values ('a', 8) as new on duplicate key update v = new.v + t.v", (1, 2, None, 1), [(1, "a", 15)]),
        ("insert into t (k, v) values ('a', 8) as new (x, y) on duplicate key update v = y, n = v", (1, 2, None, 1), [(1, "a", 8)]),
        ("insert into t (k) values ('a') on duplicate key update v = v + 1, id = last_insert_id(id)", (1, 2, 1, 1), [(1, "a", 8)]),
        ("insert into t (k) values ('a') on duplicate key update id = last_insert_id(id)", (1, 0, 1, None), [(1, "a", 7)]),
        ("insert into t (id, k) values (1, 'q') on duplicate key update v = 9", (1, 2, None, 1), [(1, "a", 9)]),
        ("insert into t (k, v) values ('a', 1), ('q', 2), ('Q', 3) on duplicate key update v = v + values(v)", (3, 5, 4, 4), [(1, "a", 8)]),
        ("insert into t (k, v) values (null, 1) on duplicate key update v = 0", (1, 1, 4, 4), [(1, "a", 7)]),
        ("replace into t (id, k) values (1, 'a')", (1, 2, None, 1), [(1, "a", 7)]),
        ("replace into t values (1, 'a', 7, 1)", (1, 2, None, 1), [(1, "a", 7)]),
        ("replace into t (id, k) values (1, 'b')", (1, 3, None, 1), [(1, "b", 7)]),
        ("replace into t (k) values ('x'), ('x')", (2, 3, 4, 5), [(1, "a", 7)]),
    ],
)  # fmt: skip
def test_duplicates(tables: World, text: str, counts: Counts, rows: list[Any]) -> None:
    assert tables.run(text) == counts
    assert tables.rows("select id, k, v from t where id = 1") == rows


def test_duplicates_of_a_query(tables: World) -> None:
    text = "insert into t (k, n) select name, age from users on duplicate key update v = v + 1"
    assert tables.run(text) == (4, 4, 4, 7)
    assert tables.run(text) == (4, 8, None, 7)
    assert tables.run("insert into t (k, v) select 'z', 1 on duplicate key update v = 0")[:2] == (
        1,
        1,
    )
    twice = "insert into t (k) select 'y' union all select 'Y' on duplicate key update v = 0"
    assert tables.error(twice)[0] == 1235
    several = "insert into t (id, k) select 1, 'y' on duplicate key update v = 0"
    assert tables.error(several)[0] == 1235


def test_a_row_that_is_replaced_by_the_same_is_one(tables: World) -> None:
    tables.run("insert into plain (id) values (1)")
    assert tables.run("replace into plain (id) values (1)") == (1, 1, None, None)
    assert tables.run("replace into plain (id, s) values (1, 'y')") == (1, 2, None, None)


def test_the_first_key_in_order_decides(tables: World) -> None:
    tables.run("insert into two (a, b) values ('x', 1), ('y', 2)")
    assert (
        tables.run("insert into two (a, b) values ('Y', 1) on duplicate key update n = n + 1")[1]
        == 2
    )
    assert tables.rows("select a, n from two order by a") == [("x", 0), ("y", 1)]


@pytest.mark.parametrize(
    ("text", "counts", "rows"),
    [
        ("update t set v = 8 where id < 3", (2, 2, None, None), [(1, "a", 8, 1), (2, "b", 8, 2), (3, "c", 7, 3)]),
        ("update t set v = 7", (3, 0, None, None), [(1, "a", 7, 1), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t set v = v + 1, n = v where id = 1", (1, 1, None, None), [(1, "a", 8, 8), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t set k = 'A' where k = 'a'", (1, 1, None, None), [(1, "A", 7, 1), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t set id = id + 1 order by id desc", (3, 3, None, None), [(2, "a", 7, 1), (3, "b", 7, 2), (4, "c", 7, 3)]),
        ("update t set v = 0 order by n desc limit 2", (2, 2, None, None), [(1, "a", 7, 1), (2, "b", 0, 2), (3, "c", 0, 3)]),
        ("update t as x set x.v = default, n = null where x.id = 1", (1, 1, None, None), [(1, "a", 7, None), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t set v = (select m from (select max(n) m from t) q) where id = 1", (1, 1, None, None), [(1, "a", 3, 1), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t join (select 1 i union select 2) q on q.i = t.id set t.v = q.i", (2, 2, None, None), [(1, "a", 1, 1), (2, "b", 2, 2), (3, "c", 7, 3)]),
        ("update t, (select 1 union all select 2) q set v = 0 where id = 1", (1, 1, None, None), [(1, "a", 0, 1), (2, "b", 7, 2), (3, "c", 7, 3)]),
        ("update t left join plain p on p.id = t.id set t.v = 0 where p.id is null and t.id > 2", (1, 1, None, None), [(1, "a", 7, 1), (2, "b", 7, 2), (3, "c", 0, 3)]),
        ("with q as (select 2 as i) update t set v = 0 where id in (select i from q)", (1, 1, None, None), [(1, "a", 7, 1), (2, "b", 0, 2), (3, "c", 7, 3)]),
        ("delete from t where id = 2", (1, 1, None, None), [(1, "a", 7, 1), (3, "c", 7, 3)]),
        ("delete from t order by n desc limit 2", (2, 2, None, None), [(1, "a", 7, 1)]),
        ("delete t from t join (select 3 i) q on q.i = t.id", (1, 1, None, None), [(1, "a", 7, 1), (2, "b", 7, 2)]),
        ("delete from x using t as x join (select 3 i union all select 3) q on q.i = x.id", (1, 1, None, None), [(1, "a", 7, 1), (2, "b", 7, 2)]),
        ("delete from t where id in (select i from (select max(id) i from t) q)", (1, 1, None, None), [(1, "a", 7, 1), (2, "b", 7, 2)]),
        ("with q as (select 2 as i) delete from t where id in (select i from q)", (1, 1, None, None), [(1, "a", 7, 1), (3, "c", 7, 3)]),
        ("delete from t", (3, 3, None, None), []),
    ],
)  # fmt: skip
def test_update_and_delete(tables: World, text: str, counts: Counts, rows: list[Any]) -> None:
    assert tables.run(text) == counts
    assert tables.rows("select * from t order by id") == rows


def test_several_tables_at_once(tables: World) -> None:
    tables.run("insert into plain (id) values (1), (2); insert into child values (5, 1)")
    assert tables.run("update t join plain p using (id) set t.v = 1, p.s = 'y', t.n = t.v")[:2] == (
        4,
        4,
    )
    assert tables.rows("select v, n, s from t join plain using (id)") == [(1, 1, "y"), (1, 1, "y")]
    assert tables.run("delete t, plain from t join plain using (id) where t.id = 1")[1] == 2
    assert tables.rows("select count(*) from child") == [(0,)]


def test_on_update_current_timestamp(tables: World) -> None:
    tables.run("insert into plain (id) values (1)")
    tables.run("update plain set s = 'x'")
    assert tables.rows("select u from plain") == [(None,)]
    tables.run("update plain set s = 'y'")
    assert tables.rows("select u from plain") == [("2024-05-06 07:08:09",)]


def test_tables_without_a_key(tables: World) -> None:
    assert tables.run("insert into nokey values (1, 1), (1, 1), (2, 2)")[1] == 3
    assert tables.run("update nokey set b = 9 where a = 1 limit 1")[:2] == (1, 1)
    assert tables.run("update nokey join t on t.id = nokey.a set nokey.b = t.id + 5")[:2] == (3, 3)
    assert tables.run("delete nokey from nokey join t on t.id = nokey.a where t.id = 1")[1] == 2


def test_what_is_read_and_written_is_told(tables: World) -> None:
    one = tables.translated("insert into t (k) select name from users")
    assert ([name.table for name in one.reads], [name.table for name in one.writes]) == (
        ["users"],
        ["t"],
    )
    two = tables.translated("update t join plain p using (id) set t.v = 1, p.s = 'y'")
    assert sorted(name.table for name in two.writes) == ["plain", "t"]


def test_rows_that_refer_to_their_own_table(tables: World) -> None:
    tables.define(
        "create table tree (id int primary key, up int, foreign key (up) references tree (id))"
    )
    assert tables.error("insert into tree values (2, 1), (1, null)")[0] == 1452
    assert tables.run("insert into tree values (1, null), (2, 1), (3, 2)")[:2] == (3, 3)
    assert tables.error("delete from tree")[0] == 1451
    assert tables.error("delete x from tree x join t on true")[0] == 1235
    assert tables.error("delete x, y from t x join t y on true")[0] == 1235
    assert tables.error("insert into tree select 5, null")[0] == 1235
    assert tables.run("delete from tree order by id desc")[:2] == (3, 3)
    tables.run("insert into tree values (9, 9)")
    assert tables.error("delete from tree where id = 9")[0] == 1451


def test_numbers_that_updated_rows_leave_are_never_given(tables: World) -> None:
    tables.run("insert into two (a, b) values ('x', 1)")
    text = "insert into two (a, b) values ('x', 1), ('y', 2), ('x', 3) on duplicate key update n = n + 1"
    assert tables.run(text)[1] == 5
    tables.run("insert into two (a) values ('z')")
    assert tables.rows("select id, a, n from two order by id") == [
        (1, "x", 2),
        (2, "y", 0),
        (5, "z", 0),
    ]


def test_a_row_of_an_upsert_has_to_be_right_though_it_is_not_inserted(tables: World) -> None:
    upsert = (
        "insert into two (id, a, b) values (1, 'x', 1), (1, 'y', {}) on duplicate key update n = 1"
    )
    assert tables.error(upsert.format("'?'"))[0] == 1366
    assert tables.run(upsert.format("2"))[1] == 3


def test_a_wrong_constant_needs_a_row_to_fail(tables: World) -> None:
    assert tables.run("update t set v = 'x', k = 'longer than ten' where id = 99")[:2] == (0, 0)
    assert tables.error("update t set v = 'x' where id = 1")[0] == 1366
    assert tables.error("update t set id = default")[0] == 1235


def test_the_counter_is_ahead_of_updated_numbers(tables: World) -> None:
    tables.run("update t set id = 10 where id = 3")
    assert tables.run("insert into t (v) values (0)")[2] == 11
    given = "insert ignore into t (id, k) values (0, 'z'), (12, 'y')"
    assert tables.run(given)[1] == 1
