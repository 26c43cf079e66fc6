"""HTTP messages to use-case inputs and back, for both sides of the wire. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

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
    OperationInput,
    OrderPage,
    PlaceOrder,
    TrackOrder,
)

ROOT = "/api/v1/orders"
JSON_MEDIA_TYPE = "application/json"
EVENT_STREAM_MEDIA_TYPE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`path` with its query; `body` is None where the method carries none."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


# ---- the messages of openapi.yaml --------------------------------------------------------------


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
IfMatch = Annotated[str, Field(pattern='^(\\*|"[1-9][0-9]{0,8}")$')]


def _not_null(value: object) -> object:
    # The contract lets an optional member be absent, and never null.
    if value is None:
        raise ValueError("a value; leave the member out to send none")
    return value


class _Message(BaseModel):
    # Strict: "2" is no integer and 1 is no text. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _CartLine(_Message):
    sku: Annotated[str, Field(pattern=SKU_PATTERN)]
    # How many is a rule of the shop, which the domain keeps: over every protocol with one code.
    quantity: Annotated[int, BeforeValidator(_integral)]


class _Address(_Message):
    city: ShortText
    street: ShortText
    house: TinyText
    flat: Annotated[TinyText | None, BeforeValidator(_not_null)] = None
    comment: Annotated[LongText | None, BeforeValidator(_not_null)] = None


class _Slot(_Message):
    starts_at: Moment
    ends_at: Moment


class _PlaceOrderRequest(_Message):
    customer_id: CustomerId
    lines: list[_CartLine]
    address: _Address
    slot: Annotated[_Slot | None, BeforeValidator(_not_null)] = None


class _CancelOrderRequest(_Message):
    reason: Annotated[LongText | None, BeforeValidator(_not_null)] = None


MessageT = TypeVar("MessageT", bound=_Message)


# ---- server: requests in -----------------------------------------------------------------------


def place_order_from(body: bytes, idempotency_key: str) -> PlaceOrder:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    message = _parsed(_PlaceOrderRequest, body)
    return PlaceOrder(
        customer_id=message.customer_id,
        lines=tuple(CartLine(line.sku, line.quantity) for line in message.lines),
        address=Address(**message.address.model_dump()),
        idempotency_key=idempotency_key,
        slot=Slot(message.slot.starts_at, message.slot.ends_at) if message.slot else None,
    )


def cancel_order_from(order_id: str, body: bytes, if_match: str | None) -> CancelOrder:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    reason = _parsed(_CancelOrderRequest, body).reason if body else None
    version = None if if_match in (None, "*") else int(if_match.strip('"'))
    return CancelOrder(order_id, reason, version)


def _parsed(kind: type[MessageT], body: bytes) -> MessageT:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error) from None


def refusal(error: ValidationError) -> StendError:
    """What pydantic found, in the words of the contract."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The body is not JSON.",
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
        "Compare these fields with openapi.yaml at /docs.",
    )


def pointer(location: tuple[int | str, ...]) -> str:
    """A JSON Pointer (RFC 6901): `/lines/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


# ---- server: answers out -----------------------------------------------------------------------


def etag(order: Order) -> str:
    return f'"{order.version}"'


def etag_listed(if_none_match: str, order: Order) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110, section 13.1.2)."""
    wanted = etag(order)
    listed = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", wanted) for one in listed)


def location(order: Order) -> str:
    return f"{ROOT}/{order.order_id}"


def money_to_json(money: Money) -> dict[str, Any]:
    return {"amount_minor": money.amount_minor, "currency": money.currency.value}


def order_to_json(order: Order) -> dict[str, Any]:
    members = {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": order.status.value,
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


def page_to_json(page: OrderPage, request: ListOrders) -> dict[str, Any]:
    members: dict[str, Any] = {"items": [order_to_json(order) for order in page.orders]}
    if page.next_cursor:
        members["next"] = next_path(page.next_cursor, request)
    return members


def next_path(cursor: str, request: ListOrders) -> str:
    return _list_path(ListOrders(request.customer_id, request.status, request.limit, cursor))


def event_to_json(event: OrderEvent) -> dict[str, Any]:
    members: dict[str, Any] = {
        "order_id": event.order_id,
        "version": event.version,
        "type": event.type.value,
        "status": event.status.value,
        "occurred_at": rfc3339(event.occurred_at),
    }
    if event.reason is not None:
        members["reason"] = event.reason
    return members


def event_frame(event: OrderEvent) -> bytes:
    """One event of the stream (HTML Living Standard, section 9.2.6)."""
    data = to_json(event_to_json(event))
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.version, event.type.encode(), data)


