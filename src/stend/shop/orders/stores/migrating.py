"""Brings the schema `orders` to the newest version with Alembic."""

from importlib.resources import as_file, files

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.orders.stores.tables import SCHEMA

# Two processes that start at once must not both migrate; the number is arbitrary and ours.
_LOCK = 7_461_001


async def migrate(connection: AsyncConnection) -> None:
    """Runs the missing migrations inside the caller's transaction."""
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    # Alembic takes a tenth of a second to import; a warm start does not need it.
    if await _present_version(connection) != newest_version():
        await connection.run_sync(_upgrade)


def newest_version() -> str:
    """Revision ids are the numbers that begin the file names."""
    versions = files("stend.shop.orders.stores.migrations").joinpath("versions")
    names = [entry.name for entry in versions.iterdir() if entry.name[:4].isdigit()]
    return max(names)[:4]


async def _present_version(connection: AsyncConnection) -> str | None:
    table = f"{SCHEMA}.alembic_version"
    exists = await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table})
    if exists is None:
        return None
    version: str | None = await connection.scalar(text(f"SELECT version_num FROM {table}"))
    return version


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    with as_file(files("stend.shop.orders.stores.migrations")) as scripts:
        config = Config()
        # Config interpolates percent signs, and a folder may carry one in its name.
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
