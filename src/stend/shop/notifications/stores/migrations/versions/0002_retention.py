"""Indexes for forgetting what is old: by its age, and from an event to its deliveries."""

from alembic import op

revision = "0002"
down_revision = "0001"

SCHEMA = "notifications"


def upgrade() -> None:
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"], schema=SCHEMA)
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_index("ix_deliveries_event_id", "deliveries", schema=SCHEMA)
    op.drop_index("ix_inbox_received_at", "inbox", schema=SCHEMA)
