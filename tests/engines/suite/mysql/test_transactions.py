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
pytestmark = pytest.mark.usefixtures("accounts")


@pytest.fixture
def accounts(connection: Client) -> None:
    """Two accounts with 100 each."""
    execute(
        connection,
        "CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL) ENGINE = InnoDB",
    )
    execute(connection, "INSERT INTO accounts VALUES (1, 100), (2, 100)")


def balance_of(client: Client, account: int) -> int:
    return int(value(client, _BALANCE, (account,)))


def locked_balance_of(client: Client, account: int) -> int:
    """The row is locked to the end of the transaction."""
    return int(value(client, _BALANCE + " FOR UPDATE", (account,)))


def balances(client: Client) -> dict[int, int]:
    return dict(rows(client, "SELECT id, balance FROM accounts"))


def set_balance(client: Client, account: int, balance: int) -> int:
    """The answer is the number of affected rows, as in `add`."""
    return execute(client, "UPDATE accounts SET balance = %s WHERE id = %s", (balance, account))


def add(client: Client, account: int, amount: int) -> int:
    change = "UPDATE accounts SET balance = balance + %s WHERE id = %s"
    return execute(client, change, (amount, account))


def waits_for_lock(connection: Client) -> bool:
    """Whether somebody's statement on the accounts has not come back yet."""
    shown = rows(connection, "SHOW FULL PROCESSLIST")
    running = [row for row in shown if row[4] == "Query" and "accounts" in str(row[7])]
    return bool(running)


@check(
    ru="Откат отменяет вставку, изменение и удаление",
    en="A rollback undoes an insert, an update and a delete",
)
def test_rollback_undoes_changes(connect: Connect) -> None:
    one = connect()
    execute(one, "INSERT INTO accounts VALUES (3, 300)")
    set_balance(one, 1, 0)
    execute(one, "DELETE FROM accounts WHERE id = 2")
    one.rollback()
    assert balances(one) == {1: 100, 2: 100}


@check(
    ru="Клиент без autocommit: ничего не видно другим, пока нет COMMIT",
    en="A client without autocommit: others see nothing until it commits",
)
def test_no_autocommit(connect: Connect) -> None:
    writer, reader = connect(), connect(autocommit=True)
    set_balance(writer, 1, 50)
    assert balance_of(writer, 1) == 50
    assert balance_of(reader, 1) == 100
    writer.commit()
    assert balance_of(reader, 1) == 50


@check(
    ru="Две сессии откатываются одновременно — не остаётся ничего",
    en="Two sessions roll back side by side and nothing is left",
)
def test_two_sessions_roll_back(connect: Connect) -> None:
    first, second = connect(), connect()
    add(first, 1, -10)
    add(second, 2, 10)
    execute(first, "INSERT INTO accounts VALUES (3, 1)")
    execute(second, "INSERT INTO accounts VALUES (4, 1)")
    first.rollback()
    second.rollback()
    assert balances(connect()) == {1: 100, 2: 100}


@check(
    ru="aiomysql: откат транзакции, начатой begin(), не оставляет ничего",
    en="aiomysql: a rollback of what begin() started leaves nothing",
)
async def test_aiomysql_rolls_back(connect_async: ConnectAsync, connection: Client) -> None:
    client = await connect_async()
    await client.begin()
    async with client.cursor() as cursor:
        assert await cursor.execute("UPDATE accounts SET balance = 1") == 2
    await client.rollback()
    assert balance_of(connection, 1) == 100


@check(
    ru="Разрыв соединения откатывает его транзакцию",
    en="A connection that breaks off rolls its transaction back",
)
def test_disconnect_rolls_back(connect: Connect, connection: Client) -> None:
    one = connect()
    set_balance(one, 1, 0)
    one.close()
    add(connection, 1, 1)
    assert balance_of(connection, 1) == 101


