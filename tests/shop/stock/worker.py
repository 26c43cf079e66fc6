"""The service in a process of its own, for who wants to kill it."""

import asyncio
import sys

from stend.chassis.access import OpenAccess
from stend.runtime.system import RandomIds, SystemClock
from stend.shop.stock.api.amqp.server import AmqpLimits
from stend.shop.stock.service import StockConfig, StockService


async def work(database_url: str, amqp_url: str) -> None:
    limits = AmqpLimits(deadline_s=5.0, body_limit_bytes=65_536, prefetch=10)
    config = StockConfig(database_url, amqp_url, 5, limits)
    service = StockService(config, SystemClock(), RandomIds(), OpenAccess())
    await service.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
