"""Stock clients: psycopg 2 and 3, SQLAlchemy Core and ORM, each waiting and asynchronous."""

import uuid
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import psycopg2
import psycopg2.extras
import psycopg_pool
import pytest
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm.exc import StaleDataError

from tests.engines.suite.checks import check
from tests.engines.suite.postgresql.conftest import Row

_EVERY_TYPE = (
    "SELECT %s::int8, %s::numeric, %s::text, %s::bool, %s::date, %s::timestamptz, %s::uuid,"
    " %s::bytea"
)
_ONE_OF_EACH: tuple[object, ...] = (
    9_223_372_036_854_775_807,
    Decimal("79.90"),
    "Молоко «Лавка» 🥛",
    True,
    date(2026, 2, 28),
    datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
    uuid.UUID("0193a2c4-7e5b-7000-8000-0123456789ab"),
    b"\x00\xff",
)


class Model(orm.DeclarativeBase):
    """Orders with lines, as an application would map them."""


class Order(Model):
    __tablename__ = "orders"
    id: orm.Mapped[int] = orm.mapped_column(sa.Identity(), primary_key=True)
    customer: orm.Mapped[str]
    version: orm.Mapped[int] = orm.mapped_column()
    lines: orm.Mapped[list["Line"]] = orm.relationship(cascade="all, delete-orphan")
    # SQLAlchemy declares the name, and not as ClassVar.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Line(Model):
    __tablename__ = "lines"
    order_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey(Order.id), primary_key=True)
    sku: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    price: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(10, 2))


def dialect(database: str, driver: str) -> str:
    return database.replace("postgresql://", f"postgresql+{driver}://")


@check(
    ru="psycopg 3: значения всех основных типов возвращаются теми же, текстом и двоично",
    en="psycopg 3: values of the main types come back the same, as text and in binary",
)
@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_psycopg_3_round_trip(connection: psycopg.Connection[Row], binary: bool) -> None:
    connection.execute("SET timezone = 'UTC'")
    row = connection.execute(_EVERY_TYPE, _ONE_OF_EACH, binary=binary).fetchone()
    assert row == _ONE_OF_EACH


@check(
    ru="psycopg 2: значения всех основных типов возвращаются теми же",
    en="psycopg 2: values of the main types come back the same",
)
def test_psycopg_2_round_trip(database: str) -> None:
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        given = [str(value) if isinstance(value, uuid.UUID) else value for value in _ONE_OF_EACH]
        cursor.execute(_EVERY_TYPE, given)
        row = cursor.fetchone()
    assert row is not None
    # Without registered adapters, psycopg 2 takes UUIDs as text and gives bytea as memoryview.
    assert (*row[:-2], uuid.UUID(row[-2]), bytes(row[-1])) == _ONE_OF_EACH


@check(
    ru="psycopg 2: имена столбцов, число строк и код ошибки доходят до клиента",
    en="psycopg 2: names of columns, the number of rows and the error's code reach the client",
)
def test_psycopg_2_facts_of_a_statement(database: str) -> None:
    with closing(psycopg2.connect(database)) as connection:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
            cursor.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
            assert cursor.rowcount == 2
            cursor.execute("SELECT * FROM t WHERE id = 2")
            assert cursor.fetchall() == [{"id": 2, "name": "b"}]
            with pytest.raises(psycopg2.errors.UniqueViolation) as refused:
                cursor.execute("INSERT INTO t VALUES (1, 'c')")
        assert refused.value.pgcode == "23505"
        assert refused.value.diag.constraint_name == "t_pkey"


