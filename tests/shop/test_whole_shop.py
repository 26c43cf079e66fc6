"""One order through all services, followed over every protocol that can follow."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import grpc.aio
import httpx
import pytest
import pytest_asyncio

from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients
from stend.runtime.services import POLLS
from stend.runtime.system import RandomIds
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.domain import CartLine, OrderEvent, OrderStatus
from stend.shop.orders.usecases import GetOrder, Operation, TrackOrder
from tests.conftest import LiveStand, stand_of_its_own
from tests.shop.orders.examples import UNARY_PROTOCOLS, a_request, fresh_customer
from tests.waiting import until_answered

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
Clients = Mapping[str, OrdersClient]
_WAY = [
    OrderStatus.PLACED,
    OrderStatus.RESERVED,
    OrderStatus.PAID,
    OrderStatus.PICKING,
    OrderStatus.ON_THE_WAY,
    OrderStatus.DELIVERED,
]


@pytest.fixture(scope="module")
def stand(servers: Mapping[str, str]) -> Iterator[LiveStand]:
    """With sagas, unlike the one of the session."""
    with stand_of_its_own(servers) as own:
        own.up()
        yield own


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(stand: LiveStand) -> AsyncIterator[Clients]:
    opened = OrdersClients(addresses_of(stand.settings()), RandomIds())
    yield opened
    await opened.close()


async def followed(client: OrdersClient, order_id: str) -> list[OrderEvent]:
    return [reply.value async for reply in client.track_order(TrackOrder(order_id))]


async def test_everybody_who_follows_a_delivered_order_sees_the_same(clients: Clients) -> None:
    placed = await clients[Protocol.REST].place_order(a_request())
    order_id = placed.value.order.order_id
    followers = protocols_of(Operation.TRACK_ORDER)
    seen = await asyncio.gather(*(followed(clients[name], order_id) for name in followers))
    assert [event.status for event in seen[0]] == _WAY
    for name, events in zip(followers, seen, strict=True):
        assert events == seen[0], name


async def test_an_order_placed_over_any_protocol_is_delivered(clients: Clients) -> None:
    async def delivered(client: OrdersClient) -> OrderStatus:
        placed = (await client.place_order(a_request())).value.order

        async def is_delivered() -> bool:
            order = (await client.get_order(GetOrder(placed.order_id))).value
            return order.status is OrderStatus.DELIVERED

        await until_answered(is_delivered, 30)
        return OrderStatus.DELIVERED

    ways = (delivered(clients[protocol]) for protocol in UNARY_PROTOCOLS)
    ends = await asyncio.gather(*ways, return_exceptions=True)
    told = dict(zip(UNARY_PROTOCOLS, ends, strict=True))
    assert told == dict.fromkeys(UNARY_PROTOCOLS, OrderStatus.DELIVERED)


async def test_whose_order_it_is_reads_its_delivery_and_nobody_else_does(
    stand: LiveStand, clients: Clients
) -> None:
    placed = (await clients[Protocol.REST].place_order(a_request())).value.order
    await followed(clients[Protocol.REST], placed.order_id)
    request = pb.GetDeliveryRequest(order_id=placed.order_id).SerializeToString()

    async def asked_by(customer_id: str) -> str:
        form = {"grant_type": "urn:lavka:grant:demo", "user": customer_id}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{stand.url}/oauth/token", data=form)
        metadata = (("authorization", f"Bearer {answer.json()['access_token']}"),)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{stand.port_base + 2}") as channel:
            get: Any = channel.unary_unary("/lavka.delivery.v1.Deliveries/GetDelivery")
            return pb.Delivery.FromString(await get(request, metadata=metadata)).order_id

    assert await asked_by(placed.customer_id) == placed.order_id
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asked_by(fresh_customer())
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_order_that_the_bank_declines_fails_with_its_words(clients: Clients) -> None:
    client = clients[Protocol.REST]
    request = a_request(customer_id=f"{fresh_customer()[:20]}Declined")
    order_id = (await client.place_order(request)).value.order.order_id
    events = await followed(client, order_id)
    assert [event.status for event in events] == [*_WAY[:2], OrderStatus.FAILED]
    assert (events[-1].reason or "").startswith("payment-declined: ")


async def test_an_order_for_more_than_there_is_fails_before_the_bank_is_asked(
    clients: Clients,
) -> None:
    client = clients[Protocol.REST]
    for _ in range(2):
        # Ninety-nine of a product at a time; the shelves are full of it only at the beginning.
        cart = tuple(CartLine("MILK-001", 99) for _ in range(50))
        order_id = (await client.place_order(a_request(lines=cart))).value.order.order_id
        events = await followed(client, order_id)
    assert events[-1].status is OrderStatus.FAILED
    assert "out-of-stock" in (events[-1].reason or "") or "declined" in (events[-1].reason or "")


@pytest.mark.parametrize("poll", [*POLLS.readings, *POLLS.takings])
async def test_what_services_tell_to_be_polls_is_what_they_say(stand: LiveStand, poll: str) -> None:
    async with httpx.AsyncClient(base_url=stand.url) as http:

        async def said() -> bool:
            query = {"background": "1", "limit": "2000"}
            told = (await http.get("/stand/tap/exchanges", params=query)).json()["exchanges"]
            return any(
                " ".join(one["facts"].get("sql", one["summary"]).split()).startswith(poll)
                for one in told
                if one["is_background"] and one["is_complete"]
            )

        await until_answered(said, 30)
