"""TrackOrder as an EventSource would follow it: against the REST server and against rude ones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.rest.server import create_app
from stend.shop.orders.api.sse.client import SseClient
from stend.shop.orders.api.sse.translate import EventStreamReader, ServerSentEvent
from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.fakes.reconciliation import memory_reconciliations
from tests.shop.notifications.running import serving
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.shop.orders.websocket.serving import Desk, running_desk
from tests.shop.postgresql import SharedPostgres


def read(*chunks: bytes) -> list[ServerSentEvent]:
    reader = EventStreamReader(1000)
    return [event for chunk in chunks for event in reader.feed(chunk)]


# ---- the bytes: HTML Living Standard, section 9.2.6 --------------------------------------------

_STREAM = (
    ': привет\nid: 7\nevent: OrderPaid\ndata: {"a":\ndata: 1}\n\ndata:x\n\n'
    "event: nothing\n\ndata\n\nretry: 20\nunknown: x\nid: 8\n\n"
).encode()
_EVENTS = [
    ServerSentEvent("OrderPaid", '{"a":\n1}'),
    ServerSentEvent("message", "x"),
    ServerSentEvent("message", ""),
]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_events_are_read_whole_and_byte_by_byte(line_end: bytes) -> None:
    stream = _STREAM.replace(b"\n", line_end) + b": more"
    assert read(stream) == _EVENTS
    assert read(*(bytes([byte]) for byte in stream)) == _EVENTS


def test_id_and_retry_are_remembered_also_without_an_event() -> None:
    reader = EventStreamReader(1000)
    assert list(reader.feed(_STREAM)) == _EVENTS
    assert (reader.last_event_id, reader.retry_ms) == ("8", 20)


def test_what_a_lost_connection_left_half_is_forgotten() -> None:
    reader = EventStreamReader(1000)
    assert not list(reader.feed(b"id: 3\ndata: a\n\nid: 9\ndata: hal"[16:]))
    reader.begin_anew()
    assert list(reader.feed(b"data: b\n\n")) == [ServerSentEvent("message", "b")]
    assert reader.last_event_id == ""


def test_line_separators_inside_of_json_are_no_line_ends() -> None:
    assert read("data: a\u2028b\u0085c\n\n".encode()) == [
        ServerSentEvent("message", "a\u2028b\u0085c")
    ]


# ---- the client --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_database_url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("orders")


@pytest_asyncio.fixture
async def desk(own_database_url: str) -> AsyncIterator[Desk]:
    async with running_desk(own_database_url) as desk:
        yield desk


@pytest_asyncio.fixture
async def client(desk: Desk) -> AsyncIterator[SseClient]:
    limits = RestLimits(deadline_s=5, body_limit_bytes=65_536, stream=StreamLimits(0.05, 30))
    intake = Intake("orders", "rest", OpenAccess(), 5.0)
    app = create_app(
        desk.orders.on_behalf_of, memory_reconciliations().on_behalf_of, limits, intake
    )
    async with serving(app) as address:
        client = SseClient(f"http://{address}")
        yield client
        await client.close()


@pytest.mark.slow
async def test_past_and_new_events_come_once_in_order_and_the_last_one_ends_it(
    client: SseClient, desk: Desk
) -> None:
    order = (await desk.orders.place_order(a_request())).order
    stream = client.track_order(TrackOrder(order.order_id))
    first = await anext(stream)
    assert (first.status, first.value.version) == ("OrderPlaced", 1)
    assert dict(first.headers)["content-type"].startswith("text/event-stream")
    await desk.deliver(order)
    rest = [reply.value async for reply in stream]
    assert [event.version for event in rest] == [2, 3, 4, 5, 6]
    assert rest[-1].status is OrderStatus.DELIVERED


@pytest.mark.slow
async def test_it_begins_behind_the_version_that_was_seen(client: SseClient, desk: Desk) -> None:
    order = (await desk.orders.place_order(a_request())).order
    await desk.orders.cancel_order(CancelOrder(order.order_id))
    seen = [
        reply.value.version async for reply in client.track_order(TrackOrder(order.order_id, 1))
    ]
    assert seen == [2]
    none = [reply async for reply in client.track_order(TrackOrder(order.order_id, 2))]
    assert none == []


@pytest.mark.slow
async def test_errors_are_those_of_rest(client: SseClient) -> None:
    for order_id, code in ((UNKNOWN_ORDER, "order-not-found"), ("nonsense", "invalid-argument")):
        [only] = [reply async for reply in client.track_order(TrackOrder(order_id))]
        assert only.error
        assert (only.error.code, only.error.domain) == (code, True)


async def test_other_operations_are_refused_with_a_reason() -> None:
    client = SseClient("http://127.0.0.1:9")
    for reply in (
        await client.place_order(a_request()),
        await client.get_order(GetOrder(UNKNOWN_ORDER)),
        await client.list_orders(ListOrders()),
        await client.cancel_order(CancelOrder(UNKNOWN_ORDER)),
    ):
        assert reply.error
        assert reply.error.code == "no-such-operation"
        assert "Use TrackOrder here" in reply.error.detail
    [only] = [reply async for reply in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert only.error
    assert only.error.code == "unavailable"
    await client.close()


def _frame(version: int, kind: str, status: str) -> bytes:
    data = (
        f'{{"order_id": "{UNKNOWN_ORDER}", "version": {version}, "type": "{kind}", '
        f'"status": "{status}", "occurred_at": "2026-11-27T10:00:00Z"}}'
    )
    return f"id: {version}\nevent: {kind}\ndata: {data}\n\n".encode()


async def test_a_stream_that_breaks_off_is_taken_up_behind_the_last_whole_event() -> None:
    asked: list[bytes] = []
    answers = [
        b"retry: 10\n\n" + _frame(1, "OrderPlaced", "placed") + _frame(2, "X", "x")[:20],
        b"event: cut\ndata: {}\n\n" + _frame(2, "OrderCancelled", "cancelled"),
    ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        part = answers.pop(0)
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = SseClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    seen = [reply.value.version async for reply in client.track_order(TrackOrder(UNKNOWN_ORDER))]
    assert seen == [1, 2]
    assert b"last-event-id" not in asked[0].lower()
    assert b"last-event-id: 1\r\n" in asked[1].lower()
    await client.close()
    server.close()
    await server.wait_closed()
