"""Protobuf messages to use-case inputs and back, for both sides of the wire. Pure.

Differences from REST: proto3 has no required fields, so presence and patterns are checked here;
unknown fields are kept and skipped, as proto3 demands for compatibility (Language Guide, Unknown
Fields), where JSON refuses them.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from stend.kit.errors import EdgeErrorCode, Violation, broken_rules
from stend.kit.money import Currency, Money
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
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
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

SERVICE = pb.DESCRIPTOR.services_by_name["Orders"].full_name

_TEXT_100 = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_TEXT_16 = re.compile(r"[^\x00-\x1f\x7f]{1,16}")
_TEXT_280 = re.compile(r"[^\x00-\x1f\x7f]{1,280}")
_ORDER_ID = re.compile(ORDER_ID_PATTERN)
_SKU = re.compile(SKU_PATTERN)
_CUSTOMER_ID = re.compile(r"cus_[0-9A-Za-z]{1,32}")
_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CURSOR = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
# The same bounds as in REST: no other year can be meant.
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_LAST_MOMENT = datetime(2200, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STATUS_TO_PROTO = {
    status: pb.OrderStatus.Value(f"ORDER_STATUS_{status.name}") for status in OrderStatus
}
_STATUS_FROM_PROTO = {number: status for status, number in _STATUS_TO_PROTO.items()}
_TYPE_TO_PROTO = {
    kind: pb.OrderEventType.Value(f"ORDER_EVENT_TYPE_{kind.name}") for kind in OrderEventType
}
_TYPE_FROM_PROTO = {number: kind for kind, number in _TYPE_TO_PROTO.items()}


# ---- server: requests in -----------------------------------------------------------------------


def place_order_from(message: pb.PlaceOrderRequest) -> PlaceOrder:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    address = message.address
    flat = address.flat if address.HasField("flat") else None
    comment = address.comment if address.HasField("comment") else None
    _refuse(
        [
            *_mismatch("customer_id", _CUSTOMER_ID, message.customer_id),
            *_mismatch("idempotency_key", _IDEMPOTENCY_KEY, message.idempotency_key),
            *_mismatch("address.city", _TEXT_100, address.city),
            *_mismatch("address.street", _TEXT_100, address.street),
            *_mismatch("address.house", _TEXT_16, address.house),
            *_mismatch("address.flat", _TEXT_16, flat),
            *_mismatch("address.comment", _TEXT_280, comment),
            *_sku_mismatches(message.lines),
            *_slot_violations(message),
        ]
    )
    return PlaceOrder(
        customer_id=message.customer_id,
        lines=tuple(CartLine(line.sku, line.quantity) for line in message.lines),
        address=Address(address.city, address.street, address.house, flat, comment),
        idempotency_key=message.idempotency_key,
        slot=_slot_from(message.slot) if message.HasField("slot") else None,
    )


def get_order_from(message: pb.GetOrderRequest) -> GetOrder:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    _refuse(_mismatch("order_id", _ORDER_ID, message.order_id))
    return GetOrder(message.order_id)


def list_orders_from(message: pb.ListOrdersRequest) -> ListOrders:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    customer_id = message.customer_id if message.HasField("customer_id") else None
    cursor = message.cursor if message.HasField("cursor") else None
    limit = message.limit or PAGE_LIMIT_DEFAULT
    broken = [
        *_mismatch("customer_id", _CUSTOMER_ID, customer_id),
        *_mismatch("cursor", _CURSOR, cursor),
    ]
    if not 1 <= limit <= PAGE_LIMIT_MAX:
        broken.append(Violation("limit", f"1 to {PAGE_LIMIT_MAX}, or 0 for {PAGE_LIMIT_DEFAULT}"))
    # proto3 enums are open: a number that this .proto does not know arrives as it is.
    if message.status and message.status not in _STATUS_FROM_PROTO:
        broken.append(Violation("status", "a value of OrderStatus"))
    _refuse(broken)
    status = _STATUS_FROM_PROTO[message.status] if message.status else None
    return ListOrders(customer_id, status, limit, cursor)


def cancel_order_from(message: pb.CancelOrderRequest) -> CancelOrder:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    reason = message.reason if message.HasField("reason") else None
    version = message.expected_version if message.HasField("expected_version") else None
    broken = [
        *_mismatch("order_id", _ORDER_ID, message.order_id),
        *_mismatch("reason", _TEXT_280, reason),
    ]
    if version is not None and version < 1:
        broken.append(Violation("expected_version", "1 or more"))
    _refuse(broken)
    return CancelOrder(message.order_id, reason, version)


def track_order_from(message: pb.TrackOrderRequest) -> TrackOrder:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    broken = _mismatch("order_id", _ORDER_ID, message.order_id)
    if message.after_version < 0:
        broken.append(Violation("after_version", "0 or more"))
    _refuse(broken)
    return TrackOrder(message.order_id, message.after_version)


def _mismatch(where: str, pattern: re.Pattern[str], text: str | None) -> list[Violation]:
    if text is None or pattern.fullmatch(text):
        return []
    return [Violation(where, f"a text that matches {pattern.pattern}")]


def _sku_mismatches(lines: Iterable[pb.CartLine]) -> list[Violation]:
    return [
        violation
        for number, line in enumerate(lines)
        for violation in _mismatch(f"lines.{number}.sku", _SKU, line.sku)
    ]


def _slot_violations(message: pb.PlaceOrderRequest) -> list[Violation]:
    if not message.HasField("slot"):
        return []
    ends = {"slot.starts_at": message.slot.starts_at, "slot.ends_at": message.slot.ends_at}
    return [
        Violation(where, "a moment in the years 2000 to 2199")
        for where, moment in ends.items()
        if not _FIRST_MOMENT.timestamp() <= moment.seconds < _LAST_MOMENT.timestamp()
        or not 0 <= moment.nanos < 10**9
    ]


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise broken_rules(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The message breaks the contract.",
            violations,
            "Compare these fields with orders.proto.",
        )


# ---- server: answers out -----------------------------------------------------------------------


def order_to_proto(order: Order) -> pb.Order:
    return pb.Order(
        order_id=order.order_id,
        customer_id=order.customer_id,
        status=_STATUS_TO_PROTO[order.status],
        version=order.version,
        lines=[_line_to_proto(line) for line in order.lines],
        total=_money_to_proto(order.total),
        address=_address_to_proto(order.address),
        slot=_slot_to_proto(order.slot),
        placed_at=_timestamp(order.placed_at),
        updated_at=_timestamp(order.updated_at),
        reason=order.reason,
    )


def placed_to_proto(placed: PlacedOrder) -> pb.PlaceOrderResponse:
    return pb.PlaceOrderResponse(order=order_to_proto(placed.order), replayed=placed.replayed)


def page_to_proto(page: OrderPage) -> pb.ListOrdersResponse:
    orders = [order_to_proto(order) for order in page.orders]
    return pb.ListOrdersResponse(orders=orders, next_cursor=page.next_cursor)


def event_to_proto(event: OrderEvent) -> pb.OrderEvent:
    return pb.OrderEvent(
        order_id=event.order_id,
        version=event.version,
        type=_TYPE_TO_PROTO[event.type],
        status=_STATUS_TO_PROTO[event.status],
        occurred_at=_timestamp(event.occurred_at),
        reason=event.reason,
    )


def _line_to_proto(line: OrderLine) -> pb.OrderLine:
    return pb.OrderLine(
        sku=line.sku,
        quantity=line.quantity,
        unit_price=_money_to_proto(line.unit_price),
        total=_money_to_proto(line.total),
    )


def _money_to_proto(money: Money) -> pb.Money:
    return pb.Money(amount_minor=money.amount_minor, currency=money.currency)


def _address_to_proto(address: Address) -> pb.Address:
    return pb.Address(
        city=address.city,
        street=address.street,
        house=address.house,
        flat=address.flat,
        comment=address.comment,
    )


def _slot_to_proto(slot: Slot) -> pb.Slot:
    return pb.Slot(starts_at=_timestamp(slot.starts_at), ends_at=_timestamp(slot.ends_at))


def _timestamp(moment: datetime) -> Timestamp:
    # Timestamp.FromDatetime does the same in four times the time, and an order has four of them.
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


# ---- client: requests out ----------------------------------------------------------------------


def to_message(operation: OperationInput) -> Message:
    """The request message that performs an operation."""
    match operation:
        case PlaceOrder():
            return pb.PlaceOrderRequest(
                customer_id=operation.customer_id,
                lines=[
                    pb.CartLine(sku=line.sku, quantity=line.quantity) for line in operation.lines
                ],
                address=_address_to_proto(operation.address),
                slot=_slot_to_proto(operation.slot) if operation.slot else None,
                idempotency_key=operation.idempotency_key,
            )
        case GetOrder():
            return pb.GetOrderRequest(order_id=operation.order_id)
        case ListOrders():
            return pb.ListOrdersRequest(
                customer_id=operation.customer_id,
                status=_STATUS_TO_PROTO[operation.status]
                if operation.status
                else pb.ORDER_STATUS_UNSPECIFIED,
                limit=operation.limit,
                cursor=operation.cursor,
            )
        case CancelOrder():
            return pb.CancelOrderRequest(
                order_id=operation.order_id,
                reason=operation.reason,
                expected_version=operation.expected_version,
            )
        case TrackOrder():
            return pb.TrackOrderRequest(
                order_id=operation.order_id, after_version=operation.after_version
            )


# ---- client: answers in ------------------------------------------------------------------------


def placed_from_proto(message: pb.PlaceOrderResponse) -> PlacedOrder:
    return PlacedOrder(order_from_proto(message.order), message.replayed)


def page_from_proto(message: pb.ListOrdersResponse) -> OrderPage:
    cursor = message.next_cursor if message.HasField("next_cursor") else None
    return OrderPage(tuple(order_from_proto(order) for order in message.orders), cursor)


def order_from_proto(message: pb.Order) -> Order:
    address = message.address
    return Order(
        order_id=message.order_id,
        customer_id=message.customer_id,
        lines=tuple(
            OrderLine(line.sku, line.quantity, _money_from(line.unit_price))
            for line in message.lines
        ),
        address=Address(
            address.city,
            address.street,
            address.house,
            address.flat if address.HasField("flat") else None,
            address.comment if address.HasField("comment") else None,
        ),
        slot=_slot_from(message.slot),
        status=_STATUS_FROM_PROTO[message.status],
        version=message.version,
        placed_at=_moment(message.placed_at),
        updated_at=_moment(message.updated_at),
        reason=message.reason if message.HasField("reason") else None,
    )


def event_from_proto(message: pb.OrderEvent) -> OrderEvent:
    return OrderEvent(
        order_id=message.order_id,
        version=message.version,
        type=_TYPE_FROM_PROTO[message.type],
        status=_STATUS_FROM_PROTO[message.status],
        occurred_at=_moment(message.occurred_at),
        reason=message.reason if message.HasField("reason") else None,
    )


def _slot_from(message: pb.Slot) -> Slot:
    return Slot(_moment(message.starts_at), _moment(message.ends_at))


def _moment(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)


def _money_from(message: pb.Money) -> Money:
    return Money(message.amount_minor, Currency(message.currency))
