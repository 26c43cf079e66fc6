"""A reader of a stream who never reads is cut, and nothing of him stays behind."""

import asyncio

import pytest

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.rest.server import create_app
from tests.fakes.orders import memory_shop
from tests.fakes.reconciliation import memory_reconciliations
from tests.serving import narrow_socket, served
from tests.shop.orders.examples import a_request
from tests.waiting import until_async


@pytest.mark.slow
async def test_who_never_reads_is_cut_with_a_reason() -> None:
    shop = memory_shop()
    # Heartbeats alone fill what lies between the service and the reader.
    stream = StreamLimits(heartbeat_s=0.0001, stream_s=60, stall_s=0.5)
    app = create_app(
        shop.orders.on_behalf_of,
        memory_reconciliations().on_behalf_of,
        RestLimits(5, 65_536, stream),
        Intake("orders", "rest", OpenAccess(), 5),
    )
    order = (await shop.orders.place_order(a_request())).order
    async with served(app, send_buffer_bytes=4096) as url:
        narrow = await narrow_socket(url.removeprefix("http://"))
        reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
        path = f"/api/v1/orders/{order.order_id}/events"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        await until_async(lambda: shop.feed.subscribers == 1)
        await until_async(lambda: shop.feed.subscribers == 0)
        told = await reader.read(-1)
        writer.close()
    assert b"event: cut\ndata: " in told
    assert b"slow-reader" in told
