"""The operations as JSON: what every protocol with JSON in it says the same way. Pure.

A protocol's own `translate.py` puts these objects where the protocol wants them: into a body and
headers, into `params` and `result`, into a frame or a record.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import from_json, to_json

from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.kit.json import JsonObject, JsonValue
from stend.kit.money import Currency, Money
from stend.shop.orders.domain import (
    ORDER_ID_PATTERN,
    SKU_PATTERN,
    Address,
    CartLine,
    Order,
    OrderEvent,
    OrderEventType,
    OrderLine,
    OrderStatus,
    Slot,
)
from stend.shop.orders.usecases import (
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
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

Result = PlacedOrder | Order | OrderPage | OrderEvent

# ---- fields and messages -----------------------------------------------------------------------


# Pydantic would also take seconds since 1970, dates without a time, times without seconds and a
# space for the T. Years outside of 2000 to 2199 cannot be meant and overflow when they are moved
# to UTC.
_RFC3339 = re.compile(
    r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _only_rfc3339(value: object) -> object:
    if not (isinstance(value, str) and _RFC3339.fullmatch(value)):
        raise ValueError("an RFC 3339 date-time with an offset, in the years 2000 to 2199")
    return value


def _integral(value: object) -> object:
    # 44.0 is an integer, too (JSON Schema 2020-12 Core, section 4.2.3), and "44" is not.
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Lax inside a strict model: strict would take a datetime only, and JSON has none.
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_only_rfc3339)]
ShortText = Annotated[str, Field(pattern="^[^\\x00-\\x1f\\x7f]{1,100}$")]
TinyText = Annotated[str, Field(pattern="^[^\\x00-\\x1f\\x7f]{1,16}$")]
LongText = Annotated[str, Field(pattern="^[^\\x00-\\x1f\\x7f]{1,280}$")]
OrderId = Annotated[str, Field(pattern=ORDER_ID_PATTERN)]
CustomerId = Annotated[str, Field(pattern="^cus_[0-9A-Za-z]{1,32}$")]
IdempotencyKey = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{8,64}$")]
Cursor = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{21}[AQgw]$")]
Limit = Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX)]
EventId = Annotated[int, Field(ge=0, le=2**31 - 1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _not_null(value: object) -> object:
    # The contract lets an optional member be absent, and never null.
    if value is None:
        raise ValueError("a value; leave the member out to send none")
    return value


class Message(BaseModel):
    # Strict: "2" is no integer and 1 is no text. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _CartLine(Message):
    sku: Annotated[str, Field(pattern=SKU_PATTERN)]
    # How many is a rule of the shop, which the domain keeps: over every protocol with one code.
    quantity: Annotated[int, BeforeValidator(_integral)]


class _Address(Message):
    city: ShortText
    street: ShortText
    house: TinyText
    flat: Annotated[TinyText | None, BeforeValidator(_not_null)] = None
    comment: Annotated[LongText | None, BeforeValidator(_not_null)] = None


class _Slot(Message):
    starts_at: Moment
    ends_at: Moment


class PlaceOrderBody(Message):
    customer_id: CustomerId
    lines: list[_CartLine]
    address: _Address
    slot: Annotated[_Slot | None, BeforeValidator(_not_null)] = None


class CancelOrderBody(Message):
    reason: Annotated[LongText | None, BeforeValidator(_not_null)] = None


class _PlaceOrderParams(PlaceOrderBody):
    idempotency_key: IdempotencyKey


class _GetOrderParams(Message):
    order_id: OrderId


class _ListOrdersParams(Message):
    customer_id: Annotated[CustomerId | None, BeforeValidator(_not_null)] = None
    # Lax inside a strict model: strict would take the enumeration's member only.
    status: Annotated[OrderStatus | None, Field(strict=False), BeforeValidator(_not_null)] = None
    limit: Annotated[Limit, BeforeValidator(_integral)] = PAGE_LIMIT_DEFAULT
    cursor: Annotated[Cursor | None, BeforeValidator(_not_null)] = None


class _CancelOrderParams(CancelOrderBody):
    order_id: OrderId
    expected_version: Annotated[
        Version | None, BeforeValidator(_integral), BeforeValidator(_not_null)
    ] = None


class _TrackOrderParams(Message):
    order_id: OrderId
    after_version: Annotated[EventId, BeforeValidator(_integral)] = 0


MessageT = TypeVar("MessageT", bound=Message)


# ---- requests ----------------------------------------------------------------------------------


def input_from_json(operation: Operation, params: bytes | JsonObject) -> OperationInput:
    """An operation's input from one JSON object with all its members.

    Args:
        params: the text of the object, or the object that a protocol's library has parsed.

    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    match operation:
        case Operation.PLACE_ORDER:
            place = parsed(_PlaceOrderParams, params)
            return place_order_of(place, place.idempotency_key)
        case Operation.GET_ORDER:
            return GetOrder(parsed(_GetOrderParams, params).order_id)
        case Operation.LIST_ORDERS:
            page = parsed(_ListOrdersParams, params)
            return ListOrders(page.customer_id, page.status, page.limit, page.cursor)
        case Operation.CANCEL_ORDER:
            cancel = parsed(_CancelOrderParams, params)
            return CancelOrder(cancel.order_id, cancel.reason, cancel.expected_version)
        case Operation.TRACK_ORDER:
            track = parsed(_TrackOrderParams, params)
            return TrackOrder(track.order_id, track.after_version)


