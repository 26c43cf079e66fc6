"""Brings the tables to their newest version. PostgreSQL's way, in the chassis, needs a schema."""

from importlib.resources import as_file, files

from sqlalchemy import Connection, column, select, table, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stend.chassis.migrating import alembic_turn
from stend.chassis.service import Migrated
from stend.shop.loyalty.stores.tables import VERSION_TABLE

_PACKAGE = "stend.shop.loyalty.stores.migrations"
_NO_SUCH_TABLE = 1146


def newest() -> str:
    """Revision ids are the numbers that begin the file names."""
    names = [entry.name for entry in files(_PACKAGE).joinpath("versions").iterdir()]
    return max(name for name in names if name[:4].isdigit())[:4]


async def migrate(engine: AsyncEngine) -> Migrated:
    """Runs the missing migrations.

    Two processes that start at once must not both migrate. DDL of MySQL ends the transaction around
    it, so the lock is a row that another connection holds.
    """
    async with engine.begin() as connection:
        present = await _present_version(connection)
    # Alembic takes a tenth of a second to import; a warm start does not need it.
    if present == newest():
        return Migrated(present, present)
    async with engine.begin() as connection:
        await connection.execute(
            text("CREATE TABLE IF NOT EXISTS loyalty_migration_lock (id INT PRIMARY KEY)")
        )
        await connection.execute(text("INSERT IGNORE INTO loyalty_migration_lock VALUES (1)"))
    async with engine.begin() as holder:
        await holder.execute(text("SELECT id FROM loyalty_migration_lock WHERE id = 1 FOR UPDATE"))
        async with engine.begin() as connection, alembic_turn():
            # Whoever had the lock before may have done it.
            present = await _present_version(connection)
            await connection.run_sync(_upgrade)
    return Migrated(present, newest())


async def _present_version(connection: AsyncConnection) -> str | None:
    try:
        version: str | None = await connection.scalar(
            select(column("version_num")).select_from(table(VERSION_TABLE))
        )
    except ProgrammingError as error:
        if error.orig is not None and error.orig.args[0] == _NO_SUCH_TABLE:
            return None
        raise
    return version


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    with as_file(files(_PACKAGE)) as scripts:
        config = Config()
        # Config interpolates percent signs, and a folder may carry one in its name.
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
