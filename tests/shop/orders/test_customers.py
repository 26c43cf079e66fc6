"""A customer and his own orders: what another's token may do to them, over every protocol."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from stend.kit.errors import EdgeErrorCode
from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import Order, OrderErrorCode, OrderStatus
from stend.shop.orders.usecases import CancelOrder, GetOrder, ListOrders, TrackOrder
from tests.conftest import LiveStand
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_customer

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Of MCP's tools none is a stream, and SSE and webhooks are nothing else.
every_caller = pytest.mark.parametrize(
    "protocol", [one for one in Protocol if one not in {Protocol.SSE, Protocol.WEBHOOK}]
)
every_stream = pytest.mark.parametrize(
    "protocol", [one for one in Protocol if one is not Protocol.MCP]
)


@dataclass(frozen=True, slots=True)
class Person:
    """
    Attributes:
        customer_id: as it stands in the token.
        clients: every one of them with that token.
    """

    customer_id: str
    clients: Mapping[str, OrdersClient]

    async def place(self, protocol: str = Protocol.REST) -> Order:
        request = a_request(customer_id=self.customer_id)
        return (await self.clients[protocol].place_order(request)).value.order


def token_of(stand: LiveStand, **form: str) -> str:
    answer = httpx.post(f"{stand.url}/oauth/token", data=form, trust_env=False).json()
    return f"Bearer {answer['access_token']}"


@contextlib.asynccontextmanager
async def clients_with(
    stand: LiveStand, authorization: str
) -> AsyncIterator[Mapping[str, OrdersClient]]:
    settings = parse({"stand.port_base": stand.port_base}, {}, {})
    opened = OrdersClients(addresses_of(settings), RandomIds(), authorization)
    try:
        yield opened
    finally:
        await opened.close()


@contextlib.asynccontextmanager
async def person_of(stand: LiveStand) -> AsyncIterator[Person]:
    customer = fresh_customer()
    token = token_of(stand, grant_type="urn:lavka:grant:demo", user=customer)
    async with clients_with(stand, token) as clients:
        yield Person(customer, clients)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(live_stand: LiveStand) -> AsyncIterator[Person]:
    async with person_of(live_stand) as person:
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ivan(live_stand: LiveStand) -> AsyncIterator[Person]:
    async with person_of(live_stand) as person:
        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def partner(live_stand: LiveStand) -> AsyncIterator[Mapping[str, OrdersClient]]:
    key = "ApiKey partner-demo.lavka-partner-demo-key"
    async with clients_with(live_stand, key) as clients:
        yield clients


def refused(reply: Reply[Any]) -> str | None:
    return reply.error.code if reply.error else None


async def first_event(client: OrdersClient, order_id: str) -> Reply[Any]:
    async with contextlib.aclosing(client.track_order(TrackOrder(order_id))) as replies:
        return await anext(replies)


@every_caller
async def test_a_customer_orders_reads_lists_and_cancels_for_himself(
    anna: Person, protocol: Protocol
) -> None:
    client = anna.clients[protocol]
    order = await anna.place(protocol)
    assert order.customer_id == anna.customer_id
    assert (await client.get_order(GetOrder(order.order_id))).value == order
    for wanted in (ListOrders(limit=1), ListOrders(anna.customer_id, limit=1)):
        page = (await client.list_orders(wanted)).value
        assert [one.order_id for one in page.orders] == [order.order_id]
    cancelled = (await client.cancel_order(CancelOrder(order.order_id))).value
    assert cancelled.status is OrderStatus.CANCELLED


@every_caller
async def test_another_customers_order_is_answered_like_none(
    anna: Person, ivan: Person, protocol: Protocol
) -> None:
    order = await anna.place()
    client = ivan.clients[protocol]
    for act in (client.get_order, client.cancel_order):
        kind: Any = GetOrder if act == client.get_order else CancelOrder
        his, nobodys = await act(kind(order.order_id)), await act(kind(UNKNOWN_ORDER))
        assert refused(his) == OrderErrorCode.ORDER_NOT_FOUND
        # Not a word tells the one from the other.
        assert his.error
        assert nobodys.error
        assert his.error.detail.replace(order.order_id, UNKNOWN_ORDER) == nobodys.error.detail
    still = (await anna.clients[Protocol.REST].get_order(GetOrder(order.order_id))).value
    assert still == order


@every_caller
async def test_nobody_orders_for_another_customer_or_lists_his_orders(
    anna: Person, ivan: Person, protocol: Protocol
) -> None:
    await anna.place()
    client = ivan.clients[protocol]
    request = a_request(customer_id=anna.customer_id)
    assert refused(await client.place_order(request)) == EdgeErrorCode.FORBIDDEN
    assert refused(await client.list_orders(ListOrders(anna.customer_id))) == (
        EdgeErrorCode.FORBIDDEN
    )


@every_caller
async def test_pages_of_a_customer_hold_his_own_orders_only(
    anna: Person, live_stand: LiveStand, protocol: Protocol
) -> None:
    async with person_of(live_stand) as maria:
        placed = []
        for _ in range(3):
            placed.append((await maria.place()).order_id)
            await anna.place()
        client = maria.clients[protocol]
        first = (await client.list_orders(ListOrders(limit=2))).value
        rest = (await client.list_orders(ListOrders(limit=2, cursor=first.next_cursor))).value
        listed = [one.order_id for one in (*first.orders, *rest.orders)]
        assert (listed, rest.next_cursor) == (placed[::-1], None)


@every_stream
async def test_a_customer_follows_his_own_order_and_no_others(
    anna: Person, ivan: Person, protocol: Protocol
) -> None:
    order = await anna.place()
    followed = await first_event(anna.clients[protocol], order.order_id)
    assert followed.value.order_id == order.order_id
    assert refused(await first_event(ivan.clients[protocol], order.order_id)) == (
        OrderErrorCode.ORDER_NOT_FOUND
    )


@every_caller
async def test_a_partner_acts_for_anybody(
    anna: Person, partner: Mapping[str, OrdersClient], protocol: Protocol
) -> None:
    client = partner[protocol]
    placed = await client.place_order(a_request(customer_id=anna.customer_id))
    order_id = placed.value.order.order_id
    assert (await client.get_order(GetOrder(order_id))).value.order_id == order_id
    page = (await client.list_orders(ListOrders(anna.customer_id, limit=1))).value
    assert [one.order_id for one in page.orders] == [order_id]
    assert (await client.cancel_order(CancelOrder(order_id))).error is None


async def test_another_customers_idempotency_key_tells_nothing_of_his_order(
    anna: Person, ivan: Person
) -> None:
    request = a_request(customer_id=anna.customer_id)
    await anna.clients[Protocol.REST].place_order(request)
    taken = a_request(customer_id=ivan.customer_id, idempotency_key=request.idempotency_key)
    reply = await ivan.clients[Protocol.REST].place_order(taken)
    assert refused(reply) == OrderErrorCode.IDEMPOTENCY_KEY_REUSED
    assert reply.error
    assert "ord_" not in reply.error.detail


async def test_the_books_of_the_shop_are_not_for_its_customers(live_stand: LiveStand) -> None:
    token = token_of(live_stand, grant_type="urn:lavka:grant:demo", user=fresh_customer())
    url = f"{live_stand.url}/api/v1/reconciliations"
    headers = {"Authorization": token}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        run = f"{url}/rec_00000000000000000000000000"
        answers = [await http.get(url), await http.get(run), await http.post(url)]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "forbidden")] * 3
