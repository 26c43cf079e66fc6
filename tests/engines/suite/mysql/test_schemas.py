"""Tables made, changed and told about; the ORM of SQLAlchemy on top of them."""

from decimal import Decimal

import pytest
from sqlalchemy import (
    DECIMAL,
    ForeignKey,
    String,
    create_engine,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from tests.engines.suite.checks import check
from tests.engines.suite.mysql.conftest import Client, error_of, execute, rows, value


class Model(DeclarativeBase):
    """Tables of this file's ORM."""


class Customer(Model):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    balance: Mapped[Decimal] = mapped_column(DECIMAL(10, 2), default=Decimal(0))
    orders: Mapped[list["Order"]] = relationship(back_populates="customer", cascade="all")


class Order(Model):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    sku: Mapped[str] = mapped_column(String(20), index=True)
    customer: Mapped[Customer] = relationship(back_populates="orders")


@check(
    ru="SHOW CREATE TABLE и DESCRIBE показывают объявленное",
    en="SHOW CREATE TABLE and DESCRIBE show what was declared",
)
def test_show_create_table(connection: Client) -> None:
    execute(
        connection,
        "CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT, sku VARCHAR(20) NOT NULL DEFAULT 'x',"
        " price DECIMAL(8, 3), PRIMARY KEY (id), UNIQUE KEY by_sku (sku), KEY (price))",
    )
    ((name, shown),) = rows(connection, "SHOW CREATE TABLE t")
    assert name == "t"
    for line in (
        "CREATE TABLE `t` (",
        "NOT NULL AUTO_INCREMENT",
        "`sku` varchar(20) NOT NULL DEFAULT 'x'",
        "`price` decimal(8,3) DEFAULT NULL",
        "PRIMARY KEY (`id`)",
        "UNIQUE KEY `by_sku` (`sku`)",
        "KEY `price` (`price`)",
    ):
        assert line in shown
    assert [row[0] for row in rows(connection, "DESCRIBE t")] == ["id", "sku", "price"]
    assert [row[3] for row in rows(connection, "SHOW COLUMNS FROM t")] == ["PRI", "UNI", "MUL"]


@check(
    ru="SHOW TABLES и SHOW DATABASES перечисляют своё, LIKE отбирает",
    en="SHOW TABLES and SHOW DATABASES list what there is, LIKE picks from it",
)
def test_show_lists(connection: Client, database: str) -> None:
    execute(connection, "CREATE TABLE first_one (a INT)")
    execute(connection, "CREATE TABLE second_one (a INT)")
    assert rows(connection, "SHOW TABLES") == (("first_one",), ("second_one",))
    assert rows(connection, "SHOW TABLES LIKE 'first%'") == (("first_one",),)
    assert (database,) in rows(connection, "SHOW DATABASES")
    assert ("information_schema",) in rows(connection, "SHOW DATABASES")


@check(
    ru="information_schema отвечает на SELECT о таблицах, столбцах и ключах",
    en="information_schema answers a SELECT about tables, columns and keys",
)
def test_information_schema(connection: Client, database: str) -> None:
    execute(connection, "CREATE TABLE p (id INT PRIMARY KEY)")
    execute(
        connection,
        "CREATE TABLE c (a DECIMAL(8, 3) NULL, p_id INT NOT NULL,"
        " CONSTRAINT to_p FOREIGN KEY (p_id) REFERENCES p (id))",
    )
    columns = (
        "SELECT COLUMN_NAME, DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE"
        " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = 'c'"
        " ORDER BY ORDINAL_POSITION"
    )
    assert rows(connection, columns, (database,)) == (
        *(("a", "decimal", 8, 3, "YES"), ("p_id", "int", 10, 0, "NO")),
    )
    keys = (
        "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"
        " FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE()"
        " AND REFERENCED_TABLE_NAME IS NOT NULL"
    )
    assert rows(connection, keys) == (("to_p", "p_id", "p", "id"),)


@check(
    ru="ALTER TABLE: столбец добавлен, изменён, переименован и удалён, данные на месте",
    en="ALTER TABLE: a column added, changed, renamed and dropped, the rows in their place",
)
def test_alter_table(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY, a INT)")
    execute(connection, "INSERT INTO t VALUES (1, 7)")
    execute(connection, "ALTER TABLE t ADD COLUMN b VARCHAR(10) NOT NULL DEFAULT 'new' AFTER id")
    assert rows(connection, "SELECT * FROM t") == ((1, "new", 7),)
    execute(connection, "ALTER TABLE t MODIFY COLUMN a DECIMAL(6, 2) NOT NULL")
    assert value(connection, "SELECT a FROM t") == Decimal("7.00")
    execute(connection, "ALTER TABLE t RENAME COLUMN a TO price")
    execute(connection, "ALTER TABLE t DROP COLUMN b")
    assert rows(connection, "SELECT id, price FROM t") == ((1, Decimal("7.00")),)
    assert error_of(connection, "SELECT a FROM t") == 1054


@check(
    ru="Уникальный индекс по таблице с повторами не создаётся: ошибка 1062",
    en="A unique index is not made over duplicates: error 1062",
)
def test_unique_index_over_duplicates(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    execute(connection, "INSERT INTO t VALUES (1), (1)")
    assert error_of(connection, "CREATE UNIQUE INDEX only_one ON t (a)") == 1062
    execute(connection, "CREATE INDEX many ON t (a)")
    assert rows(connection, "SHOW INDEX FROM t")[0][2] == "many"
    execute(connection, "DROP INDEX many ON t")
    assert rows(connection, "SHOW INDEX FROM t") == ()


@check(
    ru="Ошибки DDL: таблица уже есть — 1050, нет — 1051, столбец дважды — 1060",
    en="Errors of DDL: a table is there already 1050, is not there 1051, a column twice 1060",
)
def test_ddl_errors(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    assert error_of(connection, "CREATE TABLE t (a INT)") == 1050
    execute(connection, "CREATE TABLE IF NOT EXISTS t (a INT)")
    assert error_of(connection, "DROP TABLE nothing") == 1051
    execute(connection, "DROP TABLE IF EXISTS nothing")
    assert error_of(connection, "CREATE TABLE u (a INT, A INT)") == 1060
    assert error_of(connection, "CREATE TABLE u (a INT AUTO_INCREMENT)") == 1075
    assert error_of(connection, "ALTER TABLE t ADD COLUMN a INT") == 1060
    assert error_of(connection, "ALTER TABLE t DROP COLUMN b") == 1091


@check(
    ru="Имена таблиц различают регистр, имена столбцов — нет",
    en="Names of tables tell case, names of columns do not",
)
def test_case_of_names(connection: Client) -> None:
    execute(connection, "CREATE TABLE Orders (Id INT)")
    execute(connection, "INSERT INTO Orders (ID) VALUES (1)")
    assert rows(connection, "SELECT iD FROM Orders WHERE Orders.ID = 1") == ((1,),)
    assert error_of(connection, "SELECT * FROM orders") == 1146


@check(
    ru="SQLAlchemy: таблицы созданы, объекты записаны, связи прочитаны",
    en="SQLAlchemy: tables are made, objects written, relationships read",
)
def test_orm(sqlalchemy_url: str) -> None:
    engine = create_engine(sqlalchemy_url)
    Model.metadata.create_all(engine)
    with Session(engine) as session:
        anna = Customer(name="Anna", balance=Decimal("10.10"))
        anna.orders = [Order(sku="milk"), Order(sku="bread")]
        session.add_all([anna, Customer(name="Boris")])
        session.commit()
        assert anna.id == 1
    with Session(engine) as session:
        found = session.scalars(select(Customer).where(Customer.name == "Anna")).one()
        assert sorted(one.sku for one in found.orders) == ["bread", "milk"]
        found.balance += Decimal("0.05")
        session.commit()
        assert session.scalar(select(func.sum(Customer.balance))) == Decimal("10.15")
        session.delete(found)
        session.commit()
        assert session.scalar(select(func.count()).select_from(Order)) == 0
    engine.dispose()


@check(
    ru="SQLAlchemy: откат сессии и нарушение ключа не оставляют следов",
    en="SQLAlchemy: a session rolled back and a broken key leave nothing",
)
def test_orm_rolls_back(sqlalchemy_url: str) -> None:
    engine = create_engine(sqlalchemy_url)
    Model.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Customer(name="Anna"))
        session.flush()
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Customer)) == 0
        session.add(Order(customer_id=77, sku="stray"))
        with pytest.raises(IntegrityError) as raised:
            session.commit()
        assert raised.value.orig is not None
        assert raised.value.orig.args[0] == 1452
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Order)) == 0
    engine.dispose()


