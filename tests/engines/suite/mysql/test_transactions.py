"""Transactions, isolation and locks."""

from functools import partial

import pymysql
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.mysql.conftest import (
    Client,
    Connect,
    ConnectAsync,
    error_of,
    execute,
    in_thread,
    rows,
    value,
)
from tests.waiting import until

_DEADLOCK, _LOCK_TIMEOUT, _DUPLICATE = 1213, 1205, 1062
_BALANCE = "SELECT balance FROM accounts WHERE id = %s"


@pytest.fixture
def accounts(connection: Client) -> None:
    """Two accounts with 100 each."""
    execute(
        connection,
        "CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL) ENGINE = InnoDB",
    )
    execute(connection, "INSERT INTO accounts VALUES (1, 100), (2, 100)")


def waits_for_lock(connection: Client) -> bool:
    """Whether somebody's statement on the accounts has not come back yet."""
    shown = rows(connection, "SHOW FULL PROCESSLIST")
    running = [row for row in shown if row[4] == "Query" and "accounts" in str(row[7])]
    return bool(running)


@check(
    ru="Откат отменяет вставку, изменение и удаление",
    en="A rollback undoes an insert, an update and a delete",
)
@pytest.mark.usefixtures("accounts")
def test_rollback_undoes_changes(connect: Connect) -> None:
    one = connect()
    execute(one, "INSERT INTO accounts VALUES (3, 300)")
    execute(one, "UPDATE accounts SET balance = 0 WHERE id = 1")
    execute(one, "DELETE FROM accounts WHERE id = 2")
    one.rollback()
    assert rows(one, "SELECT id, balance FROM accounts ORDER BY id") == ((1, 100), (2, 100))


@check(
    ru="Клиент без autocommit: ничего не видно другим, пока нет COMMIT",
    en="A client without autocommit: others see nothing until it commits",
)
@pytest.mark.usefixtures("accounts")
def test_no_autocommit(connect: Connect) -> None:
    writer, reader = connect(), connect(autocommit=True)
    execute(writer, "UPDATE accounts SET balance = 50 WHERE id = 1")
    assert value(writer, _BALANCE, (1,)) == 50
    assert value(reader, _BALANCE, (1,)) == 100
    writer.commit()
    assert value(reader, _BALANCE, (1,)) == 50


@check(
    ru="Две сессии откатываются одновременно — не остаётся ничего",
    en="Two sessions roll back side by side and nothing is left",
)
@pytest.mark.usefixtures("accounts")
def test_two_sessions_roll_back(connect: Connect) -> None:
    first, second = connect(), connect()
    execute(first, "UPDATE accounts SET balance = balance - 10 WHERE id = 1")
    execute(second, "UPDATE accounts SET balance = balance + 10 WHERE id = 2")
    execute(first, "INSERT INTO accounts VALUES (3, 1)")
    execute(second, "INSERT INTO accounts VALUES (4, 1)")
    first.rollback()
    second.rollback()
    assert rows(connect(), "SELECT id, balance FROM accounts ORDER BY id") == ((1, 100), (2, 100))


@check(
    ru="aiomysql: откат транзакции, начатой begin(), не оставляет ничего",
    en="aiomysql: a rollback of what begin() started leaves nothing",
)
@pytest.mark.usefixtures("accounts")
async def test_aiomysql_rolls_back(connect_async: ConnectAsync, connection: Client) -> None:
    client = await connect_async()
    await client.begin()
    async with client.cursor() as cursor:
        assert await cursor.execute("UPDATE accounts SET balance = 1") == 2
    await client.rollback()
    assert value(connection, _BALANCE, (1,)) == 100


@check(
    ru="Разрыв соединения откатывает его транзакцию",
    en="A connection that breaks off rolls its transaction back",
)
@pytest.mark.usefixtures("accounts")
def test_disconnect_rolls_back(connect: Connect, connection: Client) -> None:
    one = connect()
    execute(one, "UPDATE accounts SET balance = 0 WHERE id = 1")
    one.close()
    execute(connection, "UPDATE accounts SET balance = balance + 1 WHERE id = 1")
    assert value(connection, _BALANCE, (1,)) == 101


@check(
    ru="Точка сохранения отменяет только то, что было после неё",
    en="A savepoint undoes only what came after it",
)
@pytest.mark.usefixtures("accounts")
def test_savepoint(connect: Connect) -> None:
    one = connect()
    execute(one, "UPDATE accounts SET balance = 90 WHERE id = 1")
    execute(one, "SAVEPOINT mine")
    execute(one, "UPDATE accounts SET balance = 70 WHERE id = 2")
    execute(one, "ROLLBACK TO SAVEPOINT mine")
    execute(one, "RELEASE SAVEPOINT mine")
    assert error_of(one, "ROLLBACK TO SAVEPOINT mine") == 1305
    one.commit()
    assert rows(one, "SELECT balance FROM accounts ORDER BY id") == ((90,), (100,))


