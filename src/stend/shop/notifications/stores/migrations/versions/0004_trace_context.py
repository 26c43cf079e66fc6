"""The inbox carries the trace of an event on to those who are told of it."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0004"
down_revision = "0003"

SCHEMA = "notifications"


def upgrade() -> None:
    op.add_column("inbox", Column("trace_context", Text), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("inbox", "trace_context", schema=SCHEMA)
