"""The tables of the code are the tables that the migrations make in a real PostgreSQL."""

import re
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Inspector, Table, create_engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedCheckConstraint

from stend.shop.orders.stores.seeding import seed_rows as sold_products
from stend.shop.stock.domain import SKU_PATTERN
from stend.shop.stock.stores.seeding import seed_rows
from stend.shop.stock.stores.store import MIGRATIONS, PostgresStockStore
from stend.shop.stock.stores.tables import SCHEMA, metadata
from tests.fakes.orders import HandClock


@pytest.fixture
def database(stock_database: str) -> Iterator[Connection]:
    # The role is named like its schema, which would stand in the search path and be nameless.
    engine = create_engine(
        stock_database.replace("postgresql://", "postgresql+psycopg://", 1),
        connect_args={"options": "-c search_path=public"},
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def inspector(database: Connection) -> Inspector:
    return inspect(database)


@pytest.fixture(autouse=True)
async def opened(stock_database: str) -> None:
    store = PostgresStockStore(stock_database, 1, 1.0, HandClock())
    await store.open()
    await store.close()


def tables() -> list[Table]:
    return list(metadata.sorted_tables)


def test_alembic_finds_no_difference(database: Connection) -> None:
    context = MigrationContext.configure(
        database,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
            "compare_type": True,
            "compare_server_default": True,
            "version_table_schema": SCHEMA,
        },
    )
    assert compare_metadata(context, metadata) == []


def test_the_database_is_at_the_newest_version(database: Connection) -> None:
    present = database.scalar(text("SELECT version_num FROM stock.alembic_version"))
    assert present == MIGRATIONS.newest()


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_checks_are_equal_by_name_and_meaning(
    inspector: Inspector, database: Connection, table: Table
) -> None:
    # Alembic does not compare check constraints. PostgreSQL writes each rule in its own way, so
    # the rules of the code are put through it, too, on a table that is rolled back.
    made = {str(check["name"]): check["sqltext"] for check in _checks(inspector, table)}
    copy = table.to_metadata(metadata.__class__(naming_convention=metadata.naming_convention))
    copy.schema = "pg_temp"
    copy.foreign_key_constraints.clear()
    columns = ", ".join(
        f"{column.name} {column.type.compile(database.dialect)}" for column in table.columns
    )
    checks = ", ".join(
        f"CONSTRAINT {check.name} CHECK ({check.sqltext})"  # type: ignore[attr-defined]
        for check in table.constraints
        if check.__visit_name__ in {"check_constraint", "table_or_column_check_constraint"}
    )
    database.execute(text(f"CREATE TEMPORARY TABLE copy_of_it ({columns}, {checks})"))
    wanted = {
        str(check["name"]): check["sqltext"]
        for check in inspect(database).get_check_constraints("copy_of_it")
    }
    database.rollback()
    assert wanted == made


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_keys_and_uniqueness_are_equal_by_name(inspector: Inspector, table: Table) -> None:
    in_database = {
        inspector.get_pk_constraint(table.name, SCHEMA)["name"],
        *(key["name"] for key in inspector.get_foreign_keys(table.name, SCHEMA)),
        *(one["name"] for one in inspector.get_unique_constraints(table.name, SCHEMA)),
        *(check["name"] for check in _checks(inspector, table)),
    }
    assert {str(constraint.name) for constraint in table.constraints} == in_database


def test_ids_sort_by_their_bytes(database: Connection) -> None:
    """Rows are locked in the order in which Python sorts their skus."""
    for table in tables():
        for column in table.primary_key.columns:
            if column.name == "movement_id":
                continue
            collation = database.scalar(
                text(
                    "SELECT collation_name FROM information_schema.columns"
                    " WHERE table_schema = :schema AND table_name = :table"
                    " AND column_name = :column"
                ),
                {"schema": SCHEMA, "table": table.name, "column": column.name},
            )
            assert collation == "C"


def test_the_warehouse_knows_what_the_price_list_of_orders_sells() -> None:
    stock = seed_rows()
    assert len(stock) == 60
    assert set(stock) == {str(row["sku"]) for row in sold_products()}
    assert all(re.fullmatch(SKU_PATTERN, sku) and count > 99 for sku, count in stock.items())


def _checks(inspector: Inspector, table: Table) -> list[ReflectedCheckConstraint]:
    return inspector.get_check_constraints(table.name, SCHEMA)
