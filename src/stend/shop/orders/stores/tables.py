"""The tables of `orders`. Rules of the domain stand here a second time, as constraints.

The migrations make these tables; a test compares the two.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from stend.shop.orders.domain import OrderEventType, OrderStatus
from stend.shop.orders.reconciliation.runs import RunCause, RunState
from stend.shop.orders.saga import Step

SCHEMA = "orders"
# The channel of LISTEN and NOTIFY; the payload is an order id.
CHANGES_CHANNEL = "orders_changes"

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

# Bytewise order: ids sort by time only where the collation does not know about letters.
_Id = Text(collation="C")
_Moment = DateTime(timezone=True)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


price_list = Table(
    "price_list",
    metadata,
    Column("sku", _Id, primary_key=True),
    Column("title_ru", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("unit_price_minor > 0", name="price_positive"),
    CheckConstraint("currency = 'RUB'", name="currency_known"),
)

orders = Table(
    "orders",
    metadata,
    Column("order_id", _Id, primary_key=True),
    Column("customer_id", _Id, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("city", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("house", Text, nullable=False),
    Column("flat", Text),
    Column("comment", Text),
    Column("slot_starts_at", _Moment, nullable=False),
    Column("slot_ends_at", _Moment, nullable=False),
    Column("placed_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("reason", Text),
    CheckConstraint("order_id LIKE 'ord\\_%' AND length(order_id) = 30", name="id_shape"),
    CheckConstraint(_one_of("status", OrderStatus), name="status_known"),
    CheckConstraint("version >= 1", name="version_positive"),
    CheckConstraint("slot_ends_at > slot_starts_at", name="slot_forward"),
    CheckConstraint("updated_at >= placed_at", name="time_forward"),
    Index("ix_orders_customer_id_order_id", "customer_id", "order_id"),
    Index("ix_orders_status_order_id", "status", "order_id"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_id", _Id, ForeignKey(orders.c.order_id), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", _Id, ForeignKey(price_list.c.sku), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("position BETWEEN 0 AND 49", name="position_in_cart"),
    CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity_in_bounds"),
    CheckConstraint("unit_price_minor > 0", name="price_positive"),
    CheckConstraint("currency = 'RUB'", name="currency_known"),
)

order_history = Table(
    "order_history",
    metadata,
    Column("order_id", _Id, ForeignKey(orders.c.order_id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("occurred_at", _Moment, nullable=False),
    Column("reason", Text),
    CheckConstraint(_one_of("type", OrderEventType), name="type_known"),
    CheckConstraint(_one_of("status", OrderStatus), name="status_known"),
    CheckConstraint("version >= 1", name="version_positive"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", _Id, ForeignKey(orders.c.order_id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("occurred_at", _Moment, nullable=False),
    # When Kafka and when RabbitMQ have confirmed it.
    Column("published_at", _Moment),
    Column("notified_at", _Moment),
    # The span that wrote it, for the relays to go on with; NULL where nothing was recorded.
    Column("trace_context", Text),
    # No order has a version twice: its row in order_history is written with this one and says so.
    # Every index here costs the relays as much as the rows themselves, since marking a row as
    # confirmed writes it anew, and into each.
    CheckConstraint(_one_of("type", OrderEventType), name="type_known"),
    # Small, whatever the table grows to: only what waits is in them.
    Index("ix_outbox_unpublished", "outbox_id", postgresql_where=text("published_at IS NULL")),
    Index("ix_outbox_unnotified", "outbox_id", postgresql_where=text("notified_at IS NULL")),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", _Id, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    # Deferred: the key is written before its order, so that a second request with the same key
    # waits at once and not after it has done all the work.
    Column(
        "order_id",
        _Id,
        ForeignKey(orders.c.order_id, deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("expires_at", _Moment, nullable=False),
    CheckConstraint("length(fingerprint) = 32", name="fingerprint_is_sha256"),
    Index("ix_idempotency_keys_expires_at", "expires_at"),
)

sagas = Table(
    "sagas",
    metadata,
    Column("order_id", _Id, ForeignKey(orders.c.order_id), primary_key=True),
    Column("step", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", _Moment, nullable=False),
    Column("step_since", _Moment, nullable=False),
    Column("handed_over", Boolean, nullable=False),
    # When to look at it again; whoever works on it holds it until then.
    Column("due_at", _Moment, nullable=False),
    # Who works on it: a process that comes back after a crash takes its own up at once.
    Column("held_by", Text),
    # The span that placed the order: whatever follows belongs to its trace.
    Column("trace_context", Text),
    CheckConstraint(_one_of("step", Step), name="step_known"),
    CheckConstraint("attempts >= 0", name="attempts_counted"),
    Index("ix_sagas_due_at", "due_at", postgresql_where=text("step <> 'done'")),
)

# How far the news of deliveries have been taken in: one row, written with what they changed.
delivery_cursor = Table(
    "delivery_cursor",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("cursor", Text, nullable=False),
    CheckConstraint('"row" = 1', name="one_row"),
)

# Runs of the reconciliation: the last ones, each with what it has seen.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("run_id", _Id, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", _Moment, nullable=False),
    Column("started_at", _Moment),
    Column("ended_at", _Moment),
    # Why it is incomplete.
    Column("reason", Text),
    Column("report", JSONB(none_as_null=True)),
    CheckConstraint(_one_of("cause", RunCause), name="cause_known"),
    CheckConstraint(_one_of("state", RunState), name="state_known"),
    # However many ask for a run, one waits; however many processes there are, one runs.
    Index(
        "uq_reconciliations_waiting",
        "state",
        unique=True,
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "uq_reconciliations_running",
        "state",
        unique=True,
        postgresql_where=text("state = 'running'"),
    ),
)
