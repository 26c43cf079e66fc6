"""A bare MCP server of one tool: JSON over HTTP, without sessions.

python -m bench.bare_mcp PORT DATABASE_URL
"""

import sys

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.bare_row import Reader, serve, starlette


def make_app(reader: Reader) -> Starlette:
    async def call(request: Request) -> Response:
        message = from_json(await request.body())
        params = message["params"]
        if (message["method"], params["name"]) != ("tools/call", "get_order"):
            return Response(status_code=404)
        order = await reader.order(params["arguments"]["order_id"])
        # A tool with structured output gives it as text, too, for clients that read only that.
        text = {"type": "text", "text": to_json(order).decode()}
        result = {"content": [text], "structuredContent": order, "isError": False}
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        return Response(to_json(answer), media_type="application/json")

    return starlette(reader, Route("/mcp", call, methods=["POST"]))


if __name__ == "__main__":
    port, url = sys.argv[1:]
    serve(make_app(Reader(url)), int(port))
