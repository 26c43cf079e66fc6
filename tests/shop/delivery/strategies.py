"""Deliveries and couriers of every kind, for hypothesis."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from stend.kit.ids import encode_ulid
from stend.shop.delivery.domain.city import STORES, Address
from stend.shop.delivery.domain.delivery import (
    Assignment,
    Courier,
    Delivery,
    DeliveryEvent,
    DeliveryStatus,
    Hand,
    Session,
    Slot,
)
from tests.shop.delivery.test_city import plans, street_places

_START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 10**11).map(lambda ms: _START + timedelta(milliseconds=ms))
order_ids = st.binary(min_size=16, max_size=16).map(lambda raw: "ord_" + encode_ulid(raw))
courier_ids = st.integers(1, 20).map(lambda number: f"cou_{number:02d}")
letters = st.characters(exclude_categories=["Cs", "Cc"])
short_texts = st.text(letters, min_size=1, max_size=16)
addresses = st.builds(
    Address,
    *[short_texts] * 3,
    flat=st.none() | short_texts,
    comment=st.none() | short_texts,
)
slots = st.builds(
    lambda start, seconds: Slot(start, start + timedelta(seconds=seconds)),
    moments,
    st.integers(1, 10_000),
)
assignments = st.builds(
    Assignment,
    address=addresses,
    slot=st.none() | slots,
    wanted_store_id=st.none() | st.sampled_from([*STORES]),
    store_id=st.sampled_from([*STORES]),
    courier_id=courier_ids,
    plan=plans(),
    hand=st.sampled_from(Hand),
    assigned_at=moments,
    next_at=moments,
    customer_id=st.none() | st.sampled_from(["cus_1", "cus_0042"]),
)
deliveries = st.builds(
    Delivery,
    order_id=order_ids,
    delivery_id=short_texts,
    status=st.sampled_from(DeliveryStatus),
    version=st.integers(1, 10**6),
    updated_at=moments,
    assignment=assignments,
    reason=st.none() | short_texts,
) | st.builds(
    Delivery,
    order_id=order_ids,
    delivery_id=short_texts,
    status=st.just(DeliveryStatus.CANCELLED),
    version=st.just(1),
    updated_at=moments,
    assignment=st.none(),
    reason=st.none() | short_texts,
)
couriers = st.builds(
    Courier,
    courier_id=courier_ids,
    name_ru=short_texts,
    name_en=short_texts,
    home=st.sampled_from([*STORES]),
    free_spot=street_places,
    free_at=moments,
    queue=st.lists(order_ids, max_size=3).map(tuple),
    session=st.none() | st.builds(Session, short_texts, moments),
    version=st.integers(1, 10**6),
)
events = st.builds(
    DeliveryEvent,
    order_id=order_ids,
    delivery_id=short_texts,
    status=st.sampled_from(DeliveryStatus),
    occurred_at=moments,
    courier_id=st.none() | courier_ids,
    reason=st.none() | short_texts,
    store_id=st.none() | st.sampled_from([*STORES]),
)
