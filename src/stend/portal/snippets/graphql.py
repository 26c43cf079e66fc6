"""GraphQL: curl; for the subscription the protocol graphql-transport-ws. Pure."""

from stend.kit.json import JsonObject
from stend.portal.snippets import shell
from stend.portal.snippets.python import json_text, program, socket_call
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.graphql.translate import request_of
from stend.shop.orders.usecases import Operation

_PATH = "/graphql"
_SUBPROTOCOL = "graphql-transport-ws"


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    message = request_of(call.request)
    if call.operation != Operation.TRACK_ORDER:
        code = shell.curl_json(call.places.http_url + _PATH, call.headers, message)
        return (Snippet("curl-graphql", "curl", "graphql", code),)
    subscribing: JsonObject = {"id": "1", "type": "subscribe", "payload": message}
    code = program(
        *socket_call(
            call.places.socket_url + _PATH,
            call.headers,
            json_text({"type": "connection_init"}, 16),
            _SUBPROTOCOL,
        ),
        "    socket.recv(timeout=10)",
        f"    socket.send({json_text(subscribing, 16)})",
        "    for text in socket:",
        "        print(text)",
        '        if json.loads(text)["type"] in {"complete", "error"}:',
        "            break",
    )
    return (Snippet("websockets", "Python, websockets", "graphql", code),)