@check(
    ru="SQLAlchemy: ON DUPLICATE KEY UPDATE и SELECT … FOR UPDATE",
    en="SQLAlchemy: ON DUPLICATE KEY UPDATE and SELECT … FOR UPDATE",
)
def test_core_upsert(sqlalchemy_url: str) -> None:
    engine = create_engine(sqlalchemy_url)
    Model.metadata.create_all(engine)
    put = insert(Customer).values(id=5, name="Vera", balance=Decimal(1))
    put = put.on_duplicate_key_update(name="Vera", balance=put.inserted.balance + 1)
    with engine.begin() as connection:
        connection.execute(put)
        connection.execute(put)
        row = connection.execute(select(Customer.id, Customer.balance).with_for_update()).one()
    assert tuple(row) == (5, Decimal("2.00"))
    engine.dispose()


@check(
    ru="SQLAlchemy: отражение таблиц по схеме базы",
    en="SQLAlchemy: tables reflected from the database",
)
def test_reflection(sqlalchemy_url: str) -> None:
    engine = create_engine(sqlalchemy_url)
    Model.metadata.create_all(engine)
    seen = inspect(engine)
    assert seen.get_table_names() == ["customers", "orders"]
    assert seen.get_pk_constraint("orders")["constrained_columns"] == ["id"]
    (key,) = seen.get_foreign_keys("orders")
    assert (key["constrained_columns"], key["referred_table"]) == (["customer_id"], "customers")
    assert "ix_orders_sku" in [one["name"] for one in seen.get_indexes("orders")]
    columns = {one["name"]: one for one in seen.get_columns("customers")}
    assert str(columns["balance"]["type"]) == "DECIMAL(10, 2)"
    assert str(columns["name"]["type"]).startswith("VARCHAR(40)")
    assert (columns["id"]["autoincrement"], columns["name"]["nullable"]) == (True, False)
    engine.dispose()


@check(
    ru="SQLAlchemy с aiomysql: сессия пишет, читает и откатывает",
    en="SQLAlchemy with aiomysql: a session writes, reads and rolls back",
)
async def test_async_orm(sqlalchemy_url: str) -> None:
    engine = create_async_engine(sqlalchemy_url.replace("pymysql", "aiomysql"))
    async with engine.begin() as connection:
        await connection.run_sync(Model.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Customer(name="Anna", orders=[Order(sku="milk")]))
        await session.commit()
        session.add(Customer(name="Boris"))
        await session.flush()
        await session.rollback()
        names = (await session.scalars(select(Customer.name))).all()
        assert names == ["Anna"]
        assert await session.scalar(text("SELECT COUNT(*) FROM orders")) == 1
    await engine.dispose()


@check(
    ru="Представление читается как таблица",
    en="A view is read like a table",
)
def test_view(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    execute(connection, "INSERT INTO t VALUES (1), (5)")
    execute(connection, "CREATE VIEW big AS SELECT a FROM t WHERE a > 2")
    assert rows(connection, "SELECT * FROM big") == ((5,),)
    execute(connection, "DROP VIEW big")
    assert error_of(connection, "SELECT * FROM big") == 1146
