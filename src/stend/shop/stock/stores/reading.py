"""Reads, and how a row becomes what the domain knows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.stock.domain import (
    Line,
    MovementKind,
    Quantity,
    Reservation,
    ReservationStatus,
)
from stend.shop.stock.stores.tables import (
    movements,
    quantities,
    reservation_lines,
    reservations,
)


def with_lines() -> Select[Any]:
    """Reservations, each with its lines as JSON."""
    lines = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(reservation_lines.c.sku, reservation_lines.c.quantity),
                    reservation_lines.c.sku,
                )
            )
        )
        .where(reservation_lines.c.reservation_id == reservations.c.reservation_id)
        .scalar_subquery()
    )
    return select(reservations, lines.label("lines"))


def reservation_of(row: Row[Any]) -> Reservation:
    return Reservation(
        reservation_id=row.reservation_id,
        status=ReservationStatus(row.status),
        lines=tuple(Line(sku, quantity) for sku, quantity in row.lines or ()),
        created_at=row.created_at,
        updated_at=row.updated_at,
        reason=row.reason,
    )


async def read_quantities(
    connection: AsyncConnection, skus: Sequence[str]
) -> Mapping[str, Quantity]:
    rows = await connection.execute(select(quantities).where(quantities.c.sku.in_(skus)))
    return {row.sku: Quantity(row.sku, row.on_hand, row.reserved) for row in rows}


async def read_reservations(
    connection: AsyncConnection, after: str | None, limit: int
) -> Sequence[Reservation]:
    wanted = with_lines().order_by(reservations.c.reservation_id).limit(limit)
    if after is not None:
        wanted = wanted.where(reservations.c.reservation_id > after)
    return [reservation_of(row) for row in await connection.execute(wanted)]


async def read_imbalances(connection: AsyncConnection) -> Sequence[str]:
    """The skus whose goods do not add up: on hand + reserved + committed = received.

    Nothing that is reserved may be free at once, and every reservation holds what it says: both
    are compared with the ledger, and the ledger with the lines of the reservations.
    """
    moved = {
        kind: select(func.coalesce(func.sum(movements.c.quantity), 0))
        .where(movements.c.sku == quantities.c.sku, movements.c.kind == kind)
        .scalar_subquery()
        for kind in MovementKind
    }
    held = (
        select(func.coalesce(func.sum(reservation_lines.c.quantity), 0))
        .join(reservations, reservations.c.reservation_id == reservation_lines.c.reservation_id)
        .where(
            reservation_lines.c.sku == quantities.c.sku,
            reservations.c.status == ReservationStatus.RESERVED,
        )
        .scalar_subquery()
    )
    balanced = (
        quantities.c.on_hand + quantities.c.reserved + moved[MovementKind.COMMITTED]
        == moved[MovementKind.RECEIVED]
    ) & (quantities.c.reserved == held)
    rows = await connection.execute(
        select(quantities.c.sku).where(~balanced).order_by(quantities.c.sku)
    )
    return [row.sku for row in rows]
