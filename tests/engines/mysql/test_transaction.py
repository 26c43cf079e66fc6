"""InnoDB's isolation on two connections of PostgreSQL, with statements made by hand."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from string import Template

import psycopg
import pytest

from stend.engines.mysql.backend.commits import Commits
from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.backend.link import LostError, PgFailure
from stend.engines.mysql.backend.pool import Pool
from stend.engines.mysql.backend.running import Alone
from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.backend.transaction import EndedError, Shared, Transaction
from stend.engines.mysql.backend.waits import Waits
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.tables.model import Catalog, Key, Table, TableName
from stend.engines.postgresql.launcher import PostgresLauncher

T, U = TableName("shop", "t"), TableName("shop", "u")
NONE: frozenset[TableName] = frozenset()
CATALOG = Catalog(
    {"shop": {one.table: Table(one, (), (Key("PRIMARY", ("k",), unique=True),)) for one in (T, U)}}
)

_TABLE = Template(
    "DROP TABLE IF EXISTS d_shop.$name; CREATE TABLE d_shop.$name (k int PRIMARY KEY, v int);"
    " INSERT INTO d_shop.$name SELECT i, i * 10 FROM generate_series(1, 2) i"
)
_UPDATE = Template(
    "WITH done AS (UPDATE d_shop.$name SET v = $value WHERE k = $key RETURNING 1)"
    " SELECT count(*), count(*), NULL, NULL FROM done"
)
_INSERT = Template(
    "WITH done AS (INSERT INTO d_shop.t VALUES ($key, $value) RETURNING 1)"
    " SELECT count(*), count(*), NULL, NULL FROM done"
)
_DELETE = Template(
    "WITH done AS (DELETE FROM d_shop.t WHERE k = $key RETURNING 1)"
    " SELECT count(*), count(*), NULL, NULL FROM done"
)
_SELECT = Template("SELECT $columns FROM $joined$on ORDER BY k $locking")

_ALL = Translated(StatementKind.SELECT, 'SELECT k, v FROM "d_shop"."t" AS t', reads=frozenset({T}))


@dataclass
class World:
    shared: Shared
    begun: list[Transaction] = field(default_factory=list)

    def begin(self, isolation: Isolation = Isolation.REPEATABLE_READ) -> Transaction:
        self.begun.append(Transaction(self.shared, isolation))
        return self.begun[-1]

    async def put(self, key: int, value: int, table: TableName = T) -> None:
        """By somebody else, with autocommit."""
        alone = Alone(self.shared, Isolation.REPEATABLE_READ)
        await alone.write(_update(table, key, value), NONE, Waits())


@pytest.fixture
async def world(storage: tuple[PostgresLauncher, str]) -> AsyncIterator[World]:
    with psycopg.connect(storage[1], autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS d_shop")
        for name in ("t", "u"):
            connection.execute(_TABLE.substitute(name=name).encode())
    made = World(Shared(Pool(storage[1]), Commits()))
    yield made
    for one in made.begun:
        await one.rollback()
    await made.shared.pool.close()


def _update(table: TableName, key: int, value: int) -> Translated:
    sql = _UPDATE.substitute(name=table.table, key=key, value=value)
    return Translated(StatementKind.UPDATE, sql, writes=frozenset({table}))


def _step(step: str, value: int) -> Translated:
    """`I3` inserts a row, `U3` updates it, `D3` deletes it."""
    key = step[1:]
    if step[0] == "U":
        return _update(T, int(key), value)
    made = _INSERT if step[0] == "I" else _DELETE
    sql = made.substitute(key=key, value=value)
    return Translated(StatementKind.INSERT, sql, writes=frozenset({T}))


def _select(*tables: TableName, locking: str = "") -> Translated:
    names = [one.table for one in tables]
    joined = " JOIN ".join(f'"d_shop"."{name}" AS {name}' for name in names)
    on = " USING (k)" if len(names) > 1 else ""
    columns = ", ".join(f"{name}.v" for name in names)
    sql = _SELECT.substitute(columns=columns, joined=joined, on=on, locking=locking)
    return Translated(StatementKind.SELECT, sql, reads=frozenset(tables), is_locking=bool(locking))


async def _read(
    transaction: Transaction | Alone, *tables: TableName, locking: str = ""
) -> list[int]:
    statement = _select(*tables or (T,), locking=locking)
    if isinstance(transaction, Alone):
        result = await transaction.select(statement, Waits())
    else:
        result = await transaction.select(statement, Waits(), CATALOG)
    return [int(row[0] or b"-1") for row in result.rows()]


async def _write(transaction: Transaction, key: int, value: int, table: TableName = T) -> None:
    await transaction.write(_update(table, key, value), NONE, Waits(rows_s=5))


async def _write_and_commit(transaction: Transaction, key: int, value: int) -> None:
    await _write(transaction, key, value)
    await transaction.commit()


async def test_plain_reads_repeat_and_locking_reads_see_the_latest(world: World) -> None:
    one = world.begin()
    assert await _read(one) == [10, 20]
    await world.put(1, 11)
    assert await _read(one) == [10, 20]
    assert await _read(one, locking="FOR UPDATE") == [11, 20]
    assert await _read(one) == [10, 20]
    assert await _read(one, U) == [10, 20]


async def test_the_snapshot_is_of_all_tables(world: World) -> None:
    one = world.begin()
    await _read(one, T)
    await world.put(1, 11, U)
    assert await _read(one, U) == [10, 20]


async def test_a_transaction_sees_what_it_has_written(world: World) -> None:
    one = world.begin()
    await _write(one, 1, 11)
    assert await _read(one) == [11, 20]
    assert await _read(one, U) == [10, 20]
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [10, 20]
    await one.rollback()
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [10, 20]


async def test_own_rows_and_those_of_the_snapshot_are_mixed(world: World) -> None:
    one = world.begin()
    await _read(one)
    await world.put(1, 11)
    await _write(one, 2, 22)
    assert await _read(one) == [10, 22]
    assert await _read(one, locking="FOR UPDATE") == [11, 22]
    # What others have written and the transaction has written over is its own.
    await _write(one, 1, 12)
    assert await _read(one) == [12, 22]
    await one.commit()
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [12, 22]


async def test_joins_and_subqueries_are_mixed(world: World) -> None:
    one = world.begin()
    await _read(one)
    await _write(one, 2, 22)
    await world.put(1, 11, U)
    assert await _read(one, T, U) == [10, 22]
    found = await one.select(
        Translated(
            StatementKind.SELECT,
            """SELECT '"d_shop"."t"', v FROM "d_shop"."t" AS t WHERE v = 22"""
            """ AND EXISTS (SELECT 1 FROM "d_shop"."u" AS u WHERE u.v = 10)""",
            reads=frozenset({T, U}),
        ),
        Waits(),
        CATALOG,
    )
    assert list(found.rows()) == [(b'"d_shop"."t"', b"22")]


@pytest.mark.parametrize(
    ("others", "own", "shown"),
    [
        # By others; by the transaction, then; what it reads: key and value.
        (["I3"], ["U1"], {1: "own", 2: 20}),
        (["D1"], ["U2"], {1: 10, 2: "own"}),
        (["U1"], ["D1"], {2: 20}),
        (["U1"], ["D2"], {1: 10}),
        (["D1"], ["I1"], {1: "own", 2: 20}),
        (["D1", "I1"], ["U1"], {1: "own", 2: 20}),
        (["D1", "I1"], ["U2"], {1: 10, 2: "own"}),
        (["I3"], ["D3", "U1"], {1: "own", 2: 20}),
        (["I3"], ["U3"], {1: 10, 2: 20, 3: "own"}),
        (["U1", "U1", "U2"], ["I4"], {1: 10, 2: 20, 4: "own"}),
        (["D1", "D2"], ["I3"], {1: 10, 2: 20, 3: "own"}),
    ],
    ids=lambda value: "".join(value) if isinstance(value, list) else None,
)
async def test_the_version_that_is_shown(
    world: World, others: list[str], own: list[str], shown: dict[int, object]
) -> None:
    one = world.begin()
    await _read(one, U)
    # Others write in savepoints too: their versions have numbers that no snapshot names.
    other = world.begin()
    for step in others:
        await other.write(_step(step, 77), NONE, Waits())
    await other.commit()
    for step in own:
        await one.write(_step(step, 99), NONE, Waits())
    for _ in range(2):
        found = await one.select(_ALL, Waits(), CATALOG)
        expected = {key: 99 if value == "own" else value for key, value in shown.items()}
        assert {int(key or 0): int(value or 0) for key, value in found.rows()} == expected


async def test_a_writer_that_is_open_at_the_snapshot(world: World) -> None:
    """Its savepoints have numbers below the snapshot's end, and the snapshot does not see them."""
    other = world.begin()
    await other.write(_step("U1", 77), NONE, Waits())
    await world.put(2, 21)
    one = world.begin()
    assert await _read(one) == [10, 21]
    await other.write(_step("I3", 77), NONE, Waits())
    await other.commit()
    await _write(one, 2, 22)
    assert await _read(one) == [10, 22]


