"""What every bare server does: the service's own statement on psycopg's pool, its row as JSON."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from stend.shop.orders.stores.reading import GET

Row = tuple[Any, ...]


class Reader:
    """Rows of orders; opened by the server that uses it."""

    def __init__(self, database_url: str) -> None:
        options = {"autocommit": True, "options": "-c timezone=UTC"}
        self._pool = AsyncConnectionPool(
            database_url, min_size=1, max_size=8, open=False, kwargs=options
        )

    def open(self) -> AbstractAsyncContextManager[Any]:
        return self._pool

    async def row(self, order_id: str) -> Row:
        """
        Raises:
            LookupError: there is no such order.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(GET, {"order_id": order_id})
            row = await cursor.fetchone()
        if row is None:
            raise LookupError(order_id)
        found: Row = row
        return found

    async def order(self, order_id: str) -> dict[str, Any]:
        return as_json(await self.row(order_id))


def as_json(row: Row) -> dict[str, Any]:
    lines = [
        {
            "sku": sku,
            "quantity": quantity,
            "unit_price": {"amount_minor": price, "currency": currency},
            "total": {"amount_minor": price * quantity, "currency": currency},
        }
        for sku, quantity, price, currency in row[14]
    ]
    total = sum(line["total"]["amount_minor"] for line in lines)
    address = {"city": row[4], "street": row[5], "house": row[6], "flat": row[7], "comment": row[8]}
    return {
        "order_id": row[0],
        "customer_id": row[1],
        "status": row[2],
        "version": row[3],
        "lines": lines,
        "total": {"amount_minor": total, "currency": "RUB"},
        "address": {name: value for name, value in address.items() if value is not None},
        "slot": {"starts_at": text(row[9]), "ends_at": text(row[10])},
        "placed_at": text(row[11]),
        "updated_at": text(row[12]),
    }


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def starlette(reader: Reader, *routes: BaseRoute) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with reader.open():
            yield

    return Starlette(routes=list(routes), lifespan=lifespan)


def serve(app: ASGIApp, port: int) -> None:
    """As the stand serves its own HTTP port."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
