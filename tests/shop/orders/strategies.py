"""Hypothesis strategies for every input of the service, over the whole range of the contract."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from stend.kit.ids import encode_ulid
from stend.shop.orders.domain import Address, CartLine, OrderStatus, Slot
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    PlaceOrder,
    TrackOrder,
)

order_ids = st.binary(min_size=16, max_size=16).map(lambda raw: f"ord_{encode_ulid(raw)}")
customer_ids = st.from_regex(r"cus_[0-9A-Za-z]{1,32}", fullmatch=True)
keys = st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True)
cursors = st.from_regex(r"[A-Za-z0-9_-]{21}[AQgw]", fullmatch=True)
skus = st.from_regex(r"[A-Z]{2,4}-[0-9]{3,5}", fullmatch=True)


def texts(longest: int) -> st.SearchStrategy[str]:
    # No surrogates: neither UTF-8 nor a protobuf string can carry them.
    letters = st.characters(
        exclude_categories=["Cs"], exclude_characters="\x7f", min_codepoint=0x20
    )
    return st.text(letters, min_size=1, max_size=longest)


addresses = st.builds(
    Address,
    city=texts(100),
    street=texts(100),
    house=texts(16),
    flat=st.none() | texts(16),
    comment=st.none() | texts(280),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive and adds the zone
slots = st.builds(
    lambda start, minutes: Slot(start, start + timedelta(minutes=minutes)),
    moments,
    st.integers(-1000, 1000),
)
lines = st.builds(CartLine, sku=skus, quantity=st.integers(-(2**31), 2**31 - 1))

place_orders = st.builds(
    PlaceOrder,
    customer_id=customer_ids,
    lines=st.lists(lines, max_size=5).map(tuple),
    address=addresses,
    idempotency_key=keys,
    slot=st.none() | slots,
)
list_orders = st.builds(
    ListOrders,
    customer_id=st.none() | customer_ids,
    status=st.none() | st.sampled_from(OrderStatus),
    limit=st.integers(1, 100),
    cursor=st.none() | cursors,
)
cancel_orders = st.builds(
    CancelOrder,
    order_id=order_ids,
    reason=st.none() | texts(280),
    expected_version=st.none() | st.integers(1, 999_999_999),
)
track_orders = st.builds(TrackOrder, order_id=order_ids, after_version=st.integers(0, 2**31 - 1))
operations: st.SearchStrategy[OperationInput] = st.one_of(
    place_orders,
    st.builds(GetOrder, order_id=order_ids),
    list_orders,
    cancel_orders,
    track_orders,
)
