"""Two sessions at once: what one sees of the other, and what is left of what was rolled back."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from pymysql.err import OperationalError

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.running import connected
from tests.waiting import until

Rows = tuple[tuple[Any, ...], ...]


class Client:
    """A session by PyMySQL."""

    def __init__(self, config: MysqlConfig) -> None:
        self.connection = connected(config)

    def run(self, sql: str, *values: int) -> Rows:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return tuple(cursor.fetchall())

    def fails(self, sql: str) -> int:
        with pytest.raises(pymysql.Error) as raised:
            self.run(sql)
        number: int = raised.value.args[0]
        return number

    def begun(self, sql: str) -> "Started":
        """Runs it in a thread, since it waits for a lock."""
        return Started(lambda: self.run(sql))


class Started:
    def __init__(self, work: Callable[[], Rows]) -> None:
        self._outcome: list[Rows | pymysql.Error] = []

        def run() -> None:
            try:
                self._outcome.append(work())
            except pymysql.Error as error:
                self._outcome.append(error)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        return bool(self._outcome)

    def result(self) -> Rows:
        """
        Raises:
            pymysql.Error: it has failed.
        """
        self._thread.join(20)
        (outcome,) = self._outcome
        if isinstance(outcome, pymysql.Error):
            raise outcome
        return outcome


@pytest.fixture
def pair(server: MysqlConfig) -> Iterator[tuple[Client, Client]]:
    clients = Client(server), Client(server)
    clients[0].run("DROP TABLE IF EXISTS child, t, u")
    clients[0].run("CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL)")
    clients[0].run("CREATE TABLE u (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    clients[0].run(
        "CREATE TABLE child (id INT PRIMARY KEY, t_id INT,"
        " FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE)"
    )
    clients[0].run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)")
    yield clients
    for one in clients:
        if one.connection.open:
            one.connection.close()


def _is_waiting(client: Client) -> bool:
    """Whether another statement runs at the moment."""
    shown = client.run("SHOW PROCESSLIST")
    return len([row for row in shown if row[4] == "Query"]) > 1


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
    one.run("CREATE TABLE IF NOT EXISTS keyless (v INT)")
    one.run("BEGIN")
    one.run("SELECT * FROM keyless")
    two.run("INSERT INTO keyless VALUES (1)")
    one.run("INSERT INTO keyless VALUES (2)")
    assert one.fails("SELECT * FROM keyless") == 1020
    # The transaction goes on.
    assert one.run("SELECT * FROM keyless ORDER BY v FOR UPDATE") == ((1,), (2,))
    one.run("COMMIT")
    one.run("DROP TABLE keyless")


def test_a_lock_is_waited_for_and_then_the_latest_row_is_seen(
    pair: tuple[Client, Client],
) -> None:
    one, two = pair
    one.run("BEGIN")
    one.run("SELECT v FROM t WHERE id = 1 FOR UPDATE")
    two.run("BEGIN")
    waiting = two.begun("SELECT v FROM t WHERE id = 1 FOR UPDATE")
    until(lambda: _is_waiting(one))
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
    until(lambda: _is_waiting(one))
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
    until(lambda: _is_waiting(one))
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
    one.run("DROP TABLE IF EXISTS keyless")
    one.run("CREATE TABLE keyless AS SELECT * FROM t")
    one.run("INSERT INTO u VALUES (1, 1), (2, 2)")
    one.run("BEGIN")
    one.run("UPDATE t SET v = 11 WHERE id = 1")
    one.run("UPDATE keyless SET v = 11 WHERE id = 1")
    waiting = two.begun(sql)
    until(lambda: _is_waiting(one))
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
    until(lambda: _is_waiting(one))
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
