"""Brings the schema of a service to its newest version with Alembic."""

import asyncio
from dataclasses import dataclass
from importlib.resources import as_file, files
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.chassis.service import Migrated

# Two processes that start at once must not both migrate one schema; the number is arbitrary and
# ours, the second key of the lock is the schema's name.
_LOCK = 7_461_001
_MAY_BE_OWNER = text(
    "SELECT pg_has_role(oid, 'MEMBER')"
    " AND has_database_privilege(oid, current_database(), 'CREATE')"
    " AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = :schema AND nspowner <> role.oid)"
    " FROM pg_roles AS role WHERE rolname = :schema"
)
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Migrations:
    """
    Attributes:
        schema: of PostgreSQL, owned by the service; made when it is missing.
        package: of the folder with `env.py` and `versions`, such as
            `stend.shop.orders.stores.migrations`.
    """

    schema: str
    package: str

    def newest(self) -> str:
        """Revision ids are the numbers that begin the file names."""
        versions = files(self.package).joinpath("versions")
        names = [entry.name for entry in versions.iterdir() if entry.name[:4].isdigit()]
        return max(names)[:4]


async def migrate(connection: AsyncConnection, migrations: Migrations) -> Migrated:
    """Runs the missing migrations inside the caller's transaction.

    Where a role is called like the schema and the caller may be it, the role owns what is made, and
    the service finds its tables whichever of the two it connects as.
    """
    schema = migrations.schema
    lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:schema))")
    await connection.execute(lock, {"lock": _LOCK, "schema": schema})
    if await connection.scalar(_MAY_BE_OWNER, {"schema": schema}):
        await connection.execute(text(f"SET LOCAL ROLE {schema}"))
    await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    # Alembic takes a tenth of a second to import; a warm start does not need it.
    present, newest = await _present_version(connection, schema), migrations.newest()
    if present != newest:
        async with alembic_turn():
            await connection.run_sync(_upgrade, migrations.package)
    return Migrated(present, newest)


def alembic_turn() -> asyncio.Lock:
    """Held while Alembic runs: it keeps the migration under way in a global of its module, and the
    services of one process start at the same time.
    """
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def _present_version(connection: AsyncConnection, schema: str) -> str | None:
    table = f"{schema}.alembic_version"
    exists = await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table})
    if exists is None:
        return None
    version: str | None = await connection.scalar(text(f"SELECT version_num FROM {table}"))
    return version


def _upgrade(connection: Connection, package: str) -> None:
    from alembic import command
    from alembic.config import Config

    with as_file(files(package)) as scripts:
        config = Config()
        # Config interpolates percent signs, and a folder may carry one in its name.
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
