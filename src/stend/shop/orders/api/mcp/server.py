"""MCP over streamable HTTP: binds the use cases to tools. The only file with I/O.

The official SDK is the client's choice and the tests': as a server it costs a second of import and
38 MB. What stands here is the part of the protocol that a server with tools and nothing else needs:
one request, one JSON answer, no sessions, no streams. Source: modelcontextprotocol.io/specification
of 2025-06-18, 2025-11-25 and 2026-07-28.
"""

import logging
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from pydantic_core import from_json
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.access import Caller, www_authenticate
from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.http import check_media_type, credential_of, read_body, respond
from stend.chassis.jsonrpc.messages import (
    Invalid,
    InvalidRequestError,
    Request,
    RequestId,
    dump,
    failure_of,
    named_params,
    read,
    result_of,
)
from stend.chassis.tracing.recording import current, entered, fail
from stend.chassis.tracing.rpc import begin_carried
from stend.kit.errors import EdgeErrorCode, StendError, internal
from stend.kit.json import JsonObject
from stend.shop.orders.api.mcp import translate
from stend.shop.orders.api.mcp.faults import FAULTS, error_object, status_of
from stend.shop.orders.api.mcp.translate import Contract, ToolName
from stend.shop.orders.api.messages import Result, input_from_json
from stend.shop.orders.usecases import Operation, Orders, OrdersOf

# Where the runtime sends HTTP requests to this service.
PATH = translate.PATH
_READ, _WRITE = "orders:read", "orders:write"
_POLICY_VIOLATION = 1008
# RFC 9110, section 12.5.1.
_JSON_RANGES = frozenset({"application/json", "application/*", "*/*"})
_log = logging.getLogger("stend.orders.mcp")
_Act = Callable[[Orders, Any], Awaitable[Result]]
_Tool = Callable[[JsonObject, str | None], Awaitable[Result]]
_Headers = dict[bytes, bytes]


def contract() -> str:
    """The text of mcp.json."""
    return files("stend.shop.orders.api.mcp").joinpath("contract/mcp.json").read_text("utf-8")


def create_app(orders: OrdersOf, intake: Intake, message_limit_bytes: int) -> ASGIApp:
    """
    Args:
        message_limit_bytes: largest body.
    """
    return _Endpoint(
        translate.contract_from(from_json(contract())),
        tools_of(orders, intake),
        message_limit_bytes,
    )


def tools_of(orders_of: OrdersOf, intake: Intake) -> dict[ToolName, _Tool]:
    # The use case of an operation takes that operation's input; mypy cannot know the pairs.
    acts: list[tuple[ToolName, str, _Act]] = [
        (ToolName.PLACE_ORDER, _WRITE, Orders.place_order),
        (ToolName.GET_ORDER, _READ, Orders.get_order),
        (ToolName.LIST_ORDERS, _READ, Orders.list_orders),
        (ToolName.CANCEL_ORDER, _WRITE, Orders.cancel_order),
    ]
    return {
        name: _tool(orders_of, intake, translate.OPERATION_OF[name], scope, act)
        for name, scope, act in acts
    }


def _tool(
    orders_of: OrdersOf, intake: Intake, operation: Operation, scope: str, act: _Act
) -> _Tool:
    async def perform(arguments: JsonObject, credential: str | None) -> Result:
        async def work(caller: Caller) -> Result:
            return await act(orders_of(caller), input_from_json(operation, arguments))

        return await intake.perform(operation, scope, credential, work)

    return perform