@check(
    ru="Ошибка внутри транзакции отменяет свою команду, а не всю транзакцию",
    en="An error inside a transaction undoes its statement, not the transaction",
)
@pytest.mark.usefixtures("accounts")
def test_error_undoes_its_statement(connect: Connect) -> None:
    one = connect()
    execute(one, "UPDATE accounts SET balance = 90 WHERE id = 1")
    assert error_of(one, "INSERT INTO accounts VALUES (3, 1), (1, 1)") == _DUPLICATE
    execute(one, "UPDATE accounts SET balance = 110 WHERE id = 2")
    one.commit()
    assert rows(one, "SELECT * FROM accounts ORDER BY id") == ((1, 90), (2, 110))


@check(
    ru="REPEATABLE READ: обычный SELECT до конца транзакции видит один и тот же снимок",
    en="REPEATABLE READ: a plain SELECT sees one snapshot to the end of the transaction",
)
@pytest.mark.usefixtures("accounts")
def test_repeatable_read(connect: Connect, connection: Client) -> None:
    reader = connect()
    assert value(reader, _BALANCE, (1,)) == 100
    execute(connection, "UPDATE accounts SET balance = 50 WHERE id = 1")
    execute(connection, "INSERT INTO accounts VALUES (3, 1)")
    assert value(reader, _BALANCE, (1,)) == 100
    assert value(reader, "SELECT COUNT(*) FROM accounts") == 2
    reader.commit()
    assert value(reader, _BALANCE, (1,)) == 50


@check(
    ru="REPEATABLE READ: UPDATE и FOR UPDATE видят последнее зафиксированное, а не снимок",
    en="REPEATABLE READ: UPDATE and FOR UPDATE see what was committed last, not the snapshot",
)
@pytest.mark.usefixtures("accounts")
def test_locking_reads_see_the_latest(connect: Connect, connection: Client) -> None:
    reader = connect()
    assert value(reader, "SELECT COUNT(*) FROM accounts") == 2
    execute(connection, "UPDATE accounts SET balance = 50 WHERE id = 1")
    assert value(reader, _BALANCE + " FOR UPDATE", (1,)) == 50
    execute(reader, "UPDATE accounts SET balance = balance - 10 WHERE id = 1")
    reader.commit()
    assert value(connection, _BALANCE, (1,)) == 40


