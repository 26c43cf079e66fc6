"""A form asks for what the contract asks for, and its examples make an order."""

import pytest

from stend.chassis.grpc import parsed
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.api.forms import FieldKind, FormField, grpc_form, rest_form
from stend.shop.orders.api.grpc import translate as grpc
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb
from stend.shop.orders.api.rest import translate as rest
from stend.shop.orders.domain import Address, CartLine, OrderStatus, Slot
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    PlaceOrder,
    TrackOrder,
)

FIELDS = {
    Operation.PLACE_ORDER: {
        "idempotency_key",
        "customer_id",
        "lines.0.sku",
        "lines.0.quantity",
        "lines.1.sku",
        "lines.1.quantity",
        "address.city",
        "address.street",
        "address.house",
        "address.flat",
        "address.comment",
        "slot.starts_at",
        "slot.ends_at",
    },
    Operation.GET_ORDER: {"order_id"},
    Operation.LIST_ORDERS: {"customer_id", "status", "limit", "cursor"},
    Operation.CANCEL_ORDER: {"order_id", "expected_version", "reason"},
    Operation.TRACK_ORDER: {"order_id", "after_version"},
}
OPTIONAL_OF_PLACING = {"address.flat", "address.comment", "slot.starts_at", "slot.ends_at"}
WHOLE = {
    field.path: field.example
    for field in rest_form(Operation.PLACE_ORDER)
    if field.required and field.example
} | {"idempotency_key": "key-key-key"}


def by_path(form: tuple[FormField, ...]) -> dict[str, FormField]:
    return {field.path: field for field in form}


@pytest.mark.parametrize("operation", Operation)
def test_both_contracts_ask_for_the_same_fields(operation: Operation) -> None:
    assert set(by_path(rest_form(operation))) == FIELDS[operation]
    assert set(by_path(grpc_form(operation))) == FIELDS[operation]


def test_the_required_fields_of_rest_are_those_of_openapi() -> None:
    required = {field.path for field in rest_form(Operation.PLACE_ORDER) if field.required}
    assert required == FIELDS[Operation.PLACE_ORDER] - OPTIONAL_OF_PLACING
    for operation in (Operation.GET_ORDER, Operation.CANCEL_ORDER, Operation.TRACK_ORDER):
        assert {field.path for field in rest_form(operation) if field.required} == {"order_id"}
    assert not any(field.required for field in rest_form(Operation.LIST_ORDERS))


def test_a_proto_requires_nothing() -> None:
    assert not any(field.required for operation in Operation for field in grpc_form(operation))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("customer_id", FieldKind.TEXT),
        ("lines.0.quantity", FieldKind.INTEGER),
        ("slot.starts_at", FieldKind.MOMENT),
    ],
)
def test_a_field_has_the_kind_of_its_contract(path: str, kind: FieldKind) -> None:
    assert by_path(rest_form(Operation.PLACE_ORDER))[path].kind is kind
    assert by_path(grpc_form(Operation.PLACE_ORDER))[path].kind is kind


def test_a_status_is_chosen_or_left_out_over_either_protocol() -> None:
    for form in (rest_form, grpc_form):
        field = by_path(form(Operation.LIST_ORDERS))["status"]
        assert (field.kind, field.choices) == (FieldKind.CHOICE, ("", *OrderStatus))


def test_the_examples_are_an_order_that_every_protocol_accepts() -> None:
    for form in (rest_form, grpc_form):
        fields = {field.path: field.example for field in form(Operation.PLACE_ORDER)}
        made = input_from_fields(Operation.PLACE_ORDER, fields | {"idempotency_key": "key-key-key"})
        assert isinstance(made, PlaceOrder)
        request = rest.request_of(made)
        assert rest.place_order_from(request.body or b"", "key-key-key") == made
        message = grpc.to_message(made).SerializeToString()
        assert grpc.place_order_from(parsed(pb.PlaceOrderRequest, message, "orders.proto")) == made


