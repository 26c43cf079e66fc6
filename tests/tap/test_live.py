"""Every protocol of the stand through its tapped port, 100 above its own."""

import psycopg

from stend.shop.orders.api.grpc.client import GrpcClient
from stend.shop.orders.api.reply import OrdersClient
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.usecases import CancelOrder, TrackOrder
from tests.conftest import LiveStand
from tests.shop.orders.examples import a_request


async def _works(client: OrdersClient) -> None:
    order = (await client.place_order(a_request())).value.order
    stream = client.track_order(TrackOrder(order.order_id))
    assert (await anext(stream)).value.version == 1
    await client.cancel_order(CancelOrder(order.order_id))
    assert [reply.value.version async for reply in stream] == [2]
    await client.close()


async def test_rest_and_sse_work_through_the_tap(live_stand: LiveStand) -> None:
    await _works(RestClient(f"http://127.0.0.1:{live_stand.port_base + 100}"))


async def test_grpc_works_through_the_tap(live_stand: LiveStand) -> None:
    await _works(GrpcClient(f"127.0.0.1:{live_stand.port_base + 101}"))


def test_postgresql_works_through_the_tap(live_stand: LiveStand) -> None:
    url = f"postgresql://lavka:lavka@127.0.0.1:{live_stand.port_base + 110}/lavka"
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT generate_series(1, 50000)").fetchall()
        assert len(rows) == 50_000
        with connection.cursor().copy("COPY (SELECT 1) TO STDOUT") as copy:
            assert list(copy.rows()) == [("1",)]
