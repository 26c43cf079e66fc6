"""One path that speaks JSON-RPC over HTTP POST and over WebSocket."""

from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.jsonrpc.dispatching import Dispatcher
from stend.chassis.jsonrpc.http import answer_http
from stend.chassis.jsonrpc.websocket import serve_websocket

# RFC 6455, section 7.4.1: before the handshake is accepted this becomes a plain 403.
_POLICY_VIOLATION = 1008


def jsonrpc_app(path: str, dispatcher: Dispatcher) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer_http(dispatcher, path, scope, receive, send)
        elif scope["type"] == "websocket":
            if scope["path"] == path:
                await serve_websocket(dispatcher, scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    return app
