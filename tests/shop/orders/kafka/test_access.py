"""Who may do what over Kafka; alone, for another server of the group would read half of it."""

import asyncio

from stend.runtime.system import RandomIds
from stend.shop.orders.api.kafka.client import KafkaClient
from tests.fakes.orders import memory_shop
from tests.shop.gates import READER, ReadersOnly
from tests.shop.orders.commands_suite import check_gate
from tests.shop.orders.kafka.conftest import server_of


async def test_the_header_authorization_is_what_the_gate_asks_for(kafka_servers: str) -> None:
    shop = memory_shop()
    server = server_of(shop, kafka_servers, ReadersOnly())
    reader = KafkaClient(kafka_servers, RandomIds(), READER)
    stranger = KafkaClient(kafka_servers, RandomIds())
    server.start()
    await server.ready(10)
    await check_gate(reader, stranger, shop)
    await asyncio.gather(reader.close(), stranger.close(), server.stop())