@check(
    ru="Точка сохранения отменяет только то, что было после неё",
    en="A savepoint undoes only what came after it",
)
def test_savepoint(connect: Connect) -> None:
    one = connect()
    set_balance(one, 1, 90)
    execute(one, "SAVEPOINT mine")
    set_balance(one, 2, 70)
    execute(one, "ROLLBACK TO SAVEPOINT mine")
    execute(one, "RELEASE SAVEPOINT mine")
    assert error_of(one, "ROLLBACK TO SAVEPOINT mine") == 1305
    one.commit()
    assert balances(one) == {1: 90, 2: 100}


@check(
    ru="Ошибка внутри транзакции отменяет свою команду, а не всю транзакцию",
    en="An error inside a transaction undoes its statement, not the transaction",
)
def test_error_undoes_its_statement(connect: Connect) -> None:
    one = connect()
    set_balance(one, 1, 90)
    assert error_of(one, "INSERT INTO accounts VALUES (3, 1), (1, 1)") == _DUPLICATE
    set_balance(one, 2, 110)
    one.commit()
    assert balances(one) == {1: 90, 2: 110}


@check(
    ru="REPEATABLE READ: обычный SELECT до конца транзакции видит один и тот же снимок",
    en="REPEATABLE READ: a plain SELECT sees one snapshot to the end of the transaction",
)
def test_repeatable_read(connect: Connect, connection: Client) -> None:
    reader = connect()
    assert balance_of(reader, 1) == 100
    set_balance(connection, 1, 50)
    execute(connection, "INSERT INTO accounts VALUES (3, 1)")
    assert balance_of(reader, 1) == 100
    assert value(reader, "SELECT COUNT(*) FROM accounts") == 2
    reader.commit()
    assert balance_of(reader, 1) == 50


@check(
    ru="REPEATABLE READ: UPDATE и FOR UPDATE видят последнее зафиксированное, а не снимок",
    en="REPEATABLE READ: UPDATE and FOR UPDATE see what was committed last, not the snapshot",
)
def test_locking_reads_see_the_latest(connect: Connect, connection: Client) -> None:
    reader = connect()
    assert value(reader, "SELECT COUNT(*) FROM accounts") == 2
    set_balance(connection, 1, 50)
    assert locked_balance_of(reader, 1) == 50
    add(reader, 1, -10)
    reader.commit()
    assert balance_of(connection, 1) == 40