def place_order_of(message: PlaceOrderBody, idempotency_key: str) -> PlaceOrder:
    return PlaceOrder(
        customer_id=message.customer_id,
        lines=tuple(CartLine(line.sku, line.quantity) for line in message.lines),
        address=Address(**message.address.model_dump()),
        idempotency_key=idempotency_key,
        slot=Slot(message.slot.starts_at, message.slot.ends_at) if message.slot else None,
    )


def input_to_json(request: OperationInput) -> JsonObject:
    """The object that `input_from_json` reads; what has its default is left out."""
    match request:
        case PlaceOrder():
            return {**place_order_to_json(request), "idempotency_key": request.idempotency_key}
        case GetOrder():
            return {"order_id": request.order_id}
        case ListOrders():
            limit = None if request.limit == PAGE_LIMIT_DEFAULT else request.limit
            return _given(
                customer_id=request.customer_id,
                status=request.status and request.status.value,
                limit=limit,
                cursor=request.cursor,
            )
        case CancelOrder():
            return _given(
                order_id=request.order_id,
                reason=request.reason,
                expected_version=request.expected_version,
            )
        case TrackOrder():
            return _given(order_id=request.order_id, after_version=request.after_version or None)


def _given(**members: str | int | None) -> JsonObject:
    return {name: value for name, value in members.items() if value is not None}


def place_order_to_json(operation: PlaceOrder) -> JsonObject:
    members: JsonObject = {
        "customer_id": operation.customer_id,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in operation.lines],
        "address": _address_to_json(operation.address),
    }
    if operation.slot:
        members["slot"] = _slot_to_json(operation.slot)
    return members


def parsed(kind: type[MessageT], message: bytes | JsonObject) -> MessageT:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    try:
        if isinstance(message, bytes):
            return kind.model_validate_json(message)
        return kind.model_validate(message)
    except ValidationError as error:
        raise refusal(error) from None