@check(
    ru="READ COMMITTED: следующая команда видит чужую фиксацию",
    en="READ COMMITTED: the next statement sees another's commit",
)
@pytest.mark.usefixtures("accounts")
def test_read_committed(connect: Connect, connection: Client) -> None:
    reader = connect()
    execute(reader, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    assert value(reader, _BALANCE, (1,)) == 100
    execute(connection, "UPDATE accounts SET balance = 50 WHERE id = 1")
    assert value(reader, _BALANCE, (1,)) == 50
    reader.rollback()


@check(
    ru="FOR UPDATE ждёт чужую блокировку строки и затем видит новое значение",
    en="FOR UPDATE waits for another's row lock and then sees the new value",
)
@pytest.mark.usefixtures("accounts")
def test_for_update_waits(connect: Connect, connection: Client) -> None:
    first, second = connect(), connect()
    assert value(first, _BALANCE + " FOR UPDATE", (1,)) == 100
    seen: list[int] = []
    result = in_thread(lambda: seen.append(value(second, _BALANCE + " FOR UPDATE", (1,))))
    until(lambda: waits_for_lock(connection))
    execute(first, "UPDATE accounts SET balance = 30 WHERE id = 1")
    assert seen == []
    first.commit()
    assert result() is None
    assert seen == [30]
    second.rollback()


@check(
    ru="Строка под FOR UPDATE не мешает ни обычному чтению, ни другим строкам",
    en="A row under FOR UPDATE holds up neither plain reads nor other rows",
)
@pytest.mark.usefixtures("accounts")
def test_for_update_locks_one_row(connect: Connect, connection: Client) -> None:
    first = connect()
    value(first, _BALANCE + " FOR UPDATE", (1,))
    assert value(connection, _BALANCE, (1,)) == 100
    assert execute(connection, "UPDATE accounts SET balance = 1 WHERE id = 2") == 1
    first.rollback()


@check(
    ru="Ожидание блокировки дольше innodb_lock_wait_timeout — ошибка 1205, транзакция жива",
    en="A wait for a lock beyond innodb_lock_wait_timeout is error 1205; the transaction lives",
)
@pytest.mark.usefixtures("accounts")
def test_lock_wait_timeout(connect: Connect) -> None:
    first, second = connect(), connect()
    execute(first, "UPDATE accounts SET balance = 1 WHERE id = 1")
    execute(second, "SET innodb_lock_wait_timeout = 1")
    execute(second, "UPDATE accounts SET balance = 2 WHERE id = 2")
    assert error_of(second, "UPDATE accounts SET balance = 2 WHERE id = 1") == _LOCK_TIMEOUT
    second.commit()
    first.rollback()
    assert rows(first, "SELECT balance FROM accounts ORDER BY id") == ((100,), (2,))


@check(
    ru="Взаимная блокировка: одна транзакция получает 1213 и отменяется целиком",
    en="A deadlock: one transaction gets 1213 and is undone as a whole",
)
@pytest.mark.usefixtures("accounts")
def test_deadlock(connect: Connect, connection: Client) -> None:
    first, second = connect(), connect()
    execute(first, "UPDATE accounts SET balance = balance + 1 WHERE id = 1")
    execute(second, "UPDATE accounts SET balance = balance + 10 WHERE id = 2")
    change = "UPDATE accounts SET balance = balance + 100 WHERE id = %s"
    result = in_thread(lambda: execute(first, change, (2,)))
    until(lambda: waits_for_lock(connection))
    in_second: BaseException | None = None
    try:
        execute(second, change, (1,))
    except pymysql.MySQLError as error:
        in_second = error
    # The victim has let go of its locks; the other one goes on.
    in_first = result()
    victims = [one for one in (in_first, in_second) if one is not None]
    assert [one.args[0] for one in victims] == [_DEADLOCK]
    first.commit()
    second.commit()
    winner = ((101,), (200,)) if in_second else ((200,), (110,))
    assert rows(connection, "SELECT balance FROM accounts ORDER BY id") == winner


@check(
    ru="FOR UPDATE NOWAIT сразу отказывает, SKIP LOCKED пропускает занятую строку",
    en="FOR UPDATE NOWAIT refuses at once, SKIP LOCKED leaves a locked row out",
)
@pytest.mark.usefixtures("accounts")
def test_nowait_and_skip_locked(connect: Connect) -> None:
    first, second = connect(), connect()
    value(first, _BALANCE + " FOR UPDATE", (1,))
    # MySQL has a number of its own for NOWAIT; MariaDB answers as to a wait that took too long.
    assert error_of(second, _BALANCE + " FOR UPDATE NOWAIT", (1,)) in (3572, _LOCK_TIMEOUT)
    free = rows(second, "SELECT id FROM accounts ORDER BY id FOR UPDATE SKIP LOCKED")
    assert free == ((2,),)


@check(
    ru="CREATE TABLE фиксирует открытую транзакцию",
    en="CREATE TABLE commits the transaction that is open",
)
@pytest.mark.usefixtures("accounts")
def test_ddl_commits(connect: Connect, connection: Client) -> None:
    one = connect()
    execute(one, "UPDATE accounts SET balance = 7 WHERE id = 1")
    execute(one, "CREATE TABLE receipts (id INT PRIMARY KEY)")
    one.rollback()
    assert value(connection, _BALANCE, (1,)) == 7


@check(
    ru="START TRANSACTION READ ONLY запрещает запись с кодом 1792",
    en="START TRANSACTION READ ONLY refuses writes with 1792",
)
@pytest.mark.usefixtures("accounts")
def test_read_only(connection: Client) -> None:
    execute(connection, "START TRANSACTION READ ONLY")
    assert error_of(connection, "UPDATE accounts SET balance = 0") == 1792
    execute(connection, "COMMIT")
    assert value(connection, _BALANCE, (1,)) == 100


@check(
    ru="START TRANSACTION WITH CONSISTENT SNAPSHOT берёт снимок сразу, а не при первом чтении",
    en="START TRANSACTION WITH CONSISTENT SNAPSHOT takes the snapshot at once",
)
@pytest.mark.usefixtures("accounts")
def test_consistent_snapshot(connect: Connect, connection: Client) -> None:
    early, late = connect(autocommit=True), connect(autocommit=True)
    execute(early, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    execute(late, "START TRANSACTION")
    execute(connection, "UPDATE accounts SET balance = 5 WHERE id = 1")
    assert value(early, _BALANCE, (1,)) == 100
    assert value(late, _BALANCE, (1,)) == 5
    execute(early, "COMMIT")
    execute(late, "COMMIT")


@check(
    ru="Двадцать потоков по десять списаний под FOR UPDATE: баланс сходится",
    en="Twenty threads of ten withdrawals under FOR UPDATE: the balance adds up",
)
@pytest.mark.usefixtures("accounts")
def test_concurrent_withdrawals(connect: Connect, connection: Client) -> None:
    clients = [connect() for _ in range(20)]

    def withdraw(client: Client) -> None:
        for _ in range(10):
            balance = value(client, _BALANCE + " FOR UPDATE", (1,))
            execute(client, "UPDATE accounts SET balance = %s WHERE id = 1", (balance - 1,))
            client.commit()

    results = [in_thread(partial(withdraw, client)) for client in clients]
    assert [result() for result in results] == [None] * 20
    assert value(connection, _BALANCE, (1,)) == -100
