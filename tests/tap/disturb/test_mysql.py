"""Errors of MySQL in the place of its answers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from stend.wire.decoding import Direction
from stend.wire.mysql import replies
from stend.wire.mysql.handshake import Greeting, Login
from stend.wire.mysql.numbers import Capability, Command
from stend.wire.mysql.packets import packets
from stend.wire.mysql.source import sized
from tests.engines.mysql.running import config_in, connected, running, storage_in
from tests.folders import open_folder
from tests.tap.disturb.talking import DOWN, UP, Talk
from tests.tap.disturb.tapped import tapped
from tests.waiting import until_async

CAPABILITIES = int(Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH | Capability.SECURE_CONNECTION)
GREETING = Greeting("8.4.0", 5, b"x" * 20, 0xFFFFFFFF, 45, 2, "mysql_native_password").encode()
LOGIN = Login(CAPABILITIES, 1, 45, "anna", b"proof", None, "mysql_native_password", {}).encode()


def packet(payload: bytes, sequence: int = 0) -> bytes:
    return packets(payload, sequence)[0]


def query(sql: str) -> bytes:
    return packet(bytes((Command.QUERY,)) + sql.encode())


OK = packet(replies.ok(status=2), 1)
BEFORE: list[tuple[Direction, bytes]] = [
    (DOWN, packet(GREETING)),
    (UP, packet(LOGIN, 1)),
    (DOWN, packet(replies.ok(status=2), 2)),
]


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("mysql", BEFORE, piece_bytes=request.param)
    yield made
    made.close()


@pytest.mark.parametrize("sql", ["SELECT 1", " /* trace */ update t set a = 1", "REPLACE t () ()"])
def test_a_deadlock_rolls_the_transaction_back_at_the_server(talk: Talk, sql: str) -> None:
    talk.set("mysql_deadlock", first=1)
    talk.up(query(sql))
    assert talk.to_server == query("ROLLBACK")
    assert talk.to_client == b""
    talk.down(OK)
    message = "Deadlock found when trying to get lock; try restarting transaction"
    error = packet(replies.err(1213, "40001", message), 1)
    assert talk.to_client == error
    talk.up(query(sql))
    talk.down(OK)
    assert talk.to_server == query("ROLLBACK") + query(sql)
    assert talk.to_client == error + OK


def test_attributes_may_stand_before_a_statement() -> None:
    more = CAPABILITIES | Capability.QUERY_ATTRIBUTES
    login = Login(more, 1, 45, "anna", b"proof", None, "mysql_native_password", {}).encode()
    talk = Talk("mysql", [BEFORE[0], (UP, packet(login, 1)), BEFORE[2]])
    talk.set("mysql_deadlock")
    named = b"\x01\x01\0\x01" + b"\xfd\0" + sized(b"trace") + sized(b"on")
    talk.up(packet(bytes((Command.QUERY,)) + named + b"SELECT 1"))
    assert talk.to_server == packet(bytes((Command.QUERY,)) + b"\0\x01ROLLBACK")
    talk.down(OK)
    assert b"#40001Deadlock" in talk.to_client
    talk.close()


def test_a_lock_that_is_waited_for_too_long_leaves_the_transaction(talk: Talk) -> None:
    talk.set("mysql_lock_wait_timeout")
    talk.up(query("DELETE FROM t"))
    assert talk.to_server == b""
    assert talk.to_client[3:8] == b"\x01\xff\xb5\x04#"
    talk.clear()
    talk.up(query("SELECT 1"))
    assert talk.to_server == query("SELECT 1")
    assert talk.line.is_idle


@pytest.mark.parametrize(
    "command",
    [query("BEGIN"), query("SET NAMES utf8mb4"), query("COMMIT"), packet(bytes((Command.PING,)))],
    ids=["BEGIN", "SET", "COMMIT", "PING"],
)
def test_what_is_no_statement_on_data_passes(talk: Talk, command: bytes) -> None:
    talk.set("mysql_deadlock")
    talk.up(command)
    talk.down(OK)
    assert talk.to_server == command
    assert talk.to_client == OK


def test_the_answer_is_replaced_though_the_fault_is_lifted(talk: Talk) -> None:
    talk.set("mysql_deadlock")
    talk.up(query("SELECT 1"))
    talk.clear()
    talk.down(OK)
    assert b"#40001Deadlock" in talk.to_client
    assert talk.line.is_idle


def test_a_new_connection_is_one_too_many() -> None:
    talk = Talk("mysql", piece_bytes=7)
    talk.set("mysql_too_many_connections")
    talk.down(packet(GREETING))
    assert talk.to_client == packet(b"\xff\x10\x04Too many connections")
    assert [one[2] for one in talk.ends.log if one[1] == "fin"] == [DOWN, UP]
    talk.close()


@pytest.fixture(scope="module")
def config() -> Iterator[MysqlConfig]:
    with open_folder() as folder:
        storage = storage_in(folder)
        made = config_in(folder, storage)
        with running(made, PostgresLauncher(storage)):
            yield made


async def test_pymysql_sees_each_error_and_what_it_leaves_of_a_transaction(
    config: MysqlConfig,
) -> None:
    async with tapped(config.port, "mysql") as tap:
        connection = await asyncio.to_thread(connected, config, port=tap.port, autocommit=False)

        def run(sql: str) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()

        async def fails(sql: str) -> int:
            with pytest.raises(pymysql.err.OperationalError) as raised:
                await asyncio.to_thread(run, sql)
            return int(raised.value.args[0])

        await asyncio.to_thread(run, "CREATE TABLE struck (a INT)")
        await asyncio.to_thread(run, "INSERT INTO struck VALUES (1)")
        fault = tap.set("mysql_lock_wait_timeout")
        assert await fails("INSERT INTO struck VALUES (2)") == 1205
        tap.faults.clear(fault.id)
        # The transaction has what was before.
        assert await asyncio.to_thread(run, "SELECT a FROM struck") == ((1,),)
        fault = tap.set("mysql_deadlock")
        assert await fails("INSERT INTO struck VALUES (3)") == 1213
        tap.faults.clear(fault.id)
        # It is rolled back at the server.
        assert await asyncio.to_thread(run, "SELECT a FROM struck") == ()
        fault = tap.set("mysql_too_many_connections")
        with pytest.raises(pymysql.err.OperationalError) as raised:
            await asyncio.to_thread(connected, config, port=tap.port)
        assert raised.value.args[0] == 1040
        assert await asyncio.to_thread(run, "SELECT 5") == ((5,),)
        tap.faults.clear(fault.id)
        await asyncio.to_thread(connection.close)
        await until_async(lambda: tap.tap.open_count == 0)