def dump(members: dict[str, Any]) -> bytes:
    return to_json(members)


def _line_to_json(line: OrderLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": money_to_json(line.unit_price),
        "total": money_to_json(line.total),
    }


def _address_to_json(address: Address) -> dict[str, Any]:
    members = {"city": address.city, "street": address.street, "house": address.house}
    if address.flat is not None:
        members["flat"] = address.flat
    if address.comment is not None:
        members["comment"] = address.comment
    return members


def _slot_to_json(slot: Slot) -> dict[str, Any]:
    return {"starts_at": rfc3339(slot.starts_at), "ends_at": rfc3339(slot.ends_at)}


# ---- client: requests out ----------------------------------------------------------------------


def request_of(operation: OperationInput) -> HttpRequest:
    """The HTTP request that performs an operation."""
    match operation:
        case PlaceOrder():
            headers = (("Content-Type", JSON_MEDIA_TYPE),)
            keyed = (*headers, ("Idempotency-Key", operation.idempotency_key))
            return HttpRequest("POST", ROOT, keyed, to_json(_place_order_to_json(operation)))
        case GetOrder():
            return HttpRequest("GET", _order_path(operation.order_id))
        case ListOrders():
            return HttpRequest("GET", _list_path(operation))
        case CancelOrder():
            return _cancel_request(operation)
        case TrackOrder():
            seen = operation.after_version
            resume = (("Last-Event-ID", str(seen)),) if seen else ()
            headers = (("Accept", EVENT_STREAM_MEDIA_TYPE), *resume)
            return HttpRequest("GET", _order_path(operation.order_id) + "/events", headers)


def _order_path(order_id: str) -> str:
    return f"{ROOT}/{quote(order_id, safe='')}"


def _list_path(request: ListOrders) -> str:
    query = {
        "customer_id": request.customer_id,
        "status": request.status,
        "limit": None if request.limit == PAGE_LIMIT_DEFAULT else request.limit,
        "cursor": request.cursor,
    }
    given = {name: value for name, value in query.items() if value is not None}
    return f"{ROOT}?{urlencode(given)}" if given else ROOT


def _cancel_request(operation: CancelOrder) -> HttpRequest:
    version = operation.expected_version
    headers: tuple[tuple[str, str], ...] = (
        () if version is None else (("If-Match", f'"{version}"'),)
    )
    body = None
    if operation.reason is not None:
        headers = (("Content-Type", JSON_MEDIA_TYPE), *headers)
        body = to_json({"reason": operation.reason})
    path = _order_path(operation.order_id) + "/cancellation"
    return HttpRequest("POST", path, headers, body)


def _place_order_to_json(operation: PlaceOrder) -> dict[str, Any]:
    members = {
        "customer_id": operation.customer_id,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in operation.lines],
        "address": _address_to_json(operation.address),
    }
    if operation.slot:
        members["slot"] = _slot_to_json(operation.slot)
    return members


# ---- client: answers in ------------------------------------------------------------------------


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


def event_from_json(members: Mapping[str, Any]) -> OrderEvent:
    return OrderEvent(
        order_id=members["order_id"],
        version=members["version"],
        type=OrderEventType(members["type"]),
        status=OrderStatus(members["status"]),
        occurred_at=datetime.fromisoformat(members["occurred_at"]),
        reason=members.get("reason"),
    )


def violations_from_json(problem: Mapping[str, Any]) -> tuple[Violation, ...]:
    return tuple(Violation(one["where"], one["rule"]) for one in problem.get("violations", []))


def _money_from_json(members: Mapping[str, Any]) -> Money:
    return Money(members["amount_minor"], Currency(members["currency"]))