async def test_a_table_without_a_key_is_refused(world: World) -> None:
    one = world.begin()
    await _read(one)
    await world.put(1, 11)
    await _write(one, 2, 22)
    keyless = Catalog({"shop": {"t": Table(T, ())}})
    with pytest.raises(MySqlError) as raised:
        await one.select(_select(T), Waits(), keyless)
    assert raised.value.error is MyError.ER_CHECKREAD
    # The others go on, and so does this one.
    assert await _read(one, U) == [10, 20]
    assert await _read(one) == [10, 22]


async def test_the_first_read_is_of_now_though_others_have_changed_it_before(
    world: World,
) -> None:
    one = world.begin()
    await _write(one, 2, 22)
    await world.put(1, 11)
    assert await _read(one) == [11, 22]
    await world.put(1, 12)
    assert await _read(one) == [11, 22]


async def test_what_waits_for_a_lock_has_changed_nothing(world: World) -> None:
    one = world.begin()
    await _read(one)
    await _write(one, 1, 11)
    other = asyncio.create_task(world.put(1, 12))
    await _blocked(world)
    assert await _read(one) == [11, 20]
    await one.commit()
    await other
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [12, 20]


async def test_a_read_waits_for_a_commit_that_is_sent(world: World) -> None:
    one = world.begin()
    await _read(one)
    await _write(one, 2, 22)
    async with world.shared.commits.commit(frozenset({T})):
        reading = asyncio.create_task(_read(one))
        await asyncio.wait([reading], timeout=0.05)
        assert not reading.done()
    assert await reading == [10, 22]


