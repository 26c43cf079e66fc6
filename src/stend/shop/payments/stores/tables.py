"""The tables of `payments`. Rules of the domain stand here a second time, as constraints.

The migrations make these tables, and two triggers: the entries of a batch sum to nothing when the
transaction commits, and nobody changes or removes an entry.
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from stend.shop.payments.domain import Account, BatchKind, DeclineReason, PaymentStatus

SCHEMA = "payments"

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

# Bytewise order: references sort by time only where the collation does not know about letters.
_Id = Text(collation="C")
_Moment = DateTime(timezone=True)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


payments = Table(
    "payments",
    metadata,
    Column("payment_ref", _Id, primary_key=True),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("customer_id", _Id),
    Column("authorisation_id", _Id),
    Column("decline_reason", Text),
    UniqueConstraint("authorisation_id"),
    CheckConstraint(_one_of("status", PaymentStatus), name="status_known"),
    CheckConstraint(_one_of("decline_reason", DeclineReason), name="reason_known"),
    CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refund_within_payment"),
    CheckConstraint("currency = 'RUB'", name="currency_known"),
    CheckConstraint("(customer_id IS NULL) = (amount_minor = 0)", name="tombstone_is_empty"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("title_ru", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    CheckConstraint(_one_of("account", Account), name="account_known"),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", BigInteger, Identity(always=True), primary_key=True),
    Column("payment_ref", _Id, ForeignKey(payments.c.payment_ref), nullable=False),
    Column("kind", Text, nullable=False),
    Column("posted_at", _Moment, nullable=False),
    # No step of a payment can be booked twice, whatever the code above believes.
    UniqueConstraint("payment_ref", "kind"),
    CheckConstraint(_one_of("kind", BatchKind), name="kind_known"),
)

entries = Table(
    "entries",
    metadata,
    Column("batch_id", BigInteger, ForeignKey(batches.c.batch_id), primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey(accounts.c.account), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    CheckConstraint("amount_minor <> 0", name="amount_moves"),
)
