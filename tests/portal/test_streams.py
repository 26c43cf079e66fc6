"""A reader who leaves must leave nothing running behind."""

import asyncio
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp, Message, Scope

from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.usecases import Operation, PlaceOrder
from stend.wire.decoding import Direction
from tests.fakes.portal import FAILED, FakeClient, FakeStand
from tests.fakes.wire import FakeWire

DEADLINE_S = 5
GET = b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Reader:
    """A browser that opens a stream, reads until a word comes by, and goes away."""

    def __init__(self, word: bytes, body: bytes) -> None:
        self._word = word
        self._body = body
        self._read = b""
        self._gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self._read += message.get("body", b"")
        if self._word in self._read:
            self._gone.set()


def scope_of(method: str, path: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000")],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
    }


async def read_and_leave(
    portal: ASGIApp, path: str, word: bytes, fields: dict[str, str] | None = None
) -> None:
    """GET, or POST of the fields of a form."""
    reader = Reader(word, urlencode(fields or {}).encode())
    async with asyncio.timeout(DEADLINE_S):
        scope = scope_of("POST" if fields else "GET", path)
        await portal(scope, reader.receive, reader.send)


async def test_reader_of_the_stand_leaves(portal: ASGIApp, stand: FakeStand) -> None:
    second = b"event: changed\ndata: \n\nevent: changed"
    reading = asyncio.ensure_future(read_and_leave(portal, "/stand/events", second))
    await stand.listened.wait()
    stand.show(FAILED)
    await reading
    assert stand.listeners == 0


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
async def test_reader_of_an_order_leaves(
    portal: ASGIApp, clients: dict[str, FakeClient], protocol: str
) -> None:
    placed = await clients[protocol].place_order(_some_order())
    order_id = placed.value.order.order_id
    clients[protocol].waits_for = asyncio.Event()
    fields = {"operation": "TrackOrder", "protocol": protocol, "order_id": order_id}
    await read_and_leave(portal, "/playground/events", b"OrderPlaced", fields)
    assert clients[protocol].streams_open == 0


def _some_order() -> PlaceOrder:
    made = input_from_fields(
        Operation.PLACE_ORDER,
        {
            "customer_id": "cus_1",
            "lines.0.sku": "MILK-001",
            "lines.0.quantity": "1",
            "address.city": "a",
            "address.street": "b",
            "address.house": "c",
            "idempotency_key": "key-0001",
        },
    )
    assert isinstance(made, PlaceOrder)
    return made


async def test_stream_of_the_tap_tells_what_somebody_else_has_read_meanwhile(
    portal: ASGIApp, wire: FakeWire
) -> None:
    class Meddler(Reader):
        """As soon as the stream has begun, another page reads on."""

        async def send(self, message: Message) -> None:
            if not self._read and message.get("body"):
                wire.said(connection, Direction.TO_SERVER, GET % b"meanwhile")
                wire.reading.advance()
            await super().send(message)

    connection = wire.opened()
    reader = Meddler(b"/meanwhile", b"")
    reading = asyncio.ensure_future(
        portal(scope_of("GET", "/stand/tap/stream"), reader.receive, reader.send)
    )
    async with asyncio.timeout(DEADLINE_S):
        while not reading.done():
            wire.said(connection, Direction.TO_SERVER, GET % b"later")
            await asyncio.sleep(0)
