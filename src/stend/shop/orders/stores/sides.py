"""Orders with their sagas, as the reconciliation compares them: page by page in order of ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from stend.chassis.reaching import reaching_postgresql
from stend.kit.money import Currency, Money
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import OrderSide
from stend.shop.orders.saga import Saga, Step
from stend.shop.orders.stores.tables import order_lines, orders, price_list, sagas

_lines = (
    select(
        func.json_agg(
            func.json_build_array(
                order_lines.c.sku,
                order_lines.c.quantity,
                order_lines.c.unit_price_minor,
                order_lines.c.currency,
            )
        )
    )
    .where(order_lines.c.order_id == orders.c.order_id)
    .scalar_subquery()
)
_side = (
    select(
        orders.c.order_id,
        orders.c.customer_id,
        orders.c.status,
        orders.c.placed_at,
        sagas.c.step,
        sagas.c.attempts,
        sagas.c.started_at,
        sagas.c.step_since,
        sagas.c.handed_over,
        _lines.label("lines"),
    )
    .join(sagas, sagas.c.order_id == orders.c.order_id)
    .order_by(orders.c.order_id)
)


class PostgresOrderBook:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, after: str | None, limit: int) -> Page[OrderSide]:
        wanted = _side.limit(limit)
        found = await self._sides(wanted.where(orders.c.order_id > after) if after else wanted)
        return Page(found, found[-1].order_id if len(found) == limit else None)

    async def some(self, order_ids: Sequence[str]) -> Mapping[str, OrderSide]:
        found = await self._sides(_side.where(orders.c.order_id.in_(order_ids)))
        return {side.order_id: side for side in found}

    async def skus(self) -> Sequence[str]:
        with reaching_postgresql:
            async with self._engine.connect() as connection:
                rows = await connection.scalars(select(price_list.c.sku).order_by(price_list.c.sku))
                return list(rows)

    async def _sides(self, wanted: Select[Any]) -> tuple[OrderSide, ...]:
        with reaching_postgresql:
            async with self._engine.connect() as connection:
                return tuple(_side_of(row) for row in await connection.execute(wanted))


def _side_of(row: Row[Any]) -> OrderSide:
    goods: dict[str, int] = {}
    total = Money(0)
    for sku, quantity, price_minor, currency in row.lines:
        goods[sku] = goods.get(sku, 0) + quantity
        total += Money(price_minor, Currency(currency)) * quantity
    saga = Saga(
        row.order_id,
        Step(row.step),
        row.attempts,
        row.started_at,
        row.step_since,
        row.handed_over,
    )
    return OrderSide(
        row.order_id,
        row.customer_id,
        OrderStatus(row.status),
        row.placed_at,
        total,
        goods,
        saga,
    )
