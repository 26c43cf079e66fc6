"""Connections: who may come in, what the server says of itself, and how it ends."""

import pymysql
import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.mysql.conftest import (
    Client,
    Connect,
    ConnectAsync,
    error_of,
    execute,
    rows,
    value,
)
from tests.waiting import until


@check(
    ru="Неверный пароль — ошибка 1045, нет такой базы — 1049",
    en="A wrong password is error 1045, a database that is not there 1049",
)
def test_refused_logins(connect: Connect) -> None:
    with pytest.raises(pymysql.MySQLError) as raised:
        connect(password="wrong")
    assert raised.value.args[0] == 1045
    with pytest.raises(pymysql.MySQLError) as raised:
        connect(database="nowhere_at_all")
    assert raised.value.args[0] == 1049


@check(
    ru="Без выбранной базы имя таблицы — ошибка 1046, USE выбирает базу",
    en="Without a database a table's name is error 1046; USE chooses one",
)
def test_no_database(connect: Connect, connection: Client, database: str) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    bare = connect(database=None)
    assert error_of(bare, "SELECT * FROM t") == 1046
    assert rows(bare, f"SHOW TABLES FROM {database}") == (("t",),)
    execute(bare, f"USE {database}")
    assert value(bare, "SELECT DATABASE()") == database


@check(
    ru="Ping, смена базы и сброс соединения работают",
    en="Ping, another database and a reset of the connection work",
)
def test_commands(connection: Client, database: str) -> None:
    connection.ping(reconnect=False)
    connection.select_db("information_schema")
    assert value(connection, "SELECT DATABASE()") == "information_schema"
    connection.select_db(database)
    assert value(connection, "SELECT DATABASE()") == database


@check(
    ru="Сервер называет кодировку utf8mb4 и сопоставление utf8mb4_general_ci",
    en="The server names the character set utf8mb4 and the collation utf8mb4_general_ci",
)
def test_variables(connection: Client) -> None:
    assert rows(
        connection,
        "SELECT @@character_set_client, @@collation_connection, @@autocommit, @@SESSION.time_zone",
    )[0][:3] == ("utf8mb4", "utf8mb4_general_ci", 1)
    shown = rows(connection, "SHOW VARIABLES LIKE 'character_set_server'")
    assert shown == (("character_set_server", "utf8mb4"),)
    assert error_of(connection, "SELECT @@no_such_variable") == 1193


@check(
    ru="KILL обрывает чужой запрос",
    en="KILL ends somebody else's connection",
)
def test_kill(connect: Connect, connection: Client) -> None:
    victim = connect()
    number = value(victim, "SELECT CONNECTION_ID()")
    execute(connection, f"KILL {number}")
    # Lost while it is asked, or told as killed: it depends on what comes first.
    assert error_of(victim, "SELECT 1") in {2013, 2006, 1927}
    # A server answers before it has cleared the last of it away.
    until(lambda: number not in [row[0] for row in rows(connection, "SHOW PROCESSLIST")])


@check(
    ru="Большой ответ доходит целиком: 50 000 строк и строка в 5 МБ",
    en="Large answers arrive whole: 50,000 rows and a text of 5 MB",
)
def test_large_results(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT, b LONGTEXT)")
    numbers = [(number, "x" * 20) for number in range(50_000)]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t VALUES (%s, %s)", numbers)
    got = rows(connection, "SELECT a FROM t ORDER BY a")
    assert [one for (one,) in got] == list(range(50_000))
    execute(connection, "INSERT INTO t VALUES (-1, %s)", ("я" * 2_500_000,))
    assert len(value(connection, "SELECT b FROM t WHERE a = -1")) == 2_500_000


@check(
    ru="aiomysql: несколько соединений видят записанное друг другом",
    en="aiomysql: several connections see what each other wrote",
)
async def test_aiomysql(connect_async: ConnectAsync, connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    for number in range(5):
        client = await connect_async(autocommit=True)
        async with client.cursor() as cursor:
            await cursor.execute("INSERT INTO t VALUES (%s)", (number,))
            await cursor.execute("SELECT COUNT(*) FROM t")
            assert await cursor.fetchone() == (number + 1,)
