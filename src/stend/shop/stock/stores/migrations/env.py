"""Alembic's entry: the connection and its transaction are the caller's."""

from alembic import context

from stend.shop.stock.stores.tables import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
)
context.run_migrations()
