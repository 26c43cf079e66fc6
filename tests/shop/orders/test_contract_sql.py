"""The tables of the code are the tables that the migrations make in a real PostgreSQL."""

import re
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Inspector, Table, create_engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedCheckConstraint

from stend.kit.ids import encode_ulid
from stend.shop.orders.domain import SKU_PATTERN
from stend.shop.orders.stores.seeding import seed_rows
from stend.shop.orders.stores.store import MIGRATIONS
from stend.shop.orders.stores.tables import SCHEMA, metadata


@pytest.fixture
def database(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def inspector(database: Connection) -> Inspector:
    return inspect(database)


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
    present = database.scalar(text("SELECT version_num FROM orders.alembic_version"))
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
    small, large = encode_ulid(b"\x00" * 16), encode_ulid(b"\xff" * 16)
    statement = text('SELECT :large > :small COLLATE "C"')
    assert database.scalar(statement, {"small": f"ord_{small}", "large": f"ord_{large}"})
    for table, column in (("orders", "order_id"), ("orders", "customer_id"), ("price_list", "sku")):
        collation = database.scalar(
            text(
                "SELECT collation_name FROM information_schema.columns WHERE table_schema = :schema"
                " AND table_name = :table AND column_name = :column"
            ),
            {"schema": SCHEMA, "table": table, "column": column},
        )
        assert collation == "C"


# ---- the price list ----------------------------------------------------------------------------


def test_the_price_list_has_sixty_products_each_once_and_in_both_languages() -> None:
    rows = seed_rows()
    assert len(rows) == 60
    for column in ("sku", "title_ru", "title_en"):
        assert len({row[column] for row in rows}) == 60
    assert all(row["title_ru"] and row["title_en"] for row in rows)
    assert all(row["title_ru"] != row["title_en"] for row in rows)


def test_every_price_is_positive_in_kopecks_and_every_sku_fits_the_contract() -> None:
    for row in seed_rows():
        assert re.fullmatch(SKU_PATTERN, str(row["sku"]))
        assert isinstance(row["unit_price_minor"], int)
        assert 100 < row["unit_price_minor"] < 1_000_000
        assert row["currency"] == "RUB"


def test_the_database_holds_the_price_list(database: Connection) -> None:
    assert database.scalar(text("SELECT count(*) FROM orders.price_list")) == len(seed_rows())


def _checks(inspector: Inspector, table: Table) -> list[ReflectedCheckConstraint]:
    return inspector.get_check_constraints(table.name, SCHEMA)
