"""The outbox and the sagas carry the trace of the order on: what follows belongs to it."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0005"
down_revision = "0004"

SCHEMA = "orders"


def upgrade() -> None:
    op.add_column("outbox", Column("trace_context", Text), schema=SCHEMA)
    op.add_column("sagas", Column("trace_context", Text), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("sagas", "trace_context", schema=SCHEMA)
    op.drop_column("outbox", "trace_context", schema=SCHEMA)