def refusal(error: ValidationError) -> StendError:
    """What pydantic found, in the words of the contract."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The message is not JSON.",
            value=found[0]["msg"].removeprefix("Invalid JSON: "),
            expected="one JSON text in UTF-8 (RFC 8259)",
            next_step="Check quotes, commas and brackets near that place.",
        )
    return invalid(tuple(Violation(pointer(item["loc"]), item["msg"]) for item in found))


def invalid(violations: tuple[Violation, ...]) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The message breaks the contract.",
        violations,
        "Compare these fields with the contract.",
    )


def pointer(location: tuple[int | str, ...]) -> str:
    """A JSON Pointer (RFC 6901): `/lines/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


# ---- results -----------------------------------------------------------------------------------


def result_to_json(result: Result) -> JsonObject:
    match result:
        case PlacedOrder():
            return {"order": order_to_json(result.order), "replayed": result.replayed}
        case Order():
            return order_to_json(result)
        case OrderPage():
            orders: list[JsonValue] = [order_to_json(order) for order in result.orders]
            return {"orders": orders, "next_cursor": result.next_cursor}
        case OrderEvent():
            return event_to_json(result)


def order_to_json(order: Order) -> JsonObject:
    members: JsonObject = {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": str(order.status),
        "version": order.version,
        "lines": [_line_to_json(line) for line in order.lines],
        "total": money_to_json(order.total),
        "address": _address_to_json(order.address),
        "slot": _slot_to_json(order.slot),
        "placed_at": rfc3339(order.placed_at),
        "updated_at": rfc3339(order.updated_at),
    }
    if order.reason is not None:
        members["reason"] = order.reason
    return members


def event_to_json(event: OrderEvent) -> JsonObject:
    members: JsonObject = {
        "order_id": event.order_id,
        "version": event.version,
        "type": str(event.type),
        "status": str(event.status),
        "occurred_at": rfc3339(event.occurred_at),
    }
    if event.reason is not None:
        members["reason"] = event.reason
    return members


def money_to_json(money: Money) -> JsonObject:
    return {"amount_minor": money.amount_minor, "currency": str(money.currency)}


def dump(members: JsonObject) -> bytes:
    return to_json(members)


def _line_to_json(line: OrderLine) -> JsonObject:
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": money_to_json(line.unit_price),
        "total": money_to_json(line.total),
    }


def _address_to_json(address: Address) -> JsonObject:
    members: JsonObject = {"city": address.city, "street": address.street, "house": address.house}
    if address.flat is not None:
        members["flat"] = address.flat
    if address.comment is not None:
        members["comment"] = address.comment
    return members


def _slot_to_json(slot: Slot) -> JsonObject:
    return {"starts_at": rfc3339(slot.starts_at), "ends_at": rfc3339(slot.ends_at)}


# ---- results, read again -----------------------------------------------------------------------


def json_from(body: bytes | str) -> dict[str, Any]:
    """
    Raises:
        ValueError: not a JSON object.
    """
    members = from_json(body)
    if not isinstance(members, dict):
        raise ValueError(f"expected a JSON object, got {type(members).__name__}")
    return members


def order_from_json(members: Mapping[str, Any]) -> Order:
    return Order(
        order_id=members["order_id"],
        customer_id=members["customer_id"],
        lines=tuple(
            OrderLine(line["sku"], line["quantity"], _money_from_json(line["unit_price"]))
            for line in members["lines"]
        ),
        address=Address(**members["address"]),
        slot=Slot(
            datetime.fromisoformat(members["slot"]["starts_at"]),
            datetime.fromisoformat(members["slot"]["ends_at"]),
        ),
        status=OrderStatus(members["status"]),
        version=members["version"],
        placed_at=datetime.fromisoformat(members["placed_at"]),
        updated_at=datetime.fromisoformat(members["updated_at"]),
        reason=members.get("reason"),
    )


def placed_order_from_json(members: Mapping[str, Any]) -> PlacedOrder:
    return PlacedOrder(order_from_json(members["order"]), members["replayed"])


def page_from_json(members: Mapping[str, Any]) -> OrderPage:
    orders = tuple(order_from_json(order) for order in members["orders"])
    return OrderPage(orders, members["next_cursor"])


def event_from_json(members: Mapping[str, Any]) -> OrderEvent:
    return OrderEvent(
        order_id=members["order_id"],
        version=members["version"],
        type=OrderEventType(members["type"]),
        status=OrderStatus(members["status"]),
        occurred_at=datetime.fromisoformat(members["occurred_at"]),
        reason=members.get("reason"),
    )


def _money_from_json(members: Mapping[str, Any]) -> Money:
    return Money(members["amount_minor"], Currency(members["currency"]))


# ---- errors ------------------------------------------------------------------------------------


def violations_from_json(problem: Mapping[str, Any]) -> tuple[Violation, ...]:
    return tuple(Violation(one["where"], one["rule"]) for one in problem.get("violations", []))
