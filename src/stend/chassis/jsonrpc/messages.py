"""JSON-RPC 2.0 messages, without sockets: what a text asks for, and the text of an answer. Pure.

Source: jsonrpc.org/specification, whose sections are named below.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic_core import from_json, to_json

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue

VERSION = "2.0"
# Section 5.1: -32768 to -32000 are the protocol's, of which -32099 to -32000 are left to servers;
# everything else is the application's.
INVALID_REQUEST = -32600
EDGE_FAULTS: Mapping[StrEnum, int] = {
    EdgeErrorCode.MALFORMED_MESSAGE: -32700,
    EdgeErrorCode.NO_SUCH_OPERATION: -32601,
    EdgeErrorCode.INVALID_ARGUMENT: -32602,
    EdgeErrorCode.INTERNAL: -32603,
    # The last digits remind of HTTP: 4xx is -320xx, 5xx is 50 further.
    EdgeErrorCode.UNAUTHENTICATED: -32001,
    EdgeErrorCode.FORBIDDEN: -32003,
    EdgeErrorCode.METHOD_NOT_ALLOWED: -32005,
    EdgeErrorCode.MESSAGE_TOO_LARGE: -32013,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: -32015,
    EdgeErrorCode.OVERLOADED: -32029,
    EdgeErrorCode.UNAVAILABLE: -32053,
    EdgeErrorCode.DEADLINE_EXCEEDED: -32054,
}

RequestId = str | int | float | None
_MEMBERS = frozenset({"jsonrpc", "method", "params", "id"})


class InvalidRequestError(StendError):
    """JSON, and no Request object: -32600, where a text that is no JSON at all is -32700."""

    def __init__(self, what: str, value: str | None, expected: str) -> None:
        super().__init__(
            EdgeErrorCode.MALFORMED_MESSAGE,
            what,
            value=value,
            expected=expected,
            next_step="Section 4 of the JSON-RPC 2.0 specification has the members of a request.",
        )


@dataclass(frozen=True, slots=True)
class Request:
    """
    Attributes:
        params: an object by name, a list by position, None where there are none.
        is_notification: it has no `id`, and nobody waits for an answer (section 4.1).
    """

    method: str
    params: JsonObject | list[JsonValue] | None
    id: RequestId
    is_notification: bool


@dataclass(frozen=True, slots=True)
class Invalid:
    """What is answered in the place of a request; `id` is None where it cannot be told."""

    id: RequestId
    error: InvalidRequestError


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, or a batch (section 6), which is answered with an array."""

    items: tuple[Request | Invalid, ...]
    is_batch: bool


def read(text: bytes, batch_limit: int) -> Incoming:
    """
    Raises:
        StendError: MALFORMED_MESSAGE; InvalidRequestError for an empty or too large batch, and one
            in which two requests have one id, so that no answer could be told from the other.
    """
    message = _json(text)
    if not isinstance(message, list):
        return Incoming((_request(message),), is_batch=False)
    if not 1 <= len(message) <= batch_limit:
        raise InvalidRequestError(
            "A batch holds at least one request, and no more than this service reads at once.",
            f"{len(message)} requests",
            f"1 to {batch_limit} requests",
        )
    items = tuple(_request(one) for one in message)
    _check_ids(items)
    return Incoming(items, is_batch=True)


def named_params(request: Request) -> JsonObject:
    """
    Raises:
        StendError: INVALID_ARGUMENT for parameters by position.
    """
    match request.params:
        case None | []:
            return {}
        case dict():
            return request.params
        case _:
            raise StendError(
                EdgeErrorCode.INVALID_ARGUMENT,
                "This service takes parameters by name.",
                value=f"{len(request.params)} parameters by position",
                expected='"params" as an object',
                next_step="Send the names that the contract (rpc.discover) tells.",
            )


def result_of(request_id: RequestId, result: JsonValue) -> JsonObject:
    answer: JsonObject = {"jsonrpc": VERSION, "result": result, "id": request_id}
    return answer


