"""The server on its socket: commands, several results, KILL, users, bounds."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import aiomysql
import pymysql
import pytest
from pymysql.constants import CLIENT, SERVER_STATUS

from stend.engines.mysql.launcher import MysqlConfig, probe_version
from stend.engines.mysql.server import MAX_CONNECTIONS
from stend.wire.mysql.numbers import Capability, Command
from tests.engines.mysql.peer import CAPABILITIES, Peer, RefusedError
from tests.engines.mysql.running import DATABASE, USER, connected
from tests.engines.servers import HOST
from tests.waiting import until


@pytest.fixture
def peer(server: MysqlConfig) -> Iterator[Peer]:
    with Peer.entered(server.port) as made:
        made.query("DROP TABLE IF EXISTS s")
        made.query("CREATE TABLE s (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
        made.query("INSERT INTO s (v) VALUES (1), (2)")
        yield made


def test_the_version_is_told_before_the_login(server: MysqlConfig) -> None:
    assert probe_version(HOST, server.port) == "8.4.0-stend"


def test_states_of_the_session(peer: Peer) -> None:
    steps = (
        ("SELECT 1", SERVER_STATUS.SERVER_STATUS_AUTOCOMMIT),
        ("BEGIN", 3),
        ("COMMIT", 2),
        ("SET autocommit = 0", 0),
        ("SELECT 1", 0),
        ("SELECT * FROM s", 1),
        ("COMMIT", 0),
        ("COMMIT AND CHAIN", 0),
        ("BEGIN", 1),
        ("COMMIT AND CHAIN", 1),
        ("SET autocommit = 1", 2),
        ("START TRANSACTION READ ONLY", 3 | 8192),
    )
    for sql, status in steps:
        assert (sql, peer.query(sql).status) == (sql, status)
    with pytest.raises(RefusedError) as raised:
        peer.query("CREATE TABLE IF NOT EXISTS s (id INT)")
    assert raised.value.number == 1792
    assert peer.query("ROLLBACK").status == 2


def test_counts_and_texts(peer: Peer) -> None:
    answer = peer.query("INSERT INTO s (v) VALUES (3), (4)")
    assert (answer.affected_rows, answer.last_insert_id) == (2, 3)
    assert answer.info == "Records: 2  Duplicates: 0  Warnings: 0"
    answer = peer.query("UPDATE s SET v = 4 WHERE v > 2")
    assert answer.affected_rows == 1
    assert answer.info == "Rows matched: 2  Changed: 1  Warnings: 0"
    assert peer.query("DELETE FROM s WHERE v = 4").affected_rows == 2
    assert peer.query("SELECT ROW_COUNT()").texts == [("2",)]


def test_a_client_may_count_found_rows(server: MysqlConfig, peer: Peer) -> None:
    with Peer.entered(server.port, CAPABILITIES | Capability.FOUND_ROWS) as other:
        assert other.query("UPDATE s SET v = 1 WHERE v = 1").affected_rows == 1
    assert peer.query("UPDATE s SET v = 1 WHERE v = 1").affected_rows == 0


def test_several_statements(peer: Peer) -> None:
    answer = peer.query("SELECT 1; INSERT INTO s (v) VALUES (9); SELECT ';' /* ; */")
    assert answer.has_more
    assert answer.texts == [("1",)]
    answer = peer.answer()
    assert answer.has_more
    assert answer.affected_rows == 1
    answer = peer.answer()
    assert not answer.has_more
    assert answer.texts == [(";",)]


def test_several_statements_end_with_the_first_error(peer: Peer) -> None:
    assert peer.query("SELECT 1; SELECT nothing; DELETE FROM s").has_more
    with pytest.raises(RefusedError) as raised:
        peer.answer()
    assert raised.value.number == 1054
    assert peer.query("SELECT COUNT(*) FROM s").texts == [("2",)]


def test_several_statements_have_to_be_allowed(server: MysqlConfig) -> None:
    with Peer.entered(server.port, CAPABILITIES & ~Capability.MULTI_STATEMENTS) as peer:
        with pytest.raises(RefusedError) as raised:
            peer.query("SELECT 1; SELECT 2")
        assert raised.value.number == 1064
        assert "near 'SELECT 2'" in raised.value.message
        peer.query("SELECT 1;")
        assert peer.ask(Command.SET_OPTION, b"\0\0").status == 2
        assert peer.query("SELECT 1; SELECT 2").has_more
        peer.answer()
        peer.ask(Command.SET_OPTION, b"\1\0")
        with pytest.raises(RefusedError) as raised:
            peer.query("SELECT 1; SELECT 2")
        assert raised.value.number == 1064


def test_other_commands(peer: Peer) -> None:
    peer.ask(Command.PING)
    peer.order(Command.STATISTICS)
    assert b"Uptime: " in peer.hear()
    peer.ask(Command.INIT_DB, b"information_schema")
    assert peer.query("SELECT DATABASE()").texts == [("information_schema",)]
    with pytest.raises(RefusedError) as raised:
        peer.ask(Command.INIT_DB, b"nothing")
    assert raised.value.number == 1049
    for command in (Command.FIELD_LIST, Command.SHUTDOWN, Command.BINLOG_DUMP, 77):
        with pytest.raises(RefusedError) as raised:
            peer.ask(command, b"x\0")
        assert raised.value.number == 1047
    peer.order(Command.QUIT)
    assert peer.is_hung_up()


def test_a_reset_session_is_as_a_new_one(peer: Peer) -> None:
    peer.query("SET @x = 5, autocommit = 0")
    peer.query("DELETE FROM s")
    statement, _, _ = peer.prepare("SELECT 1")
    assert peer.ask(Command.RESET_CONNECTION).status == 2
    assert peer.query("SELECT @x, COUNT(*) FROM s").texts == [(None, "2")]
    with pytest.raises(RefusedError) as raised:
        peer.execute(statement)
    assert raised.value.number == 1243


def test_a_client_that_speaks_out_of_order(peer: Peer) -> None:
    peer.send(b"\x01\0\0\x05\x0e")
    with pytest.raises(RefusedError) as raised:
        peer.unasked()
    assert raised.value.number == 1156
    assert peer.is_hung_up()


def test_too_many_connections(server: MysqlConfig) -> None:
    with contextlib.ExitStack() as opened:
        peers = [opened.enter_context(Peer(server.port)) for _ in range(MAX_CONNECTIONS + 1)]
        assert peers[-1].greeting == b"\xff\x10\x04Too many connections"
    # As soon as they are gone there is room.
    until(lambda: _may_enter(server))


def _may_enter(server: MysqlConfig) -> bool:
    with Peer(server.port) as peer:
        return peer.greeting[0] != 0xFF


@pytest.mark.parametrize(
    ("user", "password", "database", "error"),
    [
        (USER.name, "wrong", DATABASE, 1045),
        ("nobody", "", DATABASE, 1045),
        (USER.name, USER.password, "nothing", 1049),
    ],
)
def test_who_is_not_let_in(
    server: MysqlConfig, user: str, password: str, database: str, error: int
) -> None:
    with pytest.raises(pymysql.err.OperationalError) as raised:
        pymysql.connect(
            host=HOST, port=server.port, user=user, password=password, database=database
        )
    assert raised.value.args[0] == error


def test_a_session_without_a_database(server: MysqlConfig) -> None:
    connection = pymysql.connect(host=HOST, port=server.port, user="open")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_USER(), DATABASE()")
        assert cursor.fetchall() == ((f"open@{HOST}", None),)
        with pytest.raises(pymysql.err.OperationalError) as raised:
            cursor.execute("SELECT * FROM s")
        assert raised.value.args[0] == 1046


def _sleeping(connection: "pymysql.Connection[Any]") -> tuple[threading.Thread, list[object]]:
    outcome: list[object] = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT SLEEP(20)")
                outcome.append(cursor.fetchall())
        except pymysql.Error as error:
            outcome.append(error.args[0])

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_kill(server: MysqlConfig, peer: Peer) -> None:
    with connected(server) as victim:
        number = _id_of(victim)
        thread, outcome = _sleeping(victim)
        until(lambda: _does(peer, number) == "Query")
        peer.query(f"KILL QUERY {number}")
        thread.join(10)
        assert outcome == [1317]
        with victim.cursor() as cursor:
            cursor.execute("SELECT 5")
        peer.query(f"KILL {number}")
        until(lambda: _does(peer, number) is None)
        with victim.cursor() as cursor, pytest.raises(pymysql.err.OperationalError):
            cursor.execute("SELECT 5")
    with pytest.raises(RefusedError) as raised:
        peer.query("KILL 999999")
    assert raised.value.number == 1094


def test_kill_of_who_waits_for_ddl(server: MysqlConfig, peer: Peer) -> None:
    peer.query("BEGIN")
    peer.query("SELECT * FROM s")
    with Peer.entered(server.port) as altering:
        (found,) = altering.query("SELECT CONNECTION_ID()").texts
        number = int(found[0] or 0)
        altering.order(Command.QUERY, b"ALTER TABLE s ADD COLUMN w INT")
        until(lambda: _does(peer, number) == "Query")
        peer.query(f"KILL QUERY {number}")
        with pytest.raises(RefusedError) as raised:
            altering.answer()
        assert raised.value.number == 1317
        peer.query("COMMIT")
        assert altering.query("SELECT COUNT(*) FROM s").texts == [("2",)]


def _id_of(connection: "pymysql.Connection[Any]") -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        ((number,),) = cursor.fetchall()
    return int(number)


def _does(peer: Peer, number: int) -> str | None:
    shown = peer.query("SHOW PROCESSLIST").texts
    return next((row[4] for row in shown if row[0] == str(number)), None)


def test_who_leaves_lets_go_of_its_locks(server: MysqlConfig, peer: Peer) -> None:
    with Peer.entered(server.port) as other:
        other.query("BEGIN")
        other.query("UPDATE s SET v = 5")
        with Peer.entered(server.port) as waiting:
            waiting.order(Command.QUERY, b"UPDATE s SET v = 6")
    # Both have gone without a word, the one while it waited.
    assert peer.query("UPDATE s SET v = 7").affected_rows == 2


def test_an_idle_client_is_let_go(server: MysqlConfig) -> None:
    with Peer.entered(server.port) as peer:
        peer.query("SET SESSION wait_timeout = 1")
        with pytest.raises(RefusedError) as raised:
            peer.unasked()
        assert raised.value.number == 4031
        assert peer.is_hung_up()


def test_large_values_and_results(peer: Peer) -> None:
    # The row takes two packets.
    answer = peer.query("SELECT REPEAT('x', 9000000), REPEAT('y', 9000000)")
    (row,) = answer.texts
    assert row == ("x" * 9_000_000, "y" * 9_000_000)
    text = "ж" * 1_000_000
    assert peer.query(f"SELECT CHAR_LENGTH('{text}')").texts == [("1000000",)]
    peer.query("CREATE TABLE IF NOT EXISTS many (n INT)")
    peer.query("DELETE FROM many")
    rows = ", ".join(f"({at})" for at in range(1000))
    for _ in range(2):
        peer.query(f"INSERT INTO many VALUES {rows}")  # noqa: S608
    found = peer.query("SELECT n FROM many ORDER BY n")
    assert len(found.rows) == 2000


async def test_aiomysql_and_its_pool(server: MysqlConfig, peer: Peer) -> None:
    async with aiomysql.create_pool(
        host=HOST,
        port=server.port,
        user=USER.name,
        password=USER.password,
        db=DATABASE,
        minsize=1,
        maxsize=3,
    ) as pool:

        async def add() -> None:
            async with pool.acquire() as connection:
                async with connection.cursor() as cursor:
                    await cursor.execute("UPDATE s SET v = v + 1 WHERE id = 1")
                await connection.commit()

        await asyncio.gather(*(add() for _ in range(6)))
        async with pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute("DELETE FROM s")
            await connection.rollback()
            await cursor.execute("SELECT id, v FROM s ORDER BY id")
            assert await cursor.fetchall() == ((1, 7), (2, 2))


def test_pymysql_asks_again_for_rows(server: MysqlConfig, peer: Peer) -> None:
    connection = connected(server, client_flag=CLIENT.MULTI_STATEMENTS)
    with connection, connection.cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute("SELECT v FROM s ORDER BY v; SELECT 5")
        assert list(cursor) == [(1,), (2,)]
        assert cursor.nextset()
        assert cursor.fetchall() == [(5,)]


def test_ignore_is_refused_where_a_warning_would_follow(peer: Peer) -> None:
    for values in ("(1, 'x')", "(9, 'x')", "(NULL, 1e30)"):
        with pytest.raises(RefusedError) as raised:
            peer.query(f"INSERT IGNORE INTO s (id, v) VALUES {values}")  # noqa: S608
        assert raised.value.number == 1235
    assert peer.query("INSERT IGNORE INTO s (id, v) VALUES (1, 1)").affected_rows == 0