@check(
    ru="READ COMMITTED: следующая команда видит чужую фиксацию",
    en="READ COMMITTED: the next statement sees another's commit",
)
def test_read_committed(connect: Connect, connection: Client) -> None:
    reader = connect()
    execute(reader, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    assert balance_of(reader, 1) == 100
    set_balance(connection, 1, 50)
    assert balance_of(reader, 1) == 50
    reader.rollback()


@check(
    ru="FOR UPDATE ждёт чужую блокировку строки и затем видит новое значение",
    en="FOR UPDATE waits for another's row lock and then sees the new value",
)
def test_for_update_waits(connect: Connect, connection: Client) -> None:
    first, second = connect(), connect()
    assert locked_balance_of(first, 1) == 100
    seen: list[int] = []
    result = in_thread(lambda: seen.append(locked_balance_of(second, 1)))
    until(lambda: waits_for_lock(connection))
    set_balance(first, 1, 30)
    assert seen == []
    first.commit()
    assert result() is None
    assert seen == [30]
    second.rollback()


@check(
    ru="Строка под FOR UPDATE не мешает ни обычному чтению, ни другим строкам",
    en="A row under FOR UPDATE holds up neither plain reads nor other rows",
)
def test_for_update_locks_one_row(connect: Connect, connection: Client) -> None:
    first = connect()
    locked_balance_of(first, 1)
    assert balance_of(connection, 1) == 100
    assert set_balance(connection, 2, 1) == 1
    first.rollback()


@check(
    ru="Ожидание блокировки дольше innodb_lock_wait_timeout — ошибка 1205, транзакция жива",
    en="A wait for a lock beyond innodb_lock_wait_timeout is error 1205; the transaction lives",
)
def test_lock_wait_timeout(connect: Connect) -> None:
    first, second = connect(), connect()
    set_balance(first, 1, 1)
    execute(second, "SET innodb_lock_wait_timeout = 1")
    set_balance(second, 2, 2)
    assert error_of(second, "UPDATE accounts SET balance = 2 WHERE id = 1") == _LOCK_TIMEOUT
    second.commit()
    first.rollback()
    assert balances(first) == {1: 100, 2: 2}


@check(
    ru="Взаимная блокировка: одна транзакция получает 1213 и отменяется целиком",
    en="A deadlock: one transaction gets 1213 and is undone as a whole",
)
def test_deadlock(connect: Connect, connection: Client) -> None:
    first, second = connect(), connect()
    add(first, 1, 1)
    add(second, 2, 10)
    result = in_thread(lambda: add(first, 2, 100))
    until(lambda: waits_for_lock(connection))
    in_second: BaseException | None = None
    try:
        add(second, 1, 100)
    except pymysql.MySQLError as error:
        in_second = error
    # The victim has let go of its locks; the other one goes on.
    in_first = result()
    victims = [one for one in (in_first, in_second) if one is not None]
    assert [one.args[0] for one in victims] == [_DEADLOCK]
    first.commit()
    second.commit()
    winner = {1: 101, 2: 200} if in_second else {1: 200, 2: 110}
    assert balances(connection) == winner


@check(
    ru="FOR UPDATE NOWAIT сразу отказывает, SKIP LOCKED пропускает занятую строку",
    en="FOR UPDATE NOWAIT refuses at once, SKIP LOCKED leaves a locked row out",
)
def test_nowait_and_skip_locked(connect: Connect) -> None:
    first, second = connect(), connect()
    locked_balance_of(first, 1)
    # MySQL has a number of its own for NOWAIT; MariaDB answers as to a wait that took too long.
    assert error_of(second, _BALANCE + " FOR UPDATE NOWAIT", (1,)) in (3572, _LOCK_TIMEOUT)
    free = rows(second, "SELECT id FROM accounts ORDER BY id FOR UPDATE SKIP LOCKED")
    assert free == ((2,),)


@check(
    ru="CREATE TABLE фиксирует открытую транзакцию",
    en="CREATE TABLE commits the transaction that is open",
)
def test_ddl_commits(connect: Connect, connection: Client) -> None:
    one = connect()
    set_balance(one, 1, 7)
    execute(one, "CREATE TABLE receipts (id INT PRIMARY KEY)")
    one.rollback()
    assert balance_of(connection, 1) == 7


@check(
    ru="START TRANSACTION READ ONLY запрещает запись с кодом 1792",
    en="START TRANSACTION READ ONLY refuses writes with 1792",
)
def test_read_only(connection: Client) -> None:
    execute(connection, "START TRANSACTION READ ONLY")
    assert error_of(connection, "UPDATE accounts SET balance = 0") == 1792
    execute(connection, "COMMIT")
    assert balance_of(connection, 1) == 100


@check(
    ru="START TRANSACTION WITH CONSISTENT SNAPSHOT берёт снимок сразу, а не при первом чтении",
    en="START TRANSACTION WITH CONSISTENT SNAPSHOT takes the snapshot at once",
)
def test_consistent_snapshot(connect: Connect, connection: Client) -> None:
    early, late = connect(autocommit=True), connect(autocommit=True)
    execute(early, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
    execute(late, "START TRANSACTION")
    set_balance(connection, 1, 5)
    assert balance_of(early, 1) == 100
    assert balance_of(late, 1) == 5
    execute(early, "COMMIT")
    execute(late, "COMMIT")


@check(
    ru="Двадцать потоков по десять списаний под FOR UPDATE: баланс сходится",
    en="Twenty threads of ten withdrawals under FOR UPDATE: the balance adds up",
)
def test_concurrent_withdrawals(connect: Connect, connection: Client) -> None:
    clients = [connect() for _ in range(20)]

    def withdraw(client: Client) -> None:
        for _ in range(10):
            balance = locked_balance_of(client, 1)
            set_balance(client, 1, balance - 1)
            client.commit()

    results = [in_thread(partial(withdraw, client)) for client in clients]
    assert [result() for result in results] == [None] * 20
    assert balance_of(connection, 1) == -100
