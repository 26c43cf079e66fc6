"""The five operations over Kafka, and what no client sends."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from stend.chassis.kafka import KafkaProducer, KafkaRecord
from stend.chassis.kafka_reading import KafkaReader
from stend.engines.kafka.launcher import KafkaLauncher
from stend.kit.errors import EdgeErrorCode
from stend.runtime.system import RandomIds
from stend.shop.orders.api.kafka.client import KafkaClient
from stend.shop.orders.api.kafka.translate import PARTITIONS
from stend.shop.orders.api.messages import dump, input_to_json
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.usecases import CancelOrder, GetOrder, PlaceOrder, TrackOrder
from tests.engines.kafka.running import bootstrap_of, config_in
from tests.engines.servers import ready
from tests.fakes.orders import MemoryShop, memory_shop
from tests.folders import open_folder
from tests.shop.orders.commands_suite import CommandSuite, deliver
from tests.shop.orders.examples import UNKNOWN_ORDER, a_request, fresh_ulid
from tests.shop.orders.kafka.conftest import LIMITS, server_of
from tests.waiting import until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")
Headers = dict[str, str]


class TestKafka(CommandSuite):
    """The suite, over Kafka."""


class Peer:
    """Sends whatever it is told and reads all replies and dead letters, beside the client."""

    def __init__(self, servers: str) -> None:
        self.replies: list[KafkaRecord] = []
        self.dead: list[KafkaRecord] = []
        self._producer = KafkaProducer(servers, "peer", 5)
        self._readers = {
            "orders.replies": KafkaReader(servers, "peer-replies", self.replies.append),
            "orders.commands.dead": KafkaReader(servers, "peer-dead", self.dead.append),
        }

    async def start(self) -> None:
        self._producer.start()
        for topic, reader in self._readers.items():
            await reader.start(topic, 0, 5)

    async def stop(self) -> None:
        await asyncio.gather(self._producer.stop(), *(one.stop() for one in self._readers.values()))

    async def send(self, value: bytes, **headers: str | None) -> str:
        correlation_id = fresh_ulid()
        told = {"type": "GetOrder", "correlation_id": correlation_id} | headers
        pairs = [
            (name.replace("_type", "-type"), text.encode())
            for name, text in told.items()
            if text is not None
        ]
        await self._producer.send("orders.commands", value, headers=pairs, key=b"k")
        return correlation_id

    async def repeat(self, reply: Reply[Any]) -> None:
        """Writes it again, as a producer does that has missed the broker's word."""
        headers = [(name, text.encode()) for name, text in reply.headers]
        for partition in range(PARTITIONS):
            await self._producer.send(
                "orders.replies", reply.body.encode(), headers=headers, partition=partition
            )

    async def reply_to(self, correlation_id: str) -> Any:
        def mine() -> list[KafkaRecord]:
            return [r for r in self.replies if r.header("correlation_id") == correlation_id]

        (record, *_) = await until_async(mine)
        return json.loads(record.value or b"")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def all_of_peer(shop: MemoryShop, kafka_servers: str) -> AsyncIterator[Peer]:
    peer = Peer(kafka_servers)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
def peer(all_of_peer: Peer) -> Peer:
    """As if it had read nothing yet."""
    all_of_peer.replies.clear()
    all_of_peer.dead.clear()
    return all_of_peer


async def test_a_reply_carries_type_correlation_and_that_it_is_the_last(
    client: KafkaClient,
) -> None:
    reply = await client.get_order(GetOrder(UNKNOWN_ORDER))
    told = dict(reply.headers)
    assert (told["type"], told["content-type"], told["last"]) == (
        "GetOrderReply",
        "application/json",
        "true",
    )
    assert (reply.status, json.loads(reply.body)["error"]["retry"]) == ("refused", "never")


async def test_an_event_that_is_written_twice_is_told_once(
    client: KafkaClient, shop: MemoryShop, peer: Peer
) -> None:
    order = (await client.place_order(a_request())).value.order
    stream = client.track_order(TrackOrder(order.order_id))
    await peer.repeat(await anext(stream))
    await deliver(shop, order.order_id)
    assert [reply.value.version async for reply in stream] == [2, 3, 4, 5, 6]


def orders_of(shop: MemoryShop, request: PlaceOrder) -> int:
    mine = [one for one in shop.store.orders.values() if one.customer_id == request.customer_id]
    return len(mine)


BROKEN: list[tuple[bytes, Headers | dict[str, None], EdgeErrorCode]] = [
    (b"{", {}, EdgeErrorCode.MALFORMED_MESSAGE),
    (b"", {}, EdgeErrorCode.MALFORMED_MESSAGE),
    (b"[]", {}, EdgeErrorCode.INVALID_ARGUMENT),
    (b'{"more": 1}', {"type": "ListOrders"}, EdgeErrorCode.INVALID_ARGUMENT),
    (b"{", {"type": "TrackOrder"}, EdgeErrorCode.MALFORMED_MESSAGE),
    (b"{}", {"type": "SellOrder"}, EdgeErrorCode.NO_SUCH_OPERATION),
    (b"{}", {"type": None}, EdgeErrorCode.NO_SUCH_OPERATION),
    (b"<x/>", {"content_type": "text/xml"}, EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE),
    (b" " * 65_537, {}, EdgeErrorCode.MESSAGE_TOO_LARGE),
    (b"{}", {"timeout_ms": "soon"}, EdgeErrorCode.INVALID_ARGUMENT),
]


