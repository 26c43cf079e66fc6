"""Accounts and the ledger of points.

DDL of MySQL commits by itself, so a migration that was interrupted begins again from its start.
"""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String
from sqlalchemy import ForeignKeyConstraint as ForeignKey
from sqlalchemy import PrimaryKeyConstraint as PrimaryKey
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.mysql import DATETIME

revision = "0001"
down_revision = None


def upgrade() -> None:
    _accounts()
    _entries()


def downgrade() -> None:
    op.drop_table("loyalty_entries", if_exists=True)
    op.drop_table("loyalty_accounts", if_exists=True)


def _id(length: int) -> String:
    return String(length, collation="utf8mb4_bin")


def _check(rule: str, name: str) -> CheckConstraint:
    # op.f: the name is whole, the naming convention of the tables adds nothing to it.
    return CheckConstraint(rule, name=op.f(name))


def _accounts() -> None:
    op.create_table(
        "loyalty_accounts",
        Column("customer_id", _id(36), nullable=False),
        Column("points", BigInteger, nullable=False),
        Column("version", Integer, nullable=False),
        PrimaryKey("customer_id"),
        _check("points >= 0", "ck_loyalty_accounts_points_not_negative"),
        _check("version >= 0", "ck_loyalty_accounts_version_not_negative"),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )


def _entries() -> None:
    op.create_table(
        "loyalty_entries",
        Column("customer_id", _id(36), nullable=False),
        Column("version", Integer, nullable=False, autoincrement=False),
        Column("operation_id", _id(64), nullable=False),
        Column("kind", _id(16), nullable=False),
        Column("points", BigInteger, nullable=False),
        Column("balance", BigInteger, nullable=False),
        Column("level", _id(16), nullable=False),
        Column("amount_minor", BigInteger),
        Column("occurred_at", DATETIME(fsp=6), nullable=False),
        PrimaryKey("customer_id", "version"),
        ForeignKey(
            ["customer_id"],
            ["loyalty_accounts.customer_id"],
            name=op.f("fk_loyalty_entries_customer_id"),
        ),
        Unique("operation_id", "kind", name=op.f("uq_loyalty_entries_operation_id_kind")),
        _check("version >= 1", "ck_loyalty_entries_version_positive"),
        _check("kind IN ('accrual', 'reversal')", "ck_loyalty_entries_kind_known"),
        _check("level IN ('bronze', 'silver', 'gold')", "ck_loyalty_entries_level_known"),
        _check("balance >= 0", "ck_loyalty_entries_balance_not_negative"),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
