"""A consumer of the SOAP API, written with zeep."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import as_file, files
from typing import Any, TypeVar

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.soap.tracing import blocks_of
from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.recording import entered
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.api.soap import translate
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_ResultT = TypeVar("_ResultT")
_PATH = "/soap/orders"
_NAMESPACE = "urn:lavka:orders:v1"
_WAIT_S = 10
# The service may use all of the time that it was asked to wait.
_TIMEOUT_S = _WAIT_S + 10.0


class Port(StrEnum):
    """Names in the WSDL: what to speak."""

    SOAP_11 = "OrdersSoap11"
    SOAP_12 = "OrdersSoap12"


@dataclass(frozen=True, slots=True)
class _Zeep:
    """The contract as zeep has read it.

    Attributes:
        service: has a method per operation that sends and gives the answer as it came.
        read: the answer's value; raises zeep's Fault.
        fault, broken: what zeep raises about a fault, and about what is no SOAP.
    """

    service: Any
    read: Callable[[str, Any], Any]
    fault: type[Exception]
    broken: tuple[type[Exception], ...]


class SoapClient:
    """The operations of `orders` over SOAP. TrackOrder asks again and again: there is no stream.

    Args:
        base_url: `http://host:port`.
        port: which of the two versions.
        authorization: the header of HTTP of that name, with every request.
    """

    def __init__(
        self, base_url: str, port: Port = Port.SOAP_11, authorization: str | None = None
    ) -> None:
        self._address = base_url + _PATH
        self._port = port
        self._http = HttpClient(
            # Not a header of the client: zeep replaces those.
            auth=_authorized(authorization) if authorization else None,
            verify=authorities_for(base_url),
            timeout=_TIMEOUT_S,
            # A proxy of the environment has no business between two local processes.
            trust_env=False,
        )
        self._reading: asyncio.Task[_Zeep] | None = None

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return await self._call(request, translate.placed_from)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, translate.order_from)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, translate.page_from)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call(request, translate.order_from)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """Long polling with GetOrderEvents; each event carries the exchange that brought it."""
        seen, final = request.after_version, False
        while not final:
            wanted = TrackOrder(request.order_id, seen)
            reply = await self._call(wanted, translate.events_from, wait_s=_WAIT_S)
            if reply.error:
                yield _with_result(reply, None)
                return
            for event in reply.value.events:
                seen = event.version
                yield _with_result(reply, event)
            final = reply.value.final

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self,
        request: OperationInput,
        result_of: Callable[[dict[str, Any]], _ResultT],
        **more: int,
    ) -> Reply[_ResultT]:
        """
        Raises:
            ValueError: a text has characters that XML cannot carry.
        """
        zeep = await self._zeep()
        name = translate.operation_of(request)
        started = time.perf_counter()
        try:
            with entered(begin_call("soap", _NAMESPACE, name)) as span:
                headers = {"_soapheaders": blocks_of(span.carrier())} if span else {}
                response = await zeep.service[name](
                    **translate.arguments_of(request), **more, **headers
                )
        except httpx.HTTPError as error:
            return _failure(error, started)
        duration_ms = (time.perf_counter() - started) * 1000
        try:
            result = result_of(zeep.read(name, response))
        except zeep.fault as fault:
            return _refusal(response, duration_ms, fault)
        except zeep.broken:
            return _stranger(response, duration_ms)
        return Reply(
            status="200 OK",
            headers=tuple(response.headers.items()),
            body=response.content.decode(),
            duration_ms=duration_ms,
            result=result,
        )

    async def _zeep(self) -> _Zeep:
        # In a thread: zeep takes a quarter of a second to import and to read the contract.
        if self._reading is None:
            reading = asyncio.to_thread(_read_contract, self._address, self._port, self._http)
            self._reading = asyncio.create_task(reading)
        return await asyncio.shield(self._reading)


def _authorized(authorization: str) -> Callable[[httpx.Request], httpx.Request]:
    def authorized(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = authorization
        return request

    return authorized


def _read_contract(address: str, port: Port, http: httpx.AsyncClient) -> _Zeep:
    import zeep
    from zeep import exceptions
    from zeep.helpers import serialize_object
    from zeep.transports import AsyncTransport

    # The contract comes from the file that both sides have agreed on, so that nothing has to be
    # asked for before the first call; the address is the one we were given.
    with as_file(files("stend.shop.orders.api.soap").joinpath("contract")) as folder:
        client = zeep.AsyncClient(
            str(folder / "orders.wsdl"),
            settings=zeep.Settings(raw_response=True),
            # Without a second client zeep would make one, and read every root certificate for it.
            transport=AsyncTransport(client=http, wsdl_client=http),
        )
    binding = client.wsdl.services["OrdersService"].ports[port].binding

    def read(name: str, response: Any) -> Any:
        value = binding.process_reply(client, binding.get(name), response)
        return serialize_object(value, dict)

    return _Zeep(
        client.create_service(binding.name, address),
        read,
        exceptions.Fault,
        (exceptions.Error, ValueError, KeyError, TypeError),
    )


def _with_result(reply: Reply[translate.EventBatch], event: OrderEvent | None) -> Reply[OrderEvent]:
    return Reply(reply.status, reply.headers, reply.body, reply.duration_ms, event, reply.error)


def _refusal(response: Any, duration_ms: float, fault: Any) -> Reply[Any]:
    # What is wrong with the header is told in a header (SOAP 1.1, section 4.4).
    told = translate.error_in(response.content)
    return Reply(
        status=f"{response.status_code} {fault.code}",
        headers=tuple(response.headers.items()),
        body=response.content.decode(errors="replace"),
        duration_ms=duration_ms,
        error=told or ReplyError(EdgeErrorCode.UNAVAILABLE, str(fault), domain=False),
    )


def _stranger(response: Any, duration_ms: float) -> Reply[Any]:
    # Not our service answered but something in between: a proxy, another program on the port.
    said = response.content[:200].decode(errors="replace")
    return Reply(
        status=str(response.status_code),
        headers=tuple(response.headers.items()),
        body=response.content.decode(errors="replace"),
        duration_ms=duration_ms,
        error=ReplyError(EdgeErrorCode.UNAVAILABLE, f"Not a SOAP answer: {said}", domain=False),
    )


def _failure(error: httpx.HTTPError, started: float) -> Reply[Any]:
    timed_out = isinstance(error, httpx.TimeoutException)
    code = EdgeErrorCode.DEADLINE_EXCEEDED if timed_out else EdgeErrorCode.UNAVAILABLE
    return Reply(
        status=type(error).__name__,
        headers=(),
        body="",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=ReplyError(code, str(error) or type(error).__name__, domain=False),
    )
