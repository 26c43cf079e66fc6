"""Every error of the service as MCP tells it: inside a tool's result, or as a JSON-RPC error. Pure.

What the model can do something about is a result with `isError` (MCP, Tools, Error Handling): it
reads the text and tries again. What is wrong with the exchange itself is an error of the protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.chassis.jsonrpc.messages import EDGE_FAULTS
from stend.chassis.jsonrpc.messages import error_object as error_members
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.orders.domain import OrderErrorCode


@dataclass(frozen=True, slots=True)
class McpFault:
    """
    Attributes:
        in_result: a result with `isError`; otherwise a JSON-RPC error with this number.
        number, status: of the JSON-RPC error, and of HTTP where it is one.
    """

    in_result: bool
    number: int
    status: int = 200


def _protocol(code: EdgeErrorCode, status: int) -> McpFault:
    return McpFault(in_result=False, number=EDGE_FAULTS[code], status=status)


def _result(code: EdgeErrorCode) -> McpFault:
    return McpFault(in_result=True, number=EDGE_FAULTS[code])


_DOMAIN = McpFault(in_result=True, number=0)

FAULTS: Mapping[StrEnum, McpFault] = {
    EdgeErrorCode.MALFORMED_MESSAGE: _protocol(EdgeErrorCode.MALFORMED_MESSAGE, 400),
    EdgeErrorCode.MESSAGE_TOO_LARGE: _protocol(EdgeErrorCode.MESSAGE_TOO_LARGE, 413),
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: _protocol(EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE, 415),
    EdgeErrorCode.NO_SUCH_OPERATION: _protocol(EdgeErrorCode.NO_SUCH_OPERATION, 404),
    EdgeErrorCode.METHOD_NOT_ALLOWED: _protocol(EdgeErrorCode.METHOD_NOT_ALLOWED, 405),
    # MCP, Authorization, Error Handling: these two are told by HTTP.
    EdgeErrorCode.UNAUTHENTICATED: _protocol(EdgeErrorCode.UNAUTHENTICATED, 401),
    EdgeErrorCode.FORBIDDEN: _protocol(EdgeErrorCode.FORBIDDEN, 403),
    # Arguments that break the tool's schema, too: since 2025-11-25 the model shall hear of them.
    EdgeErrorCode.INVALID_ARGUMENT: _result(EdgeErrorCode.INVALID_ARGUMENT),
    EdgeErrorCode.OVERLOADED: _result(EdgeErrorCode.OVERLOADED),
    EdgeErrorCode.DEADLINE_EXCEEDED: _result(EdgeErrorCode.DEADLINE_EXCEEDED),
    EdgeErrorCode.UNAVAILABLE: _result(EdgeErrorCode.UNAVAILABLE),
    EdgeErrorCode.INTERNAL: _result(EdgeErrorCode.INTERNAL),
    **dict.fromkeys(OrderErrorCode, _DOMAIN),
}
_NUMBERS: Mapping[StrEnum, int] = {code: fault.number for code, fault in FAULTS.items()}


def error_object(error: StendError) -> JsonObject:
    """The JSON-RPC error of what is wrong with the exchange."""
    return error_members(error, _NUMBERS)


def status_of(error: StendError) -> int:
    """Of HTTP, for the same."""
    return FAULTS[error.code].status
