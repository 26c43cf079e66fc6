"""A bare FastAPI server: the same SQL through the same driver, no layers; and a constant answer.

    python -m bench.bare_rest PORT DATABASE_URL

It answers with ready bytes and not with a dict, because FastAPI's own encoder would slow it down:
the baseline is to be the hardest one that is honest.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from pydantic_core import to_json

from bench.bare_row import Reader, serve

CONSTANT = to_json({"order_id": "ord_constant", "status": "placed"})


def make_app(reader: Reader) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with reader.open():
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)

    @app.get("/api/v1/orders/{order_id}")
    async def get_order(order_id: str) -> Response:
        try:
            order = await reader.order(order_id)
        except LookupError:
            return Response(status_code=404)
        return Response(to_json(order), media_type="application/json")

    @app.get("/constant")
    async def constant() -> Response:
        return Response(CONSTANT, media_type="application/json")

    return app


if __name__ == "__main__":
    port, url = sys.argv[1:]
    serve(make_app(Reader(url)), int(port))
