"""The consumer of the list, which orders has: every delivery once, and what may be missing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from stend.chassis.client_tokens import Client, ClientTokens
from stend.chassis.resilience import GuardPolicy, PeerGuard
from stend.runtime.system import SystemClock
from stend.shop.orders.clients.delivery import GrpcCourierDesk
from stend.shop.orders.reconciliation.sides import DeliverySide, DeliveryState
from stend.shop.orders.workers.side_by_side import listed
from tests.engines.servers import HOST, free_port
from tests.serving import served
from tests.shop.delivery.calling import fresh_order, until_final
from tests.shop.delivery.conftest import StartService

_MORE_THAN_A_PAGE = 130


async def _token(_: Request) -> JSONResponse:
    return JSONResponse({"access_token": "of-a-test", "expires_in": 3600})


@asynccontextmanager
async def desk_at(address: str) -> AsyncIterator[GrpcCourierDesk]:
    async with served(Starlette(routes=[Route("/", _token, methods=["POST"])])) as issuer:
        tokens = ClientTokens(Client(f"{issuer}/", "orders", "secret"), SystemClock())
        guard = PeerGuard("orders", "delivery", GuardPolicy(), lambda: 0.0)
        desk = GrpcCourierDesk(address, tokens, guard, 10.0)
        try:
            yield desk
        finally:
            await desk.close()
            await tokens.close()


async def test_all_deliveries_are_listed_whatever_became_of_them(start: StartService) -> None:
    address = f"{HOST}:{free_port()}"
    _, calls = await start(grpc_address=address, orders_per_courier=50)
    cancelled = [fresh_order() for _ in range(_MORE_THAN_A_PAGE)]
    for order_id in cancelled:
        await calls.cancel(order_id)
    delivered = fresh_order()
    await calls.assign(delivered)
    await until_final(calls, delivered)
    async with desk_at(address) as desk:
        found = [one async for one in listed("delivery", desk.deliveries)]
        states = {one.order_id: one.state for one in found}
        expected = {**dict.fromkeys(cancelled, DeliveryState.CANCELLED)}
        assert states == {**expected, delivered: DeliveryState.DELIVERED}
        assert len(found) == len(states)
        assert await desk.forgotten_until() is None


async def test_one_delivery_is_looked_up_also_under_a_name_that_no_order_has(
    start: StartService,
) -> None:
    address = f"{HOST}:{free_port()}"
    _, calls = await start(grpc_address=address, time_scale=0.01)
    assigned = fresh_order()
    await calls.assign(assigned)
    async with desk_at(address) as desk:
        assert await desk.delivery(assigned) == DeliverySide(assigned, DeliveryState.ASSIGNED)
        assert await desk.delivery(fresh_order()) is None
        assert await desk.delivery("found-in-a-drawer") is None


async def test_it_is_told_until_when_deliveries_are_forgotten(start: StartService) -> None:
    address = f"{HOST}:{free_port()}"
    _, calls = await start(grpc_address=address, keep_deliveries=2)
    orders = [fresh_order() for _ in range(3)]
    ends = [(await calls.cancel(order_id)).updated_at.ToDatetime() for order_id in orders]
    async with desk_at(address) as desk:
        until = await desk.forgotten_until()
        assert until is not None
        assert until.replace(tzinfo=None) == ends[0]
        kept = [one.order_id async for one in listed("delivery", desk.deliveries)]
    assert kept == orders[1:]
