"""Runs of the reconciliation."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, DateTime, Text, text
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

SCHEMA = "orders"
MOMENT = DateTime(timezone=True)
# Written out, not taken from the code: a migration tells what was true when it was written.
CAUSES = "'schedule', 'request'"
STATES = "'waiting', 'running', 'clean', 'findings', 'incomplete'"


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        Column("run_id", Text(collation="C"), nullable=False),
        Column("cause", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("requested_at", MOMENT, nullable=False),
        Column("started_at", MOMENT),
        Column("ended_at", MOMENT),
        Column("reason", Text),
        Column("report", JSONB),
        PrimaryKey("run_id", name="pk_reconciliations"),
        CheckConstraint(f"cause IN ({CAUSES})", name=op.f("ck_reconciliations_cause_known")),
        CheckConstraint(f"state IN ({STATES})", name=op.f("ck_reconciliations_state_known")),
        schema=SCHEMA,
    )
    for state in ("waiting", "running"):
        op.create_index(
            f"uq_reconciliations_{state}",
            "reconciliations",
            ["state"],
            schema=SCHEMA,
            unique=True,
            postgresql_where=text(f"state = '{state}'"),
        )


def downgrade() -> None:
    op.drop_table("reconciliations", schema=SCHEMA)