@check(
    ru="psycopg 3 async: транзакция, откат и обход курсора",
    en="psycopg 3 async: a transaction, a rollback and iteration over a cursor",
)
async def test_psycopg_3_async(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute("CREATE TABLE t (id int)")
        async with connection.cursor() as cursor:
            await cursor.executemany("INSERT INTO t VALUES (%s)", [(1,), (2,), (3,)])
        async with connection.transaction(force_rollback=True):
            await connection.execute("DELETE FROM t")
        cursor = await connection.execute("SELECT id FROM t ORDER BY id")
        assert [row async for row in cursor] == [(1,), (2,), (3,)]


@check(
    ru="psycopg 3: конвейер отправляет команды, не дожидаясь ответов",
    en="psycopg 3: a pipeline sends statements without waiting for answers",
)
def test_psycopg_3_pipeline(connection: psycopg.Connection[Row]) -> None:
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", [number]) for number in range(50)]
    assert [cursor.fetchone() for cursor in cursors] == [(number,) for number in range(50)]


@check(
    ru="psycopg 3: команда готовится на сервере один раз и видна в pg_prepared_statements",
    en="psycopg 3: a statement is prepared once and is seen in pg_prepared_statements",
)
def test_psycopg_3_prepares_statements(connection: psycopg.Connection[Row]) -> None:
    for number in range(3):
        connection.execute("SELECT %s::int + 1 AS successor", [number], prepare=True)
    prepared = connection.execute(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%successor%'"
    )
    assert prepared.fetchone() == (1,)


@check(
    ru="Пул psycopg: соединение возвращается в пул, транзакция при ошибке откатывается",
    en="psycopg pool: a connection returns to the pool, its transaction is rolled back on an error",
)
def test_psycopg_pool(database: str) -> None:
    with psycopg_pool.ConnectionPool(database, min_size=1, max_size=1, open=True) as pool:
        with pool.connection() as connection:
            connection.execute("CREATE TABLE t (id int)")
        with pytest.raises(psycopg.errors.DivisionByZero), pool.connection() as connection:
            connection.execute("INSERT INTO t VALUES (1 / 0)")
        with pool.connection() as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


@check(
    ru="Неверный пароль и неизвестная база отвергаются, и клиент говорит, почему",
    en="A wrong password and an unknown database are refused, and the client says why",
)
def test_refused_connections(postgresql_url: str) -> None:
    wrong = {
        postgresql_url.replace("lavka:lavka@", "lavka:wrong@"): "password authentication failed",
        postgresql_url.removesuffix("lavka") + "nowhere": 'database "nowhere" does not exist',
    }
    for url, message in wrong.items():
        with pytest.raises(psycopg.OperationalError, match=message):
            psycopg.connect(url)
        with pytest.raises(psycopg2.OperationalError, match=message):
            psycopg2.connect(url)


@check(
    ru="SQLAlchemy Core: таблица, вставка с RETURNING, выборка и отражение схемы",
    en="SQLAlchemy Core: a table, an insert with RETURNING, a select and reflection",
)
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_sqlalchemy_core(database: str, driver: str) -> None:
    metadata = sa.MetaData()
    products = sa.Table(
        "products",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
    )
    engine = sa.create_engine(dialect(database, driver))
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            rows = [{"name": "a", "price": Decimal("0.10")}, {"name": "b", "price": Decimal(2)}]
            inserted = connection.execute(products.insert().returning(products.c.id), rows)
            assert inserted.scalars().all() == [1, 2]
            total = connection.scalar(sa.select(sa.func.sum(products.c.price)))
            assert total == Decimal("2.10")
            columns = sa.inspect(connection).get_columns("products")
            assert [column["name"] for column in columns] == ["id", "name", "price"]
    finally:
        engine.dispose()


@check(
    ru="SQLAlchemy ORM: граф объектов сохраняется, чужая правка замечается по версии строки",
    en="SQLAlchemy ORM: a graph of objects is stored, another's change is noticed by row version",
)
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_sqlalchemy_orm(database: str, driver: str) -> None:
    engine = sa.create_engine(dialect(database, driver))
    try:
        Model.metadata.create_all(engine)
        with orm.Session(engine) as session:
            lines = [Line(sku="MILK-001", price=Decimal("79.90")), Line(sku="EGGS", price=1)]
            session.add(Order(customer="Анна", lines=lines))
            session.commit()
        with orm.Session(engine) as mine, orm.Session(engine) as other:
            order = mine.scalars(sa.select(Order)).one()
            assert {line.sku for line in order.lines} == {"MILK-001", "EGGS"}
            other.scalars(sa.select(Order)).one().customer = "Борис"
            other.commit()
            order.customer = "Вера"
            with pytest.raises(StaleDataError):
                mine.commit()
    finally:
        engine.dispose()


@check(
    ru="SQLAlchemy Core async: вставка, потоковая выборка и откат",
    en="SQLAlchemy Core async: an insert, a streamed select and a rollback",
)
async def test_sqlalchemy_core_async(database: str) -> None:
    engine = create_async_engine(dialect(database, "psycopg"))
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("CREATE TABLE t (id int)"))
            numbers = [{"id": number} for number in range(3)]
            await connection.execute(sa.text("INSERT INTO t VALUES (:id)"), numbers)
        async with engine.connect() as connection:
            await connection.execute(sa.text("DELETE FROM t"))
            await connection.rollback()
            streamed = await connection.stream(sa.text("SELECT id FROM t ORDER BY id"))
            assert [row.id async for row in streamed] == [0, 1, 2]
    finally:
        await engine.dispose()


@check(
    ru="SQLAlchemy ORM async: сохранение, загрузка связей и удаление сирот",
    en="SQLAlchemy ORM async: storing, loading relations and deleting orphans",
)
async def test_sqlalchemy_orm_async(database: str) -> None:
    engine = create_async_engine(dialect(database, "psycopg"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Model.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(Order(customer="Анна", lines=[Line(sku="MILK-001", price=1)]))
            await session.commit()
        async with AsyncSession(engine) as session:
            loaded = sa.select(Order).options(orm.selectinload(Order.lines))
            order = (await session.scalars(loaded)).one()
            order.lines.clear()
            await session.commit()
            assert await session.scalar(sa.select(sa.func.count()).select_from(Line)) == 0
    finally:
        await engine.dispose()


@check(
    ru="psycopg 3: вложенный документ jsonb возвращается словарём Python",
    en="psycopg 3: a nested jsonb document comes back as a Python dictionary",
)
def test_psycopg_3_jsonb(connection: psycopg.Connection[Row]) -> None:
    document = {"адрес": {"дом": 7, "этажи": [1, 2.5, None, True]}, "пусто": {}}
    row = connection.execute("SELECT %s::jsonb", [Jsonb(document)]).fetchone()
    assert row == (document,)
