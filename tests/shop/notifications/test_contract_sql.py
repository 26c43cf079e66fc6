"""The tables of the code are the tables that the migrations make in a real PostgreSQL."""

import re
from collections.abc import Iterator

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text

from stend.shop.notifications.stores.database import MIGRATIONS, Database
from stend.shop.notifications.stores.tables import SCHEMA, metadata
from tests.shop.notifications.running import Engines

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def migrated(engines: Engines) -> Engines:
    database = Database(engines.database_url(), 1, 1.0)
    await database.open()
    # A second start finds everything done.
    await database.open()
    await database.close()
    return engines


@pytest.fixture
def connection(migrated: Engines) -> Iterator[Connection]:
    # Not the service's own role: to it its schema is the default one, which Alembic leaves out.
    url = migrated.database_url("lavka").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_alembic_finds_no_difference(connection: Connection) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
            "compare_type": True,
            "compare_server_default": True,
            "version_table_schema": SCHEMA,
        },
    )
    assert compare_metadata(context, metadata) == []


def test_the_database_is_at_the_newest_version(connection: Connection) -> None:
    present = connection.scalar(text("SELECT version_num FROM notifications.alembic_version"))
    assert present == MIGRATIONS.newest()


def test_checks_and_partial_indexes_are_equal_by_name_and_meaning(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        present = {
            str(one["name"]): words(one["sqltext"])
            for one in inspector.get_check_constraints(table.name, SCHEMA)
        }
        wanted = {
            str(one.name): words(str(one.sqltext))
            for one in table.constraints
            if isinstance(one, CheckConstraint)
        }
        assert present == wanted
        indexes = {
            one["name"]: "where" in str(one.get("dialect_options"))
            for one in inspector.get_indexes(table.name, SCHEMA)
            if "duplicates_constraint" not in one
        }
        assert indexes == {
            index.name: index.dialect_options["postgresql"]["where"] is not None
            for index in table.indexes
        }


def words(rule: str) -> set[str]:
    """PostgreSQL writes `IN (…)` as `= ANY (ARRAY[…])`: what is named stays the same."""
    return set(re.findall(r"'[^']+'|\b[a-z_]+_(?:id|key|at)\b|\b[0-9]+\b", rule))