async def test_cascades_are_written_too(world: World) -> None:
    one = world.begin()
    await _read(one)
    await world.put(1, 11, U)
    # As if a foreign key had changed the second row of U.
    await one.write(_update(U, 2, 5), frozenset({T}), Waits())
    await one.write(_update(T, 1, 5), frozenset({U}), Waits())
    assert await _read(one, U) == [10, 5]


async def test_a_change_of_no_row_writes_nothing(world: World) -> None:
    one = world.begin()
    await _read(one)
    await _write(one, 77, 1)
    await world.put(1, 11)
    assert await _read(one) == [10, 20]


async def test_an_error_undoes_its_statement_only(world: World) -> None:
    one = world.begin()
    await _write(one, 1, 11)
    wrong = Translated(StatementKind.SELECT, "SELECT v / 0 FROM d_shop.t", reads=frozenset({T}))
    for _ in range(2):
        with pytest.raises(PgFailure) as raised:
            await one.select(wrong, Waits(), CATALOG)
        assert raised.value.sql_state == "22012"
    with pytest.raises(PgFailure):
        await one.select(Translated(StatementKind.SELECT, "SELECT 1 / 0"), Waits(), CATALOG)
    assert await _read(one) == [11, 20]
    await one.commit()
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [11, 20]


@pytest.mark.parametrize(
    ("text", "number"),
    [("SELECT 'a\0'", 1235), ("SELECT '\udcff'", 1300)],
    ids=["zero", "no UTF-8"],
)
async def test_a_text_that_cannot_be_sent_begins_nothing(
    world: World, text: str, number: int
) -> None:
    one = world.begin()
    wrong = Translated(StatementKind.SELECT, text, is_locking=True)
    with pytest.raises(MySqlError) as raised:
        await one.select(wrong, Waits(), CATALOG)
    assert raised.value.error.number == number
    await _write(one, 1, 11)
    await one.rollback()
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [10, 20]


async def test_savepoints(world: World) -> None:
    one = world.begin()
    await one.savepoint("before")
    await _write(one, 1, 11)
    await one.savepoint("a")
    await _write(one, 1, 12)
    await one.savepoint("b")
    await _write(one, 1, 13)
    await one.rollback_to("B")
    assert await _read(one) == [12, 20]
    # Released, but the one above it stays; PostgreSQL would forget both.
    await one.release("a")
    await _write(one, 2, 22)
    await one.rollback_to("b")
    assert await _read(one) == [12, 20]
    with pytest.raises(MySqlError, match="SAVEPOINT a does not exist"):
        await one.rollback_to("a")
    await one.rollback_to("before")
    assert await _read(one) == [10, 20]


