"""The service behind Kafka in a process of its own, for who wants to kill it."""

import asyncio
import sys

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.orders.api.command_desk import CommandLimits
from stend.shop.orders.api.kafka.server import KafkaServer
from stend.shop.orders.usecases import Orders
from tests.shop.orders.websocket.serving import running_desk

INSTANCE = "orders-of-this-test"
_LIMITS = CommandLimits(deadline_s=5.0, body_limit_bytes=65_536, prefetch=5)


def server_on(orders: Orders, servers: str) -> KafkaServer:
    intake = Intake("orders", "kafka", OpenAccess(), _LIMITS.deadline_s)
    return KafkaServer(
        orders.on_behalf_of, servers, _LIMITS, intake, SystemClock(), RandomIds(), INSTANCE
    )


async def work(database_url: str, servers: str) -> None:
    async with running_desk(database_url) as desk:
        server_on(desk.orders, servers).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
