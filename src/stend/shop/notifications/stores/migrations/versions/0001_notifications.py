"""Inbox, customers, webhooks, deliveries and attempts."""

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
    text,
)
from sqlalchemy import ForeignKeyConstraint as ForeignKey
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None

SCHEMA = "notifications"
ID = Text(collation="C")
MOMENT = DateTime(timezone=True)

# Written out, not taken from the domain: a migration tells what was true when it was written.
TYPES = (
    "'OrderPlaced', 'OrderReserved', 'OrderPaid', 'PickingStarted', 'OrderDispatched', "
    "'OrderDelivered', 'OrderCancelled', 'OrderFailed'"
)
OUTCOMES = "'accepted', 'refused', 'gone', 'timed-out', 'unreachable', 'address-forbidden'"


def upgrade() -> None:
    _inbox()
    _customers()
    _webhooks()
    _deliveries()
    _attempts()


def downgrade() -> None:
    for table in ("attempts", "deliveries", "webhooks", "customers", "inbox"):
        op.drop_table(table, schema=SCHEMA)


def _check(rule: str, name: str) -> CheckConstraint:
    # op.f: the name is whole, the naming convention of the tables adds nothing to it.
    return CheckConstraint(rule, name=op.f(name))


def _inbox() -> None:
    op.create_table(
        "inbox",
        Column("event_id", ID, nullable=False),
        Column("place", BigInteger, Identity(always=True), nullable=False),
        Column("order_id", ID, nullable=False),
        Column("version", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("occurred_at", MOMENT, nullable=False),
        Column("reason", Text),
        Column("customer_id", ID),
        Column("number", Integer),
        Column("text_ru", Text, nullable=False),
        Column("text_en", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("received_at", MOMENT, nullable=False),
        Column("announced_at", MOMENT),
        PrimaryKey("event_id", name="pk_inbox"),
        Unique("order_id", "version", name="uq_inbox_order_id_version"),
        Unique("customer_id", "number", name="uq_inbox_customer_id_number"),
        _check(f"type IN ({TYPES})", "ck_inbox_type_known"),
        _check("version >= 1", "ck_inbox_version_positive"),
        _check("(customer_id IS NULL) = (number IS NULL)", "ck_inbox_number_of_customer"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_inbox_unannounced",
        "inbox",
        ["place"],
        schema=SCHEMA,
        postgresql_where=text("announced_at IS NULL"),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        Column("customer_id", ID, nullable=False),
        Column("last_number", Integer, nullable=False),
        PrimaryKey("customer_id", name="pk_customers"),
        _check("last_number >= 1", "ck_customers_number_positive"),
        schema=SCHEMA,
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        Column("webhook_id", ID, nullable=False),
        Column("url", Text, nullable=False),
        Column("secret", Text, nullable=False),
        Column("created_at", MOMENT, nullable=False),
        Column("order_id", ID),
        Column("customer_id", ID),
        Column("event_types", ARRAY(Text), nullable=False),
        Column("status", Text, nullable=False),
        Column("disabled_reason", Text),
        Column("idempotency_key", ID),
        Column("fingerprint", LargeBinary),
        PrimaryKey("webhook_id", name="pk_webhooks"),
        Unique("idempotency_key", name="uq_webhooks_idempotency_key"),
        _check("status IN ('active', 'disabled')", "ck_webhooks_status_known"),
        _check("order_id IS NULL OR customer_id IS NULL", "ck_webhooks_one_filter"),
        _check("(idempotency_key IS NULL) = (fingerprint IS NULL)", "ck_webhooks_key_with_request"),
        schema=SCHEMA,
    )
    for column in ("order_id", "customer_id"):
        op.create_index(f"ix_webhooks_{column}", "webhooks", [column], schema=SCHEMA)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        Column("message_id", ID, nullable=False),
        Column("webhook_id", ID, nullable=False),
        Column("event_id", ID, nullable=False),
        Column("order_id", ID, nullable=False),
        Column("version", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("round_attempts", Integer, nullable=False),
        Column("due_at", MOMENT, nullable=False),
        Column("created_at", MOMENT, nullable=False),
        Column("leased_until", MOMENT),
        Column("last_error", Text),
        PrimaryKey("message_id", name="pk_deliveries"),
        ForeignKey(
            ["webhook_id"],
            ["notifications.webhooks.webhook_id"],
            name="fk_deliveries_webhook_id",
            ondelete="CASCADE",
        ),
        ForeignKey(["event_id"], ["notifications.inbox.event_id"], name="fk_deliveries_event_id"),
        Unique("webhook_id", "event_id", name="uq_deliveries_webhook_id_event_id"),
        _check("status IN ('pending', 'delivered', 'dead')", "ck_deliveries_status_known"),
        _check(
            "attempts >= round_attempts AND round_attempts >= 0", "ck_deliveries_attempts_forward"
        ),
        schema=SCHEMA,
    )
    pending, dead = text("status = 'pending'"), text("status = 'dead'")
    for name, columns, where in (
        ("due", ["due_at"], pending),
        ("pending_of_order", ["webhook_id", "order_id", "version"], pending),
        ("webhook_id_message_id", ["webhook_id", "message_id"], None),
        ("dead", ["message_id"], dead),
    ):
        op.create_index(
            f"ix_deliveries_{name}", "deliveries", columns, schema=SCHEMA, postgresql_where=where
        )


def _attempts() -> None:
    op.create_table(
        "attempts",
        Column("message_id", ID, nullable=False),
        Column("number", Integer, nullable=False),
        Column("started_at", MOMENT, nullable=False),
        Column("duration_ms", Integer, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("http_status", Integer),
        Column("detail", Text, nullable=False),
        PrimaryKey("message_id", "number", name="pk_attempts"),
        ForeignKey(
            ["message_id"],
            ["notifications.deliveries.message_id"],
            name="fk_attempts_message_id",
            ondelete="CASCADE",
        ),
        _check(f"outcome IN ({OUTCOMES})", "ck_attempts_outcome_known"),
        _check("number >= 1", "ck_attempts_number_positive"),
        schema=SCHEMA,
    )
