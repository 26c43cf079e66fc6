"""SQLAlchemy 2.1 with its dialects of PyMySQL and aiomysql."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.running import DATABASE, USER
from tests.engines.servers import HOST


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    points: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    orders: Mapped[list["Order"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Order.id"
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customers.id"))
    total: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    created: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    customer: Mapped[Customer] = relationship(back_populates="orders")


def _url(server: MysqlConfig, driver: str) -> sa.URL:
    return sa.URL.create(f"mysql+{driver}", USER.name, USER.password, HOST, server.port, DATABASE)


@pytest.fixture
def engine(server: MysqlConfig) -> Iterator[sa.Engine]:
    made = sa.create_engine(_url(server, "pymysql"), pool_size=2)
    Base.metadata.drop_all(made)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
async def aio(server: MysqlConfig, engine: sa.Engine) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(_url(server, "aiomysql"))
    yield made
    await made.dispose()


def test_objects_come_back_as_they_were(engine: sa.Engine) -> None:
    with Session(engine) as session:
        anna = Customer(
            name="Анна", orders=[Order(total=Decimal("10.50")), Order(total=Decimal(1))]
        )
        session.add_all([anna, Customer(name="Борис")])
        session.commit()
        assert [one.total for one in anna.orders] == [Decimal("10.50"), Decimal("1.00")]
        assert anna.orders[0].created.year > 2000
    with Session(engine) as session:
        found = session.scalars(sa.select(Customer).order_by(Customer.name)).all()
        assert [one.name for one in found] == ["Анна", "Борис"]
        session.delete(found[0])
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_flush_refresh_and_rollback(engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add(Customer(name="Анна"))
        session.flush()
        anna = session.scalars(sa.select(Customer)).one()
        anna.points = 5
        session.flush()
        session.refresh(anna)
        assert anna.points == 5
        session.rollback()
        assert session.scalars(sa.select(Customer)).all() == []


def test_savepoints_and_errors(engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add(Customer(name="Анна"))
        session.flush()
        savepoint = session.begin_nested()
        session.add(Customer(name="анна"))
        with pytest.raises(IntegrityError) as raised:
            session.flush()
        savepoint.rollback()
        assert raised.value.orig is not None
        assert raised.value.orig.args[0] == 1062
        session.add(Customer(name="Борис"))
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 2


def test_a_stale_version_is_noticed(engine: sa.Engine) -> None:
    """The ORM counts the rows that an UPDATE has matched."""
    with Session(engine) as one, Session(engine) as two:
        one.add(Customer(name="Анна"))
        one.commit()
        mine = one.scalars(sa.select(Customer)).one()
        other = two.scalars(sa.select(Customer)).one()
        mine.points = 1
        one.commit()
        other.points = 2
        with pytest.raises(sa.orm.exc.StaleDataError):
            two.commit()


def test_upsert_and_bulk(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        rows = [{"name": f"c{at}", "points": at, "version": 1} for at in range(50)]
        connection.execute(sa.insert(Customer), rows)
        upsert = insert(Customer).values(name="c1", points=100, version=1)
        connection.execute(upsert.on_duplicate_key_update(points=upsert.inserted.points, version=2))
        found = connection.execute(
            sa.select(Customer.points, Customer.version).where(Customer.name == "c1")
        )
        assert found.one() == (100, 2)
        updated = connection.execute(
            sa.update(Customer).where(Customer.points < 10).values(points=Customer.points + 1)
        )
        assert updated.rowcount == 9


def test_locking_and_levels(engine: sa.Engine) -> None:
    with Session(engine) as one, Session(engine) as two:
        one.add(Customer(name="Анна"))
        one.commit()
        one.scalars(sa.select(Customer).with_for_update()).one()
        with pytest.raises(OperationalError) as raised:
            two.scalars(sa.select(Customer).with_for_update(nowait=True)).one()
        assert raised.value.orig is not None
        assert raised.value.orig.args[0] == 3572
    level = engine.execution_options(isolation_level="READ COMMITTED")
    with level.connect() as connection:
        assert connection.get_isolation_level() == "READ COMMITTED"


def test_tables_are_reflected(engine: sa.Engine) -> None:
    found = sa.MetaData()
    found.reflect(engine)
    orders = found.tables["orders"]
    assert [one.name for one in orders.columns] == ["id", "customer_id", "total", "created"]
    assert isinstance(orders.c.total.type, sa.Numeric)
    assert orders.c.total.type.scale == 2
    assert orders.c.id.primary_key
    (key,) = orders.foreign_keys
    assert key.target_fullname == "customers.id"


def test_a_dead_connection_of_the_pool_is_replaced(engine: sa.Engine) -> None:
    with engine.connect() as victim, engine.connect() as other:
        number = victim.scalar(sa.text("SELECT CONNECTION_ID()"))
        other.execute(sa.text(f"KILL {number}"))
        with pytest.raises(OperationalError) as raised:
            victim.execute(sa.text("SELECT 1"))
        assert raised.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1


async def test_the_asynchronous_dialect(aio: AsyncEngine) -> None:
    async with AsyncSession(aio) as session:
        session.add(Customer(name="Анна", orders=[Order(total=Decimal("3.30"))]))
        await session.commit()
        total = await session.scalar(sa.select(sa.func.sum(Order.total)))
        assert total == Decimal("3.30")
        session.add(Customer(name="Борис"))
        await session.flush()
        await session.rollback()
        names = (await session.scalars(sa.select(Customer.name))).all()
        assert names == ["Анна"]
