"""Stock clients of HTTP meet faults, and go on when they are over."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import websockets
import zeep
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.engines.servers import HOST
from tests.tap.disturb.http_server import served, wsdl
from tests.tap.disturb.tapped import tapped
from tests.waiting import until_async


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
            client = zeep.Client(wsdl(wsdl_soap, address))
            with client.transport.session:
                client.service.Pay("1")

        with pytest.raises(zeep.exceptions.Fault, match="A fault of the stand") as raised:
            await asyncio.to_thread(call)
        assert raised.value.code == code


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
