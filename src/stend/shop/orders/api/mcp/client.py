"""A consumer of the MCP server, written with the official SDK: what a host of a model does."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeVar, cast

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, RequestParamsMeta
from pydantic import ValidationError

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import IDLE_S
from stend.chassis.tracing.recording import carrier, entered
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.mcp import translate
from stend.shop.orders.api.reply import Reply, ReplyError
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
_log = logging.getLogger("stend.orders.mcp")
_TIMEOUT_S = 10.0


class McpClient:
    """The operations of `orders` as tools. MCP has no stream of events, so TrackOrder is refused.

    The SDK keeps a connection inside of the task that opened it; here that is a task of its own, so
    that any task may call. A connection that broke is made anew by the next call.

    Args:
        base_url: `http://host:port`, without the path of the API.
        authorization: the header Authorization, or None.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        self._url = base_url + translate.PATH
        self._headers = {} if authorization is None else {"Authorization": authorization}
        self._connection: _Connection | None = None

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return await self._call(request, messages.placed_order_from_json)

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return await self._call(request, messages.page_from_json)

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return await self._call(request, messages.order_from_json)

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        detail = (
            "MCP has no stream of events: a tool answers once. "
            "Call get_order again, or follow the order over another protocol."
        )
        error = ReplyError(EdgeErrorCode.METHOD_NOT_ALLOWED, detail, domain=False)
        yield Reply(status="no such tool", headers=(), body="", duration_ms=0.0, error=error)

    async def close(self) -> None:
        if self._connection:
            await self._connection.close()
            self._connection = None

    async def _call(
        self, operation: OperationInput, result_of: Callable[[Mapping[str, Any]], _ResultT]
    ) -> Reply[_ResultT]:
        started = time.perf_counter()
        tool, arguments = translate.call_of(operation)
        if self._connection is None or self._connection.is_over:
            self._connection = _Connection(self._url, self._headers)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                client = await self._connection.client()
                with entered(begin_call("mcp", "", f"tools/call {tool}")) as span:
                    meta = cast("RequestParamsMeta", dict(carrier(span))) if span else None
                    result = await client.call_tool(tool, arguments, meta=meta)
            return _reply(result, started, result_of)
        except MCPError as error:
            return _refusal(error, started)
        except TimeoutError:
            return _failure(EdgeErrorCode.DEADLINE_EXCEEDED, f"{_TIMEOUT_S:g} s passed", started)
        except _BROKEN as error:
            return _failure(EdgeErrorCode.UNAVAILABLE, _said(error), started)


# How the SDK tells that a connection or what came over it is of no use.
_BROKEN = (httpx2.HTTPError, OSError, RuntimeError, ValidationError, KeyError, ExceptionGroup)


class _Connection:
    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._over = asyncio.Event()
        self._opened: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def client(self) -> Client:
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        self._over.set()
        await self._task

    async def _run(self) -> None:
        # trust_env off: a proxy of the environment has no business between two local processes.
        http = httpx2.AsyncClient(
            headers=self._headers,
            verify=authorities_for(self._url),
            timeout=_TIMEOUT_S,
            limits=httpx2.Limits(
                max_connections=100, max_keepalive_connections=20, keepalive_expiry=IDLE_S
            ),
            trust_env=False,
        )
        try:
            async with http, Client(streamable_http_client(self._url, http_client=http)) as client:
                self._opened.set_result(client)
                await self._over.wait()
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            if self._opened.done():
                _log.warning("the connection to %s broke: %s", self._url, _said(error))
            else:
                self._opened.set_exception(error)


def _reply(
    result: CallToolResult, started: float, result_of: Callable[[Mapping[str, Any]], _ResultT]
) -> Reply[_ResultT]:
    error = (
        translate.error_from((result.meta or {})[translate.ERROR_KEY]) if result.is_error else None
    )
    return Reply(
        status="isError" if result.is_error else "result",
        headers=(),
        body=result.model_dump_json(by_alias=True, exclude_none=True),
        duration_ms=(time.perf_counter() - started) * 1000,
        result=None if error else result_of(result.structured_content or {}),
        error=error,
    )


def _refusal(error: MCPError, started: float) -> Reply[Any]:
    data = error.data
    if not isinstance(data, dict) or "code" not in data:
        # Not our service answered but something in between: a proxy, another program on the port.
        return _failure(EdgeErrorCode.UNAVAILABLE, f"{error.code}: {error.message}", started)
    return Reply(
        status=f"error {error.code}",
        headers=(),
        body=error.error.model_dump_json(exclude_none=True),
        duration_ms=(time.perf_counter() - started) * 1000,
        error=translate.error_from(data),
    )


def _failure(code: EdgeErrorCode, detail: str, started: float) -> Reply[Any]:
    return Reply(
        status=code,
        headers=(),
        body="",
        duration_ms=(time.perf_counter() - started) * 1000,
        error=ReplyError(code, detail, domain=False),
    )


def _said(error: BaseException) -> str:
    """Of a group the first of them, which is what made the others fail."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
