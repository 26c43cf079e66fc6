"""A bare WebSocket server: Starlette, a frame in, a frame out.

python -m bench.bare_websocket PORT DATABASE_URL
"""

import sys

from pydantic_core import from_json, to_json
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from bench.bare_row import Reader, serve, starlette


def make_app(reader: Reader) -> Starlette:
    async def talk(socket: WebSocket) -> None:
        await socket.accept("lavka.orders.v1")
        async for text in socket.iter_text():
            frame = from_json(text)
            result = await reader.order(frame["params"]["order_id"])
            answer = {"id": frame["id"], "type": "result", "result": result}
            await socket.send_text(to_json(answer).decode())

    return starlette(reader, WebSocketRoute("/ws/orders", talk))


if __name__ == "__main__":
    port, url = sys.argv[1:]
    serve(make_app(Reader(url)), int(port))
