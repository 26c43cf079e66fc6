"""Every refusal over every protocol: the same code, the same words, the same fields."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api.reply import OrdersClient, Reply, ReplyError
from stend.shop.orders.domain import CartLine, OrderErrorCode, Slot
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.shop.orders.examples import (
    CART,
    HOME,
    PROTOCOLS,
    UNARY_PROTOCOLS,
    UNKNOWN_ORDER,
    a_request,
    fresh_ulid,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
Clients = Mapping[str, OrdersClient]
Act = Callable[[OrdersClient], Awaitable[Reply[Any]]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """`fields`: the broken fields, dotted; None where the words may differ between protocols."""

    name: str
    act: Act
    code: str
    fields: tuple[str, ...] = ()
    protocols: tuple[str, ...] = UNARY_PROTOCOLS


def _placing(name: str, code: str, fields: tuple[str, ...] = (), **changes: Any) -> Refusal:
    return Refusal(name, lambda client: client.place_order(a_request(**changes)), code, fields)


async def _first_event(client: OrdersClient, request: TrackOrder) -> Reply[Any]:
    return await anext(client.track_order(request))


async def _cancel_outdated(client: OrdersClient) -> Reply[Any]:
    order = (await client.place_order(a_request())).value.order
    return await client.cancel_order(CancelOrder(order.order_id, expected_version=7))


async def _cancel_again_outdated(client: OrdersClient) -> Reply[Any]:
    order = (await client.place_order(a_request())).value.order
    await client.cancel_order(CancelOrder(order.order_id))
    return await client.cancel_order(CancelOrder(order.order_id, expected_version=1))


async def _reuse_a_key(client: OrdersClient) -> Reply[Any]:
    key = "one-key-for-two-" + fresh_ulid()
    await client.place_order(a_request(idempotency_key=key))
    return await client.place_order(a_request(idempotency_key=key))


def _slot(start: datetime, minutes: int) -> Slot:
    return Slot(start, start + timedelta(minutes=minutes))


PAST = datetime(2001, 1, 1, tzinfo=UTC)
FAR = datetime(2199, 1, 1, tzinfo=UTC)
INVALID_ORDER = OrderErrorCode.INVALID_ORDER
INVALID_ARGUMENT = EdgeErrorCode.INVALID_ARGUMENT
SLOT_UNAVAILABLE = OrderErrorCode.SLOT_UNAVAILABLE
NOT_FOUND = OrderErrorCode.ORDER_NOT_FOUND

REFUSALS = (
    _placing("empty-cart", INVALID_ORDER, ("lines",), lines=()),
    _placing("51-lines", INVALID_ORDER, ("lines",), lines=CART[:1] * 51),
    _placing("quantity-0", INVALID_ORDER, ("lines.0.quantity",), lines=(CartLine("MILK-001", 0),)),
    _placing(
        "quantity-100",
        INVALID_ORDER,
        ("lines.1.quantity",),
        lines=(CART[0], CartLine("MILK-001", 100)),
    ),
    _placing("quantity-1", INVALID_ORDER, ("lines.0.quantity",), lines=(CartLine("MILK-001", -1),)),
    _placing("unknown-sku", OrderErrorCode.SKU_UNKNOWN, lines=(CartLine("NONE-000", 1),)),
    _placing("slot-in-the-past", SLOT_UNAVAILABLE, slot=_slot(PAST, 60)),
    _placing("slot-too-far", SLOT_UNAVAILABLE, slot=_slot(FAR, 60)),
    _placing("slot-too-short", SLOT_UNAVAILABLE, slot=_slot(FAR, 14)),
    _placing("slot-too-long", SLOT_UNAVAILABLE, slot=_slot(FAR, 241)),
    _placing("slot-backwards", SLOT_UNAVAILABLE, slot=_slot(FAR, -60)),
    _placing("bad-customer", INVALID_ARGUMENT, ("customer_id",), customer_id="42"),
    _placing("bad-sku", INVALID_ARGUMENT, ("lines.0.sku",), lines=(CartLine("milk", 1),)),
    _placing("empty-city", INVALID_ARGUMENT, ("address.city",), address=replace(HOME, city="")),
    _placing("empty-flat", INVALID_ARGUMENT, ("address.flat",), address=replace(HOME, flat="")),
    _placing(
        "two-broken-fields",
        INVALID_ARGUMENT,
        ("customer_id", "address.comment"),
        customer_id="",
        address=replace(HOME, comment="a\x7fb"),
    ),
    Refusal("reused-key", _reuse_a_key, OrderErrorCode.IDEMPOTENCY_KEY_REUSED),
    Refusal("get-unknown", lambda c: c.get_order(GetOrder(UNKNOWN_ORDER)), NOT_FOUND),
    Refusal("get-bad-id", lambda c: c.get_order(GetOrder("1")), INVALID_ARGUMENT, ("order_id",)),
    Refusal("cancel-unknown", lambda c: c.cancel_order(CancelOrder(UNKNOWN_ORDER)), NOT_FOUND),
    Refusal("cancel-outdated", _cancel_outdated, OrderErrorCode.VERSION_CONFLICT),
    Refusal("cancel-again-outdated", _cancel_again_outdated, OrderErrorCode.VERSION_CONFLICT),
    Refusal(
        "track-unknown",
        lambda c: _first_event(c, TrackOrder(UNKNOWN_ORDER)),
        NOT_FOUND,
        (),
        PROTOCOLS,
    ),
    Refusal(
        "track-bad-id",
        lambda c: _first_event(c, TrackOrder("1")),
        INVALID_ARGUMENT,
        ("order_id",),
        PROTOCOLS,
    ),
    Refusal(
        "list-bad-limit",
        lambda c: c.list_orders(ListOrders(limit=101)),
        INVALID_ARGUMENT,
        ("limit",),
    ),
    Refusal(
        "list-bad-cursor",
        lambda c: c.list_orders(ListOrders(cursor="first-page")),
        INVALID_ARGUMENT,
        ("cursor",),
    ),
    Refusal(
        "list-bad-customer",
        lambda c: c.list_orders(ListOrders(customer_id="cus_")),
        INVALID_ARGUMENT,
        ("customer_id",),
    ),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
async def test_a_refusal_is_the_same_over_every_protocol(
    clients: Clients, refusal: Refusal
) -> None:
    errors = [await _error(clients[name], refusal) for name in refusal.protocols]
    for error in errors:
        assert (error.code, error.domain) == (refusal.code, True), error
        assert _fields(error) == refusal.fields, error
        assert error.detail


# Each contract tells its own rules, so only the domain's refusals have the same words.
@pytest.mark.parametrize(
    "refusal",
    [refusal for refusal in REFUSALS if refusal.code != INVALID_ARGUMENT],
    ids=lambda refusal: refusal.name,
)
async def test_the_words_of_the_domain_are_the_same_over_every_protocol(
    clients: Clients, refusal: Refusal
) -> None:
    details = {
        _without_ids((await _error(clients[name], refusal)).detail) for name in refusal.protocols
    }
    assert len(details) == 1


async def test_every_error_of_the_domain_that_a_caller_can_bring_about_is_in_the_table() -> None:
    # An order that is already on its way has a scenario of its own.
    told = {refusal.code for refusal in REFUSALS} | {OrderErrorCode.TRANSITION_FORBIDDEN}
    assert told >= set(OrderErrorCode)


async def _error(client: OrdersClient, refusal: Refusal) -> ReplyError:
    reply = await refusal.act(client)
    assert reply.error is not None, reply
    return reply.error


def _fields(error: ReplyError) -> tuple[str, ...]:
    return tuple(one.where.strip("/").replace("/", ".") for one in error.violations)


def _without_ids(detail: str) -> str:
    # Keys and moments differ between two runs of the same refusal.
    return " ".join(
        word for word in detail.split() if not word.startswith(("one-key", "2026-", "20"))
    )
