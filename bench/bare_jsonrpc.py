"""A bare endpoint of JSON-RPC: Starlette, a parser of JSON and a table of methods.

python -m bench.bare_jsonrpc PORT DATABASE_URL
"""

import sys
from typing import Any

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.bare_row import Reader, serve, starlette


def make_app(reader: Reader) -> Starlette:
    async def get(params: dict[str, Any]) -> dict[str, Any]:
        return await reader.order(params["order_id"])

    methods = {"orders.get": get}

    async def call(request: Request) -> Response:
        message = from_json(await request.body())
        result = await methods[message["method"]](message["params"])
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        return Response(to_json(answer), media_type="application/json")

    return starlette(reader, Route("/rpc/orders", call, methods=["POST"]))


if __name__ == "__main__":
    port, url = sys.argv[1:]
    serve(make_app(Reader(url)), int(port))
