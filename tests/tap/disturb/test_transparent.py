"""What a fault does not strike passes as it is, however it comes and whenever the fault is set."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pymongo
import pytest

from stend.engines.postgresql.launcher import PostgresLauncher
from stend.tap.disturb.catalogue import KINDS
from stend.wire.decoding import Direction
from stend.wire.kafka.apis import ApiKey
from tests.engines.mongo import running as mongo_running
from tests.engines.mysql import running as mysql_running
from tests.engines.servers import HOST
from tests.folders import open_folder
from tests.shop.postgresql import shared_postgres
from tests.tap.disturb.talking import DOWN, UP, Talk
from tests.tap.disturb.test_kafka import produce, response
from tests.wire.amqp.talking import record as record_amqp
from tests.wire.grpc.recording import Handlers
from tests.wire.grpc.recording import recorded as recorded_grpc
from tests.wire.postgresql.talking import recorded_talks
from tests.wire.recording import recorded
from tests.wire.resp.talking import record as record_redis

Said = list[tuple[Direction, bytes]]
# No connection has so many messages.
_NEVER = 1_000_000


async def _grpc() -> Said:
    async def echo(request: bytes, _: object) -> bytes:
        return request

    async def count(request: bytes, _: object) -> AsyncIterator[bytes]:
        for number in range(int(request)):
            yield str(number).encode() * 500

    handlers: Handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Count": grpc.unary_stream_rpc_method_handler(count),
    }
    async with recorded_grpc("shop.Test", handlers) as (channel, ended):
        several: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]
        several = channel.unary_stream("/shop.Test/Count")
        one: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        one = channel.unary_unary("/shop.Test/Echo")
        counting = [[found async for found in several(b"50")] for _ in range(2)]
        assert await asyncio.gather(*(one(bytes(30_000)) for _ in range(10)))
        assert all(counting)
        return await ended()


def _kafka() -> Said:
    said: Said = []
    for number in range(30):
        answer = response(ApiKey.PRODUCE, 9, number, responses=[])
        said += [(UP, produce(number)), (DOWN, answer), (UP, produce(99, acks=0))]
    return said


def _mongo(folder: Path) -> list[Said]:
    config = mongo_running.config_in(folder)
    with mongo_running.running(config), recorded(config.port) as recording:
        url = f"mongodb://{HOST}:{recording.port}/?directConnection=true"
        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(url)
        with client, client.start_session() as session:
            orders = client.shop.orders
            orders.insert_many([{"_id": number, "text": "x" * 500} for number in range(300)])
            session.with_transaction(
                lambda own: orders.update_one({"_id": 1}, {"$set": {"a": 1}}, session=own)
            )
            assert len(list(orders.find(batch_size=50))) == 300
    return recording.talks


def _mysql(folder: Path) -> list[Said]:
    storage = mysql_running.storage_in(folder)
    config = mysql_running.config_in(folder, storage)
    running = mysql_running.running(config, PostgresLauncher(storage))
    with (
        running,
        recorded(config.port) as recording,
        mysql_running.connected(config, port=recording.port) as client,
    ):
        for sql in ("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)", "COMMIT"):
            client.cursor().execute(sql)
        for _ in range(20):
            client.cursor().execute("SELECT * FROM t")
    return recording.talks


@pytest.fixture(scope="module")
def talks() -> Iterator[dict[str, list[Said]]]:
    """Of real clients with real servers, by protocol."""
    with ExitStack() as stack:
        amqp = record_amqp(stack.enter_context(open_folder()))
        redis = record_redis(stack.enter_context(open_folder()))
        running = stack.enter_context(shared_postgres())
        postgresql = stack.enter_context(recorded_talks(running))
        yield {
            "amqp": list(amqp.values()),
            "grpc": [asyncio.run(_grpc())],
            "kafka": [_kafka()],
            "mongodb": _mongo(stack.enter_context(open_folder())),
            "mysql": _mysql(stack.enter_context(open_folder())),
            "postgresql": list(postgresql.values()),
            "redis": [one for several in redis.values() for one in several],
        }


def pieces(said: Said, chance: random.Random) -> Iterator[tuple[Direction, bytes]]:
    """The same bytes in the same order, cut anywhere."""
    for direction, data in said:
        at = 0
        while at < len(data):
            size = chance.choice((1, 3, 50, 5000))
            yield direction, data[at : at + size]
            at += size


@pytest.mark.parametrize(
    "kind", [one.name for one in KINDS.values() if one.protocols and one.protocols[0] != "http"]
)
def test_setting_and_clearing_changes_no_byte(kind: str, talks: dict[str, list[Said]]) -> None:
    (protocol,) = KINDS[kind].protocols
    chance = random.Random(kind)
    for said in talks[protocol]:
        talk = Talk(protocol)
        is_set = False
        for direction, data in pieces(said, chance):
            if chance.random() < 0.05:
                if is_set:
                    talk.clear()
                else:
                    talk.set(kind, every=_NEVER)
                is_set = not is_set
            (talk.up if direction is UP else talk.down)(data)
        if is_set:
            talk.clear()
        assert talk.to_server == b"".join(data for one, data in said if one is UP)
        assert talk.to_client == b"".join(data for one, data in said if one is DOWN)
        assert talk.struck == 0
        assert talk.line.is_idle
        talk.close()
