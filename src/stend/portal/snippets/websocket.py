"""Our own frames over a WebSocket: the package websockets. Pure."""

import json

from stend.portal.snippets.python import json_text, program, socket_call
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.websocket.translate import PATH, SUBPROTOCOL, request_frame
from stend.shop.orders.usecases import Operation


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    frame = json.loads(request_frame("1", call.request))
    url = call.places.socket_url + PATH
    begun = socket_call(url, call.headers, json_text(frame, 16), SUBPROTOCOL)
    if call.operation == Operation.TRACK_ORDER:
        begun += [
            "    for text in socket:",
            "        print(text)",
            '        if json.loads(text)["type"] != "event":',
            "            break",
        ]
    else:
        begun.append("    print(socket.recv(timeout=10))")
    return (Snippet("websockets", "Python, websockets", "websocket", program(*begun)),)
