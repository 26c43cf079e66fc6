"""JSON-RPC messages to use-case inputs and back, for both sides of the wire. Pure.

Parameters and results are those of `api/messages.py`; here stands what is JSON-RPC's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import from_json

from stend.chassis.jsonrpc.messages import RequestId, dump, request_of
from stend.kit.errors import EdgeErrorCode
from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import (
    Message,
    input_to_json,
    parsed,
    violations_from_json,
)
from stend.shop.orders.api.reply import ReplyError
from stend.shop.orders.domain import OrderErrorCode
from stend.shop.orders.usecases import Operation, OperationInput

PATH = "/rpc/orders"


class MethodName(StrEnum):
    PLACE = "orders.place"
    GET = "orders.get"
    LIST = "orders.list"
    CANCEL = "orders.cancel"
    TRACK = "orders.track"
    UNTRACK = "orders.untrack"
    DISCOVER = "rpc.discover"


class NotificationName(StrEnum):
    """What the server sends without being asked, over a WebSocket."""

    EVENT = "orders.event"
    END = "orders.end"


METHOD_OF: Mapping[Operation, MethodName] = {
    Operation.PLACE_ORDER: MethodName.PLACE,
    Operation.GET_ORDER: MethodName.GET,
    Operation.LIST_ORDERS: MethodName.LIST,
    Operation.CANCEL_ORDER: MethodName.CANCEL,
    Operation.TRACK_ORDER: MethodName.TRACK,
}


class UntrackParams(Message):
    subscription: Annotated[str, Field(pattern="^sub-[1-9][0-9]{0,9}$")]


class DiscoverParams(Message):
    """None at all."""


# ---- server ------------------------------------------------------------------------------------


def untrack_from(params: JsonObject) -> str:
    """The subscription.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    return parsed(UntrackParams, params).subscription


def check_discover(params: JsonObject) -> None:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    parsed(DiscoverParams, params)


# ---- client ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Either `result` or `error` is set."""

    status: str
    result: Mapping[str, Any] | None = None
    error: ReplyError | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification of a subscription; neither member is set where the stream just ends."""

    subscription: str
    event: Mapping[str, Any] | None = None
    error: ReplyError | None = None


def call_of(operation: OperationInput, request_id: RequestId) -> bytes:
    """The text of the request that performs an operation."""
    return dump(request_of(method_of(operation), input_to_json(operation), request_id))


def method_of(operation: OperationInput) -> str:
    return METHOD_OF[Operation(type(operation).__name__)]


def answer_from(text: bytes | str, request_id: RequestId) -> Answer:
    """
    Raises:
        ValueError: no response to this request.
    """
    members = _object(text)
    # An error that tells of the message as a whole has no id (section 5).
    if members.get("id") != request_id and not ("error" in members and members["id"] is None):
        raise ValueError(f"no response to request {request_id}: {text[:200]!r}")
    if "error" in members:
        error = _error(members["error"])
        return Answer(f"error {members['error']['code']}", error=error)
    if not isinstance(members.get("result"), dict):
        raise ValueError(f"a response without a result: {text[:200]!r}")
    return Answer("result", result=members["result"])


def notice_from(text: bytes | str) -> Notice:
    """
    Raises:
        ValueError: no notification of a subscription.
    """
    members = _object(text)
    params = members.get("params")
    if not isinstance(params, dict) or not isinstance(params.get("subscription"), str):
        raise ValueError(f"no notification of a subscription: {text[:200]!r}")
    match members.get("method"):
        case NotificationName.EVENT:
            return Notice(params["subscription"], event=params["event"])
        case NotificationName.END:
            error = _error(params["error"]) if "error" in params else None
            return Notice(params["subscription"], error=error)
        case _:
            raise ValueError(f"an unknown notification: {text[:200]!r}")


def _object(text: bytes | str) -> dict[str, Any]:
    members = from_json(text)
    if not isinstance(members, dict) or members.get("jsonrpc") != "2.0":
        raise ValueError(f"no JSON-RPC 2.0 message: {text[:200]!r}")
    return members


def _error(error: Any) -> ReplyError:
    try:
        data = error["data"]
        code, detail, violations = data["code"], data["detail"], violations_from_json(data)
    except (KeyError, TypeError):
        raise ValueError(f"no error of this service: {error!r}") from None
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, detail, is_domain, violations)
