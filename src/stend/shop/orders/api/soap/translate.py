"""Elements of orders.xsd <-> inputs and results of the use cases. Pure.

The messages are those of `api/messages.py`, written as elements; only what SOAP adds is here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from lxml import etree

from stend.chassis.soap.members import Shape
from stend.chassis.soap.xml import parse
from stend.kit.errors import EdgeErrorCode, Violation
from stend.kit.json import JsonObject
from stend.shop.orders.api import messages
from stend.shop.orders.api.reply import ReplyError
from stend.shop.orders.domain import Order, OrderErrorCode, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

NAMESPACE = "urn:lavka:orders:v1"
GET_ORDER_EVENTS = "GetOrderEvents"
_ITEMS = {"lines": "line", "orders": "order", "events": "event"}
_SHAPE = Shape(
    NAMESPACE,
    items=_ITEMS,
    integers=frozenset({"quantity", "limit", "expected_version", "after_version", "wait_s"}),
)


@dataclass(frozen=True, slots=True)
class GetOrderEvents:
    """`wait_s`: how long to wait for the first event, where there is none yet."""

    track: TrackOrder
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class EventBatch:
    """`final`: no event follows these."""

    events: tuple[OrderEvent, ...]
    final: bool


# ---- what a server reads and writes ------------------------------------------------------------


def input_from(operation: Operation, message: etree._Element) -> OperationInput:
    """Of a message that is valid against the contract.

    Raises:
        StendError: INVALID_ARGUMENT, where the messages of every protocol are stricter than XML
            Schema can be, as about 24:00.
    """
    return messages.input_from_json(operation, _collapsed(_SHAPE.members(message)))


def events_request_from(message: etree._Element) -> GetOrderEvents:
    members = _SHAPE.members(message)
    wait_s = cast("int", members.pop("wait_s", 0))
    track = messages.input_from_json(Operation.TRACK_ORDER, members)
    return GetOrderEvents(cast("TrackOrder", track), wait_s)


def result_to(operation: Operation, result: messages.Result) -> str:
    members = messages.result_to_json(result)
    if isinstance(result, Order):
        members = {"order": members}
    given: JsonObject = {name: member for name, member in members.items() if member is not None}
    return _SHAPE.markup(f"{operation}Response", given)


def events_to(batch: EventBatch) -> str:
    events = [messages.event_to_json(event) for event in batch.events]
    members: JsonObject = {"events": [*events], "final": batch.final}
    return _SHAPE.markup(f"{GET_ORDER_EVENTS}Response", members)


def _collapsed(members: JsonObject) -> JsonObject:
    """White space around an xs:dateTime says nothing (XML Schema Part 2, section 4.3.6)."""
    slot = members.get("slot")
    if isinstance(slot, dict):
        members["slot"] = {name: str(moment).strip() for name, moment in slot.items()}
    return members


# ---- what a consumer sends, what zeep takes and gives ------------------------------------------


def request_markup(request: OperationInput) -> str:
    """The one element in the body of a request."""
    members = messages.input_to_json(request)
    given: JsonObject = {name: member for name, member in members.items() if member is not None}
    return _SHAPE.markup(operation_of(request), given)


def arguments_of(request: OperationInput) -> dict[str, Any]:
    """Keyword arguments of a call; a list is a member of its wrapper."""
    members: dict[str, Any] = {**messages.input_to_json(request)}
    if "lines" in members:
        members["lines"] = {"line": members["lines"]}
    return members


def operation_of(request: OperationInput) -> str:
    match request:
        case PlaceOrder():
            return Operation.PLACE_ORDER
        case GetOrder():
            return Operation.GET_ORDER
        case ListOrders():
            return Operation.LIST_ORDERS
        case CancelOrder():
            return Operation.CANCEL_ORDER
        case TrackOrder():
            return GET_ORDER_EVENTS


def placed_from(value: dict[str, Any]) -> PlacedOrder:
    return messages.placed_order_from_json(_plain(value))


def order_from(value: dict[str, Any]) -> Order:
    return messages.order_from_json(_plain(value))


def page_from(value: dict[str, Any]) -> OrderPage:
    return messages.page_from_json({"next_cursor": None, **_plain(value)})


def events_from(value: dict[str, Any]) -> EventBatch:
    members = _plain(value)
    events = tuple(messages.event_from_json(event) for event in members["events"])
    return EventBatch(events, members["final"])


def error_in(envelope: bytes) -> ReplyError | None:
    """The element `error` of a fault, in its detail or in a header of it; None without one.

    Raises:
        StendError: MALFORMED_MESSAGE.
    """
    element = next(parse(envelope).iter(f"{{{NAMESPACE}}}error"), None)
    return None if element is None else _error_of(element)


def _error_of(element: etree._Element) -> ReplyError:
    def text(of: etree._Element, name: str) -> str:
        return of.findtext(f"{{{NAMESPACE}}}{name}") or ""

    code = text(element, "code")
    found = tuple(
        Violation(text(one, "where"), text(one, "rule"))
        for one in element.iter(f"{{{NAMESPACE}}}violation")
    )
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, text(element, "detail"), is_domain, found)


def _plain(value: Any) -> Any:
    """Back to the JSON of `api/messages.py`: no wrappers, no None, moments as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, member in value.items():
        if name in _ITEMS:
            members[name] = _plain((member or {}).get(_ITEMS[name]) or [])
        elif member is not None:
            members[name] = _plain(member)
    return members
