"""The five operations over GraphQL: results, refusals, access, deadlines."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stend.kit.errors import EdgeErrorCode
from stend.kit.ids import to_token
from stend.shop.orders.api.graphql.client import GraphqlClient
from stend.shop.orders.domain import Order, OrderEventType, OrderStatus, Slot
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.fakes.orders import MORNING
from tests.shop.orders.examples import HOME, UNKNOWN_ORDER, a_request, fresh_customer
from tests.shop.orders.graphql.conftest import Desk
from tests.shop.orders.test_scenario_errors import REFUSALS, Refusal
from tests.waiting import until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/graphql"


async def place(desk: Desk, **changes: Any) -> Order:
    return (await desk.client.place_order(a_request(**changes))).value.order


async def asked(desk: Desk, query: str, **variables: Any) -> dict[str, Any]:
    response = await desk.http.post(PATH, json={"query": query, "variables": variables})
    answer: dict[str, Any] = response.json()
    return answer


def codes(answer: Mapping[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


# ---- results -----------------------------------------------------------------------------------


async def test_an_order_keeps_every_canonical_field(desk: Desk) -> None:
    slot = Slot(MORNING + timedelta(days=1), MORNING + timedelta(days=1, minutes=90))
    order = await place(desk, slot=slot)
    assert order == desk.shop.store.orders[order.order_id]
    assert (await desk.client.get_order(GetOrder(order.order_id))).value == order
    bare = await place(desk, address=replace(HOME, flat=None, comment=None))
    assert (bare.address.flat, bare.address.comment) == (None, None)


async def test_repeating_a_key_places_nothing_twice(desk: Desk) -> None:
    request = a_request()
    first = (await desk.client.place_order(request)).value
    again = (await desk.client.place_order(request)).value
    assert (first.replayed, again.replayed, again.order) == (False, True, first.order)


async def test_pages_have_the_canonical_cursor(desk: Desk) -> None:
    customer = fresh_customer()
    placed = [await place(desk, customer_id=customer) for _ in range(3)]
    page = (await desk.client.list_orders(ListOrders(customer, limit=2))).value
    assert page.orders == (placed[2], placed[1])
    assert page.next_cursor == to_token(placed[1].order_id.removeprefix("ord_"))
    rest = (await desk.client.list_orders(ListOrders(customer, None, 2, page.next_cursor))).value
    assert (rest.orders, rest.next_cursor) == ((placed[0],), None)


async def test_every_edge_has_a_cursor_to_go_on_from(desk: Desk) -> None:
    customer = fresh_customer()
    placed = [await place(desk, customer_id=customer) for _ in range(3)]
    query = "query($c: ID) { orders(customerId: $c) { edges { cursor } pageInfo { endCursor } } }"
    connection = (await asked(desk, query, c=customer))["data"]["orders"]
    cursors = [edge["cursor"] for edge in connection["edges"]]
    assert connection["pageInfo"]["endCursor"] == cursors[2]
    for number, cursor in enumerate(cursors):
        page = (await desk.client.list_orders(ListOrders(customer, cursor=cursor))).value
        assert page.orders == tuple(placed[: 2 - number][::-1])


async def test_a_filter_that_is_null_is_no_filter(desk: Desk) -> None:
    query = "{ orders(customerId: null, status: null, after: null, first: 1) { edges { cursor } } }"
    await place(desk)
    assert len((await asked(desk, query))["data"]["orders"]["edges"]) == 1


async def test_a_cancelled_order_is_found_by_its_status(desk: Desk) -> None:
    order = await place(desk)
    reply = await desk.client.cancel_order(CancelOrder(order.order_id, "Передумал", 1))
    cancelled = reply.value
    assert (cancelled.status, cancelled.version, cancelled.reason) == (
        OrderStatus.CANCELLED,
        2,
        "Передумал",
    )
    wanted = ListOrders(order.customer_id, OrderStatus.CANCELLED)
    assert (await desk.client.list_orders(wanted)).value.orders == (cancelled,)


async def test_several_operations_in_one_request_fail_one_by_one(desk: Desk) -> None:
    order = await place(desk)
    query = """query($a: ID!, $b: ID!) {
        a: order(orderId: $a) { version } b: order(orderId: $b) { version } }"""
    answer = await asked(desk, query, a=order.order_id, b=UNKNOWN_ORDER)
    assert answer["data"] == {"a": {"version": 1}, "b": None}
    assert (codes(answer), answer["errors"][0]["path"]) == (["order-not-found"], ["b"])


# ---- titles ------------------------------------------------------------------------------------


async def test_titles_of_all_lines_are_asked_for_at_once(desk: Desk) -> None:
    customer = fresh_customer()
    for _ in range(5):
        await place(desk, customer_id=customer)
    query = """query($c: ID) { orders(customerId: $c) { edges { node { lines {
        product { sku ru: title en: title(language: EN) } } } } } }"""
    desk.asked.clear()
    edges = (await asked(desk, query, c=customer))["data"]["orders"]["edges"]
    assert [edge["node"]["lines"][0]["product"] for edge in edges] == [
        {"sku": "MILK-001", "ru": "Молоко", "en": "Milk"}
    ] * 5
    assert [sorted(skus) for skus in desk.asked] == [["BRD-001", "MILK-001"]]


async def test_titles_that_nobody_wants_are_not_read(desk: Desk) -> None:
    order = await place(desk)
    desk.asked.clear()
    await desk.client.get_order(GetOrder(order.order_id))
    assert desk.asked == []


async def test_a_product_that_left_the_price_list_is_null(desk: Desk) -> None:
    order = await place(desk)
    old = replace(order, lines=(replace(order.lines[0], sku="OLD-001"),))
    desk.shop.store.orders[order.order_id] = old
    query = "query($id: ID!) { order(orderId: $id) { lines { sku product { sku } } } }"
    answer = await asked(desk, query, id=order.order_id)
    assert answer == {"data": {"order": {"lines": [{"sku": "OLD-001", "product": None}]}}}


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
async def test_every_refusal_has_its_code_its_fields_and_its_words(
    desk: Desk, refusal: Refusal
) -> None:
    error = (await refusal.act(desk.client)).error
    assert error is not None
    assert (error.code, error.domain) == (refusal.code, True)
    fields = tuple(one.where.strip("/").replace("/", ".") for one in error.violations)
    assert (fields, bool(error.detail)) == (refusal.fields, True)


async def test_the_broken_fields_have_their_names_in_the_schema(desk: Desk) -> None:
    query = '{ orders(customerId: 42, first: 0, after: "x") { edges { cursor } } }'
    answer = await asked(desk, query)
    violations = answer["errors"][0]["extensions"]["violations"]
    assert [one["where"] for one in violations] == ["/customerId", "/first", "/after"]
    assert answer["data"] == {"orders": None}


@pytest.mark.parametrize("first", [0, 101, -1])
async def test_a_page_that_is_too_long_is_refused_and_not_cut(desk: Desk, first: int) -> None:
    answer = await asked(desk, f"{{ orders(first: {first}) {{ pageInfo {{ endCursor }} }} }}")
    assert codes(answer) == ["invalid-argument"]


async def test_more_than_32_bits_are_refused_and_not_cut(desk: Desk) -> None:
    reply = await desk.client.cancel_order(CancelOrder(UNKNOWN_ORDER, expected_version=2**32 + 1))
    assert reply.error is not None
    assert (reply.status, reply.error.code) == ("400 Bad Request", "invalid-argument")


async def test_a_full_page_of_full_orders_costs_less_than_the_limit_and_two_of_them_more(
    desk: Desk,
) -> None:
    assert (await desk.client.list_orders(ListOrders(limit=100))).error is None
    lines = "lines { product { sku title } total { amountMinor currency } }"
    page = "orders(first: 100) { edges { node { " + lines + " } } }"
    answer = await asked(desk, f"{{ a: {page} b: {page} c: {page} }}")
    assert (codes(answer), "data" in answer) == (["invalid-argument"], False)
    assert answer["errors"][0]["message"].startswith("The document asks for more")


# ---- access and deadlines ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credential", "code"),
    [("Bearer", "unauthenticated"), ("Bearer payments:write", "forbidden")],
)
async def test_each_operation_needs_its_scope(desk: Desk, credential: str, code: str) -> None:
    client = GraphqlClient(desk.url, credential)
    before = dict(desk.shop.store.orders)
    for act in (
        client.get_order(GetOrder(UNKNOWN_ORDER)),
        client.list_orders(ListOrders()),
        client.place_order(a_request()),
        client.cancel_order(CancelOrder(UNKNOWN_ORDER)),
        anext(client.track_order(TrackOrder(UNKNOWN_ORDER))),
    ):
        error = (await act).error
        assert error is not None
        assert (error.code, error.domain) == (code, False)
    assert desk.shop.store.orders == before
    await client.close()


async def test_a_reader_may_not_write(desk: Desk) -> None:
    client = GraphqlClient(desk.url, "Bearer orders:read")
    assert (await client.list_orders(ListOrders())).error is None
    error = (await client.place_order(a_request())).error
    assert error is not None
    assert error.code == EdgeErrorCode.FORBIDDEN
    await client.close()


async def test_all_root_fields_together_keep_one_deadline(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(type(desk.shop.store), "find_keyed", never)
    fields = " ".join(f"p{n}: placeOrder(input: $i) {{ replayed }}" for n in range(5))
    address = {"city": "Москва", "street": "Лесная", "house": "7"}
    order = {"customerId": fresh_customer(), "lines": [], "address": address}
    started = asyncio.get_running_loop().time()
    answer = await asked(
        desk,
        "mutation($i: PlaceOrderInput!) { " + fields + " }",
        i={"idempotencyKey": "12345678", **order},
    )
    assert asyncio.get_running_loop().time() - started < 2 * 0.5
    assert codes(answer) == ["deadline-exceeded"] * 5


async def test_titles_keep_the_deadline_of_the_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    order = await place(desk)
    monkeypatch.setattr(Desk, "prices", never)
    query = "query($id: ID!) { order(orderId: $id) { version lines { product { sku } } } }"
    answer = await asked(desk, query, id=order.order_id)
    assert answer["data"]["order"]["version"] == 1
    assert codes(answer) == ["deadline-exceeded"] * 2


async def test_nobody_at_the_address_is_a_failure_of_the_exchange() -> None:
    client = GraphqlClient("http://127.0.0.1:1")
    for error in (
        (await client.get_order(GetOrder(UNKNOWN_ORDER))).error,
        (await anext(client.track_order(TrackOrder(UNKNOWN_ORDER)))).error,
    ):
        assert error is not None
        assert (error.code, error.domain) == ("unavailable", False)
    await client.close()


# ---- following ---------------------------------------------------------------------------------


async def test_a_follower_sees_the_past_and_the_future_and_the_end(desk: Desk) -> None:
    order = await place(desk)
    stream = desk.client.track_order(TrackOrder(order.order_id))
    placed = (await anext(stream)).value
    assert (placed.version, placed.type) == (1, OrderEventType.ORDER_PLACED)
    await desk.client.cancel_order(CancelOrder(order.order_id, "Поздно"))
    cancelled = (await anext(stream)).value
    assert (cancelled.status, cancelled.reason) == (OrderStatus.CANCELLED, "Поздно")
    assert [reply async for reply in stream] == []
    resumed = desk.client.track_order(TrackOrder(order.order_id, after_version=1))
    assert [reply.value for reply in [one async for one in resumed]] == [cancelled]


async def test_a_follower_that_goes_leaves_nothing_behind(desk: Desk) -> None:
    order = await place(desk)
    stream = desk.client.track_order(TrackOrder(order.order_id))
    await anext(stream)
    assert desk.shop.feed.subscribers == 1
    await stream.aclose()
    await until_async(lambda: desk.shop.feed.subscribers == 0)
