"""The tables of `notifications`. Rules of the domain stand here a second time, as constraints.

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from stend.shop.notifications.domain import DeliveryStatus, EventType, Outcome, WebhookStatus

SCHEMA = "notifications"

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


# What was consumed: its key is the message's, so a second copy finds its place taken. The history
# for replays and the notifications of customers, too.
inbox = Table(
    "inbox",
    metadata,
    Column("event_id", _Id, primary_key=True),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("order_id", _Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("occurred_at", _Moment, nullable=False),
    Column("reason", Text),
    Column("customer_id", _Id),
    Column("number", Integer),
    Column("text_ru", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("received_at", _Moment, nullable=False),
    Column("announced_at", _Moment),
    # The span that took it in, for whoever tells of it; NULL where nothing was recorded.
    Column("trace_context", Text),
    UniqueConstraint("order_id", "version"),
    UniqueConstraint("customer_id", "number"),
    CheckConstraint(_one_of("type", EventType), name="type_known"),
    CheckConstraint("version >= 1", name="version_positive"),
    CheckConstraint("(customer_id IS NULL) = (number IS NULL)", name="number_of_customer"),
    Index("ix_inbox_received_at", "received_at"),
    Index("ix_inbox_unannounced", "place", postgresql_where=text("announced_at IS NULL")),
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", _Id, primary_key=True),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 1", name="number_positive"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", _Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("order_id", _Id),
    Column("customer_id", _Id),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("disabled_reason", Text),
    Column("idempotency_key", _Id),
    Column("fingerprint", LargeBinary),
    Column("owner_id", _Id),
    UniqueConstraint("idempotency_key"),
    CheckConstraint(_one_of("status", WebhookStatus), name="status_known"),
    CheckConstraint("order_id IS NULL OR customer_id IS NULL", name="one_filter"),
    CheckConstraint("(idempotency_key IS NULL) = (fingerprint IS NULL)", name="key_with_request"),
    Index("ix_webhooks_order_id", "order_id"),
    Index("ix_webhooks_customer_id", "customer_id"),
    Index("ix_webhooks_owner_id", "owner_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("message_id", _Id, primary_key=True),
    Column(
        "webhook_id", _Id, ForeignKey(webhooks.c.webhook_id, ondelete="CASCADE"), nullable=False
    ),
    Column("event_id", _Id, ForeignKey(inbox.c.event_id), nullable=False),
    Column("order_id", _Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("round_attempts", Integer, nullable=False),
    Column("due_at", _Moment, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("leased_until", _Moment),
    Column("last_error", Text),
    UniqueConstraint("webhook_id", "event_id"),
    CheckConstraint(_one_of("status", DeliveryStatus), name="status_known"),
    CheckConstraint("attempts >= round_attempts AND round_attempts >= 0", name="attempts_forward"),
    Index("ix_deliveries_event_id", "event_id"),
    Index("ix_deliveries_due", "due_at", postgresql_where=text("status = 'pending'")),
    Index(
        "ix_deliveries_pending_of_order",
        "webhook_id",
        "order_id",
        "version",
        postgresql_where=text("status = 'pending'"),
    ),
    Index("ix_deliveries_webhook_id_message_id", "webhook_id", "message_id"),
    Index("ix_deliveries_dead", "message_id", postgresql_where=text("status = 'dead'")),
)

attempts = Table(
    "attempts",
    metadata,
    Column(
        "message_id",
        _Id,
        ForeignKey(deliveries.c.message_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True),
    Column("started_at", _Moment, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("http_status", Integer),
    Column("detail", Text, nullable=False),
    CheckConstraint(_one_of("outcome", Outcome), name="outcome_known"),
    CheckConstraint("number >= 1", name="number_positive"),
)
