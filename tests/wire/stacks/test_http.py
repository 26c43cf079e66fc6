"""Which decoder reads a connection of HTTP, and what goes on behind 101."""

import asyncio
import contextlib
import json
import socket
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn
import websockets.sync.client
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse

from stend.wire.decoding import Direction, Role
from stend.wire.exchanges import Grouping
from stend.wire.stacks.choosing import decoder_for
from stend.wire.stacks.http import HttpStack
from tests.wire.checking import Heard, check, find, hear
from tests.wire.recording import recorded

OUT, BACK = Direction.TO_SERVER, Direction.TO_CLIENT
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("server_first", [False, True])
def test_the_preface_shows_http2(server_first: bool) -> None:
    asked, told = (OUT, PREFACE + SETTINGS), (BACK, SETTINGS)
    heard = check(HttpStack, [told, asked] if server_first else [asked, told])
    assert {unit.protocol for unit in heard.units} == {"http2"}


def test_everything_else_is_http1() -> None:
    heard = check(HttpStack, [(OUT, GET), (BACK, OK)])
    assert [unit.name for unit in heard.units] == ["GET /", "200 OK"]


def test_frames_follow_a_handshake() -> None:
    heard = check(HttpStack, [(OUT, UPGRADE), (BACK, SWITCH + b"\x81\x02hi"), (OUT, HELLO)])
    assert [unit.protocol for unit in heard.of(OUT)] == ["http1", "websocket"]
    assert [unit.protocol for unit in heard.of(BACK)] == ["http1", "websocket"]
    assert heard.units[0].facts["api"] == "websocket"


def test_a_server_may_decline_to_change_the_protocol() -> None:
    heard = check(HttpStack, [(OUT, UPGRADE + GET), (BACK, OK + OK)])
    assert [unit.name for unit in heard.of(OUT)] == ["GET /ws", "GET /"]


def test_messages_behind_a_gap_are_found_again() -> None:
    decoder = HttpStack()
    found = decoder.skip(OUT, 1000) + decoder.skip(BACK, 2000)
    found += decoder.feed(BACK, b"the rest of some answer")
    found += decoder.feed(OUT, GET) + decoder.feed(BACK, OK)
    assert [unit.name for unit in found] == ["not decoded", "GET /", "200 OK"]
    assert [unit.start for unit in found] == [2000, 1000, 2023]
    assert found[1].exchange == found[2].exchange


def test_an_answer_behind_a_gap_is_given_to_no_wrong_request() -> None:
    decoder = HttpStack()
    asked = decoder.feed(OUT, GET)
    found = decoder.skip(BACK, len(OK)) + decoder.feed(OUT, GET.replace(b"/", b"/2", 1))
    (lost, answered) = decoder.feed(BACK, OK), decoder.feed(BACK, OK)
    assert asked[0].exchange not in {unit.exchange for unit in (*found, *lost, *answered)}
    assert [unit.name for unit in (*lost, *answered)] == ["200 OK", "200 OK"]
    assert lost[0].exchange == found[0].exchange


def test_a_connection_that_says_nothing_ends_in_peace() -> None:
    assert hear(HttpStack(), []).units == []


@pytest.mark.parametrize("name", ["http", "grpc"])
def test_the_stack_is_found_by_name(name: str) -> None:
    assert isinstance(decoder_for(name), HttpStack)


# A real server and real clients from here on.

app = FastAPI()


@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict[str, str]:
    return {"order_id": order_id}


@app.post("/rpc")
async def rpc() -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no such method"}}


@app.get("/events")
async def events() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for number in range(3):
            yield f'id: {number}\nevent: order.moved\ndata: {{"n": {number}}}\n\n'

    return StreamingResponse(lines(), media_type="text/event-stream")


@app.websocket("/ws")
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    async for message in socket.iter_json():
        await socket.send_json({"id": message["id"], "type": "result", "said": "x" * 500})


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The app on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, lifespan="off", log_level="error", ws="websockets-sansio")
    )
    started = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    started.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        started.join(10)
        listener.close()


def test_what_uvicorn_and_stock_clients_say_is_decoded() -> None:
    with served() as port, recorded(port) as recording:
        address = f"127.0.0.1:{recording.port}"
        _asks(f"http://{address}")
        with websockets.sync.client.connect(f"ws://{address}/ws", proxy=None) as client:
            for number in range(3):
                client.send(json.dumps({"id": number, "type": "Ask", "params": {"a": "x" * 200}}))
                client.recv()
    heard = [check(HttpStack, one) for one in recording.talks]
    names = [[unit.name for unit in one.units] for one in heard]
    assert names[0] == ["GET /orders/7?a=%D1%8F", "200 OK"]
    assert [unit.error for unit in heard[1].units] == [None, "-32601"]
    _check_events(heard[2])
    _check_frames(heard[3])


def _asks(address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "points.get"}
    asked = urllib.request.Request(
        f"{address}/rpc", json.dumps(call).encode(), {"Content-Type": "application/json"}
    )
    for one in (f"{address}/orders/7?a=%D1%8F", asked, f"{address}/events"):
        with urllib.request.urlopen(one) as answer:
            answer.read()


def _check_events(heard: Heard) -> None:
    units = heard.of(BACK)
    assert [unit.name for unit in units] == ["200 OK", *["event order.moved"] * 3, "last-chunk"]
    assert [unit.role for unit in units[1:]] == [*[Role.MESSAGE] * 3, Role.RESPONSE]
    assert [unit.is_last for unit in units] == [False, False, False, False, True]
    assert units[2].facts["id"] == "1"
    assert find(heard.tree(units[2]), "data", "n").value == 1


def _check_frames(heard: Heard) -> None:
    assert not [unit for unit in heard.units if unit.role is Role.BROKEN]
    grouping = Grouping()
    grouping.add(heard.units)
    asked = [unit for unit in heard.of(OUT) if unit.facts.get("type") == "Ask"]
    told = [unit for unit in heard.of(BACK) if unit.facts.get("type") == "result"]
    assert [unit.exchange for unit in asked] == [unit.exchange for unit in told]
    # Both sides compress, and later messages point back into earlier ones.
    for unit in told:
        assert find(heard.tree(unit), "compressed data", "said").value == "x" * 500