def test_fields_make_the_input_that_they_name() -> None:
    made = input_from_fields(
        Operation.PLACE_ORDER,
        {
            "customer_id": "cus_1",
            "idempotency_key": "key",
            "lines.1.sku": "B",
            "lines.1.quantity": "2",
            "lines.0.sku": "A",
            "lines.0.quantity": "-1",
            "lines.10.sku": "C",
            "lines.10.quantity": "3",
            "address.city": "c",
            "address.street": "s",
            "address.house": "h",
            "address.flat": "",
            "slot.starts_at": "2026-11-23T10:00:00Z",
            "slot.ends_at": "2026-11-23T11:00:00Z",
        },
    )
    assert isinstance(made, PlaceOrder)
    assert made.lines == (CartLine("A", -1), CartLine("B", 2), CartLine("C", 3))
    assert made.address == Address("c", "s", "h")
    assert isinstance(made.slot, Slot)


@pytest.mark.parametrize(
    ("operation", "fields", "expected"),
    [
        (Operation.GET_ORDER, {"order_id": "x"}, GetOrder("x")),
        (Operation.LIST_ORDERS, {}, ListOrders()),
        (
            Operation.LIST_ORDERS,
            {"status": "paid", "limit": "5", "customer_id": "", "cursor": "abc"},
            ListOrders(None, OrderStatus.PAID, 5, "abc"),
        ),
        (
            Operation.CANCEL_ORDER,
            {"order_id": "x", "expected_version": "3", "reason": "no"},
            CancelOrder("x", "no", 3),
        ),
        (Operation.TRACK_ORDER, {"order_id": "x", "after_version": "2"}, TrackOrder("x", 2)),
    ],
)
def test_texts_become_what_the_operation_takes(
    operation: Operation, fields: dict[str, str], expected: object
) -> None:
    assert input_from_fields(operation, fields) == expected


@pytest.mark.parametrize(
    ("operation", "fields", "where"),
    [
        (Operation.GET_ORDER, {}, ["order_id"]),
        (Operation.GET_ORDER, {"order_id": "x", "colour": "red"}, ["colour"]),
        (Operation.LIST_ORDERS, {"limit": "ten"}, ["limit"]),
        (Operation.LIST_ORDERS, {"status": "lost"}, ["status"]),
        (Operation.LIST_ORDERS, {"customer_id.a": "1", "customer_id": "2"}, ["customer_id"]),
        (Operation.LIST_ORDERS, {"customer_id": "2", "customer_id.a": "1"}, ["customer_id.a"]),
        (Operation.PLACE_ORDER, WHOLE | {"address.colour": "red"}, ["address.colour"]),
        (Operation.PLACE_ORDER, WHOLE | {"lines.0.price": "1"}, ["lines.0.price"]),
        (Operation.LIST_ORDERS, {"limit.0": "1", "limit.0.1": "1"}, ["limit.0.1"]),
        (Operation.TRACK_ORDER, {"order_id": "x", "after_version": "1.5"}, ["after_version"]),
        (
            Operation.PLACE_ORDER,
            {"lines.0.sku": "A"},
            ["customer_id", "lines.0.quantity", "address", "idempotency_key"],
        ),
    ],
)
def test_missing_unknown_and_mistyped_fields_are_named(
    operation: Operation, fields: dict[str, str], where: list[str]
) -> None:
    with pytest.raises(StendError) as caught:
        input_from_fields(operation, fields)
    assert caught.value.code is EdgeErrorCode.INVALID_ARGUMENT
    assert [violation.where for violation in caught.value.violations] == where


@pytest.mark.parametrize("path", ["", ".", "..", "lines", "lines.", "lines.x.sku", "a.b.c", "0"])
def test_an_odd_path_is_refused_and_never_an_accident(path: str) -> None:
    with pytest.raises(StendError):
        input_from_fields(Operation.PLACE_ORDER, {path: "1"})
