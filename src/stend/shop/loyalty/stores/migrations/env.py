"""Alembic's entry: the connection is the caller's."""

from alembic import context

from stend.shop.loyalty.stores.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
