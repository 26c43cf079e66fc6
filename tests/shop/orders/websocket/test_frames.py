"""Frames as a stock client sends them: what is answered, refused, bounded and cut."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from stend.chassis.access import Caller, OpenAccess
from stend.chassis.intake import Intake
from stend.chassis.websocket import FrameServer, SocketLimits, Stream, Unary
from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.orders.api.websocket.client import WebSocketClient
from stend.shop.orders.api.websocket.server import create_app
from stend.shop.orders.usecases import GetOrder
from tests.serving import narrow_socket
from tests.shop.notifications.running import serving
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request
from tests.shop.orders.websocket.serving import Desk

pytestmark = pytest.mark.slow
SUBPROTOCOL = Subprotocol("lavka.orders.v1")


def opened(address: str, **more: Any) -> connect:
    more.setdefault("subprotocols", [SUBPROTOCOL])
    return connect(f"ws://{address}/ws/orders", proxy=None, **more)


@pytest_asyncio.fixture
async def connection(address: str) -> AsyncIterator[ClientConnection]:
    async with opened(address) as connection:
        yield connection


async def ask(connection: ClientConnection, frame: object) -> dict[str, Any]:
    await connection.send(frame if isinstance(frame, str) else json.dumps(frame))
    answer: dict[str, Any] = json.loads(await connection.recv())
    return answer


async def closed_with(connection: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(10):
        with pytest.raises(ConnectionClosed) as closed:
            await _read_all(connection)
    assert closed.value.rcvd
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def _read_all(connection: ClientConnection) -> None:
    while True:
        await connection.recv()


async def test_the_subprotocol_is_agreed_on(connection: ClientConnection) -> None:
    assert connection.subprotocol == "lavka.orders.v1"


async def test_a_client_that_offers_no_subprotocol_is_told_which(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await opened(address, subprotocols=None)
    assert refused.value.response.status_code == 400
    problem = json.loads(refused.value.response.body)
    assert problem["code"] == "unsupported-media-type"
    assert "lavka.orders.v1" in problem["detail"]


async def test_a_plain_request_is_told_to_upgrade(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://{address}/ws/orders")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


async def test_ping_is_answered(connection: ClientConnection) -> None:
    assert await ask(connection, {"id": "p", "type": "ping"}) == {"id": "p", "type": "pong"}


@pytest.mark.parametrize(
    ("frame", "frame_id", "code"),
    [
        ("{", None, "malformed-message"),
        ("[1]", None, "malformed-message"),
        ({"type": "GetOrder"}, None, "invalid-argument"),
        ({"id": 1, "type": "GetOrder"}, None, "invalid-argument"),
        ({"id": "", "type": "GetOrder"}, None, "invalid-argument"),
        ({"id": "1"}, "1", "invalid-argument"),
        ({"id": "1", "type": "GetOrder", "params": []}, "1", "invalid-argument"),
        ({"id": "1", "type": "GetOrder", "parameters": {}}, "1", "invalid-argument"),
        ({"id": "1", "type": "GetOrder", "params": {"order": "x"}}, "1", "invalid-argument"),
        ({"id": "1", "type": "FlyToTheMoon"}, "1", "no-such-operation"),
        ({"id": "1", "type": "cancel"}, "1", "invalid-argument"),
    ],
)
async def test_a_wrong_frame_is_answered_and_the_connection_lives(
    connection: ClientConnection, frame: object, frame_id: str | None, code: str
) -> None:
    answer = await ask(connection, frame)
    assert (answer["id"], answer["type"], answer["error"]["code"]) == (frame_id, "error", code)
    assert answer["error"]["side"] == "client"
    assert (await ask(connection, {"id": "p", "type": "ping"}))["type"] == "pong"


async def test_a_frame_that_is_too_large_closes_with_1009(connection: ClientConnection) -> None:
    await connection.send('{"id": "' + "я" * 2050 + '"}')
    assert await closed_with(connection) == (1009, "a frame has at most 4096 bytes")


async def test_a_binary_frame_closes_with_1003(connection: ClientConnection) -> None:
    await connection.send(b"{}")
    assert await closed_with(connection) == (1003, "frames are text, in JSON")


async def test_too_many_operations_at_once_are_refused_and_cancel_makes_room(
    connection: ClientConnection, desk: Desk
) -> None:
    order = (await desk.orders.place_order(a_request())).order
    frame = {"type": "TrackOrder", "params": {"order_id": order.order_id}}
    for number in ("1", "2", "3"):
        assert (await ask(connection, {"id": number, **frame}))["type"] == "event"
    repeated = await ask(connection, {"id": "3", **frame})
    assert (repeated["error"]["code"], repeated["error"]["value"]) == ("invalid-argument", "3")
    fourth = await ask(connection, {"id": "4", **frame})
    assert (fourth["error"]["code"], fourth["error"]["side"]) == ("overloaded", "server")
    cancelled = await ask(connection, {"id": "2", "type": "cancel"})
    assert cancelled == {"id": "2", "type": "end", "reason": "cancelled"}
    assert (await ask(connection, {"id": "4", **frame}))["type"] == "event"


# ---- a server that a test describes ------------------------------------------------------------


def frame_server(begin: Any, **limits: Any) -> FrameServer:
    return FrameServer("lavka.orders.v1", SocketLimits(**limits), begin, error_to_json)


async def test_a_silent_connection_is_closed_with_4408() -> None:
    async with serving(frame_server(None, idle_s=0.05)) as address, opened(address) as connection:
        assert await closed_with(connection) == (4408, "no frame in 0.05 s")


async def test_a_subscription_keeps_a_silent_connection() -> None:
    async def events() -> AsyncGenerator[JsonObject, None]:
        yield {"number": 1}
        await asyncio.sleep(0.2)
        yield {"number": 2}

    app = frame_server(lambda *_: Stream(events()), idle_s=0.05)
    async with serving(app) as address, opened(address) as connection:
        assert (await ask(connection, {"id": "1", "type": "x"}))["event"] == {"number": 1}
        assert json.loads(await connection.recv())["event"] == {"number": 2}
        assert json.loads(await connection.recv()) == {"id": "1", "type": "end"}


async def test_a_reader_who_never_reads_is_cut_with_a_reason_and_the_source_is_let_go() -> None:
    let_go = asyncio.Event()
    made = 0

    async def events() -> AsyncGenerator[JsonObject, None]:
        nonlocal made
        try:
            while True:
                made += 1
                yield {"padding": "x" * 1000}
        finally:
            let_go.set()

    app = frame_server(lambda *_: Stream(events()), stall_s=0.3)
    async with serving(app, send_buffer_bytes=4096) as address:
        narrow = await narrow_socket(address)
        async with opened(address, sock=narrow, max_queue=1, compression=None) as connection:
            await connection.send('{"id": "1", "type": "x"}')
            async with asyncio.timeout(10):
                await let_go.wait()
            # What it had not taken stayed small: the kernel's buffers and uvicorn's 64 KiB.
            assert made < 300
            assert (await closed_with(connection))[0] == 4429


async def test_a_bug_is_an_internal_error_and_the_connection_lives() -> None:
    async def work() -> JsonObject:
        raise ZeroDivisionError

    app = frame_server(lambda *_: Unary(work))
    async with serving(app) as address, opened(address) as connection:
        answer = await ask(connection, {"id": "1", "type": "x"})
        assert (answer["type"], answer["error"]["code"]) == ("error", "internal")
        assert (await ask(connection, {"id": "p", "type": "ping"}))["type"] == "pong"


async def test_a_service_that_stops_says_so() -> None:
    app = frame_server(None)
    async with serving(app) as address, opened(address) as connection:
        await ask(connection, {"id": "p", "type": "ping"})
        app.end_streams()
        assert await closed_with(connection) == (1012, "the service is stopping")


class _OneToken(OpenAccess):
    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential != "Bearer right":
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        return super().allow(scope, credential)


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Bearer right"])
async def test_the_credential_of_the_handshake_counts(desk: Desk, token: str | None) -> None:
    intake = Intake("orders", "websocket", _OneToken(), 5.0)
    async with serving(create_app(desk.orders.on_behalf_of, SocketLimits(), intake)) as address:
        client = WebSocketClient(f"ws://{address}", token)
        reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
        await client.close()
    assert reply.error
    expected = "order-not-found" if token == "Bearer right" else "unauthenticated"
    assert reply.error.code == expected
