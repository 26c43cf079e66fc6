"""Whose a webhook is, where a customer registered it."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0003"
down_revision = "0002"

SCHEMA = "notifications"


def upgrade() -> None:
    op.add_column("webhooks", Column("owner_id", Text(collation="C")), schema=SCHEMA)
    op.create_index("ix_webhooks_owner_id", "webhooks", ["owner_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_index("ix_webhooks_owner_id", "webhooks", schema=SCHEMA)
    op.drop_column("webhooks", "owner_id", schema=SCHEMA)
