"""The tables of `loyalty`. Rules of the domain stand here a second time, as constraints.

MySQL has no schemas inside a database, so every name begins with the service's. The migrations make
these tables; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import DATETIME

VERSION_TABLE = "loyalty_alembic_version"

metadata = MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id(length: int) -> String:
    # Bytewise: the collation that MySQL takes by itself holds `cus_a` and `cus_A` for one.
    return String(length, collation="utf8mb4_bin")


accounts = Table(
    "loyalty_accounts",
    metadata,
    Column("customer_id", _id(36), primary_key=True),
    Column("points", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("points >= 0", name="points_not_negative"),
    CheckConstraint("version >= 0", name="version_not_negative"),
    mysql_engine="InnoDB",
)

entries = Table(
    "loyalty_entries",
    metadata,
    Column("customer_id", _id(36), ForeignKey(accounts.c.customer_id), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("operation_id", _id(64), nullable=False),
    Column("kind", _id(16), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("level", _id(16), nullable=False),
    Column("amount_minor", BigInteger),
    # In UTC: DATETIME has no zone, and TIMESTAMP would follow the one of the session.
    Column("occurred_at", DATETIME(fsp=6), nullable=False),
    UniqueConstraint("operation_id", "kind"),
    CheckConstraint("version >= 1", name="version_positive"),
    CheckConstraint("kind IN ('accrual', 'reversal')", name="kind_known"),
    CheckConstraint("level IN ('bronze', 'silver', 'gold')", name="level_known"),
    CheckConstraint("balance >= 0", name="balance_not_negative"),
    mysql_engine="InnoDB",
)
