"""The history alone says that an order has each version once; its outbox row is written with it."""

from alembic import op

revision = "0004"
down_revision = "0003"

SCHEMA = "orders"
NAME = "uq_outbox_order_id_version"


def upgrade() -> None:
    op.drop_constraint(NAME, "outbox", schema=SCHEMA)


def downgrade() -> None:
    op.create_unique_constraint(NAME, "outbox", ["order_id", "version"], schema=SCHEMA)
