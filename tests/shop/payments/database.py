"""An empty PostgreSQL of a test's own, as the stand's launcher starts it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from tests.engines.servers import HOST, free_port, ready
from tests.folders import open_folder


@contextmanager
def empty_postgres(role: str) -> Iterator[str]:
    """The URL of its database, for a user who may make a schema."""
    with open_folder() as folder:
        port = free_port()
        launcher = PostgresLauncher(
            PostgresConfig(
                home=folder / "postgresql",
                log_path=folder / "postgresql.log",
                host=HOST,
                port=port,
                database="lavka",
                roles=(Role(role, role),),
                # What a crash would lose nobody reads again.
                options=("fsync=off",),
            )
        )
        launcher.launch()
        try:
            ready(launcher, psycopg.OperationalError)
            yield f"postgresql://{role}:{role}@{HOST}:{port}/lavka"
        finally:
            launcher.stop()
