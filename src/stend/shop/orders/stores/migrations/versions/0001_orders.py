"""Orders, lines, history, outbox, price list and idempotency keys."""

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
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

SCHEMA = "orders"
ID = Text(collation="C")
MOMENT = DateTime(timezone=True)

# Written out, not taken from the domain: a migration tells what was true when it was written.
STATUSES = (
    "'placed', 'reserved', 'paid', 'picking', 'on_the_way', 'delivered', 'cancelled', 'failed'"
)
TYPES = (
    "'OrderPlaced', 'OrderReserved', 'OrderPaid', 'PickingStarted', 'OrderDispatched', "
    "'OrderDelivered', 'OrderCancelled', 'OrderFailed'"
)


def upgrade() -> None:
    _price_list()
    _orders()
    _order_lines()
    _order_history()
    _outbox()
    _idempotency_keys()


def downgrade() -> None:
    for table in (
        "idempotency_keys",
        "outbox",
        "order_history",
        "order_lines",
        "orders",
        "price_list",
    ):
        op.drop_table(table, schema=SCHEMA)


def _check(rule: str, name: str) -> CheckConstraint:
    # op.f: the name is whole, the naming convention of the tables adds nothing to it.
    return CheckConstraint(rule, name=op.f(name))


def _price_list() -> None:
    op.create_table(
        "price_list",
        Column("sku", ID, nullable=False),
        Column("title_ru", Text, nullable=False),
        Column("title_en", Text, nullable=False),
        Column("unit_price_minor", BigInteger, nullable=False),
        Column("currency", Text, nullable=False),
        PrimaryKey("sku", name="pk_price_list"),
        _check("unit_price_minor > 0", "ck_price_list_price_positive"),
        _check("currency = 'RUB'", "ck_price_list_currency_known"),
        schema=SCHEMA,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        Column("order_id", ID, nullable=False),
        Column("customer_id", ID, nullable=False),
        Column("status", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("city", Text, nullable=False),
        Column("street", Text, nullable=False),
        Column("house", Text, nullable=False),
        Column("flat", Text),
        Column("comment", Text),
        Column("slot_starts_at", MOMENT, nullable=False),
        Column("slot_ends_at", MOMENT, nullable=False),
        Column("placed_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("reason", Text),
        PrimaryKey("order_id", name="pk_orders"),
        _check("order_id LIKE 'ord\\_%' AND length(order_id) = 30", "ck_orders_id_shape"),
        _check(f"status IN ({STATUSES})", "ck_orders_status_known"),
        _check("version >= 1", "ck_orders_version_positive"),
        _check("slot_ends_at > slot_starts_at", "ck_orders_slot_forward"),
        _check("updated_at >= placed_at", "ck_orders_time_forward"),
        schema=SCHEMA,
    )
    for column in ("customer_id", "status"):
        name = f"ix_orders_{column}_order_id"
        op.create_index(name, "orders", [column, "order_id"], schema=SCHEMA)


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        Column("order_id", ID, nullable=False),
        Column("position", Integer, nullable=False),
        Column("sku", ID, nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("unit_price_minor", BigInteger, nullable=False),
        Column("currency", Text, nullable=False),
        PrimaryKey("order_id", "position", name="pk_order_lines"),
        ForeignKey(["order_id"], ["orders.orders.order_id"], name="fk_order_lines_order_id"),
        ForeignKey(["sku"], ["orders.price_list.sku"], name="fk_order_lines_sku"),
        _check("position BETWEEN 0 AND 49", "ck_order_lines_position_in_cart"),
        _check("quantity BETWEEN 1 AND 99", "ck_order_lines_quantity_in_bounds"),
        _check("unit_price_minor > 0", "ck_order_lines_price_positive"),
        _check("currency = 'RUB'", "ck_order_lines_currency_known"),
        schema=SCHEMA,
    )


def _order_history() -> None:
    op.create_table(
        "order_history",
        Column("order_id", ID, nullable=False),
        Column("version", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("occurred_at", MOMENT, nullable=False),
        Column("reason", Text),
        PrimaryKey("order_id", "version", name="pk_order_history"),
        ForeignKey(["order_id"], ["orders.orders.order_id"], name="fk_order_history_order_id"),
        _check(f"type IN ({TYPES})", "ck_order_history_type_known"),
        _check(f"status IN ({STATUSES})", "ck_order_history_status_known"),
        _check("version >= 1", "ck_order_history_version_positive"),
        schema=SCHEMA,
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        Column("outbox_id", BigInteger, Identity(always=True), nullable=False),
        Column("order_id", ID, nullable=False),
        Column("version", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("occurred_at", MOMENT, nullable=False),
        Column("published_at", MOMENT),
        PrimaryKey("outbox_id", name="pk_outbox"),
        ForeignKey(["order_id"], ["orders.orders.order_id"], name="fk_outbox_order_id"),
        Unique("order_id", "version", name="uq_outbox_order_id_version"),
        _check(f"type IN ({TYPES})", "ck_outbox_type_known"),
        schema=SCHEMA,
    )


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        Column("key", ID, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("order_id", ID, nullable=False),
        Column("expires_at", MOMENT, nullable=False),
        PrimaryKey("key", name="pk_idempotency_keys"),
        ForeignKey(
            ["order_id"],
            ["orders.orders.order_id"],
            name="fk_idempotency_keys_order_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        _check("length(fingerprint) = 32", "ck_idempotency_keys_fingerprint_is_sha256"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"], schema=SCHEMA
    )
