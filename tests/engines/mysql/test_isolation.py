"""Two sessions at once: what one sees of the other, and what is left of what was rolled back."""

import pytest
from pymysql.err import OperationalError

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.sessions import Client, Rows, Started, is_busy
from tests.waiting import until


def test_a_rolled_back_transaction_leaves_nothing(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 40)")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.run("DELETE FROM t WHERE id = 2")
    assert two.run("SELECT * FROM t ORDER BY id") == ((1, 10), (2, 20), (3, 30))
    assert one.run("SELECT * FROM t ORDER BY id") == ((1, 11), (3, 30), (4, 40))
    one.run("ROLLBACK")
    for client in pair:
        assert client.run("SELECT * FROM t ORDER BY id") == ((1, 10), (2, 20), (3, 30))


def test_a_session_that_ends_rolls_back(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.connection.close()
    # Its locks go too.
    two.run("UPDATE t SET v = v + 1 WHERE id = 1")
    assert two.run("SELECT v FROM t WHERE id = 1") == ((11,),)


def test_plain_reads_repeat(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    two.run("UPDATE t SET v = 11 WHERE id = 1")
    two.run("INSERT INTO t VALUES (4, 40)")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    assert one.run("SELECT COUNT(*) FROM t") == ((3,),)
    assert one.run("SELECT v FROM t WHERE id = 1 FOR UPDATE") == ((11,),)
    assert one.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    one.run("COMMIT")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((11,),)


def test_the_snapshot_begins_with_the_first_read(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    two.run("UPDATE t SET v = 11 WHERE id = 1")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((11,),)
    one.run("COMMIT")
    one.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    two.run("UPDATE t SET v = 12 WHERE id = 1")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((11,),)
    one.run("ROLLBACK")


def test_updates_see_the_latest_rows(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT * FROM t")
    two.run("UPDATE t SET v = 100 WHERE id = 1")
    one.run("UPDATE t SET v = v + 1 WHERE id = 1")
    one.run("COMMIT")
    assert two.run("SELECT v FROM t WHERE id = 1") == ((101,),)


def test_own_rows_stand_among_those_of_the_snapshot(pair: tuple[Client, Client]) -> None:
    """What InnoDB is known for: a transaction sees a state that never was."""
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT * FROM t")
    two.run("UPDATE t SET v = 100 WHERE id = 1")
    two.run("INSERT INTO t VALUES (4, 40)")
    two.run("DELETE FROM t WHERE id = 3")
    one.run("UPDATE t SET v = 21 WHERE id = 2")
    assert one.run("SELECT * FROM t ORDER BY id") == ((1, 10), (2, 21), (3, 30))
    assert one.run("SELECT * FROM t ORDER BY id FOR UPDATE") == ((1, 100), (2, 21), (4, 40))
    one.run("UPDATE t SET v = v + 1 WHERE id = 1")
    assert one.run("SELECT SUM(v) FROM t") == ((152,),)
    one.run("COMMIT")
    assert two.run("SELECT * FROM t ORDER BY id") == ((1, 101), (2, 21), (4, 40))


@pytest.mark.limitation("mysql", "read-after-others")
def test_without_a_primary_key_they_cannot_be_told_apart(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("CREATE TABLE keyless (v INT)")
    one.run("BEGIN")
    one.run("SELECT * FROM keyless")
    two.run("INSERT INTO keyless VALUES (1)")
    one.run("INSERT INTO keyless VALUES (2)")
    assert one.fails("SELECT * FROM keyless") == 1020
    # The transaction goes on.
    assert one.run("SELECT * FROM keyless ORDER BY v FOR UPDATE") == ((1,), (2,))
    one.run("COMMIT")


def test_an_error_keeps_the_rest_of_the_transaction(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 40)")
    assert one.fails("INSERT INTO t VALUES (5, 50), (1, 0)") == 1062
    assert one.fails("INSERT INTO t VALUES (6, NULL)") == 1048
    assert one.fails("SELECT nothing FROM t") == 1054
    one.run("INSERT INTO t VALUES (7, 70)")
    one.run("COMMIT")
    assert two.run("SELECT id FROM t ORDER BY id") == ((1,), (2,), (3,), (4,), (7,))


def test_savepoints(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 40)")
    one.run("SAVEPOINT a")
    one.run("INSERT INTO t VALUES (5, 50)")
    one.run("SAVEPOINT b")
    one.run("INSERT INTO t VALUES (6, 60)")
    one.run("ROLLBACK TO SAVEPOINT a")
    assert one.fails("ROLLBACK TO b") == 1305
    one.run("RELEASE SAVEPOINT a")
    assert one.fails("ROLLBACK TO a") == 1305
    one.run("COMMIT")
    assert two.run("SELECT id FROM t ORDER BY id") == ((1,), (2,), (3,), (4,))


def test_read_committed(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    one.run("BEGIN")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    two.run("UPDATE t SET v = 11 WHERE id = 1")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((11,),)
    one.run("UPDATE t SET v = 22 WHERE id = 2")
    two.run("UPDATE t SET v = 12 WHERE id = 1")
    assert one.run("SELECT v FROM t ORDER BY id") == ((12,), (22,), (30,))
    one.run("ROLLBACK")


def test_the_level_of_the_next_transaction_only(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    for key, expected in ((1, 11), (2, 20)):
        one.run("BEGIN")
        assert one.fails("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE") == 1568
        one.run("SELECT * FROM t")
        two.run("UPDATE t SET v = v + 1 WHERE id = %s", key)
        assert one.run("SELECT v FROM t WHERE id = %s", key) == ((expected,),)
        one.run("COMMIT")


def test_serializable(pair: tuple[Client, Client]) -> None:
    one, two = pair
    for client in pair:
        client.run("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        client.run("BEGIN")
        client.run("SELECT SUM(v) FROM t")
    one.run("INSERT INTO t VALUES (4, 40)")
    one.run("COMMIT")
    try:
        two.run("INSERT INTO t VALUES (5, 50)")
        number = two.fails("COMMIT")
    except OperationalError as error:
        number = error.args[0]
    assert number == 1213
    assert two.run("SELECT id FROM t ORDER BY id") == ((1,), (2,), (3,), (4,))


def test_autocommit_off(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("SET autocommit = 0")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    assert two.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    # Turning it on commits.
    one.run("SET autocommit = 1")
    assert two.run("SELECT v FROM t WHERE id = 1") == ((11,),)


def test_begin_commits_what_was_before(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.run("BEGIN")
    assert two.run("SELECT v FROM t WHERE id = 1") == ((11,),)
    one.run("ROLLBACK")


def test_ddl_commits_and_waits_for_transactions(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT * FROM t")
    altering = two.begun("ALTER TABLE t ADD COLUMN more INT")
    until(lambda: is_busy(one))
    assert one.run("SELECT * FROM t WHERE id = 1") == ((1, 10),)
    one.run("COMMIT")
    altering.result()
    assert one.run("SELECT * FROM t WHERE id = 1") == ((1, 10, None),)
    one.run("BEGIN")
    one.run("INSERT INTO t VALUES (4, 40, 4)")
    one.run("CREATE INDEX by_v ON t (v)")
    one.run("ROLLBACK")
    assert two.run("SELECT id FROM t WHERE v = 40") == ((4,),)


def test_a_table_made_anew_is_not_in_an_old_snapshot(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT * FROM t")
    two.run("TRUNCATE TABLE u")
    assert one.fails("SELECT * FROM u") == 1412
    one.run("COMMIT")
    assert one.run("SELECT * FROM u") == ()


def test_cascades_are_seen(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("INSERT INTO child VALUES (1, 1), (2, 2)")
    one.run("BEGIN")
    assert one.run("SELECT COUNT(*) FROM child") == ((2,),)
    one.run("DELETE FROM t WHERE id = 1")
    assert one.run("SELECT id FROM child") == ((2,),)
    assert two.run("SELECT COUNT(*) FROM child") == ((2,),)
    one.run("ROLLBACK")
    assert one.run("SELECT COUNT(*) FROM child") == ((2,),)


def test_a_read_only_transaction(pair: tuple[Client, Client]) -> None:
    one, _ = pair
    one.run("START TRANSACTION READ ONLY")
    assert one.run("SELECT v FROM t WHERE id = 1") == ((10,),)
    assert one.fails("UPDATE t SET v = 0") == 1792
    assert one.fails("CREATE TABLE x (id INT)") == 1792
    one.run("COMMIT")
    one.run("UPDATE t SET v = 0 WHERE id = 1")


def test_generated_ids_are_of_the_session(pair: tuple[Client, Client]) -> None:
    one, two = pair
    one.run("INSERT INTO u (v) VALUES (1), (2), (3)")
    two.run("INSERT INTO u (v) VALUES (4)")
    assert one.run("SELECT LAST_INSERT_ID()") == ((1,),)
    assert two.run("SELECT LAST_INSERT_ID()") == ((4,),)
    one.run("BEGIN")
    one.run("INSERT INTO u (v) VALUES (5)")
    one.run("ROLLBACK")
    one.run("INSERT INTO u (v) VALUES (6)")
    # What was rolled back keeps its number, as InnoDB's counter does.
    assert one.run("SELECT LAST_INSERT_ID()") == ((6,),)


def test_many_transactions_at_once(server: MysqlConfig, pair: tuple[Client, Client]) -> None:
    """More sessions than the pool has connections; each adds one."""
    clients = [Client(server) for _ in range(50)]

    def work(client: Client) -> Rows:
        client.run("BEGIN")
        client.run("SELECT v FROM t WHERE id = 1 FOR UPDATE")
        client.run("UPDATE t SET v = v + 1 WHERE id = 1")
        seen = client.run("SELECT v FROM t WHERE id = 1")
        client.run("COMMIT")
        return seen

    started = [Started(lambda client=client: work(client)) for client in clients]  # type: ignore[misc]
    seen = sorted(one.result() for one in started)
    assert seen == [((value,),) for value in range(11, 61)]
    for client in clients:
        client.connection.close()
