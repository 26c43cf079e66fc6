"""The types of schema.graphql, results to them, arguments to inputs; a client's way back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from stend.kit.clock import rfc3339
from stend.kit.errors import StendError, Violation
from stend.kit.ids import to_token
from stend.kit.json import JsonObject, JsonValue
from stend.kit.money import Currency as CurrencyCode
from stend.kit.money import Money as Amount
from stend.shop.orders import domain
from stend.shop.orders.api import messages
from stend.shop.orders.api.graphql import stubs
from stend.shop.orders.usecases import (
    ORDER_ID_PREFIX,
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

# A double holds every integer up to here (RFC 8259, section 6), and JavaScript reads nothing else.
_LARGEST_EXACT = 2**53 - 1

DateTime = NewType("DateTime", str)
MinorUnits = NewType("MinorUnits", int)


def _date_time_from(value: object) -> str:
    # The form is checked with the other fields, so that all of them are told at once.
    if not isinstance(value, str):
        raise ValueError("DateTime is a text")
    return value


def _exact(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_EXACT:
        raise ValueError(f"MinorUnits is an integer of at most 53 bits, and not {value!r}")
    return value


def config() -> StrawberryConfig:
    return StrawberryConfig(
        scalar_map={
            DateTime: strawberry.scalar(
                name="DateTime",
                specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
                parse_value=_date_time_from,
            ),
            MinorUnits: strawberry.scalar(name="MinorUnits", serialize=_exact, parse_value=_exact),
        }
    )


# ---- the types of answers ----------------------------------------------------------------------

OrderStatus = strawberry.enum(domain.OrderStatus, name="OrderStatus")
OrderEventType = strawberry.enum(domain.OrderEventType, name="OrderEventType")
Currency = strawberry.enum(CurrencyCode, name="Currency")


@strawberry.enum
class Language(StrEnum):
    RU = "ru"
    EN = "en"


class ProductsContext(Protocol):
    """What `OrderLine.product` needs of the context: all lines of a request ask at once."""

    products: DataLoader[str, domain.Price | None]


@strawberry.type
class Money:
    amount_minor: MinorUnits
    currency: CurrencyCode


@strawberry.type
class Product:
    price: strawberry.Private[domain.Price]
    sku: strawberry.ID

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return self.price.title_ru if language is Language.RU else self.price.title_en


@strawberry.type
class OrderLine:
    sku: strawberry.ID
    quantity: int
    unit_price: Money
    total: Money

    @strawberry.field
    async def product(self, info: strawberry.Info[ProductsContext, None]) -> Product | None:
        price = await info.context.products.load(self.sku)
        return Product(price=price, sku=self.sku) if price else None


@strawberry.type
class Address:
    city: str
    street: str
    house: str
    flat: str | None
    comment: str | None


@strawberry.type
class Slot:
    starts_at: DateTime
    ends_at: DateTime


@strawberry.type
class Order:
    order_id: strawberry.ID
    customer_id: strawberry.ID
    status: domain.OrderStatus
    version: int
    lines: list[OrderLine]
    total: Money
    address: Address
    slot: Slot
    placed_at: DateTime
    updated_at: DateTime
    reason: str | None


@strawberry.type
class OrderEdge:
    cursor: str
    node: Order


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class OrderConnection:
    edges: list[OrderEdge]
    page_info: PageInfo


@strawberry.type
class PlaceOrderPayload:
    order: Order
    replayed: bool


@strawberry.type
class CancelOrderPayload:
    order: Order


@strawberry.type
class OrderEvent:
    order_id: strawberry.ID
    version: int
    type: domain.OrderEventType
    status: domain.OrderStatus
    occurred_at: DateTime
    reason: str | None


def order_of(order: domain.Order) -> Order:
    address = order.address
    return Order(
        order_id=strawberry.ID(order.order_id),
        customer_id=strawberry.ID(order.customer_id),
        status=order.status,
        version=order.version,
        lines=[
            OrderLine(
                sku=strawberry.ID(line.sku),
                quantity=line.quantity,
                unit_price=_money(line.unit_price),
                total=_money(line.total),
            )
            for line in order.lines
        ],
        total=_money(order.total),
        address=Address(
            city=address.city,
            street=address.street,
            house=address.house,
            flat=address.flat,
            comment=address.comment,
        ),
        slot=Slot(
            starts_at=DateTime(rfc3339(order.slot.starts_at)),
            ends_at=DateTime(rfc3339(order.slot.ends_at)),
        ),
        placed_at=DateTime(rfc3339(order.placed_at)),
        updated_at=DateTime(rfc3339(order.updated_at)),
        reason=order.reason,
    )


def connection_of(page: OrderPage) -> OrderConnection:
    edges = [OrderEdge(cursor=_cursor(order), node=order_of(order)) for order in page.orders]
    info = PageInfo(
        has_next_page=page.next_cursor is not None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return OrderConnection(edges=edges, page_info=info)


def event_of(event: domain.OrderEvent) -> OrderEvent:
    return OrderEvent(
        order_id=strawberry.ID(event.order_id),
        version=event.version,
        type=event.type,
        status=event.status,
        occurred_at=DateTime(rfc3339(event.occurred_at)),
        reason=event.reason,
    )


def _cursor(order: domain.Order) -> str:
    # Every edge has the cursor that the page would have if it ended there.
    return to_token(order.order_id.removeprefix(ORDER_ID_PREFIX))


def _money(amount: Amount) -> Money:
    return Money(amount_minor=MinorUnits(amount.amount_minor), currency=amount.currency)


# ---- arguments ---------------------------------------------------------------------------------


@strawberry.input
class CartLineInput:
    sku: strawberry.ID
    quantity: int


@strawberry.input
class AddressInput:
    city: str
    street: str
    house: str
    flat: str | None = strawberry.UNSET
    comment: str | None = strawberry.UNSET


@strawberry.input
class SlotInput:
    starts_at: DateTime
    ends_at: DateTime


@strawberry.input
class PlaceOrderInput:
    idempotency_key: strawberry.ID
    customer_id: strawberry.ID
    lines: list[CartLineInput]
    address: AddressInput
    slot: SlotInput | None = strawberry.UNSET


@strawberry.input
class CancelOrderInput:
    order_id: strawberry.ID
    reason: str | None = strawberry.UNSET
    expected_version: int | None = strawberry.UNSET


def input_of(operation: Operation, members: JsonObject) -> OperationInput:
    """A use-case input from arguments under their canonical names; null means absent.

    Raises:
        StendError: INVALID_ARGUMENT, its places in the names of the schema.
    """
    given: JsonObject = {name: one for name, one in members.items() if one is not None}
    try:
        return messages.input_from_json(operation, given)
    except StendError as error:
        raise messages.invalid(
            tuple(Violation(_schema_place(one.where), one.rule) for one in error.violations)
        ) from None


def place_order_members(message: PlaceOrderInput) -> JsonObject:
    address = message.address
    optional = {"flat": address.flat, "comment": address.comment}
    members: JsonObject = {
        "idempotency_key": message.idempotency_key,
        "customer_id": message.customer_id,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in message.lines],
        "address": {
            "city": address.city,
            "street": address.street,
            "house": address.house,
            **{name: text for name, text in optional.items() if _given(text) is not None},
        },
    }
    if message.slot:
        slot: JsonValue = {"starts_at": message.slot.starts_at, "ends_at": message.slot.ends_at}
        members["slot"] = slot
    return members


def cancel_order_members(message: CancelOrderInput) -> JsonObject:
    return {
        "order_id": message.order_id,
        "reason": _given(message.reason),
        "expected_version": _given(message.expected_version),
    }


def list_orders_members(
    customer_id: str | None, status: domain.OrderStatus | None, first: int, after: str | None
) -> JsonObject:
    wanted = _given(status)
    return {
        "customer_id": _given(customer_id),
        "status": wanted and wanted.value,
        "limit": first,
        "cursor": _given(after),
    }


def _given(value: Any) -> Any:
    return None if value is strawberry.UNSET else value


# ---- names -------------------------------------------------------------------------------------

# Relay's words for what is canonically a limit and a cursor; the others differ in their case only.
_SCHEMA_NAMES: Mapping[str, str] = {
    "limit": "first",
    "cursor": "after",
    "customer_id": "customerId",
    "order_id": "orderId",
    "idempotency_key": "idempotencyKey",
    "expected_version": "expectedVersion",
    "after_version": "afterVersion",
    "starts_at": "startsAt",
    "ends_at": "endsAt",
}
_CANONICAL_NAMES = {schema: canonical for canonical, schema in _SCHEMA_NAMES.items()}


def _schema_place(where: str) -> str:
    return "/".join(_SCHEMA_NAMES.get(name, name) for name in where.split("/"))


def canonical_place(where: str) -> str:
    return "/".join(_CANONICAL_NAMES.get(name, name) for name in where.split("/"))


# ---- client: documents and answers -------------------------------------------------------------


def request_of(operation: OperationInput) -> JsonObject:
    """The parameters of the request that performs an operation."""
    match operation:
        case PlaceOrder():
            variables: JsonObject = {"input": _schema_members(messages.input_to_json(operation))}
            return _request(Operation.PLACE_ORDER, stubs.PLACE_ORDER, variables)
        case GetOrder():
            return _request(Operation.GET_ORDER, stubs.GET_ORDER, {"orderId": operation.order_id})
        case ListOrders():
            variables = {
                "customerId": operation.customer_id,
                "status": operation.status and operation.status.name,
                "first": operation.limit,
                "after": operation.cursor,
            }
            given: JsonObject = {
                name: value for name, value in variables.items() if value is not None
            }
            return _request(Operation.LIST_ORDERS, stubs.LIST_ORDERS, given)
        case CancelOrder():
            variables = {"input": _schema_members(messages.input_to_json(operation))}
            return _request(Operation.CANCEL_ORDER, stubs.CANCEL_ORDER, variables)
        case TrackOrder():
            variables = {"orderId": operation.order_id, "afterVersion": operation.after_version}
            return _request(Operation.TRACK_ORDER, stubs.TRACK_ORDER, variables)


def _request(operation: Operation, document: str, variables: JsonObject) -> JsonObject:
    return {"query": document, "operationName": operation.value, "variables": variables}


def _schema_members(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _SCHEMA_NAMES.get(name, name): _schema_members(member) for name, member in value.items()
        }
    if isinstance(value, list):
        return [_schema_members(member) for member in value]
    return value


def order_from(node: Mapping[str, Any]) -> domain.Order:
    return domain.Order(
        order_id=node["orderId"],
        customer_id=node["customerId"],
        lines=tuple(
            domain.OrderLine(line["sku"], line["quantity"], _amount_from(line["unitPrice"]))
            for line in node["lines"]
        ),
        address=domain.Address(**node["address"]),
        slot=domain.Slot(
            datetime.fromisoformat(node["slot"]["startsAt"]),
            datetime.fromisoformat(node["slot"]["endsAt"]),
        ),
        status=domain.OrderStatus[node["status"]],
        version=node["version"],
        placed_at=datetime.fromisoformat(node["placedAt"]),
        updated_at=datetime.fromisoformat(node["updatedAt"]),
        reason=node["reason"],
    )


def placed_from(data: Mapping[str, Any]) -> PlacedOrder:
    payload = data["placeOrder"]
    return PlacedOrder(order_from(payload["order"]), payload["replayed"])


def page_from(data: Mapping[str, Any]) -> OrderPage:
    connection = data["orders"]
    orders = tuple(order_from(edge["node"]) for edge in connection["edges"])
    info = connection["pageInfo"]
    return OrderPage(orders, info["endCursor"] if info["hasNextPage"] else None)


def event_from(data: Mapping[str, Any]) -> domain.OrderEvent:
    event = data["orderEvents"]
    return domain.OrderEvent(
        order_id=event["orderId"],
        version=event["version"],
        type=domain.OrderEventType[event["type"]],
        status=domain.OrderStatus[event["status"]],
        occurred_at=datetime.fromisoformat(event["occurredAt"]),
        reason=event["reason"],
    )


def _amount_from(money: Mapping[str, Any]) -> Amount:
    return Amount(money["amountMinor"], CurrencyCode[money["currency"]])
