"""Webhooks: a receiver that registers itself and prints what comes. Pure."""

import json

from stend.portal.snippets.python import json_text, literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.webhook.translate import WEBHOOKS, registration
from stend.shop.orders.domain import TRANSITIONS
from stend.shop.orders.usecases import TrackOrder

_FINAL = tuple(status.value for status, following in TRANSITIONS.items() if not following)


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    request = call.request
    if not isinstance(request, TrackOrder):
        return ()
    port = call.places.receiver_port
    own_url = f"http://127.0.0.1:{port}/"
    headers = {"Content-Type": "application/json", **call.headers}
    code = program(
        "import json",
        "import urllib.request",
        "import uuid",
        "from http.server import BaseHTTPRequestHandler, HTTPServer",
        "",
        "class Receiver(BaseHTTPRequestHandler):",
        "    def do_POST(self):",
        '        body = self.rfile.read(int(self.headers["Content-Length"]))',
        "        self.send_response(204)",
        "        self.end_headers()",
        "        print(body.decode())",
        '        self.server.status = json.loads(body)["data"]["status"]',
        "",
        f"server = HTTPServer(('127.0.0.1', {port}), Receiver)",
        f"body = {json_text(json.loads(registration(own_url, request.order_id)), 7)}",
        "register = urllib.request.Request(",
        f"    {call.places.http_url + WEBHOOKS!r},",
        "    data=body.encode(),",
        f"    headers={literal(headers, 12)},",
        ")",
        'register.add_header("Idempotency-Key", str(uuid.uuid4()))',
        "print(urllib.request.urlopen(register).read().decode())",
        "server.status = None",
        f"while server.status not in {_FINAL!r}:",
        "    server.handle_request()",
    )
    return (Snippet("webhook", "Python", "webhook", code),)