class _Endpoint:
    def __init__(
        self, contract: Contract, tools: dict[ToolName, _Tool], message_limit_bytes: int
    ) -> None:
        self._contract = contract
        self._tools = tools
        self._limit_bytes = message_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        request_id: RequestId = None
        headers: _Headers = dict(scope["headers"])
        stateless = translate.is_stateless(headers)
        try:
            item = await self._incoming(scope, headers, receive)
            request_id = item.id
            if isinstance(item, Invalid):
                raise item.error
            answer = await self._answer(item, headers, stateless)
        except StendError as error:
            await _refuse(send, request_id, error, stateless)
            return
        if answer is None:
            await respond(send, 202)
        else:
            await respond(send, 200, dump(result_of(request_id, answer)))

    async def _incoming(
        self, scope: Scope, headers: _Headers, receive: Receive
    ) -> Request | Invalid:
        _check_target(scope)
        check_media_type(headers)
        _check_accept(headers)
        translate.check_single_headers(name for name, _ in scope["headers"])
        incoming = read(await read_body(headers, receive, self._limit_bytes), batch_limit=1)
        if incoming.is_batch:
            raise InvalidRequestError(
                "MCP has no batches since 2025-06-18.", None, "one message in one POST"
            )
        (item,) = incoming.items
        return item

    async def _answer(
        self, request: Request, headers: _Headers, stateless: bool
    ) -> JsonObject | None:
        translate.check_revision(request, headers)
        if request.is_notification:
            # `notifications/initialized` and `cancelled` change nothing here: there is no session.
            return None
        if request.id is None:
            raise InvalidRequestError("MCP has no null ids.", None, "a string or an integer")
        params = named_params(request)
        if stateless:
            translate.check_envelope(request.method, params, headers)
        result = await self._perform(request.method, params, credential_of(headers), stateless)
        if stateless:
            return translate.as_stateless(request.method, result, self._contract.server_info)
        return result

    async def _perform(
        self, method: str, params: JsonObject, credential: str | None, stateless: bool
    ) -> JsonObject:
        match method:
            case "tools/call":
                return await self._call(params, credential)
            case "tools/list":
                translate.check_first_page(params)
                return {"tools": list(self._contract.tools)}
            case "initialize" if not stateless:
                return translate.initialized(params, self._contract)
            case "ping" if not stateless:
                return {}
            case "server/discover" if stateless:
                return translate.discovered(self._contract)
            case _:
                raise translate.no_such_method(method, stateless=stateless)

    async def _call(self, params: JsonObject, credential: str | None) -> JsonObject:
        name, arguments = translate.tool_call_from(params)
        meta = params.get("_meta")
        # The SDKs put it there (MCP, "_meta", reserved names), and none into the header of HTTP.
        carried = meta if isinstance(meta, dict) else {}
        with entered(begin_carried("mcp", "", f"tools/call {name}", carried)):
            return await self._used(name, arguments, credential)

    async def _used(
        self, name: ToolName, arguments: JsonObject, credential: str | None
    ) -> JsonObject:
        try:
            return translate.tool_result(await self._tools[name](arguments, credential))
        except StendError as error:
            fail(current(), error)
            if not FAULTS[error.code].in_result:
                raise
            return translate.tool_error(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a result
            _log.exception("%s failed", name)
            return translate.tool_error(internal())


async def _refuse(send: Send, request_id: RequestId, error: StendError, stateless: bool) -> None:
    if isinstance(error, translate.ProtocolError):
        members = error.to_json()
        status = error.status if stateless else translate.status_before(error)
    else:
        members, status = error_object(error), status_of(error)
    more = []
    if error.code is EdgeErrorCode.METHOD_NOT_ALLOWED:
        more.append((b"allow", b"POST"))
    if challenge := www_authenticate(error):
        more.append((b"www-authenticate", challenge.encode()))
    await respond(send, status, dump(failure_of(request_id, members)), more)


def _check_target(scope: Scope) -> None:
    if scope["path"] != PATH:
        raise StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "Nothing stands at this path.",
            value=scope["path"],
            expected=PATH,
            next_step="The method is a member of the message and no part of the path.",
        )
    if scope["method"] != "POST":
        raise StendError(
            EdgeErrorCode.METHOD_NOT_ALLOWED,
            "This server offers no stream and keeps no session.",
            value=scope["method"],
            expected="POST",
            next_step="Send each message with POST.",
        )


def _check_accept(headers: _Headers) -> None:
    accept = headers.get(b"accept", b"*/*").decode("latin-1")
    ranges = (one.partition(";")[0].strip().lower() for one in accept.split(","))
    if _JSON_RANGES.isdisjoint(ranges):
        raise translate.not_acceptable(accept)
