"""Where messages over a connection, and bodies of HTTP, carry a trace context of their own."""

import json

import pytest

from stend.wire.content.operations import of_json
from stend.wire.decoding import Direction
from stend.wire.websocket.telling import said_in

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
QUERY = "subscription TrackOrder { trackOrder { version } }"


@pytest.mark.parametrize(
    ("told", "context"),
    [
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"_meta": {}}}, None),
        (
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "get_order", "_meta": {"traceparent": TRACE}},
            },
            TRACE,
        ),
        ({"query": QUERY, "extensions": {"traceparent": TRACE}}, TRACE),
        ({"query": QUERY, "extensions": {"traceparent": "of something else"}}, None),
        ({"query": QUERY, "extensions": [TRACE]}, None),
    ],
)
def test_a_body_tells_its_context(told: object, context: str | None) -> None:
    assert of_json(json.dumps(told)).context == context


def test_a_subscription_tells_the_context_of_its_own() -> None:
    payload = {"query": QUERY, "extensions": {"traceparent": TRACE}}
    message = json.dumps({"id": "1", "type": "subscribe", "payload": payload}).encode()
    assert said_in(message, Direction.TO_SERVER).context == TRACE
