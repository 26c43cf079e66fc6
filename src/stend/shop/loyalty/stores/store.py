"""The accounts and the ledger in MySQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.dialects.mysql import insert as mysql_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from stend.chassis.mysql_tls import context_of, without_parameters
from stend.chassis.service import Migrated
from stend.chassis.tracing.mysql import trace_statements
from stend.kit.money import Money
from stend.shop.loyalty.domain import Account, Entry, EntryKind, Level, after
from stend.shop.loyalty.ports import Booked, Decide
from stend.shop.loyalty.stores.migrating import migrate
from stend.shop.loyalty.stores.reaching import reaching_mysql
from stend.shop.loyalty.stores.tables import accounts, entries

_CONNECT_TIMEOUT_S = 2
_DUPLICATE_KEY = 1062
_DEADLOCK = 1213
_ATTEMPTS = 3


class MysqlPointsStore:
    """
    Args:
        url: `mysql://user:password@host:port/database`, with TLS `?ssl-mode=…&ssl-ca=…`.
        pool_size: connections, for reads and writes together.
        wait_s: how long a request waits for a free connection.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float) -> None:
        self._engine = create_async_engine(
            without_parameters(url).replace("mysql://", "mysql+aiomysql://", 1),
            # Each statement sees what was committed before it: who has waited for the account's
            # row must not decide by the ledger of the moment before.
            isolation_level="READ COMMITTED",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=wait_s,
            # After a restart of MySQL every pooled connection is dead, and only its use tells.
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "charset": "utf8mb4",
                "ssl": context_of(url),
            },
        )
        trace_statements(self._engine)

    async def open(self) -> Migrated:
        """Brings the tables to their newest version."""
        return await migrate(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        with reaching_mysql():
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def book(
        self, customer_id: str, operation_id: str, kind: EntryKind, decide: Decide
    ) -> Booked:
        with reaching_mysql():
            for _ in range(_ATTEMPTS - 1):
                try:
                    return await self._book(customer_id, operation_id, kind, decide)
                except DBAPIError as error:
                    # The account's row keeps requests of one customer apart, not those of two for
                    # one operation: who comes second decides anew, and is then refused. Nor is it
                    # known of a connection that died whether its commit was done.
                    if not (error.connection_invalidated or _is_race(error)):
                        raise
            return await self._book(customer_id, operation_id, kind, decide)

    async def account(self, customer_id: str) -> Account | None:
        with reaching_mysql():
            async with self._engine.connect() as connection:
                return await _account(connection, customer_id, locked=False)

    async def ledger(self, customer_id: str, after_version: int, limit: int) -> Sequence[Entry]:
        wanted = (
            select(entries)
            .where(entries.c.customer_id == customer_id, entries.c.version > after_version)
            .order_by(entries.c.version)
            .limit(limit)
        )
        with reaching_mysql():
            async with self._engine.connect() as connection:
                return [_entry_of(row) for row in await connection.execute(wanted)]

    async def _book(
        self, customer_id: str, operation_id: str, kind: EntryKind, decide: Decide
    ) -> Booked:
        async with self._engine.begin() as connection:
            account = await _locked_account(connection, customer_id)
            former = await _entries_of_operation(connection, operation_id)
            entry = decide(account, former)
            if entry is None:
                return Booked(next(one for one in former if one.kind is kind), replayed=True)
            await connection.execute(insert(entries), _row_of(entry))
            changed = after(account, entry)
            await connection.execute(
                update(accounts)
                .where(accounts.c.customer_id == customer_id)
                .values(points=changed.points, version=changed.version)
            )
        return Booked(entry, replayed=False)


def _is_race(error: DBAPIError) -> bool:
    return error.orig is not None and error.orig.args[0] in (_DUPLICATE_KEY, _DEADLOCK)


async def _locked_account(connection: AsyncConnection, customer_id: str) -> Account:
    account = await _account(connection, customer_id, locked=True)
    if account:
        return account
    fresh = mysql_insert(accounts).values(customer_id=customer_id, points=0, version=0)
    # Another request may have made the row meanwhile: then this one waits for it.
    await connection.execute(fresh.on_duplicate_key_update(customer_id=customer_id))
    made = await _account(connection, customer_id, locked=True)
    if made is None:
        raise LookupError(f"the account of {customer_id} was written and is not there")
    return made


async def _account(
    connection: AsyncConnection, customer_id: str, *, locked: bool
) -> Account | None:
    wanted = select(accounts).where(accounts.c.customer_id == customer_id)
    row = (await connection.execute(wanted.with_for_update() if locked else wanted)).first()
    return Account(row.customer_id, row.points, row.version) if row else None


async def _entries_of_operation(connection: AsyncConnection, operation_id: str) -> Sequence[Entry]:
    wanted = select(entries).where(entries.c.operation_id == operation_id)
    return [_entry_of(row) for row in await connection.execute(wanted)]


def _entry_of(row: Row[Any]) -> Entry:
    occurred_at: datetime = row.occurred_at
    return Entry(
        customer_id=row.customer_id,
        version=row.version,
        operation_id=row.operation_id,
        kind=EntryKind(row.kind),
        points=row.points,
        balance=row.balance,
        level=Level(row.level),
        occurred_at=occurred_at.replace(tzinfo=UTC),
        amount=None if row.amount_minor is None else Money(row.amount_minor),
    )


def _row_of(entry: Entry) -> dict[str, Any]:
    return {
        "customer_id": entry.customer_id,
        "version": entry.version,
        "operation_id": entry.operation_id,
        "kind": entry.kind,
        "points": entry.points,
        "balance": entry.balance,
        "level": entry.level,
        "amount_minor": entry.amount.amount_minor if entry.amount else None,
        "occurred_at": entry.occurred_at.astimezone(UTC).replace(tzinfo=None),
    }
