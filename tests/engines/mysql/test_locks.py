"""Two sessions at once: who waits for whose locks, and what is seen after a wait."""

import pymysql
import pytest
from pymysql.err import OperationalError

from tests.engines.mysql.sessions import Client, Rows, is_waiting
from tests.waiting import until


def test_a_lock_is_waited_for_and_then_the_latest_row_is_seen(
    pair: tuple[Client, Client],
) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT v FROM t WHERE id = 1 FOR UPDATE")
    two.run("BEGIN")
    waiting = two.begun("SELECT v FROM t WHERE id = 1 FOR UPDATE")
    until(lambda: is_waiting(one))
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((11,),)
    one.run("COMMIT")
    assert waiting.result() == ((11,),)
    two.run("COMMIT")


@pytest.mark.limitation("mysql", "waits")
def test_rows_that_came_during_a_wait_are_not_seen(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    waiting = two.begun("SELECT id, v FROM t FOR UPDATE")
    until(lambda: is_waiting(one))
    one.run("INSERT INTO t VALUES (4, 40)")
    one.run("COMMIT")
    assert waiting.result() == ((1, 11), (2, 20), (3, 30))
    assert two.run("SELECT COUNT(*) FROM t") == ((4,),)


@pytest.mark.limitation("mysql", "kept-locks")
def test_what_is_undone_keeps_no_locks(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SAVEPOINT a")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.run("ROLLBACK TO a")
    assert one.fails("UPDATE t SET v = IF(id = 3, NULL, 21) WHERE id > 1") == 1048
    assert two.run("SELECT id FROM t FOR UPDATE NOWAIT") == ((1,), (2,), (3,))
    one.run("COMMIT")


@pytest.mark.limitation("mysql", "tables-read-by-changes")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE t JOIN u USING (id) SET t.v = 0",
        "UPDATE t SET v = 0 WHERE id IN (SELECT id FROM u)",
        "DELETE t FROM t JOIN u USING (id)",
        "INSERT INTO t SELECT id + 10, v FROM u",
    ],
)
def test_changes_do_not_lock_what_they_read(pair: tuple[Client, Client], sql: str) -> None:
    one, two = pair
    one.run("INSERT INTO u VALUES (1, 1)")
    one.run("BEGIN")
    one.run(sql)
    assert two.run("SELECT id FROM u FOR UPDATE NOWAIT") == ((1,),)
    one.run("ROLLBACK")


_JOINED = [
    ("DELETE t FROM t JOIN u USING (id) WHERE t.v < 15", ((1, 18), (2, 20), (3, 30))),
    ("UPDATE t JOIN u USING (id) SET t.v = t.v + 1", ((1, 19), (2, 21), (3, 30))),
    ("UPDATE t LEFT JOIN u USING (id) SET t.v = t.v + 1", ((1, 19), (2, 21), (3, 31))),
]


@pytest.mark.parametrize(("sql", "left"), _JOINED)
def test_changes_of_joined_tables_see_the_latest_rows(
    pair: tuple[Client, Client], sql: str, left: Rows
) -> None:
    one, two = pair
    one.run("INSERT INTO u VALUES (1, 1), (2, 2)")
    one.run("BEGIN")
    one.run("UPDATE t SET v = 18 WHERE id = 1")
    waiting = two.begun(sql)
    until(lambda: is_waiting(one))
    one.run("COMMIT")
    waiting.result()
    assert one.run("SELECT * FROM t") == left


@pytest.mark.limitation("mysql", "joined-changes")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE keyless JOIN u USING (id) SET keyless.v = keyless.v + 1",
        "DELETE keyless FROM keyless JOIN u USING (id)",
        "UPDATE u LEFT JOIN t USING (id) SET t.v = t.v + 1",
        "DELETE t FROM u LEFT JOIN t USING (id)",
        "DELETE u, t FROM u LEFT JOIN t USING (id)",
    ],
)
def test_what_cannot_be_locked_is_not_changed(pair: tuple[Client, Client], sql: str) -> None:
    one, two = pair
    one.run("CREATE TABLE keyless AS SELECT * FROM t")
    one.run("INSERT INTO u VALUES (1, 1), (2, 2)")
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.run("UPDATE keyless SET v = 11 WHERE id = 1")
    waiting = two.begun(sql)
    until(lambda: is_waiting(one))
    one.run("COMMIT")
    with pytest.raises(pymysql.Error, match="Record has changed since last read"):
        waiting.result()
    for table in ("t", "keyless"):
        assert one.run(f"SELECT * FROM {table} ORDER BY id") == ((1, 11), (2, 20), (3, 30))  # noqa: S608
    two.run(sql)


def test_nowait_and_skip_locked(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT v FROM t WHERE id = 1 FOR UPDATE")
    two.run("BEGIN")
    assert two.fails("SELECT v FROM t WHERE id = 1 FOR UPDATE NOWAIT") == 3572
    assert two.run("SELECT id FROM t ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED") == ((2,),)
    two.run("COMMIT")
    one.run("COMMIT")


def test_the_wait_ends_and_the_rest_stays(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    two.run("SET innodb_lock_wait_timeout = 1")
    two.run("BEGIN")
    two.run("UPDATE t SET v = 21 WHERE id = 2")
    assert two.fails("UPDATE t SET v = 12 WHERE id = 1") == 1205
    two.run("COMMIT")
    one.run("ROLLBACK")
    assert one.run("SELECT v FROM t ORDER BY id") == ((10,), (21,), (30,))


def test_a_deadlock_rolls_one_back(pair: tuple[Client, Client]) -> None:
    one, two = pair
    for client, key in ((one, 1), (two, 2)):
        client.run("BEGIN")
        client.run("UPDATE t SET v = %s WHERE id = %s", key, key)
    first = one.begun("UPDATE t SET v = 1 WHERE id = 2")
    second = two.begun("UPDATE t SET v = 2 WHERE id = 1")
    until(lambda: first.is_done and second.is_done)
    failures = []
    for client, started in ((one, first), (two, second)):
        try:
            started.result()
        except OperationalError as error:
            failures.append(error.args[0])
            # It is rolled back whole: there is nothing that COMMIT could keep.
            client.run("COMMIT")
    assert failures == [1213]
    one.run("COMMIT")
    two.run("COMMIT")
    assert one.run("SELECT v FROM t WHERE id < 3 ORDER BY id") in (((1,), (1,)), ((2,), (2,)))
