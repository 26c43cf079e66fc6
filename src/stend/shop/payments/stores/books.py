"""The books that the use cases see, over one PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.chassis.migrating import Migrations, migrate
from stend.chassis.postgresql import pooled_engine
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.errors import StendError
from stend.kit.money import Currency, Money
from stend.shop.payments.domain import (
    Account,
    Batch,
    DeclineReason,
    Payment,
    PaymentStatus,
    Step,
)
from stend.shop.payments.ports import Decide
from stend.shop.payments.stores.seeding import seed_accounts
from stend.shop.payments.stores.tables import SCHEMA, accounts, batches, entries, payments

MIGRATIONS = Migrations(SCHEMA, "stend.shop.payments.stores.migrations")
_OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c application_name=payments"
# Also a reference that has no row yet has to be held against a second command. The seed is ours
# and arbitrary: other services of this database lock by the same order ids.
_LOCK_REFERENCE = text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 7461002))")
_ResultT = TypeVar("_ResultT")


class PostgresBooks:
    """
    Args:
        url: `postgresql://user:password@host:port/database`.
        pool_size: connections at most.
        wait_s: how long a request waits for a free one.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float) -> None:
        self._engine = pooled_engine(url, _OPTIONS, pool_size, wait_s)

    async def open(self) -> Migrated:
        """Brings the schema to its newest version and makes the accounts."""
        async with self._engine.begin() as connection:
            migrated = await migrate(connection, MIGRATIONS)
            await seed_accounts(connection)
        return migrated

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        try:
            with reaching_postgresql:
                # Twice a second: without BEGIN and ROLLBACK around it.
                asking = self._engine.execution_options(isolation_level="AUTOCOMMIT")
                async with asking.connect() as connection:
                    await connection.execute(text("SELECT 1"))
        except StendError:
            # Each connection that did not survive would fail one request after the recovery.
            await self._engine.dispose()
            raise

    async def change(self, payment_ref: str, decide: Decide) -> Payment:
        async def act(connection: AsyncConnection) -> Payment:
            await connection.execute(_LOCK_REFERENCE, {"ref": payment_ref})
            present = await _find(connection, payment_ref)
            step = decide(present)
            if step.payment is not present:
                await _write(connection, step)
            return step.payment

        return await self._within(act)

    async def get(self, payment_ref: str) -> Payment | None:
        return await self._within(lambda connection: _find(connection, payment_ref))

    async def list_page(self, after_ref: str | None, limit: int) -> Sequence[Payment]:
        statement = select(payments).order_by(payments.c.payment_ref).limit(limit)
        if after_ref is not None:
            statement = statement.where(payments.c.payment_ref > after_ref)

        async def act(connection: AsyncConnection) -> Sequence[Payment]:
            return [_payment_of(row) for row in await connection.execute(statement)]

        return await self._within(act)

    async def balances(self) -> Mapping[Account, Money]:
        balance = func.coalesce(func.sum(entries.c.amount_minor), 0)
        statement = (
            select(accounts.c.account, balance).outerjoin(entries).group_by(accounts.c.account)
        )

        async def act(connection: AsyncConnection) -> Mapping[Account, Money]:
            rows = await connection.execute(statement)
            return {Account(account): Money(int(minor)) for account, minor in rows}

        return await self._within(act)

    async def _within(self, act: Callable[[AsyncConnection], Awaitable[_ResultT]]) -> _ResultT:
        """One transaction. It is safe to repeat, for what it does is keyed by a reference."""
        with reaching_postgresql:
            try:
                async with self._engine.begin() as connection:
                    return await act(connection)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # Every connection of the pool died with the server, and the pool has found out now.
            async with self._engine.begin() as connection:
                return await act(connection)


async def _find(connection: AsyncConnection, payment_ref: str) -> Payment | None:
    found = await connection.execute(select(payments).where(payments.c.payment_ref == payment_ref))
    row = found.first()
    return None if row is None else _payment_of(row)


async def _write(connection: AsyncConnection, step: Step) -> None:
    values = _row_of(step.payment)
    changing = ("status", "refunded_minor", "updated_at")
    await connection.execute(
        postgresql_insert(payments)
        .values(values)
        .on_conflict_do_update(
            index_elements=[payments.c.payment_ref],
            set_={name: values[name] for name in changing},
        )
    )
    for batch in step.batches:
        await _post(connection, step.payment, batch)


async def _post(connection: AsyncConnection, payment: Payment, batch: Batch) -> None:
    batch_id = await connection.scalar(
        insert(batches)
        .values(payment_ref=payment.payment_ref, kind=batch.kind, posted_at=payment.updated_at)
        .returning(batches.c.batch_id)
    )
    rows = [
        {
            "batch_id": batch_id,
            "position": position,
            "account": entry.account,
            "amount_minor": entry.amount.amount_minor,
        }
        for position, entry in enumerate(batch.entries)
    ]
    await connection.execute(insert(entries), rows)


def _row_of(payment: Payment) -> dict[str, Any]:
    return {
        "payment_ref": payment.payment_ref,
        "status": payment.status,
        "amount_minor": payment.amount.amount_minor,
        "refunded_minor": payment.refunded.amount_minor,
        "currency": payment.amount.currency,
        "opened_at": payment.opened_at,
        "updated_at": payment.updated_at,
        "customer_id": payment.customer_id,
        "authorisation_id": payment.authorisation_id,
        "decline_reason": payment.decline_reason,
    }


def _payment_of(row: Any) -> Payment:
    currency = Currency(row.currency)
    reason = row.decline_reason
    return Payment(
        payment_ref=row.payment_ref,
        status=PaymentStatus(row.status),
        amount=Money(row.amount_minor, currency),
        refunded=Money(row.refunded_minor, currency),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        customer_id=row.customer_id,
        authorisation_id=row.authorisation_id,
        decline_reason=None if reason is None else DeclineReason(reason),
    )
