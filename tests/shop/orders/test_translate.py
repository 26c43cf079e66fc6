"""What a client sends is what the server reads: every input, over every protocol."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from stend.chassis.grpc import parsed
from stend.kit.money import Money
from stend.shop.orders.api import messages
from stend.shop.orders.api.grpc import translate as grpc
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.api.rest import translate as rest
from stend.shop.orders.domain import (
    EVENT_OF,
    Address,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Slot,
)
from stend.shop.orders.usecases import (
    PAGE_LIMIT_DEFAULT,
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)
from tests.shop.orders.examples import HOME, a_request
from tests.shop.orders.strategies import (
    addresses,
    cursors,
    customer_ids,
    moments,
    operations,
    order_ids,
    skus,
    slots,
    texts,
)

versions = st.integers(1, 2**31 - 1)
orders = st.builds(
    Order,
    order_id=order_ids,
    customer_id=customer_ids,
    lines=st.lists(
        st.builds(
            OrderLine,
            sku=skus,
            quantity=st.integers(1, 99),
            unit_price=st.integers(1, 2**40).map(Money),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    address=addresses,
    slot=slots,
    status=st.sampled_from(OrderStatus),
    version=versions,
    placed_at=moments,
    updated_at=moments,
    reason=st.none() | texts(280),
)
events = st.builds(
    lambda order_id, version, status, moment, reason: OrderEvent(
        order_id, version, EVENT_OF[status], status, moment, reason
    ),
    order_ids,
    versions,
    st.sampled_from(OrderStatus),
    moments,
    st.none() | texts(280),
)


# ---- REST --------------------------------------------------------------------------------------


def read_by_rest(message: rest.HttpRequest) -> OperationInput:
    """What the server makes of a request; paths and headers as server.py binds them."""
    url = urlsplit(message.path)
    headers = dict(message.headers)
    body = message.body or b""
    parts = url.path.removeprefix(rest.ROOT).strip("/").split("/")
    if message.method == "POST" and parts == [""]:
        return rest.place_order_from(body, headers["Idempotency-Key"])
    if message.method == "POST":
        return rest.cancel_order_from(parts[0], body, headers.get("If-Match"))
    if parts == [""]:
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        status = OrderStatus(query["status"]) if "status" in query else None
        limit = int(query.get("limit", PAGE_LIMIT_DEFAULT))
        return ListOrders(query.get("customer_id"), status, limit, query.get("cursor"))
    if parts[1:] == ["events"]:
        return TrackOrder(parts[0], int(headers.get("Last-Event-ID", 0)))
    return GetOrder(parts[0])


@given(operation=operations)
def test_over_rest_the_server_reads_what_the_client_meant(operation: OperationInput) -> None:
    assert read_by_rest(rest.request_of(operation)) == operation


@given(order=orders)
def test_over_rest_the_client_reads_the_order_that_the_server_meant(order: Order) -> None:
    body = messages.dump(messages.order_to_json(order))
    assert messages.order_from_json(messages.json_from(body)) == order


@given(event=events)
def test_a_frame_of_the_stream_carries_its_event_on_one_line(event: OrderEvent) -> None:
    head, kind, data, *end = rest.event_frame(event).decode().split("\n")
    assert (head, kind, end) == (f"id: {event.version}", f"event: {event.type}", ["", ""])
    assert messages.event_from_json(messages.json_from(data.removeprefix("data: "))) == event


@given(page=st.builds(OrderPage, st.lists(orders, max_size=2).map(tuple), st.none() | cursors))
def test_the_next_page_keeps_filters_and_limit(page: OrderPage) -> None:
    request = ListOrders("cus_1", OrderStatus.PAID, 7, None)
    members = rest.page_to_json(page, request)
    assert ("next" in members) == (page.next_cursor is not None)
    if page.next_cursor:
        following = read_by_rest(rest.HttpRequest("GET", str(members["next"])))
        assert following == replace(request, cursor=page.next_cursor)


HTTP_REQUESTS: Mapping[str, tuple[OperationInput, rest.HttpRequest]] = {
    "get": (GetOrder("ord_1"), rest.HttpRequest("GET", "/api/v1/orders/ord_1")),
    "get-odd-id": (GetOrder("../a b"), rest.HttpRequest("GET", "/api/v1/orders/..%2Fa%20b")),
    "list": (ListOrders(), rest.HttpRequest("GET", "/api/v1/orders")),
    "list-filtered": (
        ListOrders("cus_1", OrderStatus.PAID, 5, "abc"),
        rest.HttpRequest("GET", "/api/v1/orders?customer_id=cus_1&status=paid&limit=5&cursor=abc"),
    ),
    "cancel": (
        CancelOrder("ord_1"),
        rest.HttpRequest("POST", "/api/v1/orders/ord_1/cancellation"),
    ),
    "cancel-version": (
        CancelOrder("ord_1", "no", 3),
        rest.HttpRequest(
            "POST",
            "/api/v1/orders/ord_1/cancellation",
            (("Content-Type", "application/json"), ("If-Match", '"3"')),
            b'{"reason":"no"}',
        ),
    ),
    "track": (
        TrackOrder("ord_1"),
        rest.HttpRequest("GET", "/api/v1/orders/ord_1/events", (("Accept", "text/event-stream"),)),
    ),
    "track-resumed": (
        TrackOrder("ord_1", 2),
        rest.HttpRequest(
            "GET",
            "/api/v1/orders/ord_1/events",
            (("Accept", "text/event-stream"), ("Last-Event-ID", "2")),
        ),
    ),
}


@pytest.mark.parametrize(("operation", "message"), HTTP_REQUESTS.values(), ids=HTTP_REQUESTS)
def test_an_operation_is_this_http_request(
    operation: OperationInput, message: rest.HttpRequest
) -> None:
    assert rest.request_of(operation) == message


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        ("*", True),
        ('"3"', True),
        ('W/"3"', True),
        ('"1", "3"', True),
        ('"1",W/"3" ', True),
        ('"1"', False),
        ("3", False),
        ('"33"', False),
        ("", False),
    ],
)
def test_if_none_match_compares_weakly(header: str, matches: bool) -> None:
    order = replace(_an_order(), version=3)
    assert rest.etag_listed(header, order) is matches


@pytest.mark.parametrize(
    ("location", "pointer"),
    [((), ""), (("lines", 0, "sku"), "/lines/0/sku"), (("a/b", "c~d"), "/a~1b/c~0d")],
)
def test_a_place_is_a_json_pointer(location: tuple[int | str, ...], pointer: str) -> None:
    assert messages.pointer(location) == pointer


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23t10:00:00z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T13:00:00+03:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T10:00:00.1234567Z", datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_every_form_of_a_moment_is_understood(text: str, moment: datetime) -> None:
    request = replace(a_request(), slot=None)
    body = rest.request_of(request).body or b""
    slot = b'{"slot":{"starts_at":"%s","ends_at":"%s"},' % (text.encode(), text.encode())
    read = rest.place_order_from(body.replace(b"{", slot, 1), request.idempotency_key)
    assert read.slot is not None
    assert (read.slot.starts_at, read.slot.ends_at) == (moment, moment)


# ---- gRPC --------------------------------------------------------------------------------------

CONTRACT = "orders.proto"
READ_BY_GRPC: Mapping[type[OperationInput], Callable[[bytes], OperationInput]] = {
    PlaceOrder: lambda raw: grpc.place_order_from(parsed(pb.PlaceOrderRequest, raw, CONTRACT)),
    GetOrder: lambda raw: grpc.get_order_from(parsed(pb.GetOrderRequest, raw, CONTRACT)),
    ListOrders: lambda raw: grpc.list_orders_from(parsed(pb.ListOrdersRequest, raw, CONTRACT)),
    CancelOrder: lambda raw: grpc.cancel_order_from(parsed(pb.CancelOrderRequest, raw, CONTRACT)),
    TrackOrder: lambda raw: grpc.track_order_from(parsed(pb.TrackOrderRequest, raw, CONTRACT)),
}


@given(operation=operations)
def test_over_grpc_the_server_reads_what_the_client_meant(operation: OperationInput) -> None:
    raw = grpc.to_message(operation).SerializeToString()
    assert READ_BY_GRPC[type(operation)](raw) == operation


@given(order=orders, replayed=st.booleans())
def test_over_grpc_the_client_reads_the_order_that_the_server_meant(
    order: Order, replayed: bool
) -> None:
    placed = PlacedOrder(order, replayed)
    raw = grpc.placed_to_proto(placed).SerializeToString()
    assert grpc.placed_from_proto(pb.PlaceOrderResponse.FromString(raw)) == placed


@given(page=st.builds(OrderPage, st.lists(orders, max_size=2).map(tuple), st.none() | cursors))
def test_over_grpc_a_page_stays_what_it_was(page: OrderPage) -> None:
    raw = grpc.page_to_proto(page).SerializeToString()
    assert grpc.page_from_proto(pb.ListOrdersResponse.FromString(raw)) == page


@given(event=events)
def test_over_grpc_an_event_stays_what_it_was(event: OrderEvent) -> None:
    raw = grpc.event_to_proto(event).SerializeToString()
    assert grpc.event_from_proto(pb.OrderEvent.FromString(raw)) == event


MESSAGES: Mapping[str, tuple[OperationInput, Message]] = {
    "get": (GetOrder("ord_1"), pb.GetOrderRequest(order_id="ord_1")),
    "list": (ListOrders(), pb.ListOrdersRequest(limit=20)),
    "list-filtered": (
        ListOrders("cus_1", OrderStatus.ON_THE_WAY, 5, "abc"),
        pb.ListOrdersRequest(
            customer_id="cus_1", status=pb.ORDER_STATUS_ON_THE_WAY, limit=5, cursor="abc"
        ),
    ),
    "cancel": (CancelOrder("ord_1"), pb.CancelOrderRequest(order_id="ord_1")),
    "cancel-version": (
        CancelOrder("ord_1", "no", 3),
        pb.CancelOrderRequest(order_id="ord_1", reason="no", expected_version=3),
    ),
    "track": (TrackOrder("ord_1", 2), pb.TrackOrderRequest(order_id="ord_1", after_version=2)),
}


@pytest.mark.parametrize(("operation", "message"), MESSAGES.values(), ids=MESSAGES)
def test_an_operation_is_this_message(operation: OperationInput, message: Message) -> None:
    assert grpc.to_message(operation) == message


def test_a_limit_of_zero_means_the_default() -> None:
    assert grpc.list_orders_from(pb.ListOrdersRequest()) == ListOrders()


def _an_order() -> Order:
    moment = datetime(2026, 11, 23, 10, tzinfo=UTC)
    return Order(
        order_id="ord_00000000000000000000000000",
        customer_id="cus_1",
        lines=(OrderLine("MILK-001", 1, Money(8990)),),
        address=Address(HOME.city, HOME.street, HOME.house),
        slot=Slot(moment, moment),
        status=OrderStatus.PLACED,
        version=1,
        placed_at=moment,
        updated_at=moment,
    )