def failure_of(request_id: RequestId, error: JsonObject) -> JsonObject:
    return {"jsonrpc": VERSION, "error": error, "id": request_id}


def notification_of(method: str, params: JsonObject) -> JsonObject:
    return {"jsonrpc": VERSION, "method": method, "params": params}


def request_of(method: str, params: JsonObject, request_id: RequestId) -> JsonObject:
    return {"jsonrpc": VERSION, "method": method, "params": params, "id": request_id}


def error_object(error: StendError, faults: Mapping[StrEnum, int]) -> JsonObject:
    """The error object (section 5.1); the stable code and every detail stand in its `data`."""
    number = INVALID_REQUEST if isinstance(error, InvalidRequestError) else faults[error.code]
    violations: list[JsonValue] = [
        {"where": one.where, "rule": one.rule} for one in error.violations
    ]
    data: JsonObject = {
        "code": error.code.value,
        "detail": error.detail,
        "value": error.value,
        "expected": error.expected,
        "next_step": error.next_step,
        "violations": violations,
    }
    told: JsonObject = {
        name: member for name, member in data.items() if member not in (None, "", [])
    }
    return {"code": number, "message": error.what, "data": told}


def dump(message: JsonObject | list[JsonObject]) -> bytes:
    return to_json(message)


def _json(text: bytes) -> Any:
    try:
        # Its parser refuses what is nested deeper than 200, and numbers of more than 4300 digits.
        # Of two members with one name the last counts, as RFC 8259, section 4, lets it.
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The message is not JSON.",
            value=str(error),
            expected="one JSON text in UTF-8 (RFC 8259), nested at most 200 deep",
            next_step="Check quotes, commas and brackets near that place.",
        ) from None


def _request(message: Any) -> Request | Invalid:
    request_id: RequestId = None
    try:
        if not isinstance(message, dict):
            raise InvalidRequestError(
                "A request is an object.", type(message).__name__, "a Request object"
            )
        request_id = _id_of(message)
        return Request(_method_of(message), _params_of(message), request_id, "id" not in message)
    except InvalidRequestError as error:
        return Invalid(request_id, error)


def _id_of(message: Mapping[str, Any]) -> RequestId:
    value = message.get("id")
    # Section 4: a fraction cannot be matched reliably. True is an int for Python only.
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise InvalidRequestError(
        "This cannot be the id of a request.",
        _shown(value),
        "a string, an integer or null",
    )


def _method_of(message: Mapping[str, Any]) -> str:
    if message.get("jsonrpc") != VERSION:
        raise InvalidRequestError(
            "The request is of another version of JSON-RPC.",
            _shown(message.get("jsonrpc")),
            f'"jsonrpc": "{VERSION}"',
        )
    unknown = [name for name in message if name not in _MEMBERS]
    if unknown:
        raise InvalidRequestError(
            "A request has no such member.", _shown(unknown[0]), ", ".join(sorted(_MEMBERS))
        )
    method = message.get("method")
    if not isinstance(method, str):
        raise InvalidRequestError(
            "The request names no method.", _shown(method), '"method" as a string'
        )
    return method


def _params_of(message: Mapping[str, Any]) -> JsonObject | list[JsonValue] | None:
    if "params" not in message:
        return None
    params: JsonValue = message["params"]
    if isinstance(params, dict | list):
        return params
    raise InvalidRequestError(
        "Parameters are an object or an array.", _shown(params), '"params" as an object'
    )


def _check_ids(items: Sequence[Request | Invalid]) -> None:
    # A number and a string are never one id: 1 is not "1".
    counted = Counter(
        item.id for item in items if isinstance(item, Request) and item.id is not None
    )
    for request_id, times in counted.items():
        if times > 1:
            raise InvalidRequestError(
                "Two requests of the batch have one id.", _shown(request_id), "an id for each"
            )


# As much of a value as a person looks at.
_SHOWN_CHARACTERS = 80


def _shown(value: Any) -> str:
    text = to_json(value, inf_nan_mode="constants").decode()
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
