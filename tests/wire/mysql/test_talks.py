"""What real clients and the stand's MySQL say is decoded to the last byte."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import aiomysql
import pymysql
import pytest

from stend.engines.postgresql.launcher import PostgresLauncher
from stend.kit.fields import account, every
from stend.wire.exchanges import Grouping
from stend.wire.mysql.decoder import MysqlDecoder
from tests.engines.mysql.running import DATABASE, USER, config_in, running, storage_in
from tests.engines.servers import HOST
from tests.folders import open_folder
from tests.wire.checking import Heard, check
from tests.wire.recording import recorded

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_TABLE = (
    "CREATE TABLE points (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) UNIQUE,"
    " price DECIMAL(10, 2), at DATETIME, big BIGINT UNSIGNED)"
)


def _connected(port: int, **more: Any) -> "pymysql.Connection[Any]":
    wanted = {"user": USER.name, "password": USER.password, "database": DATABASE, **more}
    return pymysql.connect(host=HOST, port=port, **wanted)


def _speak(port: int) -> None:
    with contextlib.closing(_connected(port)) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute("INSERT INTO points (name, price) VALUES ('чай', 1.10), (NULL, NULL)")
        cursor.execute(" ".join((f"/*traceparent='{TRACE}'*/", "SELECT * FROM points ORDER BY id")))
        assert len(cursor.fetchall()) == 2
        with contextlib.suppress(pymysql.err.IntegrityError):
            cursor.execute("INSERT INTO points (name) VALUES ('чай')")
        with contextlib.suppress(pymysql.err.ProgrammingError):
            cursor.execute("SELEC 1")
        connection.ping()
        connection.select_db(DATABASE)
        connection.commit()
    with contextlib.suppress(pymysql.err.OperationalError):
        _connected(port, password="wrong")


async def _speak_asynchronously(port: int) -> None:
    connection = await aiomysql.connect(
        host=HOST, port=port, user=USER.name, password=USER.password, db=DATABASE
    )
    async with connection.cursor() as cursor:
        await cursor.execute("UPDATE points SET price = 2 WHERE name = 'чай'")
        await cursor.execute("SELECT COUNT(*) FROM points")
        await cursor.fetchall()
    await connection.commit()
    await connection.ensure_closed()


@pytest.fixture(scope="module")
def talks() -> Iterator[list[Heard]]:
    with open_folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        with running(config, PostgresLauncher(storage)), recorded(config.port) as recording:
            _speak(recording.port)
            asyncio.run(_speak_asynchronously(recording.port))
            recording.stop()
            yield [check(MysqlDecoder, talk) for talk in recording.talks]


def test_every_byte_has_a_name(talks: list[Heard]) -> None:
    named = 0
    for heard in talks:
        for unit in heard.units:
            tree = heard.tree(unit)
            assert not any(one.why_not for one in every(tree)), unit.name
            named += account(tree, 0, unit.end - unit.start).named
    assert named > 1_500


def test_commands_have_their_answers(talks: list[Heard]) -> None:
    units = [unit for heard in talks for unit in heard.units]
    assert {one.name for one in units} >= {
        "HandshakeV10",
        "HandshakeResponse41",
        "COM_QUERY",
        "COM_PING",
        "COM_INIT_DB",
        "COM_QUIT",
        "column definition",
        "row",
        "EOF",
        "OK",
        "ERR",
    }
    errors = {one.error.partition(")")[0] for one in units if one.error}
    assert errors == {"1062 (23000", "1064 (42000", "1045 (28000"}
    assert TRACE in {one.context for one in units}
    for heard in talks:
        assert all(one.is_complete for one in Grouping().add(heard.units))


def test_no_password_is_shown(talks: list[Heard]) -> None:
    values = {
        str(one.value) for heard in talks for unit in heard.units for one in every(heard.tree(unit))
    }
    assert not any(USER.password in one for one in values)
