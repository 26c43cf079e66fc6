"""The subprotocol graphql-transport-ws, as its specification wants it, with a stock WebSocket."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from stend.chassis.graphql.config import GraphqlLimits
from tests.chassis.graphql_tree import PATH, Seen, tree_endpoint
from tests.serving import served
from tests.waiting import until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")
SUBPROTOCOL = Subprotocol("graphql-transport-ws")
SILENCE = "subscription { silence }"
seen = Seen()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url() -> AsyncIterator[str]:
    limits = GraphqlLimits(init_timeout_s=0.2, send_timeout_s=0.3, operations_per_socket=3)
    async with served(tree_endpoint(seen, limits)) as http_url:
        yield http_url.replace("http", "ws", 1) + PATH


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[ClientConnection]:
    async with connect(url, subprotocols=[SUBPROTOCOL], proxy=None, **more) as socket:
        yield socket


@asynccontextmanager
async def ready(url: str, payload: Any = None, **more: Any) -> AsyncIterator[ClientConnection]:
    async with opened(url, **more) as socket:
        await say(socket, type="connection_init", **({"payload": payload} if payload else {}))
        assert await heard(socket) == {"type": "connection_ack"}
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def subscribe(socket: ClientConnection, query: str, name: str = "1") -> None:
    await say(socket, id=name, type="subscribe", payload={"query": query})


async def heard(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 5))
    return message


async def closing(socket: ClientConnection) -> tuple[int, str]:
    # Whatever comes before it is of no interest.
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


# ---- before anything is asked ------------------------------------------------------------------


async def test_another_subprotocol_is_not_acceptable(url: str) -> None:
    async with connect(url, proxy=None) as socket:
        assert (await closing(socket))[0] == 4406


async def test_a_client_that_does_not_begin_is_let_go(url: str) -> None:
    async with opened(url) as socket:
        assert await closing(socket) == (4408, "Connection initialisation timeout")


async def test_pings_do_not_stand_for_a_beginning(url: str) -> None:
    async with opened(url) as socket:
        await say(socket, type="ping")
        assert await heard(socket) == {"type": "pong"}
        assert (await closing(socket))[0] == 4408


async def test_nothing_is_asked_before_the_acknowledgement(url: str) -> None:
    before = seen.resolved
    async with opened(url) as socket:
        await subscribe(socket, "{ node { name } }")
        assert await closing(socket) == (4401, "Unauthorized")
    assert seen.resolved == before


async def test_beginning_twice_is_refused(url: str) -> None:
    async with ready(url) as socket:
        await say(socket, type="connection_init")
        assert (await closing(socket))[0] == 4429


@pytest.mark.parametrize("payload", ['"text"', "[1]", "1", "true"])
async def test_a_beginning_with_a_payload_that_is_no_object_is_refused(
    url: str, payload: str
) -> None:
    async with opened(url) as socket:
        await socket.send('{"type": "connection_init", "payload": ' + payload + "}")
        assert (await closing(socket))[0] == 4400


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "1",
        "{}",
        '{"type": 1}',
        '{"type": "shout"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ root }"}}',
        '{"type": "complete"}',
        '{"type": "%s"}' % ("я" * 200),
    ],
)
async def test_what_is_no_message_closes_the_connection(url: str, message: str) -> None:
    async with ready(url) as socket:
        await socket.send(message)
        assert (await closing(socket))[0] == 4400


async def test_binary_frames_are_no_messages(url: str) -> None:
    async with ready(url) as socket:
        await socket.send(b'{"type": "ping"}')
        assert (await closing(socket))[0] == 4400


async def test_a_huge_message_closes_the_connection(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, "#" * 70_000)
        assert (await closing(socket))[0] == 1009


# ---- operations --------------------------------------------------------------------------------


async def test_a_subscription_sends_its_events_and_completes(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, "subscription { ticks(count: 2) }")
        event = {"id": "1", "type": "next", "payload": {"data": {"ticks": "t"}}}
        assert [await heard(socket) for _ in range(2)] == [event, event]
        assert await heard(socket) == {"id": "1", "type": "complete"}
    await until_async(lambda: seen.open_streams == 0)


async def test_a_query_and_a_mutation_have_one_answer(url: str) -> None:
    async with ready(url) as socket:
        for query in ("{ node { name } }", "mutation { plant }"):
            await subscribe(socket, query)
            assert (await heard(socket))["type"] == "next"
            assert await heard(socket) == {"id": "1", "type": "complete"}


async def test_operations_run_beside_each_other(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, SILENCE, "silent")
        await subscribe(socket, "{ node { name } }", "quick")
        assert (await heard(socket))["id"] == "quick"


async def test_an_id_that_is_in_use_closes_the_connection(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, SILENCE, "one")
        await subscribe(socket, SILENCE, "one")
        assert await closing(socket) == (4409, "Subscriber for one already exists")
    await until_async(lambda: seen.open_streams == 0)


async def test_an_id_may_be_used_again_after_its_end(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, SILENCE, "one")
        await until_async(lambda: seen.open_streams == 1)
        await say(socket, id="one", type="complete")
        await until_async(lambda: seen.open_streams == 0)
        await subscribe(socket, "{ node { name } }", "one")
        assert (await heard(socket))["type"] == "next"


async def test_the_end_of_an_operation_that_is_not_there_is_no_error(url: str) -> None:
    async with ready(url) as socket:
        await say(socket, id="never", type="complete")
        await say(socket, type="pong")
        await say(socket, type="ping")
        assert await heard(socket) == {"type": "pong"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "subscription { tocks }"}, "invalid-argument"),
        ({"query": "{"}, "malformed-message"),
        ({"query": "{ node " + "{ twins " * 20 + "{ name }" + "}" * 21}, "invalid-argument"),
        ({"qeury": "{ root }"}, "invalid-argument"),
        ([{"query": "{ root }"}], "invalid-argument"),
        ({"query": "subscription { ticks(count: 4294967296) }"}, "invalid-argument"),
    ],
)
async def test_an_operation_that_is_refused_leaves_the_connection_open(
    url: str, payload: Any, code: str
) -> None:
    async with ready(url) as socket:
        await say(socket, id="1", type="subscribe", payload=payload)
        message = await heard(socket)
        assert (message["id"], message["type"]) == ("1", "error")
        assert message["payload"][0]["extensions"]["code"] == code
        await subscribe(socket, "{ node { name } }")
        assert (await heard(socket))["type"] == "next"


async def test_an_error_of_the_source_ends_the_operation(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, "subscription { falling }")
        assert (await heard(socket))["payload"] == {"data": {"falling": "falling"}}
        message = await heard(socket)
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "felled")


async def test_more_operations_than_allowed_are_refused_one_by_one(url: str) -> None:
    async with ready(url) as socket:
        for number in range(4):
            await subscribe(socket, SILENCE, str(number))
        message = await heard(socket)
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "overloaded"
        assert seen.open_streams == 3
    await until_async(lambda: seen.open_streams == 0)


async def test_the_credential_comes_from_the_handshake_or_from_the_beginning(url: str) -> None:
    header = {"Authorization": "Bearer handshake"}
    for payload, more, credential in (
        (None, {"additional_headers": header}, "Bearer handshake"),
        ({"Authorization": "Bearer payload"}, {}, "Bearer payload"),
        ({"authorization": "Bearer x"}, {"additional_headers": header}, "Bearer handshake"),
        ({"authorization": 1}, {}, None),
    ):
        async with ready(url, payload, **more) as socket:
            await subscribe(socket, "{ node { name } }")
            await heard(socket)
        assert seen.credentials[-1] == credential


# ---- readers that go or do not read ------------------------------------------------------------


async def test_a_client_that_vanishes_ends_its_subscriptions(url: str) -> None:
    async with ready(url) as socket:
        await subscribe(socket, SILENCE)
        await until_async(lambda: seen.open_streams == 1)
        socket.transport.abort()
    await until_async(lambda: seen.open_streams == 0)


async def test_a_reader_that_does_not_read_stops_the_source_and_is_let_go(url: str) -> None:
    # Without compression: a hundred equal letters would fit into a byte.
    async with ready(url, max_queue=1, compression=None) as socket:
        before = seen.ticks
        await subscribe(socket, "subscription { ticks(letters: 10000) }")
        await until_async(lambda: seen.open_streams == 1)
        socket.transport.pause_reading()
        # It is cut off although it keeps its connection, and until then nothing piled up.
        await until_async(lambda: seen.open_streams == 0)
        assert seen.ticks - before < 2_000
        socket.transport.abort()
