"""Transactions, isolation and locks."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from psycopg import errors
from psycopg.pq import TransactionStatus

from tests.engines.suite.checks import check
from tests.engines.suite.postgresql.conftest import Connect, Row
from tests.waiting import until

_WAITS_FOR_LOCK = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"


def accounts(connection: psycopg.Connection[Row]) -> None:
    """Two accounts with 100 each."""
    connection.execute("CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL)")
    connection.execute("INSERT INTO accounts VALUES (1, 100), (2, 100)")
    connection.commit()


def in_thread(work: Callable[[], object]) -> Callable[[], BaseException | None]:
    """Starts the work; the answer waits for its end and tells how it failed."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except psycopg.Error as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def result() -> BaseException | None:
        thread.join(timeout=20)
        assert not thread.is_alive()
        return failures[0] if failures else None

    return result


def balance(connection: psycopg.Connection[Row], account: int = 1) -> object:
    row = connection.execute("SELECT balance FROM accounts WHERE id = %s", [account]).fetchone()
    assert row is not None
    return row[0]


@check(
    ru="Откат отменяет и данные, и созданные таблицы",
    en="A rollback undoes the rows and the tables that were made",
)
def test_rollback_undoes_rows_and_tables(connection: psycopg.Connection[Row]) -> None:
    accounts(connection)
    connection.execute("UPDATE accounts SET balance = 0")
    connection.execute("CREATE TABLE receipts (id int)")
    connection.rollback()
    assert balance(connection) == 100
    assert connection.execute("SELECT to_regclass('receipts')").fetchone() == (None,)


@check(
    ru="Точка сохранения отменяет только то, что было после неё",
    en="A savepoint undoes only what came after it",
)
def test_savepoint_undoes_what_came_after_it(connection: psycopg.Connection[Row]) -> None:
    accounts(connection)
    connection.execute("UPDATE accounts SET balance = 90 WHERE id = 1")
    connection.execute("SAVEPOINT mine")
    with pytest.raises(errors.UniqueViolation):
        connection.execute("INSERT INTO accounts VALUES (1, 0)")
    connection.execute("ROLLBACK TO SAVEPOINT mine")
    connection.execute("UPDATE accounts SET balance = 70 WHERE id = 2")
    connection.execute("ROLLBACK TO SAVEPOINT mine")
    connection.commit()
    assert (balance(connection, 1), balance(connection, 2)) == (90, 100)


@check(
    ru="После ошибки транзакция отвергает команды кодом 25P02, пока её не откатят",
    en="After an error a transaction refuses commands with 25P02 until it is rolled back",
)
def test_failed_transaction_refuses_commands(connection: psycopg.Connection[Row]) -> None:
    with pytest.raises(errors.DivisionByZero):
        connection.execute("SELECT 1 / 0")
    assert connection.info.transaction_status is TransactionStatus.INERROR
    with pytest.raises(errors.InFailedSqlTransaction) as refused:
        connection.execute("SELECT 1")
    assert refused.value.sqlstate == "25P02"
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


@check(
    ru="READ COMMITTED: следующая команда видит чужую фиксацию, незафиксированного не видит",
    en="READ COMMITTED: the next command sees another's commit and nothing uncommitted",
)
def test_read_committed_sees_commits_only(connect: Connect) -> None:
    reader, writer = connect(), connect()
    accounts(writer)
    assert balance(reader) == 100
    writer.execute("UPDATE accounts SET balance = 50 WHERE id = 1")
    assert balance(reader) == 100
    writer.commit()
    assert balance(reader) == 50


@check(
    ru="REPEATABLE READ держит снимок; запись поверх чужой фиксации отвергается кодом 40001",
    en="REPEATABLE READ keeps its snapshot; writing over another's commit is refused with 40001",
)
def test_repeatable_read_keeps_its_snapshot(connect: Connect) -> None:
    mine, other = connect(), connect()
    accounts(other)
    mine.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert balance(mine) == 100
    other.execute("UPDATE accounts SET balance = 50 WHERE id = 1")
    other.commit()
    assert balance(mine) == 100
    with pytest.raises(errors.SerializationFailure) as refused:
        mine.execute("UPDATE accounts SET balance = balance - 10 WHERE id = 1")
    assert refused.value.sqlstate == "40001"


@check(
    ru="SERIALIZABLE не допускает перекоса записи: вторая фиксация отвергается кодом 40001",
    en="SERIALIZABLE allows no write skew: the second commit is refused with 40001",
)
def test_serializable_refuses_write_skew(connect: Connect) -> None:
    first, second = connect(), connect()
    accounts(first)
    for connection in (first, second):
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        assert connection.execute("SELECT sum(balance) FROM accounts").fetchone() == (200,)
    first.execute("UPDATE accounts SET balance = balance - 150 WHERE id = 1")
    first.commit()
    with pytest.raises(errors.SerializationFailure) as refused:
        # The server may find out at the statement or at the commit (section 13.2.3).
        second.execute("UPDATE accounts SET balance = balance - 150 WHERE id = 2; COMMIT")
    assert refused.value.sqlstate == "40001"


