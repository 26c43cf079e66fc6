"""Both brokers' servers as one part of the service."""

import asyncio

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.api.amqp.client import AmqpClient
from stend.shop.orders.api.brokers import BrokersConfig, BrokerServers
from stend.shop.orders.usecases import GetOrder
from tests.fakes.orders import memory_shop
from tests.shop.orders.amqp.conftest import LIMITS
from tests.shop.orders.examples import a_request

_NOBODY = "127.0.0.1:1"


def servers_at(amqp_url: str) -> tuple[BrokerServers, list[str]]:
    asked: list[str] = []

    def intake(protocol: str) -> Intake:
        asked.append(protocol)
        return Intake("orders", protocol, OpenAccess(), LIMITS.deadline_s)

    config = BrokersConfig(amqp_url, (_NOBODY,), LIMITS)
    shop = memory_shop()
    return BrokerServers(
        shop.orders.on_behalf_of, config, intake, SystemClock(), RandomIds()
    ), asked


async def test_one_broker_is_served_though_the_other_is_away(broker_url: str) -> None:
    servers, asked = servers_at(broker_url)
    client = AmqpClient(broker_url, RandomIds())
    servers.start()
    while (placed := await client.place_order(a_request())).error:
        pass
    order = placed.value.order
    assert (await client.get_order(GetOrder(order.order_id))).value == order
    assert asked == ["amqp", "kafka"]
    await client.close()
    async with asyncio.timeout(4):
        await servers.stop()


async def test_without_any_broker_it_starts_at_once_and_stops_soon() -> None:
    servers, _ = servers_at(f"amqp://lavka:lavka@{_NOBODY}/")
    async with asyncio.timeout(4):
        servers.start()
        await servers.stop()
