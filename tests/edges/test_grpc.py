"""Bad messages at the gRPC port: a status with its reason, and the stand goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from tests.conftest import LiveStand
from tests.edges.raw import sent
from tests.shop.orders.examples import UNKNOWN_ORDER, fresh_ulid

SERVICE = "/lavka.orders.v1.Orders"
UNARY = ("PlaceOrder", "GetOrder", "ListOrders", "CancelOrder")
Code = grpc.StatusCode


@dataclass(frozen=True, slots=True)
class Refused:
    """`fields`: the broken ones, of the BadRequest detail."""

    code: grpc.StatusCode
    details: str
    reason: str | None
    fields: tuple[str, ...]


@pytest.fixture
def channel(live_stand: LiveStand) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(live_stand.grpc_target) as opened:
        yield opened
        listed = _call(opened, "ListOrders", pb.ListOrdersRequest(limit=1).SerializeToString())
        assert isinstance(listed, bytes)


def _call(channel: grpc.Channel, method: str, raw: bytes, timeout_s: float = 10) -> bytes | Refused:
    try:
        if method == "TrackOrder":
            stream: Any = channel.unary_stream(f"{SERVICE}/{method}")
            first: bytes = next(stream(raw, timeout=timeout_s))
            return first
        path = method if method.startswith("/") else f"{SERVICE}/{method}"
        unary: Any = channel.unary_unary(path)
        answer: bytes = unary(raw, timeout=timeout_s)
    except grpc.RpcError as error:
        return _refused(error)
    return answer


def _refused(error: Any) -> Refused:
    details = error.details() or ""
    assert "Traceback" not in details
    status = rpc_status.from_call(error)
    if status is None:
        return Refused(error.code(), details, None, ())
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        assert detail.Unpack(info) or detail.Unpack(request)
    assert info.domain == "lavka"
    fields = tuple(one.field for one in request.field_violations)
    return Refused(error.code(), details, info.reason, fields)


def refusal(channel: grpc.Channel, method: str, raw: bytes, timeout_s: float = 10) -> Refused:
    answer = _call(channel, method, raw, timeout_s)
    assert isinstance(answer, Refused), answer
    return answer


def an_order(**changes: object) -> pb.PlaceOrderRequest:
    fields: dict[str, object] = {
        "customer_id": "cus_0042",
        "lines": [pb.CartLine(sku="MILK-001", quantity=1)],
        "address": pb.Address(city="Москва", street="Лесная улица", house="7"),
        "idempotency_key": fresh_ulid(),
    }
    return pb.PlaceOrderRequest(**(fields | changes))  # type: ignore[arg-type]


def slot(seconds: int, nanos: int) -> pb.Slot:
    moment = Timestamp(seconds=seconds, nanos=nanos)
    return pb.Slot(starts_at=moment, ends_at=moment)


SLOT_FIELDS = ("slot.starts_at", "slot.ends_at")
IN_2026 = 1_795_000_000


@pytest.mark.parametrize("method", [*UNARY, "TrackOrder"])
@pytest.mark.parametrize(
    "raw", [b"\xff\xff\xff", b"\x0a\x05abc", b"\x0a\x01\xff", b"\x0b" * 10_000], ids=repr
)
def test_bytes_that_are_no_message_are_the_callers_fault(
    channel: grpc.Channel, method: str, raw: bytes
) -> None:
    refused = refusal(channel, method, raw)
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


@pytest.mark.parametrize(
    ("method", "message", "fields"),
    [
        ("PlaceOrder", pb.PlaceOrderRequest(), ("customer_id", "idempotency_key", "address.city")),
        ("PlaceOrder", an_order(idempotency_key="short"), ("idempotency_key",)),
        ("PlaceOrder", an_order(lines=[pb.CartLine(sku="x", quantity=1)]), ("lines.0.sku",)),
        (
            "PlaceOrder",
            an_order(address=pb.Address(city="a", street="b", house="\x00")),
            ("address.house",),
        ),
        ("PlaceOrder", an_order(slot=pb.Slot()), SLOT_FIELDS),
        ("PlaceOrder", an_order(slot=slot(10**17, 0)), SLOT_FIELDS),
        ("PlaceOrder", an_order(slot=slot(-(10**17), 0)), SLOT_FIELDS),
        ("PlaceOrder", an_order(slot=slot(IN_2026, -1)), SLOT_FIELDS),
        ("PlaceOrder", an_order(slot=slot(IN_2026, 10**9)), SLOT_FIELDS),
        ("GetOrder", pb.GetOrderRequest(), ("order_id",)),
        ("GetOrder", pb.GetOrderRequest(order_id=UNKNOWN_ORDER + "\n"), ("order_id",)),
        ("ListOrders", pb.ListOrdersRequest(limit=-1), ("limit",)),
        ("ListOrders", pb.ListOrdersRequest(limit=2**31 - 1), ("limit",)),
        ("ListOrders", pb.ListOrdersRequest(cursor="A" * 21 + "B"), ("cursor",)),
        ("ListOrders", pb.ListOrdersRequest(customer_id=""), ("customer_id",)),
        ("ListOrders", pb.ListOrdersRequest(status=99), ("status",)),  # type: ignore[arg-type]
        ("ListOrders", pb.ListOrdersRequest(status=-1), ("status",)),  # type: ignore[arg-type]
        ("CancelOrder", pb.CancelOrderRequest(order_id=UNKNOWN_ORDER, reason=""), ("reason",)),
        (
            "CancelOrder",
            pb.CancelOrderRequest(order_id=UNKNOWN_ORDER, expected_version=0),
            ("expected_version",),
        ),
        (
            "TrackOrder",
            pb.TrackOrderRequest(order_id=UNKNOWN_ORDER, after_version=-1),
            ("after_version",),
        ),
    ],
)
def test_a_broken_field_is_named(
    channel: grpc.Channel, method: str, message: pb.PlaceOrderRequest, fields: tuple[str, ...]
) -> None:
    refused = refusal(channel, method, message.SerializeToString())
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
    assert refused.fields[: len(fields)] == fields


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (an_order(lines=[]), ("lines",)),
        (an_order(lines=[pb.CartLine(sku="MILK-001", quantity=-1)]), ("lines.0.quantity",)),
        (an_order(lines=[pb.CartLine(sku="MILK-001", quantity=2**31 - 1)]), ("lines.0.quantity",)),
        (an_order(lines=[pb.CartLine(sku="MILK-001", quantity=1)] * 51), ("lines",)),
    ],
)
def test_a_cart_against_the_rules_names_its_field(
    channel: grpc.Channel, message: pb.PlaceOrderRequest, fields: tuple[str, ...]
) -> None:
    refused = refusal(channel, "PlaceOrder", message.SerializeToString())
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "INVALID_ORDER")
    assert refused.fields == fields


@pytest.mark.parametrize("sku", ["", "MILK-001"], ids=["bad-skus", "bad-quantities"])
def test_ten_thousand_broken_fields_still_fit_into_the_trailers(
    channel: grpc.Channel, sku: str
) -> None:
    message = an_order(lines=[pb.CartLine(sku=sku, quantity=0)] * 10_000)
    refused = refusal(channel, "PlaceOrder", message.SerializeToString())
    assert refused.code is Code.INVALID_ARGUMENT
    assert len(refused.fields) == 10
    assert "more" in refused.details


def test_a_message_of_20_mb_is_refused(channel: grpc.Channel) -> None:
    refused = refusal(channel, "GetOrder", b"\x0a" + b"\x00" * 20_000_000)
    assert refused.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("path", [f"{SERVICE}/DropOrders", "/lavka.Nothing/GetOrder"])
def test_an_unknown_method_is_unimplemented(channel: grpc.Channel, path: str) -> None:
    assert refusal(channel, path, b"").code is Code.UNIMPLEMENTED


def test_a_deadline_that_is_over_is_told(channel: grpc.Channel) -> None:
    raw = an_order().SerializeToString()
    assert refusal(channel, "PlaceOrder", raw, -1).code is Code.DEADLINE_EXCEEDED


def test_unknown_fields_are_skipped_as_proto3_demands(channel: grpc.Channel) -> None:
    unknown = b"\xfa\x3e\x03abc"
    answer = _call(channel, "PlaceOrder", an_order().SerializeToString() + unknown)
    assert isinstance(answer, bytes)
    assert pb.PlaceOrderResponse.FromString(answer).order.version == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
        b"\x00" * 1000,
    ],
    ids=["http1", "tls", "frames", "nul"],
)
def test_what_is_no_http2_is_closed(
    channel: grpc.Channel, live_stand: LiveStand, garbage: bytes
) -> None:
    assert b"Traceback" not in sent(live_stand.port_base + 1, [garbage])


_CALLERS_FAULTS = frozenset({Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.NOT_FOUND})


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=st.sampled_from([*UNARY, "TrackOrder"]), raw=st.binary(max_size=200))
def test_random_bytes_are_answered_or_the_callers_fault(
    channel: grpc.Channel, method: str, raw: bytes
) -> None:
    answer = _call(channel, method, raw)
    if isinstance(answer, Refused):
        assert answer.code in _CALLERS_FAULTS
        assert answer.reason


_texts = st.text(max_size=20) | st.just("MILK-001") | st.just("cus_0042") | st.just("key-key-key")


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    message=st.builds(
        pb.PlaceOrderRequest,
        customer_id=_texts,
        lines=st.lists(
            st.builds(
                pb.CartLine, sku=_texts, quantity=st.integers(-(2**31), 2**31 - 1) | st.just(1)
            ),
            max_size=3,
        ),
        address=st.builds(pb.Address, city=_texts, street=_texts, house=_texts, flat=_texts),
        slot=st.builds(slot, st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)),
        idempotency_key=_texts,
    )
)
def test_a_message_of_random_values_is_the_callers_fault(
    channel: grpc.Channel, message: pb.PlaceOrderRequest
) -> None:
    refused = refusal(channel, "PlaceOrder", message.SerializeToString())
    assert refused.code in _CALLERS_FAULTS | {Code.ALREADY_EXISTS}
    assert refused.reason
