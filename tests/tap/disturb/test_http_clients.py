"""Stock clients of HTTP meet faults, and go on when they are over."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
import websockets
import zeep
from lxml import etree
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.engines.servers import HOST
from tests.tap.disturb.tapped import Tapped, tapped
from tests.waiting import until_async

_BODY = json.dumps({"jsonrpc": "2.0", "id": 1, "result": 5, "data": {"ok": True}}).encode()


async def _app(scope: dict[str, object], receive: object, send: object) -> None:
    """Reads all, and answers the same to everybody."""
    assert callable(receive)
    assert callable(send)
    while (await receive())["more_body"]:
        pass
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[Tapped]:
    config = uvicorn.Config(_app, host=HOST, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined] # of older versions
    serving = asyncio.create_task(server.serve())
    await until_async(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with tapped(port, "http") as tap:
            yield tap
    finally:
        server.should_exit = True
        await serving


async def test_httpx_sees_the_status_on_an_open_connection_and_goes_on() -> None:
    async with served() as tap, httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        assert (await client.get("/")).status_code == 200
        fault = tap.set("http_status", status=503)
        for ask in (client.get("/"), client.head("/"), client.post("/", content=b"x" * 100_000)):
            answer = await ask
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
        tap.faults.clear(fault.id)
        assert (await client.get("/")).json()["result"] == 5
        assert len(tap.recording.connections) == 1


async def test_the_first_so_many_are_struck_over_all_connections() -> None:
    async with served() as tap, httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        tap.set("http_status", first=3)
        answers = await asyncio.gather(*(client.get("/") for _ in range(10)))
        assert sorted(one.status_code for one in answers) == [200] * 7 + [503] * 3


async def test_a_stream_of_chunks_is_struck_and_an_upload_passes() -> None:
    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 65_536

    async with served() as tap, httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        tap.set("http_status")
        assert (await client.post("/", content=chunks(3))).status_code == 503
        # More than a megabyte: what has gone on cannot be taken back.
        assert (await client.post("/", content=chunks(40))).status_code == 200
        assert (await client.get("/")).status_code == 503


async def test_calls_of_json_rpc_and_graphql_fail_by_their_bodies() -> None:
    async with served() as tap, httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        call = {"jsonrpc": "2.0", "id": 77, "method": "points"}
        fault = tap.set("jsonrpc_error")
        answer = (await client.post("/rpc", json=call)).json()
        assert (answer["id"], answer["error"]["code"]) == (77, -32603)
        tap.faults.clear(fault.id)
        assert (await client.post("/rpc", json=call)).json()["result"] == 5
        fault = tap.set("graphql_error")
        query = {"query": "{ products { id } }"}
        assert (await client.post("/graphql", json=query)).json()["data"] is None
        tap.faults.clear(fault.id)
        assert (await client.post("/graphql", json=query)).json()["data"] == {"ok": True}


@pytest.mark.parametrize(
    ("wsdl_soap", "code"),
    [
        ("http://schemas.xmlsoap.org/wsdl/soap/", "soap:Server"),
        ("http://schemas.xmlsoap.org/wsdl/soap12/", "soap:Receiver"),
    ],
    ids=["SOAP 1.1", "SOAP 1.2"],
)
async def test_zeep_raises_the_fault(wsdl_soap: str, code: str) -> None:
    async with served() as tap:
        tap.set("soap_fault")
        address = f"http://{HOST}:{tap.port}/bank"

        def call() -> None:
            client = zeep.Client(_wsdl(wsdl_soap, address))
            with client.transport.session:
                client.service.Pay("1")

        with pytest.raises(zeep.exceptions.Fault, match="A fault of the stand") as raised:
            await asyncio.to_thread(call)
        assert raised.value.code == code


class _Wsdl:
    """A file of WSDL in memory, as zeep reads one."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def read(self) -> bytes:
        return self._text


def _wsdl(wsdl_soap: str, address: str) -> _Wsdl:
    text = f"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="{wsdl_soap}"
      xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:bank" targetNamespace="urn:bank">
      <types><x:schema targetNamespace="urn:bank" elementFormDefault="qualified">
        <x:element name="Pay"><x:complexType><x:sequence><x:element name="id" type="x:string"/>
        </x:sequence></x:complexType></x:element>
        <x:element name="Paid" type="x:string"/></x:schema></types>
      <message name="in"><part name="body" element="t:Pay"/></message>
      <message name="out"><part name="body" element="t:Paid"/></message>
      <portType name="Bank"><operation name="Pay"><input message="t:in"/>
        <output message="t:out"/></operation></portType>
      <binding name="B" type="t:Bank"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
        <operation name="Pay"><s:operation soapAction="pay"/><input><s:body use="literal"/></input>
        <output><s:body use="literal"/></output></operation></binding>
      <service name="S"><port name="P" binding="t:B"><s:address location="{address}"/></port>
      </service></definitions>"""
    etree.fromstring(text)
    return _Wsdl(text)


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_websockets_see_the_code_and_the_server_an_end_in_order() -> None:
    codes: list[int | None] = []

    async def handle(connection: ServerConnection) -> None:
        await _echo(connection)
        codes.append(connection.close_code)

    async with serve(handle, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with tapped(port, "http") as tap:
            async with connect(f"ws://{HOST}:{tap.port}/") as client:
                await client.send("one")
                assert await client.recv() == "one"
                fault = tap.set("websocket_close", code=1012)
                await client.send("two")
                with pytest.raises(websockets.ConnectionClosedError) as raised:
                    await client.recv()
                assert raised.value.rcvd is not None
                assert raised.value.rcvd.code == 1012
                assert raised.value.rcvd_then_sent
            await until_async(lambda: codes == [1001] and tap.tap.open_count == 0)
            tap.faults.clear(fault.id)
            async with connect(f"ws://{HOST}:{tap.port}/") as client:
                await client.send("three")
                assert await client.recv() == "three"
