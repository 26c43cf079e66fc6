"""The tables of `stock`. Rules of the domain stand here a second time, as constraints.

The migrations make these tables; a test compares the two.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSON

from stend.shop.stock.domain import MovementKind, ReservationStatus

SCHEMA = "stock"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    },
)

# Bytewise order, the same as Python's: it is the order in which rows are locked.
_Id = Text(collation="C")
_Moment = DateTime(timezone=True)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


quantities = Table(
    "quantities",
    metadata,
    Column("sku", _Id, primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    # The last word against selling what is not there.
    CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
    CheckConstraint("reserved >= 0", name="reserved_not_negative"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("reservation_id", _Id, primary_key=True),
    Column("status", Text, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("reason", Text),
    CheckConstraint(_one_of("status", ReservationStatus), name="status_known"),
    CheckConstraint("updated_at >= created_at", name="time_forward"),
)

reservation_lines = Table(
    "reservation_lines",
    metadata,
    Column("reservation_id", _Id, ForeignKey(reservations.c.reservation_id), primary_key=True),
    Column("sku", _Id, ForeignKey(quantities.c.sku), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

restocks = Table(
    "restocks",
    metadata,
    Column("restock_id", _Id, primary_key=True),
    Column("sku", _Id, ForeignKey(quantities.c.sku), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("received_at", _Moment, nullable=False),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

movements = Table(
    "movements",
    metadata,
    Column("movement_id", BigInteger, Identity(always=True), primary_key=True),
    Column("sku", _Id, ForeignKey(quantities.c.sku), nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("reference", _Id, nullable=False),
    Column("occurred_at", _Moment, nullable=False),
    # One effect per cause: no command can move the same goods twice.
    UniqueConstraint("reference", "kind", "sku"),
    CheckConstraint(_one_of("kind", MovementKind), name="kind_known"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    Index("ix_movements_sku_kind", "sku", "kind"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("message_id", _Id, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    # Null only inside of the transaction that handles the message. JSON and not JSONB, which
    # would change the order of its members: a reply is repeated word for word.
    Column("reply", JSON),
    Column("received_at", _Moment, nullable=False),
    CheckConstraint("length(fingerprint) = 32", name="fingerprint_is_sha256"),
    Index("ix_inbox_received_at", "received_at"),
)
