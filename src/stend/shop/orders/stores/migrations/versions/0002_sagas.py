"""Sagas, the cursor of the courier's news, and what the relays have confirmed."""

from alembic import op
from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Integer, Text, text
from sqlalchemy import ForeignKeyConstraint as ForeignKey
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey

revision = "0002"
down_revision = "0001"

SCHEMA = "orders"
ID = Text(collation="C")
MOMENT = DateTime(timezone=True)
# Written out, not taken from the saga: a migration tells what was true when it was written.
STEPS = (
    "'reserve-stock', 'authorise-payment', 'accrue-points', 'assign-courier', 'await-delivery', "
    "'commit-stock', 'capture-payment', 'cancel-delivery', 'reverse-points', 'void-payment', "
    "'release-stock', 'write-off-stock', 'done'"
)


def upgrade() -> None:
    _sagas()
    op.create_table(
        "delivery_cursor",
        Column("row", Integer, autoincrement=False, nullable=False),
        Column("cursor", Text, nullable=False),
        PrimaryKey("row", name="pk_delivery_cursor"),
        CheckConstraint('"row" = 1', name=op.f("ck_delivery_cursor_one_row")),
        schema=SCHEMA,
    )
    op.add_column("outbox", Column("notified_at", MOMENT), schema=SCHEMA)
    for name, column in (("unpublished", "published_at"), ("unnotified", "notified_at")):
        op.create_index(
            f"ix_outbox_{name}",
            "outbox",
            ["outbox_id"],
            schema=SCHEMA,
            postgresql_where=text(f"{column} IS NULL"),
        )
    # Orders that were placed before there was a saga get theirs; whoever cancelled has nothing to
    # undo.
    op.execute(
        "INSERT INTO orders.sagas"
        " (order_id, step, attempts, started_at, step_since, handed_over, due_at)"
        " SELECT order_id, CASE status WHEN 'placed' THEN 'reserve-stock' ELSE 'done' END,"
        " 0, placed_at, placed_at, false, placed_at FROM orders.orders"
    )


def downgrade() -> None:
    for name in ("unpublished", "unnotified"):
        op.drop_index(f"ix_outbox_{name}", "outbox", schema=SCHEMA)
    op.drop_column("outbox", "notified_at", schema=SCHEMA)
    op.drop_table("delivery_cursor", schema=SCHEMA)
    op.drop_table("sagas", schema=SCHEMA)


def _sagas() -> None:
    op.create_table(
        "sagas",
        Column("order_id", ID, nullable=False),
        Column("step", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("started_at", MOMENT, nullable=False),
        Column("step_since", MOMENT, nullable=False),
        Column("handed_over", Boolean, nullable=False),
        Column("due_at", MOMENT, nullable=False),
        Column("held_by", Text),
        PrimaryKey("order_id", name="pk_sagas"),
        ForeignKey(["order_id"], ["orders.orders.order_id"], name="fk_sagas_order_id"),
        CheckConstraint(f"step IN ({STEPS})", name=op.f("ck_sagas_step_known")),
        CheckConstraint("attempts >= 0", name=op.f("ck_sagas_attempts_counted")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_sagas_due_at",
        "sagas",
        ["due_at"],
        schema=SCHEMA,
        postgresql_where=text("step <> 'done'"),
    )
