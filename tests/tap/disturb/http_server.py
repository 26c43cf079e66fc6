"""A service of HTTP behind a tap with faults, and a contract of SOAP for it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import uvicorn
from lxml import etree

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


class Wsdl:
    """A file of WSDL in memory, as zeep reads one."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def read(self) -> bytes:
        return self._text


def wsdl(wsdl_soap: str, address: str) -> Wsdl:
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
    return Wsdl(text)
