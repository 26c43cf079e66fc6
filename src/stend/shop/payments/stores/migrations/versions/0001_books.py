"""Payments, accounts, batches and entries, and the triggers that keep the books balanced."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    SmallInteger,
    Text,
)
from sqlalchemy import ForeignKeyConstraint as ForeignKey
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique

revision = "0001"
down_revision = None

SCHEMA = "payments"
ID = Text(collation="C")
MOMENT = DateTime(timezone=True)

# Written out, not taken from the domain: a migration tells what was true when it was written.
STATUSES = "'authorised', 'captured', 'refunded', 'voided', 'declined'"
REASONS = "'card-blocked', 'card-limit'"
ACCOUNTS = "'cards', 'holds', 'clearing', 'merchant'"
KINDS = "'authorisation', 'void', 'capture', 'settlement', 'refund', 'payout'"

# Deferred: both entries of a batch have to be there before anybody can add them up.
BALANCED = """
CREATE FUNCTION payments.check_batch_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM payments.entries WHERE batch_id = NEW.batch_id) <> 0 THEN
        RAISE EXCEPTION 'the entries of batch % do not sum to 0', NEW.batch_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER batch_balanced AFTER INSERT ON payments.entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.check_batch_balanced()
"""
APPEND_ONLY = """
CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are never changed or removed: book the opposite'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.entries
    FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change()
"""


def upgrade() -> None:
    _payments()
    _accounts()
    _batches()
    _entries()
    op.execute(BALANCED)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    for table in ("entries", "batches", "accounts", "payments"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION payments.check_batch_balanced, payments.refuse_change")


def _check(rule: str, name: str) -> CheckConstraint:
    # op.f: the name is whole, the naming convention of the tables adds nothing to it.
    return CheckConstraint(rule, name=op.f(name))


def _payments() -> None:
    op.create_table(
        "payments",
        Column("payment_ref", ID, nullable=False),
        Column("status", Text, nullable=False),
        Column("amount_minor", BigInteger, nullable=False),
        Column("refunded_minor", BigInteger, nullable=False),
        Column("currency", Text, nullable=False),
        Column("opened_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("customer_id", ID),
        Column("authorisation_id", ID),
        Column("decline_reason", Text),
        PrimaryKey("payment_ref", name="pk_payments"),
        Unique("authorisation_id", name="uq_payments_authorisation_id"),
        _check(f"status IN ({STATUSES})", "ck_payments_status_known"),
        _check(f"decline_reason IN ({REASONS})", "ck_payments_reason_known"),
        _check("refunded_minor BETWEEN 0 AND amount_minor", "ck_payments_refund_within_payment"),
        _check("currency = 'RUB'", "ck_payments_currency_known"),
        _check("(customer_id IS NULL) = (amount_minor = 0)", "ck_payments_tombstone_is_empty"),
        schema=SCHEMA,
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        Column("account", Text, nullable=False),
        Column("title_ru", Text, nullable=False),
        Column("title_en", Text, nullable=False),
        PrimaryKey("account", name="pk_accounts"),
        _check(f"account IN ({ACCOUNTS})", "ck_accounts_account_known"),
        schema=SCHEMA,
    )


def _batches() -> None:
    op.create_table(
        "batches",
        Column("batch_id", BigInteger, Identity(always=True), nullable=False),
        Column("payment_ref", ID, nullable=False),
        Column("kind", Text, nullable=False),
        Column("posted_at", MOMENT, nullable=False),
        PrimaryKey("batch_id", name="pk_batches"),
        ForeignKey(["payment_ref"], ["payments.payments.payment_ref"], "fk_batches_payment_ref"),
        Unique("payment_ref", "kind", name="uq_batches_payment_ref_kind"),
        _check(f"kind IN ({KINDS})", "ck_batches_kind_known"),
        schema=SCHEMA,
    )


def _entries() -> None:
    op.create_table(
        "entries",
        Column("batch_id", BigInteger, nullable=False),
        Column("position", SmallInteger, nullable=False),
        Column("account", Text, nullable=False),
        Column("amount_minor", BigInteger, nullable=False),
        PrimaryKey("batch_id", "position", name="pk_entries"),
        ForeignKey(["batch_id"], ["payments.batches.batch_id"], "fk_entries_batch_id"),
        ForeignKey(["account"], ["payments.accounts.account"], "fk_entries_account"),
        _check("amount_minor <> 0", "ck_entries_amount_moves"),
        schema=SCHEMA,
    )
