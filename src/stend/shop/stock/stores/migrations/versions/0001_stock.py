"""Quantities, reservations, restocks, the ledger of movements and the inbox."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Text,
)
from sqlalchemy import ForeignKeyConstraint as ForeignKey
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSON

revision = "0001"
down_revision = None

SCHEMA = "stock"
ID = Text(collation="C")
MOMENT = DateTime(timezone=True)

# Written out, not taken from the domain: a migration tells what was true when it was written.
STATUSES = "'reserved', 'released', 'committed'"
KINDS = "'received', 'reserved', 'released', 'committed'"


def upgrade() -> None:
    _quantities()
    _reservations()
    _restocks()
    _movements()
    _inbox()


def downgrade() -> None:
    for table in (
        "inbox",
        "movements",
        "restocks",
        "reservation_lines",
        "reservations",
        "quantities",
    ):
        op.drop_table(table, schema=SCHEMA)


def _check(rule: str, name: str) -> CheckConstraint:
    # op.f: the name is whole, the naming convention of the tables adds nothing to it.
    return CheckConstraint(rule, name=op.f(name))


def _of_sku(table: str) -> ForeignKey:
    return ForeignKey(["sku"], ["stock.quantities.sku"], name=f"fk_{table}_sku")


def _quantities() -> None:
    op.create_table(
        "quantities",
        Column("sku", ID, nullable=False),
        Column("on_hand", Integer, nullable=False),
        Column("reserved", Integer, nullable=False),
        PrimaryKey("sku", name="pk_quantities"),
        _check("on_hand >= 0", "ck_quantities_on_hand_not_negative"),
        _check("reserved >= 0", "ck_quantities_reserved_not_negative"),
        schema=SCHEMA,
    )


def _reservations() -> None:
    op.create_table(
        "reservations",
        Column("reservation_id", ID, nullable=False),
        Column("status", Text, nullable=False),
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("reason", Text),
        PrimaryKey("reservation_id", name="pk_reservations"),
        _check(f"status IN ({STATUSES})", "ck_reservations_status_known"),
        _check("updated_at >= created_at", "ck_reservations_time_forward"),
        schema=SCHEMA,
    )
    op.create_table(
        "reservation_lines",
        Column("reservation_id", ID, nullable=False),
        Column("sku", ID, nullable=False),
        Column("quantity", Integer, nullable=False),
        PrimaryKey("reservation_id", "sku", name="pk_reservation_lines"),
        ForeignKey(
            ["reservation_id"],
            ["stock.reservations.reservation_id"],
            name="fk_reservation_lines_reservation_id",
        ),
        _of_sku("reservation_lines"),
        _check("quantity > 0", "ck_reservation_lines_quantity_positive"),
        schema=SCHEMA,
    )


def _restocks() -> None:
    op.create_table(
        "restocks",
        Column("restock_id", ID, nullable=False),
        Column("sku", ID, nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("received_at", MOMENT, nullable=False),
        PrimaryKey("restock_id", name="pk_restocks"),
        _of_sku("restocks"),
        _check("quantity > 0", "ck_restocks_quantity_positive"),
        schema=SCHEMA,
    )


def _movements() -> None:
    op.create_table(
        "movements",
        Column("movement_id", BigInteger, Identity(always=True), nullable=False),
        Column("sku", ID, nullable=False),
        Column("kind", Text, nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("reference", ID, nullable=False),
        Column("occurred_at", MOMENT, nullable=False),
        PrimaryKey("movement_id", name="pk_movements"),
        _of_sku("movements"),
        Unique("reference", "kind", "sku", name="uq_movements_reference_kind_sku"),
        _check(f"kind IN ({KINDS})", "ck_movements_kind_known"),
        _check("quantity > 0", "ck_movements_quantity_positive"),
        schema=SCHEMA,
    )
    op.create_index("ix_movements_sku_kind", "movements", ["sku", "kind"], schema=SCHEMA)


def _inbox() -> None:
    op.create_table(
        "inbox",
        Column("message_id", ID, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("reply", JSON),
        Column("received_at", MOMENT, nullable=False),
        PrimaryKey("message_id", name="pk_inbox"),
        _check("length(fingerprint) = 32", "ck_inbox_fingerprint_is_sha256"),
        schema=SCHEMA,
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"], schema=SCHEMA)
