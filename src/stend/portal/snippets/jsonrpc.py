"""JSON-RPC: curl; for the stream a WebSocket at the same path. Pure."""

import json

from stend.portal.snippets import shell
from stend.portal.snippets.python import json_text, program, socket_call
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.jsonrpc.translate import PATH, NotificationName, call_of
from stend.shop.orders.usecases import Operation

_ID = 1


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    message = json.loads(call_of(call.request, _ID))
    if call.operation != Operation.TRACK_ORDER:
        code = shell.curl_json(call.places.http_url + PATH, call.headers, message)
        return (Snippet("curl-jsonrpc", "curl", "jsonrpc", code),)
    url = call.places.socket_url + PATH
    end = NotificationName.END.value
    code = program(
        *socket_call(url, call.headers, json_text(message, 16)),
        "    for text in socket:",
        "        print(text)",
        "        message = json.loads(text)",
        f'        if "error" in message or message.get("method") == {end!r}:',
        "            break",
    )
    return (Snippet("websockets", "Python, websockets", "jsonrpc", code),)
