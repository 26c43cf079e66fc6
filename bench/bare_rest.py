"""A bare FastAPI server: the same SQL through the same driver, no layers; and a constant answer.

    python -m bench.bare_rest PORT DATABASE_URL

It answers with ready bytes and not with a dict, because FastAPI's own encoder would slow it down:
the baseline is to be the hardest one that is honest.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from psycopg_pool import AsyncConnectionPool
from pydantic_core import to_json

from stend.shop.orders.stores.reading import GET

CONSTANT = to_json({"order_id": "ord_constant", "status": "placed"})


def make_app(database_url: str) -> FastAPI:
    options = {"autocommit": True, "options": "-c timezone=UTC"}
    pool = AsyncConnectionPool(database_url, min_size=1, max_size=8, open=False, kwargs=options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)

    @app.get("/api/v1/orders/{order_id}")
    async def get_order(order_id: str) -> Response:
        async with pool.connection() as connection:
            cursor = await connection.execute(GET, {"order_id": order_id})
            row = await cursor.fetchone()
        if row is None:
            return Response(status_code=404)
        return Response(to_json(as_json(row)), media_type="application/json")

    @app.get("/constant")
    async def constant() -> Response:
        return Response(CONSTANT, media_type="application/json")

    return app


def as_json(row: tuple[Any, ...]) -> dict[str, Any]:
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


if __name__ == "__main__":
    port, url = sys.argv[1:]
    uvicorn.run(
        make_app(url), host="127.0.0.1", port=int(port), access_log=False, log_level="warning"
    )
