"""Errors of PostgreSQL that the server raises in the place of what the client asked for."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.engines.servers import HOST
from tests.shop.postgresql import shared_postgres
from tests.tap.disturb.talking import DOWN, UP, Talk
from tests.tap.disturb.tapped import tapped
from tests.waiting import until_async


def message(kind: bytes, payload: bytes = b"") -> bytes:
    return kind + (len(payload) + 4).to_bytes(4, "big") + payload


def query(sql: str) -> bytes:
    return message(b"Q", sql.encode() + b"\0")


def startup() -> bytes:
    inside = (196608).to_bytes(4, "big") + b"user\0me\0\0"
    return (len(inside) + 4).to_bytes(4, "big") + inside


READY = message(b"Z", b"I")
HELLO = message(b"R", bytes(4)) + READY
PARSE = message(b"P", b"\0UPDATE t SET a = $1\0\0\0")
BIND = message(b"B", b"\0\0\0\0\0\0\0\0")
EXECUTE = message(b"E", b"\0\0\0\0\0")
SYNC, FLUSH = message(b"S"), message(b"H")
CLOSE = message(b"C", b"Sone\0")
DONE = message(b"1") + message(b"2") + message(b"C", b"UPDATE 1\0") + READY
ERROR = message(b"E", b"SERROR\0C40P01\0Mdeadlock detected\0\0") + READY


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    before = [(UP, startup()), (DOWN, HELLO)]
    made = Talk("postgresql", before, piece_bytes=request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    "cycle",
    [query("SELECT 1"), query(" /*t*/ insert into t values (1)"), PARSE + BIND + EXECUTE + SYNC],
    ids=["select", "insert", "extended"],
)
def test_a_cycle_becomes_a_statement_that_raises(talk: Talk, cycle: bytes) -> None:
    talk.set("sql_deadlock", first=1)
    talk.up(cycle)
    assert talk.to_server[:1] == b"Q"
    assert b"ERRCODE = '40P01', MESSAGE = 'deadlock detected'" in talk.to_server
    assert len(talk.to_server) == 1 + int.from_bytes(talk.to_server[1:5], "big")
    talk.down(ERROR)
    assert talk.to_client == ERROR
    before = talk.to_server
    talk.up(cycle)
    assert talk.to_server == before + cycle
    talk.down(DONE)
    assert talk.to_client == ERROR + DONE


@pytest.mark.parametrize(
    "cycle",
    [
        query("BEGIN"),
        query("COMMIT"),
        query("SET x = 1"),
        query("LISTEN orders"),
        query("COPY t FROM STDIN") + message(b"d", b"1\n") + message(b"c"),
        PARSE + SYNC,
        PARSE + FLUSH + BIND + EXECUTE + SYNC,
        PARSE + BIND + EXECUTE + BIND + EXECUTE + SYNC,
        CLOSE + PARSE + BIND + EXECUTE + SYNC,
        message(b"X"),
    ],
)
def test_what_is_no_statement_on_data_passes(talk: Talk, cycle: bytes) -> None:
    talk.set("sql_deadlock")
    talk.up(cycle)
    assert talk.to_server == cycle
    assert talk.struck == 0


def test_what_waits_for_an_answer_is_not_held(talk: Talk) -> None:
    talk.set("sql_deadlock")
    talk.up(PARSE)
    assert talk.to_server == b""
    talk.up(FLUSH)
    assert talk.to_server == PARSE + FLUSH


def test_a_cycle_that_had_begun_is_not_struck() -> None:
    talk = Talk("postgresql", [(UP, startup()), (DOWN, HELLO)])
    talk.up(PARSE)
    talk.set("sql_deadlock")
    talk.up(BIND + EXECUTE + SYNC)
    assert talk.to_server == PARSE + BIND + EXECUTE + SYNC
    talk.down(DONE)
    talk.up(query("SELECT 1"))
    assert b"RAISE" in talk.to_server
    talk.close()


def test_what_is_held_goes_on_when_it_is_lifted(talk: Talk) -> None:
    talk.set("sql_deadlock")
    talk.up(PARSE + BIND + EXECUTE[:3])
    talk.clear()
    assert talk.to_server == PARSE + BIND + EXECUTE[:3]
    talk.up(EXECUTE[3:] + SYNC)
    assert talk.to_server == PARSE + BIND + EXECUTE + SYNC
    assert talk.line.is_idle


def test_a_new_connection_is_one_too_many() -> None:
    talk = Talk("postgresql")
    talk.set("sql_too_many_connections")
    talk.up(startup())
    assert talk.to_server == b""
    assert b"C53300\0" in talk.to_client
    assert [one[2] for one in talk.ends.log if one[1] == "fin"] == [DOWN, UP]
    talk.close()


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with shared_postgres() as running:
        yield running.empty_database("orders")


async def connected(dsn: str, port: int) -> psycopg.AsyncConnection[tuple[object, ...]]:
    return await psycopg.AsyncConnection.connect(dsn, host=HOST, port=port)


def port_of(dsn: str) -> int:
    return int(str(psycopg.conninfo.conninfo_to_dict(dsn)["port"]))


@pytest.mark.parametrize(
    ("kind", "error", "state"),
    [
        ("sql_deadlock", psycopg.errors.DeadlockDetected, "40P01"),
        ("sql_serialization_failure", psycopg.errors.SerializationFailure, "40001"),
    ],
)
async def test_psycopg_rolls_back_and_tries_again(
    dsn: str, kind: str, error: type[psycopg.Error], state: str
) -> None:
    async with tapped(port_of(dsn), "postgresql") as tap:
        connection = await connected(dsn, tap.port)
        async with connection:
            await connection.execute("CREATE TEMP TABLE t (a int)")
            await connection.commit()
            await connection.execute("INSERT INTO t VALUES (%s)", (1,))
            fault = tap.set(kind)
            with pytest.raises(error) as raised:
                await connection.execute("INSERT INTO t VALUES (%s)", (2,))
            assert raised.value.sqlstate == state
            # The server's transaction has failed, too.
            tap.faults.clear(fault.id)
            with pytest.raises(psycopg.errors.InFailedSqlTransaction):
                await connection.execute("SELECT 1")
            await connection.rollback()
            await connection.execute("INSERT INTO t VALUES (%s)", (3,), prepare=True)
            found = await connection.execute("SELECT a FROM t")
            assert await found.fetchall() == [(3,)]


async def test_every_second_statement_fails_prepared_or_not(dsn: str) -> None:
    async with tapped(port_of(dsn), "postgresql") as tap:
        connection = await connected(dsn, tap.port)
        async with connection:
            await connection.set_autocommit(True)
            tap.set("sql_deadlock", every=2)
            outcomes = []
            for number in range(20):
                try:
                    found = await connection.execute("SELECT %s::int", (number,))
                    outcomes.append(await found.fetchone() == (number,))
                except psycopg.errors.DeadlockDetected:
                    outcomes.append(False)
            assert outcomes == [True, False] * 10
            async with connection.pipeline():
                both = [await connection.execute("SELECT %s::int", (one,)) for one in (1, 2)]
            assert [await one.fetchone() for one in both] == [(1,), (2,)]


async def test_a_pool_of_connections_is_full_for_new_ones_only(dsn: str) -> None:
    async with tapped(port_of(dsn), "postgresql") as tap:
        connection = await connected(dsn, tap.port)
        async with connection:
            fault = tap.set("sql_too_many_connections")
            with pytest.raises(psycopg.OperationalError, match="too many clients already"):
                await connected(dsn, tap.port)
            await connection.execute("SELECT 1")
            tap.faults.clear(fault.id)
            async with await connected(dsn, tap.port) as other:
                await other.execute("SELECT 1")
        await until_async(lambda: tap.tap.open_count == 0)