@check(
    ru="Взаимная блокировка снимается: одна транзакция получает 40P01, другая проходит",
    en="A deadlock is broken: one transaction gets 40P01, the other goes on",
)
def test_deadlock_is_broken(connect: Connect) -> None:
    first, second = connect(), connect()
    accounts(first)
    touch = "UPDATE accounts SET balance = balance + 1 WHERE id = %s"
    first.execute(touch, [1])
    second.execute(touch, [2])
    second_result = in_thread(lambda: second.execute(touch, [1]))
    failures = [in_thread(lambda: first.execute(touch, [2]))(), second_result()]
    states = [error.sqlstate for error in failures if isinstance(error, psycopg.Error)]
    assert states == ["40P01"]


@check(
    ru="FOR UPDATE SKIP LOCKED раздаёт строки очереди разным обработчикам",
    en="FOR UPDATE SKIP LOCKED hands rows of a queue to different workers",
)
def test_skip_locked_hands_out_different_rows(connect: Connect) -> None:
    first, second, third = connect(), connect(), connect()
    accounts(first)
    take = "SELECT id FROM accounts ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1"
    taken = [worker.execute(take).fetchone() for worker in (first, second, third)]
    assert taken == [(1,), (2,), None]


@check(
    ru="FOR UPDATE ждёт держателя строки, с NOWAIT отвергается сразу кодом 55P03",
    en="FOR UPDATE waits for the row's holder; with NOWAIT it is refused at once with 55P03",
)
def test_for_update_waits_or_is_refused(connect: Connect) -> None:
    holder, waiter, onlooker = connect(), connect(), connect()
    accounts(holder)
    onlooker.autocommit = True
    holder.execute("UPDATE accounts SET balance = 1 WHERE id = 1")
    with pytest.raises(errors.LockNotAvailable) as refused:
        onlooker.execute("SELECT balance FROM accounts WHERE id = 1 FOR UPDATE NOWAIT")
    assert refused.value.sqlstate == "55P03"
    lock = "SELECT balance FROM accounts WHERE id = 1 FOR UPDATE"
    seen: list[object] = []
    result = in_thread(lambda: seen.append(waiter.execute(lock).fetchone()))
    pid = waiter.info.backend_pid
    until(lambda: onlooker.execute(_WAITS_FOR_LOCK, [pid]).fetchone() == (True,))
    holder.commit()
    assert result() is None
    assert seen == [(1,)]


@check(
    ru="Рекомендательная блокировка одна на всех и отпускается с концом соединения",
    en="An advisory lock is one for all and ends with its connection",
)
def test_advisory_lock_ends_with_its_connection(connect: Connect, name: str) -> None:
    holder, other = connect(), connect()
    attempt = "SELECT pg_try_advisory_lock(hashtext(%s))"
    assert holder.execute(attempt, [name]).fetchone() == (True,)
    assert other.execute(attempt, [name]).fetchone() == (False,)
    holder.close()
    assert until(lambda: other.execute(attempt, [name]).fetchone() == (True,))


@check(
    ru="NOTIFY доходит после фиксации, а откаченный не доходит; одинаковые сливаются в один",
    en="NOTIFY arrives after the commit, never after a rollback; equal ones become one",
)
def test_notify_arrives_after_the_commit(connect: Connect, name: str) -> None:
    listener, sender = connect(), connect()
    listener.autocommit = True
    listener.execute(f'LISTEN "{name}"')
    notify = "SELECT pg_notify(%s, %s)"
    sender.execute(notify, [name, "rolled back"])
    sender.rollback()
    for payload in ("first", "first", "second"):
        sender.execute(notify, [name, payload])
    assert list(listener.notifies(timeout=0)) == []
    sender.commit()
    arrived = [one.payload for one in listener.notifies(timeout=10, stop_after=2)]
    assert arrived == ["first", "second"]


@check(
    ru="Команда дольше statement_timeout прерывается кодом 57014, соединение живо",
    en="A statement beyond statement_timeout is cancelled with 57014, its connection lives",
)
def test_statement_timeout_cancels(connection: psycopg.Connection[Row]) -> None:
    connection.execute("SET statement_timeout = '50ms'")
    connection.commit()
    with pytest.raises(errors.QueryCanceled) as cancelled:
        connection.execute("SELECT pg_sleep(20)")
    assert cancelled.value.sqlstate == "57014"
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


@check(
    ru="Клиент прерывает команду запросом отмены по другому соединению",
    en="A client cancels a statement with a cancel request on another connection",
)
def test_cancel_request_ends_a_statement(connect: Connect) -> None:
    worker, onlooker = connect(), connect()
    onlooker.autocommit = True
    result = in_thread(lambda: worker.execute("SELECT pg_sleep(20)"))
    active = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = %s"
    until(lambda: onlooker.execute(active, [worker.info.backend_pid]).fetchone() == (True,))
    worker.cancel_safe()
    assert isinstance(result(), errors.QueryCanceled)


@check(
    ru="Транзакция READ ONLY отвергает запись кодом 25006",
    en="A READ ONLY transaction refuses to write with 25006",
)
def test_read_only_transaction_refuses_to_write(connection: psycopg.Connection[Row]) -> None:
    accounts(connection)
    connection.read_only = True
    with pytest.raises(errors.ReadOnlySqlTransaction) as refused:
        connection.execute("UPDATE accounts SET balance = 0")
    assert refused.value.sqlstate == "25006"