@pytest.mark.parametrize(("value", "headers", "code"), BROKEN)
async def test_what_cannot_be_read_is_answered_and_put_aside(
    peer: Peer, value: bytes, headers: dict[str, str | None], code: EdgeErrorCode
) -> None:
    reply = await peer.reply_to(await peer.send(value, **headers))
    assert (reply["ok"], reply["error"]["code"], reply["error"]["retry"]) == (False, code, "never")
    (letter,) = await until_async(lambda: peer.dead)
    assert letter.value == value
    assert letter.header("error")


@pytest.mark.parametrize(
    "headers", [{"correlation_id": None}, {"reply_partition": "3"}, {"reply_partition": "-1"}]
)
async def test_a_command_that_cannot_be_answered_is_put_aside_and_not_performed(
    peer: Peer, shop: MemoryShop, headers: dict[str, str | None]
) -> None:
    request = a_request()
    body = dump(input_to_json(request))
    await peer.send(body, **{"type": "PlaceOrder", **headers})
    (letter,) = await until_async(lambda: peer.dead)
    assert letter.value == body
    assert orders_of(shop, request) == 0


async def test_a_record_that_comes_twice_places_one_order(peer: Peer, shop: MemoryShop) -> None:
    request = a_request()
    body = dump(input_to_json(request))
    replies = [await peer.reply_to(await peer.send(body, type="PlaceOrder")) for _ in range(2)]
    assert replies[0]["result"]["order"] == replies[1]["result"]["order"]
    assert [reply["result"]["replayed"] for reply in replies] == [False, True]
    assert orders_of(shop, request) == 1


async def test_a_command_whose_sender_has_given_up_is_not_performed(
    peer: Peer, shop: MemoryShop
) -> None:
    request = a_request()
    body = dump(input_to_json(request))
    reply = await peer.reply_to(await peer.send(body, type="PlaceOrder", timeout_ms="0"))
    assert reply["error"]["code"] == EdgeErrorCode.DEADLINE_EXCEEDED
    assert orders_of(shop, request) == 0


async def test_more_streams_than_there_are_places_are_refused_and_orders_still_answered(
    client: KafkaClient,
) -> None:
    order = (await client.place_order(a_request())).value.order
    track = TrackOrder(order.order_id)
    streams = [client.track_order(track) for _ in range(LIMITS.streams)]
    await asyncio.gather(*(anext(stream) for stream in streams))
    refused = await anext(client.track_order(track))
    assert refused.error is not None
    assert refused.error.code == EdgeErrorCode.OVERLOADED
    assert (await client.get_order(GetOrder(order.order_id))).value == order
    await client.cancel_order(CancelOrder(order.order_id))
    for stream in streams:
        assert [reply.value.version async for reply in stream] == [2]


async def test_two_clients_each_get_their_own_replies_from_their_first_call(
    shop: MemoryShop, kafka_servers: str
) -> None:
    clients = [KafkaClient(kafka_servers, RandomIds()) for _ in range(4)]
    requests = [a_request() for _ in clients]
    placed = await asyncio.gather(
        *(one.place_order(wish) for one, wish in zip(clients, requests, strict=True))
    )
    assert [one.value.order.customer_id for one in placed] == [r.customer_id for r in requests]
    await asyncio.gather(*(one.close() for one in clients))


async def test_a_broker_that_goes_and_comes_back_is_served_again() -> None:
    with open_folder() as folder:
        config = config_in(folder, auto_create_topics=False)
        shop = memory_shop()
        server = server_of(shop, bootstrap_of(config))
        client = KafkaClient(bootstrap_of(config), RandomIds(), deadline_s=2)
        server.start()
        away = await client.get_order(GetOrder(UNKNOWN_ORDER))
        assert (away.status, away.error and away.error.code) == (
            "no reply",
            EdgeErrorCode.UNAVAILABLE,
        )
        for _ in range(2):
            broker = KafkaLauncher(config)
            await asyncio.to_thread(broker.launch)
            await asyncio.to_thread(ready, broker)
            request = a_request()
            while (reply := await client.place_order(request)).error:
                assert reply.error.code in {
                    EdgeErrorCode.UNAVAILABLE,
                    EdgeErrorCode.DEADLINE_EXCEEDED,
                }
            await asyncio.to_thread(broker.stop)
        assert len(shop.store.orders) == 2
        async with asyncio.timeout(5):
            await asyncio.gather(server.stop(), client.close())
