"""One path over HTTP and WebSocket, behind a real server and with real clients."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stend.chassis.jsonrpc.dispatching import Call, Dispatcher, Feed, JsonRpcLimits
from stend.chassis.jsonrpc.messages import EDGE_FAULTS
from stend.chassis.jsonrpc.serving import jsonrpc_app
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue
from tests.serving import http_client, narrow_socket, served
from tests.waiting import until_async

PATH = "/rpc/test"
LIMITS = JsonRpcLimits(
    message_bytes=2000, batch=5, concurrent_calls=2, waiting_messages=5, subscriptions=2
)
JSON = {"Content-Type": "application/json"}


class Methods:
    """Calls that a test holds back and lets go."""

    def __init__(self) -> None:
        self.running = 0
        self.gate = asyncio.Event()
        self.closed_feeds = 0

    async def echo(self, params: JsonObject, call: Call) -> JsonValue:
        return {"params": params, "credential": call.credential}

    async def wait(self, params: JsonObject, call: Call) -> JsonValue:
        self.running += 1
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        return params

    async def follow(self, params: JsonObject, call: Call) -> JsonValue:
        if call.subscriptions is None:
            raise StendError(EdgeErrorCode.METHOD_NOT_ALLOWED, "Over a WebSocket only.")
        feed = Feed(self._items(str(params["ends"])), "test.event", "test.end")
        return {"subscription": call.subscriptions.add(feed)}

    async def leave(self, params: JsonObject, call: Call) -> JsonValue:
        assert call.subscriptions is not None
        return {"ended": call.subscriptions.end(str(params["subscription"]))}

    async def _items(self, ends: str) -> AsyncGenerator[JsonObject, None]:
        try:
            for number in (1, 2):
                yield {"number": number}
            if ends == "refused":
                raise StendError(EdgeErrorCode.UNAVAILABLE, "The service is stopping.")
            if ends == "bug":
                raise ZeroDivisionError
            if ends == "never":
                await self.gate.wait()
        finally:
            self.closed_feeds += 1


@pytest.fixture
def methods() -> Methods:
    return Methods()


@pytest_asyncio.fixture
async def url(methods: Methods) -> AsyncIterator[str]:
    table = {name: getattr(methods, name) for name in ("echo", "wait", "follow", "leave")}
    async with served(jsonrpc_app(PATH, Dispatcher(table, EDGE_FAULTS, LIMITS))) as base_url:
        yield base_url + PATH


@pytest_asyncio.fixture
async def socket(url: str) -> AsyncIterator[ClientConnection]:
    credential = {"Authorization": "Bearer of-the-handshake"}
    async with connect(url.replace("http", "ws", 1), additional_headers=credential) as opened:
        yield opened


def call(method: str, request_id: object = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": request_id}


async def post(url: str, content: Any, **headers: str) -> httpx.Response:
    async with http_client() as http:
        if not isinstance(content, bytes | AsyncGenerator):
            content = json.dumps(content).encode()
        return await http.post(url, content=content, headers={**JSON, **headers})


async def ask(socket: ClientConnection, message: Any) -> Any:
    await socket.send(message if isinstance(message, str) else json.dumps(message))
    return json.loads(await socket.recv())


async def closing_code(socket: ClientConnection) -> int | None:
    # Whatever comes before it is of no interest.
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(5):
            while True:
                await socket.recv()
    return socket.close_code


async def ask_on(socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        for number in range(100_000):
            await socket.send(json.dumps(call("much", number)))


# ---- HTTP --------------------------------------------------------------------------------------


async def test_a_post_is_answered_with_200_and_json(url: str) -> None:
    response = await post(url, call("echo", a=1), Authorization="Bearer x")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["result"] == {"params": {"a": 1}, "credential": "Bearer x"}


async def test_errors_of_the_call_have_200_too(url: str) -> None:
    messages: tuple[Any, ...] = (b"{", call("absent"), [])
    for message in messages:
        response = await post(url, message)
        assert (response.status_code, "error" in response.json()) == (200, True)


async def test_notifications_alone_have_204_and_no_body(url: str) -> None:
    notification = {"jsonrpc": "2.0", "method": "echo"}
    for message in (notification, [notification, notification]):
        response = await post(url, message)
        assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/jsonx"])
async def test_another_content_type_is_415(url: str, content_type: str) -> None:
    response = await post(url, call("echo"), **{"Content-Type": content_type})
    assert response.status_code == 415
    assert response.json()["error"]["code"] == -32015


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": 'Application/JSON;charset="UTF-8"'}, 200),
        ({"Content-Type": "application/json-rpc"}, 200),
        ({"Content-Type": "application/json; charset=koi8-r"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
async def test_json_in_utf_8_is_read_and_nothing_is_unpacked(
    url: str, headers: dict[str, str], status: int
) -> None:
    assert (await post(url, call("echo"), **headers)).status_code == status


async def test_a_body_beyond_the_bound_is_413_announced_or_not(url: str) -> None:
    large = json.dumps(call("echo", a="x" * LIMITS.message_bytes)).encode()

    async def chunks() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(large), 500):
            yield large[start : start + 500]

    for body in (large, chunks()):
        response = await post(url, body)
        assert response.status_code == 413
        assert response.json()["error"]["code"] == -32013
        assert response.json()["id"] is None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_only_post_is_allowed(url: str, method: str) -> None:
    async with http_client() as http:
        response = await http.request(method, url)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_nothing_stands_below_the_path(url: str) -> None:
    response = await post(url + "/echo", call("echo"))
    assert response.status_code == 404
    with pytest.raises(InvalidStatus, match="403"):
        await connect(url.replace("http", "ws", 1) + "/echo")


async def test_over_http_there_is_nothing_to_subscribe_to(url: str) -> None:
    error = (await post(url, call("follow", ends="soon"))).json()["error"]
    assert error["data"]["code"] == "method-not-allowed"


# ---- WebSocket ---------------------------------------------------------------------------------


async def test_a_frame_is_answered_with_a_frame(socket: ClientConnection) -> None:
    answer = await ask(socket, call("echo", "x", a=1))
    assert answer["result"] == {"params": {"a": 1}, "credential": "Bearer of-the-handshake"}
    assert answer["id"] == "x"


async def test_a_bad_frame_is_told_and_the_connection_goes_on(socket: ClientConnection) -> None:
    assert (await ask(socket, "{"))["error"]["code"] == -32700
    assert [one["id"] for one in await ask(socket, [call("echo", 1), call("echo", 2)])] == [1, 2]


async def test_a_notification_gets_no_frame(socket: ClientConnection) -> None:
    await socket.send('{"jsonrpc": "2.0", "method": "echo"}')
    assert (await ask(socket, call("echo", "next")))["id"] == "next"


async def test_a_quick_call_overtakes_a_slow_one(
    socket: ClientConnection, methods: Methods
) -> None:
    await socket.send(json.dumps(call("wait", "slow")))
    assert (await ask(socket, call("echo", "quick")))["id"] == "quick"
    methods.gate.set()
    assert json.loads(await socket.recv())["id"] == "slow"


async def test_no_more_calls_run_at_once_than_may_and_the_others_wait(
    socket: ClientConnection, methods: Methods
) -> None:
    for number in range(5):
        await socket.send(json.dumps(call("wait", number)))
    # The sixth is one too many, which shows that all five have been read.
    refused = await ask(socket, call("wait", "sixth"))
    assert (refused["id"], refused["error"]["code"]) == ("sixth", -32029)
    assert methods.running == LIMITS.concurrent_calls
    methods.gate.set()
    assert {json.loads(await socket.recv())["id"] for _ in range(5)} == set(range(5))


async def test_calls_of_a_peer_that_has_gone_are_ended(url: str, methods: Methods) -> None:
    async with connect(url.replace("http", "ws", 1)) as socket:
        await socket.send(json.dumps(call("wait")))
        await until_async(lambda: methods.running == 1)
        assert "result" in await ask(socket, call("follow", ends="never"))
    await until_async(lambda: (methods.running, methods.closed_feeds) == (0, 1))


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

    async def follow(params: JsonObject, call: Call) -> JsonValue:
        assert call.subscriptions is not None
        return {"subscription": call.subscriptions.add(Feed(events(), "test.event", "test.end"))}

    limits = JsonRpcLimits(message_bytes=2000, stall_s=0.5)
    app = jsonrpc_app(PATH, Dispatcher({"follow": follow}, EDGE_FAULTS, limits))
    async with served(app, send_buffer_bytes=4096) as base_url:
        narrow = await narrow_socket(base_url.removeprefix("http://"))
        url = base_url.replace("http", "ws", 1) + PATH
        async with connect(url, sock=narrow, max_queue=1, compression=None) as socket:
            await socket.send(json.dumps(call("follow")))
            async with asyncio.timeout(10):
                await let_go.wait()
            # What he had not taken stayed small: the kernel's buffers and uvicorn's 64 KiB.
            assert made < 300
            assert await closing_code(socket) == 4429


@pytest.mark.slow
async def test_who_asks_on_and_on_and_never_reads_an_answer_is_cut(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "stend.jsonrpc")

    async def much(params: JsonObject, call: Call) -> JsonValue:
        return "x" * 10_000

    limits = JsonRpcLimits(message_bytes=2000, concurrent_calls=2, waiting_messages=4, stall_s=1)
    app = jsonrpc_app(PATH, Dispatcher({"much": much}, EDGE_FAULTS, limits))
    async with served(app, send_buffer_bytes=4096) as base_url:
        narrow = await narrow_socket(base_url.removeprefix("http://"))
        url = base_url.replace("http", "ws", 1) + PATH
        async with connect(url, sock=narrow, max_queue=1, compression=None) as socket:
            asking = asyncio.create_task(ask_on(socket))
            # The server does not read on, either, while its refusals are not taken.
            await until_async(lambda: "a connection is cut" in caplog.text)
            asking.cancel()
            assert await closing_code(socket) == 4429


async def test_a_message_that_is_too_large_is_told_and_the_connection_closed(
    socket: ClientConnection,
) -> None:
    answer = await ask(socket, call("echo", a="ü" * (LIMITS.message_bytes // 2)))
    assert answer["error"]["code"] == -32013
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert socket.close_code == 1009


async def test_binary_frames_are_refused(socket: ClientConnection) -> None:
    await socket.send(b"{}")
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert socket.close_code == 1003


@pytest.mark.parametrize(
    ("ends", "code"), [("soon", None), ("refused", "unavailable"), ("bug", "internal")]
)
async def test_a_subscription_is_answered_first_then_sends_its_events_and_its_end(
    socket: ClientConnection, ends: str, code: str | None
) -> None:
    answer = await ask(socket, call("follow", ends=ends))
    subscription = answer["result"]["subscription"]
    frames = [json.loads(await socket.recv()) for _ in range(3)]
    assert [frame["method"] for frame in frames] == ["test.event", "test.event", "test.end"]
    assert all("id" not in frame for frame in frames)
    assert {frame["params"]["subscription"] for frame in frames} == {subscription}
    assert [frame["params"]["event"]["number"] for frame in frames[:2]] == [1, 2]
    error = frames[2]["params"].get("error")
    assert (error and error["data"]["code"]) == code


async def test_a_subscription_can_be_ended_and_makes_room_for_another(
    socket: ClientConnection, methods: Methods
) -> None:
    ids = []
    for _ in range(LIMITS.subscriptions):
        answer = await ask(socket, call("follow", ends="never"))
        ids.append(answer["result"]["subscription"])
        for _event in range(2):
            assert json.loads(await socket.recv())["params"]["subscription"] == ids[-1]
    refused = await ask(socket, call("follow", ends="never"))
    assert refused["error"]["data"]["code"] == "overloaded"
    assert (await ask(socket, call("leave", subscription=ids[0])))["result"] == {"ended": True}
    assert (await ask(socket, call("leave", subscription=ids[0])))["result"] == {"ended": False}
    await until_async(lambda: methods.closed_feeds == 1)
    assert "result" in await ask(socket, call("follow", ends="never"))