async def test_a_savepoint_takes_the_name_of_an_older_one(world: World) -> None:
    one = world.begin()
    await _write(one, 1, 11)
    await one.savepoint("a")
    await _write(one, 1, 12)
    await one.savepoint("a")
    await _write(one, 1, 13)
    await one.rollback_to("a")
    assert await _read(one) == [12, 20]
    await one.release("a")
    with pytest.raises(MySqlError, match="SAVEPOINT a does not exist"):
        await one.release("a")


async def test_what_was_undone_is_not_written(world: World) -> None:
    one = world.begin()
    await _read(one)
    await one.savepoint("a")
    await _write(one, 1, 11)
    await one.rollback_to("a")
    await world.put(2, 22)
    assert await _read(one) == [10, 20]


async def test_a_lock_is_waited_for_and_then_the_latest_row_is_seen(world: World) -> None:
    one, two = world.begin(), world.begin()
    await _write(one, 1, 11)
    waiting = asyncio.create_task(_read(two, locking="FOR UPDATE"))
    await _blocked(world)
    await one.commit()
    assert await waiting == [11, 20]


async def test_the_wait_for_a_lock_ends(world: World) -> None:
    one, two = world.begin(), world.begin()
    await _write(one, 1, 11)
    await _write(two, 2, 22)
    # A setting of PostgreSQL in milliseconds would be a second at least.
    with pytest.raises(PgFailure) as raised:
        await two.select(_select(T, locking="FOR UPDATE"), _Hasty(), CATALOG)
    assert raised.value.sql_state == "55P03"
    await two.commit()
    await one.rollback()
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [10, 22]


async def test_read_committed(world: World) -> None:
    one = world.begin(Isolation.READ_COMMITTED)
    assert await _read(one) == [10, 20]
    await world.put(1, 11)
    assert await _read(one) == [11, 20]
    await _write(one, 2, 22)
    await world.put(1, 12)
    assert await _read(one) == [12, 22]


async def test_serializable(world: World) -> None:
    one, two = world.begin(Isolation.SERIALIZABLE), world.begin(Isolation.SERIALIZABLE)
    assert await _read(one) == await _read(two)
    await _write(one, 1, 11)
    await one.commit()
    with pytest.raises(EndedError):
        await _write_and_commit(two, 2, 22)


async def test_a_table_that_was_redefined_since_the_snapshot_is_refused(world: World) -> None:
    one = world.begin()
    await _read(one, T)
    world.shared.version += 1
    world.shared.changed_in[U] = world.shared.version
    assert await _read(one, T) == [10, 20]
    with pytest.raises(MySqlError) as raised:
        await _read(one, U)
    assert raised.value.error is MyError.ER_TABLE_DEF_CHANGED


async def test_a_read_only_transaction_writes_nothing(world: World) -> None:
    one = world.begin()
    one.is_read_only = True
    with pytest.raises(MySqlError) as raised:
        await _write(one, 1, 11)
    assert raised.value.error is MyError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    assert await _read(one, locking="FOR UPDATE") == [10, 20]


async def test_a_lost_connection_ends_the_transaction(world: World) -> None:
    one = world.begin()
    await _write(one, 1, 11)
    await _terminate_others(world)
    with pytest.raises(LostError):
        await _write(one, 1, 12)
    assert await _read(Alone(world.shared, Isolation.REPEATABLE_READ)) == [10, 20]


async def test_connections_are_shared(world: World) -> None:
    for _ in range(100):
        one = world.begin()
        await _read(one)
        await _write(one, 1, 11)
        await one.commit()
    assert world.shared.pool.open <= 3


class _Hasty(Waits):
    def bounds(self, *, is_select: bool) -> tuple[int, int]:
        return 30, 0


async def _blocked(world: World) -> None:
    """Until somebody waits for a lock."""
    link = await world.shared.pool.take()
    count = PgStatement("SELECT count(*) FROM pg_locks WHERE NOT granted")

    while (await link.run(count))[0].first_row() == (b"0",):
        pass
    await world.shared.pool.give_back(link)


async def _terminate_others(world: World) -> None:
    link = await world.shared.pool.take()
    await link.run(
        PgStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name = 'mysql'"
        )
    )
    await world.shared.pool.give_back(link)


async def test_who_is_cancelled_leaves_no_connection_in_a_transaction(world: World) -> None:
    one = world.begin()
    await _write(one, 1, 11)
    await _read(one, U)
    leaving = asyncio.create_task(one.rollback())
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    counted = (
        "SELECT count(*)::text FROM pg_stat_activity "
        "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    result = await Alone(world.shared, Isolation.REPEATABLE_READ).select(
        Translated(StatementKind.SELECT, counted), Waits()
    )
    assert result.first_row()[0] == b"0"
