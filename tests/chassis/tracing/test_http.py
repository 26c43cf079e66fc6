"""HTTP: the client's span is what the header names, and the server's is its child."""

import asyncio

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.http_server import served, served_socket
from stend.chassis.tracing.recording import begin_root, current, entered
from stend.chassis.tracing.rpc import begin_call
from stend.chassis.tracing.spans import Kind
from tests.chassis.tracing.recorded import SAMPLED, SPAN_ID, TRACE_ID, UNSAMPLED, recorded, spans_in


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    status = 503 if scope["path"] == "/away" else 200
    traced = "recorded" if current() else "not recorded"
    await PlainTextResponse(traced, status)(scope, receive, send)


async def gate(scope: Scope, receive: Receive, send: Send) -> None:
    await served(service, "orders", dict(scope["headers"]), scope, receive, send)


def client() -> HttpClient:
    return HttpClient(base_url="http://shop", transport=httpx.ASGITransport(gate))


async def test_a_request_of_a_span_is_its_child_over_the_wire() -> None:
    with recorded() as store:
        async with client() as http:
            with entered(begin_root("cli", "call")):
                response = await http.get("/orders?limit=1")
    root, sent, served_span = spans_in(store)
    assert response.text == "recorded"
    assert response.request.headers["traceparent"] == sent.traceparent
    assert (sent.parent_id, served_span.parent_id) == (root.span_id, sent.span_id)
    assert (sent.kind, served_span.kind) == (Kind.CLIENT, Kind.SERVER)
    assert (sent.service, served_span.service) == ("cli", "orders")
    told = served_span.attributes
    assert (told["http.request.method"], told["url.path"], told["url.query"]) == (
        "GET",
        "/orders",
        "limit=1",
    )
    assert told["http.response.status_code"] == sent.attributes["http.response.status_code"] == 200


async def test_an_error_of_the_server_is_one_on_both_sides() -> None:
    with recorded() as store:
        async with client() as http:
            with entered(begin_root("cli", "call")):
                await http.get("/away")
    _, sent, served_span = spans_in(store)
    assert (sent.error, served_span.error) == ("503", "503")


async def test_the_exchange_of_a_call_is_one_span_with_it() -> None:
    with recorded() as store:
        async with client() as http:
            with entered(begin_root("cli", "call")), entered(begin_call("jsonrpc", "", "place")):
                response = await http.post("/rpc")
    _, sent, served_span = spans_in(store)
    assert sent.name == "place"
    assert sent.attributes["http.response.status_code"] == 200
    assert response.request.headers["traceparent"] == sent.traceparent
    assert served_span.parent_id == sent.span_id


async def test_without_a_trace_a_request_goes_out_as_it_was() -> None:
    with recorded() as store:
        async with client() as http:
            response = await http.get("/orders")
    assert "traceparent" not in response.request.headers
    assert (response.text, spans_in(store)) == ("not recorded", [])


async def test_a_caller_decides_whether_he_is_recorded() -> None:
    with recorded(per_second=1, burst=10) as store:
        async with client() as http:
            unsampled = await http.get("/orders", headers={"traceparent": UNSAMPLED})
            sampled = await http.get("/orders", headers={"traceparent": SAMPLED})
    assert (unsampled.text, sampled.text) == ("not recorded", "recorded")
    (span,) = store.trace(TRACE_ID)
    assert span.parent_id == SPAN_ID


async def test_the_messages_of_a_connection_belong_to_its_handshake() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        assert current() is not None

    async def send(message: Message) -> None:
        assert message["type"] == "websocket.accept"

    async def receive() -> Message:
        return {"type": "websocket.disconnect"}

    scope: Scope = {"type": "websocket", "path": "/ws", "scheme": "ws", "query_string": b""}
    with recorded(per_second=1, burst=10) as store:
        headers = {b"traceparent": SAMPLED.encode()}
        await served_socket(app, "orders", headers, scope, receive, send)
    (handshake,) = store.trace(TRACE_ID)
    assert handshake.attributes["http.response.status_code"] == 101
    assert handshake.status == "ok"


async def test_a_server_that_closes_with_its_answer_has_answered() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    host, port = server.sockets[0].getsockname()
    async with server:
        with recorded() as store:
            async with HttpClient(base_url=f"http://{host}:{port}") as http:
                with entered(begin_root("cli", "call")):
                    response = await http.get("/orders")
    assert response.text == "ok"
    assert spans_in(store)[1].attributes["http.response.status_code"] == 200
