"""What is written is what is read: records of Redis, and messages of the contract."""

from collections.abc import Callable
from datetime import UTC

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.delivery.api.grpc import translate
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.delivery.domain.city import Address, Point
from stend.shop.delivery.domain.delivery import Courier, Delivery, DeliveryEvent, Slot
from stend.shop.delivery.domain.dispatching import Wish
from stend.shop.delivery.ports import KeptEvent
from stend.shop.delivery.stores import records
from tests.shop.delivery import strategies
from tests.shop.delivery.calling import HOME, fresh_order
from tests.shop.delivery.test_dispatching import courier_of

EVERYBODY = {one.courier_id: one for one in map(courier_of, range(1, 21))}
ORDER = "ord_00000000000000000000000001"


@given(strategies.deliveries)
def test_a_delivery_is_read_as_it_was_written(delivery: Delivery) -> None:
    assert records.delivery_from_json(records.delivery_to_json(delivery)) == delivery


@given(strategies.couriers)
def test_a_courier_is_read_as_he_was_written(courier: Courier) -> None:
    assert records.courier_from_json(records.courier_to_json(courier)) == courier


@given(strategies.events)
def test_an_event_is_read_as_it_was_written(event: DeliveryEvent) -> None:
    assert records.event_from_json(records.event_to_json(event)) == event


@given(
    strategies.addresses,
    st.none() | strategies.slots,
    st.none() | st.sampled_from(["sto_lesnaya", "sto_rechnaya"]),
    st.none() | st.sampled_from(["cus_1", "cus_0042"]),
)
def test_a_wish_arrives_as_it_was_sent(
    address: Address, slot: Slot | None, store_id: str | None, customer_id: str | None
) -> None:
    message = pb.AssignCourierRequest(
        order_id=ORDER,
        address=pb.Address(
            city=address.city,
            street=address.street,
            house=address.house,
            flat=address.flat,
            comment=address.comment,
        ),
        store_id=store_id,
        customer_id=customer_id,
    )
    if slot:
        message.slot.starts_at.FromDatetime(slot.starts_at)
        message.slot.ends_at.FromDatetime(slot.ends_at)
    assert translate.wish_from(message) == Wish(ORDER, address, slot, store_id, customer_id)


@given(strategies.deliveries)
def test_a_delivery_says_all_that_is_known(delivery: Delivery) -> None:
    message = translate.delivery_to_proto(delivery, EVERYBODY)
    assert (message.order_id, message.version) == (delivery.order_id, delivery.version)
    assert pb.DeliveryStatus.Name(message.status).endswith(delivery.status.name)
    assert message.updated_at.ToDatetime(tzinfo=UTC) == delivery.updated_at
    parts = {"address", "store_id", "courier", "door", "assigned_at", "eta"}
    present = parts & {field.name for field, _ in message.ListFields()}
    assert present == (parts if delivery.assignment else set())
    if delivery.assignment:
        assert message.eta.ToDatetime(tzinfo=UTC) == delivery.assigned.plan.delivered_at
        assert message.HasField("slot") == (delivery.assigned.slot is not None)


@given(strategies.events)
def test_an_event_says_all_that_is_known(event: DeliveryEvent) -> None:
    message = translate.event_to_proto(KeptEvent("1-2", event), EVERYBODY)
    assert (message.cursor, message.order_id) == ("1-2", event.order_id)
    assert message.HasField("courier") == (event.courier_id is not None)
    assert message.occurred_at.ToDatetime(tzinfo=UTC) == event.occurred_at


@pytest.mark.parametrize(
    ("read", "message", "field"),
    [
        (translate.wish_from, pb.AssignCourierRequest(order_id="ord_1", address=HOME), "order_id"),
        (translate.wish_from, pb.AssignCourierRequest(order_id=ORDER), "address.city"),
        (
            translate.wish_from,
            pb.AssignCourierRequest(order_id=ORDER, address=HOME, store_id=""),
            "store_id",
        ),
        (
            translate.wish_from,
            pb.AssignCourierRequest(order_id=ORDER, address=HOME, slot=pb.Slot()),
            "slot.starts_at",
        ),
        (
            translate.cancellation_from,
            pb.CancelDeliveryRequest(order_id=ORDER, reason="x" * 281),
            "reason",
        ),
        (translate.page_from, pb.ListDeliveriesRequest(limit=501), "limit"),
        (translate.page_from, pb.ListDeliveriesRequest(limit=-1), "limit"),
        (translate.page_from, pb.ListDeliveriesRequest(after=""), "after"),
        (translate.circle_from, pb.ListCouriersRequest(radius_m=5), "radius_m"),
        (translate.circle_from, pb.ListCouriersRequest(near=pb.Point(), radius_m=0.5), "radius_m"),
        (
            translate.circle_from,
            pb.ListCouriersRequest(near=pb.Point(longitude=181)),
            "near.longitude",
        ),
        (translate.cursor_from, pb.WatchDeliveriesRequest(after_cursor="01-0"), "after_cursor"),
        (translate.courier_message_from, pb.CourierMessage(), "message"),
        (
            translate.courier_message_from,
            pb.CourierMessage(start=pb.StartSession(courier_id="cou_01")),
            "message",
        ),
    ],
)
def test_a_message_that_breaks_the_contract_is_refused(
    read: Callable[[Message], object], message: Message, field: str
) -> None:
    with pytest.raises(StendError) as caught:
        read(message)
    assert caught.value.code is EdgeErrorCode.INVALID_ARGUMENT
    assert field in [violation.where for violation in caught.value.violations]


def test_a_circle_has_a_radius_of_its_own_or_a_kilometre() -> None:
    near = pb.Point(latitude=55.75, longitude=37.62)
    assert translate.circle_from(pb.ListCouriersRequest(near=near)) == (Point(55.75, 37.62), 1000)
    assert translate.circle_from(pb.ListCouriersRequest()) is None


def test_an_unknown_field_is_skipped_as_protobuf_wants() -> None:
    newer = pb.GetDeliveryRequest(order_id=fresh_order()).SerializeToString() + b"\xfa\x01\x01x"
    assert translate.order_id_from(pb.GetDeliveryRequest.FromString(newer)).startswith("ord_")
