"""Reads: the statements are SQLAlchemy's, the execution is psycopg's own.

An async read through SQLAlchemy's engine costs twice the driver's time (greenlets, result
processing), and reads are what the service does most; docs/decisions/0006 has the measurement.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from stend.kit.money import Currency, Money
from stend.shop.orders.domain import (
    Address,
    Order,
    OrderEvent,
    OrderEventType,
    OrderLine,
    OrderStatus,
    Price,
    Slot,
)
from stend.shop.orders.ports import KeyedOrder, OrderFilter
from stend.shop.orders.stores.read_pool import ReadPool, Row
from stend.shop.orders.stores.tables import (
    idempotency_keys,
    order_history,
    order_lines,
    orders,
    price_list,
)

_lines_as_json = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    order_lines.c.sku,
                    order_lines.c.quantity,
                    order_lines.c.unit_price_minor,
                    order_lines.c.currency,
                ),
                order_lines.c.position,
            )
        )
    )
    .where(order_lines.c.order_id == orders.c.order_id)
    .scalar_subquery()
)
_order = select(orders, _lines_as_json)


def _sql(statement: Select[Any]) -> str:
    dialect = psycopg_dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own gap
    return str(statement.compile(dialect=dialect))


GET = _sql(_order.where(orders.c.order_id == bindparam("order_id")))
FIND_KEYED = _sql(
    _order.add_columns(idempotency_keys.c.fingerprint)
    .join(idempotency_keys, idempotency_keys.c.order_id == orders.c.order_id)
    .where(idempotency_keys.c.key == bindparam("key"))
    .where(idempotency_keys.c.expires_at > bindparam("now"))
)
HISTORY = _sql(
    select(order_history)
    .where(order_history.c.order_id == bindparam("order_id"))
    .where(order_history.c.version > bindparam("after_version"))
    .order_by(order_history.c.version)
)
PRICES = _sql(select(price_list).where(price_list.c.sku == func.any(bindparam("skus"))))


@cache
def list_sql(by_customer: bool, by_status: bool, after_cursor: bool) -> str:
    """One statement per combination of filters: each of them is served by an index."""
    statement = _order.order_by(orders.c.order_id.desc()).limit(bindparam("limit"))
    if by_customer:
        statement = statement.where(orders.c.customer_id == bindparam("customer_id"))
    if by_status:
        statement = statement.where(orders.c.status == bindparam("status"))
    if after_cursor:
        statement = statement.where(orders.c.order_id < bindparam("before_id"))
    return _sql(statement)


class OrderReader:
    """Each method is one statement outside of any transaction."""

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool

    async def get(self, order_id: str) -> Order | None:
        rows = await self._rows(GET, {"order_id": order_id})
        return _order_of(rows[0]) if rows else None

    async def find_keyed(self, key: str, now: datetime) -> KeyedOrder | None:
        rows = await self._rows(FIND_KEYED, {"key": key, "now": now})
        return KeyedOrder(bytes(rows[0][-1]), _order_of(rows[0])) if rows else None

    async def history(self, order_id: str, after_version: int) -> Sequence[OrderEvent]:
        rows = await self._rows(HISTORY, {"order_id": order_id, "after_version": after_version})
        return [_event_of(row) for row in rows]

    async def prices(self, skus: Sequence[str]) -> Mapping[str, Price]:
        rows = await self._rows(PRICES, {"skus": list(skus)})
        return {row[0]: _price_of(row) for row in rows}

    async def list_page(
        self, wanted: OrderFilter, before_id: str | None, limit: int
    ) -> Sequence[Order]:
        sql = list_sql(
            wanted.customer_id is not None, wanted.status is not None, before_id is not None
        )
        rows = await self._rows(
            sql,
            {
                "customer_id": wanted.customer_id,
                "status": wanted.status,
                "before_id": before_id,
                "limit": limit,
            },
        )
        return [_order_of(row) for row in rows]

    async def _rows(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(sql, parameters)
                return await cursor.fetchall()
        except (PoolClosed, PoolTimeout):
            # Operational errors, too, but asking once more would not help.
            raise
        except OperationalError:
            return await self._again(sql, parameters)

    async def _again(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        # After a restart of the database every pooled connection is dead and only its use
        # tells. A read may be repeated, so the caller need not hear of it.
        await self._pool.check()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(sql, parameters)
            return await cursor.fetchall()


def _order_of(row: Row) -> Order:
    (
        order_id,
        customer_id,
        status,
        version,
        city,
        street,
        house,
        flat,
        comment,
        slot_starts_at,
        slot_ends_at,
        placed_at,
        updated_at,
        reason,
        lines,
    ) = row[:15]
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        lines=tuple(
            OrderLine(sku, quantity, Money(price_minor, Currency(currency)))
            for sku, quantity, price_minor, currency in lines
        ),
        address=Address(city, street, house, flat, comment),
        slot=Slot(slot_starts_at, slot_ends_at),
        status=OrderStatus(status),
        version=version,
        placed_at=placed_at,
        updated_at=updated_at,
        reason=reason,
    )


def _event_of(row: Row) -> OrderEvent:
    order_id, version, kind, status, occurred_at, reason = row
    return OrderEvent(
        order_id, version, OrderEventType(kind), OrderStatus(status), occurred_at, reason
    )


def _price_of(row: Row) -> Price:
    sku, title_ru, title_en, price_minor, currency = row
    return Price(sku, title_ru, title_en, Money(price_minor, Currency(currency)))
