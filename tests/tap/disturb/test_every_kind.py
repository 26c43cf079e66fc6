"""Walks the table of all kinds: a stock client meets each, and sees what the table says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aio_pika
import confluent_kafka
import grpc
import httpx
import kafka
import pika
import psycopg
import pymongo
import pytest
import redis.asyncio
import zeep
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from stend.engines.kafka.launcher import Listener
from stend.engines.mysql.launcher import MysqlConfig
from stend.engines.postgresql.launcher import PostgresLauncher
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.seen import SEEN
from tests.engines.amqp import running as amqp_running
from tests.engines.kafka import running as kafka_running
from tests.engines.mongo import running as mongo_running
from tests.engines.mysql import running as mysql_running
from tests.engines.redis import running as redis_running
from tests.engines.servers import HOST, free_port
from tests.folders import open_folder
from tests.shop.postgresql import shared_postgres
from tests.tap.disturb.http_server import served, wsdl
from tests.tap.disturb.tapped import Tapped, tapped

# What a client reports of one call through a tap whose fault is set.
Probe = Callable[[Tapped], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Servers:
    """Ports of all servers, and what else their clients have to know."""

    amqp: int
    kafka: int
    kafka_tap: int
    mongodb: int
    mysql: MysqlConfig
    postgresql: int
    dsn: str
    redis: int


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with open_folder() as folder, shared_postgres() as postgres:
        dsn = postgres.empty_database("orders")
        amqp = amqp_running.config_in(folder)
        tap_port = free_port()
        listeners = ((Listener(free_port(), tap_port),),)
        broker = replace(kafka_running.config_in(folder), brokers=listeners)
        mongo, cache = mongo_running.config_in(folder), redis_running.config_in(folder)
        storage = mysql_running.storage_in(Path(folder) / "mysql-storage")
        mysql = mysql_running.config_in(folder, storage)
        with (
            amqp_running.running(amqp),
            kafka_running.running(broker),
            mongo_running.running(mongo),
            redis_running.running(cache),
            mysql_running.running(mysql, PostgresLauncher(storage)),
        ):
            yield Servers(
                amqp=amqp.port,
                kafka=listeners[0][0].port,
                kafka_tap=tap_port,
                mongodb=mongo.port,
                mysql=mysql,
                postgresql=postgres.port,
                dsn=dsn,
                redis=cache.port,
            )


async def reported(ask: Awaitable[Any], code: Callable[[Any], object] = lambda _: "") -> str:
    """The name of what is raised, and its code."""
    try:
        return str(await ask)
    except Exception as error:  # noqa: BLE001 - whatever it is, its name is compared
        return f"{type(error).__name__} {code(error)}".strip()


async def http(tap: Tapped) -> str:
    address = f"http://{HOST}:{tap.port}"
    async with httpx.AsyncClient(base_url=address, timeout=1) as client:
        try:
            return f"httpx: {(await client.get('/')).status_code}"
        except httpx.NetworkError:
            # Whether it is felt when writing or when reading is chance.
            return "httpx: NetworkError"
        except httpx.HTTPError as error:
            return f"httpx: {type(error).__name__}"


async def jsonrpc(tap: Tapped) -> str:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        call = {"jsonrpc": "2.0", "id": 1, "method": "points"}
        answer = await client.post("/", json=call)
    return f"httpx: {answer.status_code}, error {answer.json()['error']['code']}"


async def graphql(tap: Tapped) -> str:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{tap.port}") as client:
        answer = await client.post("/", json={"query": "{ products { id } }"})
    (error,) = answer.json()["errors"]
    return f"httpx: {answer.status_code}, errors {error['extensions']['code']}"


async def soap(tap: Tapped) -> str:
    def call() -> None:
        address = f"http://{HOST}:{tap.port}/"
        client = zeep.Client(wsdl("http://schemas.xmlsoap.org/wsdl/soap/", address))
        with client.transport.session:
            client.service.Pay("1")

    return "zeep: " + await reported(asyncio.to_thread(call), lambda error: error.code)


async def websocket(tap: Tapped) -> str:
    async with connect(f"ws://{HOST}:{tap.port}/") as client:
        await client.send("x")
        return "websockets: " + await reported(client.recv(), lambda error: error.rcvd.code)


async def grpc_call(tap: Tapped) -> str:
    options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(f"{HOST}:{tap.port}", options) as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
        method = channel.unary_unary("/shop.Orders/Get")
        call = method(b"")
        return "grpc.aio: " + await reported(call, lambda error: error.code().name)


def is_refusal(error: Exception) -> bool:
    return isinstance(error, aio_pika.exceptions.DeliveryError)


async def confirmed(tap: Tapped) -> str:
    async with await aio_pika.connect(f"amqp://lavka:lavka@{HOST}:{tap.port}/") as connection:
        exchange = (await connection.channel()).default_exchange
        sent = exchange.publish(aio_pika.Message(b"x"), "nowhere", mandatory=False)
        told = await reported(sent, lambda error: error.frame.name if is_refusal(error) else "")
    return f"aio-pika: {told}"


async def consumed(tap: Tapped, *bodies: bytes) -> str:
    async with await aio_pika.connect(f"amqp://lavka:lavka@{HOST}:{tap.port}/") as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        sends = [
            channel.default_exchange.publish(aio_pika.Message(one), queue.name) for one in bodies
        ]
        await asyncio.gather(*sends)
        found = [await queue.get(timeout=5) for _ in range(2)]
    return "aio-pika: messages " + ", ".join(one.body.decode() for one in found)


async def pika_connection(tap: Tapped) -> str:
    login = pika.PlainCredentials("lavka", "lavka")
    parameters = pika.ConnectionParameters(HOST, tap.port, "/", login)

    def declare() -> None:
        pika.BlockingConnection(parameters).channel().queue_declare("x")

    return "pika: " + await reported(asyncio.to_thread(declare), lambda error: error.reply_code)


async def kafka_python(tap: Tapped) -> str:
    def send() -> None:
        producer = kafka.KafkaProducer(
            bootstrap_servers=f"{HOST}:{tap.port}", retries=0, acks=1, enable_idempotence=False
        )
        try:
            producer.send("walked", b"x").get(10)
        finally:
            producer.close()

    return "kafka-python: " + await reported(asyncio.to_thread(send))


async def produced(tap: Tapped) -> str:
    def send() -> str:
        outcome: list[Any] = []
        settings = {"bootstrap.servers": f"{HOST}:{tap.port}", "retries": 0}
        producer = confluent_kafka.Producer(settings)
        producer.produce("walked", b"x", on_delivery=lambda error, _: outcome.append(error))
        producer.flush(10)
        return str(outcome[0].name())

    return "confluent-kafka: " + await asyncio.to_thread(send)


async def committed(tap: Tapped) -> str:
    def commit() -> None:
        settings = {"bootstrap.servers": f"{HOST}:{tap.port}", "group.id": "walking"}
        consumer = confluent_kafka.Consumer(settings)
        try:
            places = [confluent_kafka.TopicPartition("walked", 0, 1)]
            consumer.commit(offsets=places, asynchronous=False)
        finally:
            tap.faults.clear_all()
            consumer.close()

    try:
        await asyncio.to_thread(commit)
    except confluent_kafka.KafkaException as error:
        return f"confluent-kafka: {error.args[0].name()}"
    return "confluent-kafka: committed"


def sql(dsn: str) -> Probe:
    async def run(tap: Tapped) -> str:
        async def select() -> None:
            connecting = psycopg.AsyncConnection.connect(dsn, host=HOST, port=tap.port)
            async with await connecting as connection:
                await connection.execute("SELECT %s::int", (1,))

        return "psycopg: " + await reported(select(), lambda error: error.sqlstate or "")

    return run


def mysql(config: MysqlConfig) -> Probe:
    async def run(tap: Tapped) -> str:
        def select() -> None:
            with (
                mysql_running.connected(config, port=tap.port) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT 1")

        return "pymysql: " + await reported(asyncio.to_thread(select), lambda error: error.args[0])

    return run


async def mongo(tap: Tapped) -> str:
    def insert() -> None:
        url = f"mongodb://{HOST}:{tap.port}/?directConnection=true&retryWrites=false"
        client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(url)
        with client:
            client.shop.walked.insert_one({})

    def code(error: Any) -> object:
        return error.details["code"]

    return "pymongo: " + await reported(asyncio.to_thread(insert), code)


async def redis_set(tap: Tapped) -> str:
    client = redis.asyncio.Redis(host=HOST, port=tap.port, retry=Retry(NoBackoff(), 0))
    async with client:
        return "redis-py: " + await reported(client.set("walked", "1"))


def probe_of(name: str, servers: Servers) -> Probe:
    own: Mapping[str, Probe] = {
        "jsonrpc_error": jsonrpc,
        "graphql_error": graphql,
        "soap_fault": soap,
        "websocket_close": websocket,
        "grpc_status": grpc_call,
        "amqp_nack": confirmed,
        "amqp_channel_close": confirmed,
        "amqp_duplicate": lambda tap: consumed(tap, b"a"),
        "amqp_reorder": lambda tap: consumed(tap, b"a", b"b"),
        "amqp_connection_close": pika_connection,
        "kafka_not_leader": kafka_python,
        "kafka_timed_out": produced,
        "kafka_not_coordinator": committed,
    }
    of_protocols: Mapping[str, Probe] = {
        "": http,
        "http": http,
        "postgresql": sql(servers.dsn),
        "mysql": mysql(servers.mysql),
        "mongodb": mongo,
        "redis": redis_set,
    }
    return own.get(name) or of_protocols["".join(KINDS[name].protocols)]


@contextlib.asynccontextmanager
async def echoing() -> AsyncIterator[Tapped]:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with (
        serve(echo, HOST, 0) as server,
        tapped(server.sockets[0].getsockname()[1], "http") as tap,
    ):
        yield tap


@contextlib.asynccontextmanager
async def calling() -> AsyncIterator[Tapped]:
    server = grpc.aio.server()
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    async with tapped(port, "grpc") as tap:
        yield tap
    await server.stop(None)


def behind_tap(name: str, servers: Servers) -> contextlib.AbstractAsyncContextManager[Tapped]:
    """A tap before the server that the kind of fault is for."""
    protocol = "".join(KINDS[name].protocols)
    if name == "websocket_close":
        return echoing()
    if protocol in ("", "http"):
        return served()
    if protocol == "grpc":
        return calling()
    port = servers.mysql.port if protocol == "mysql" else getattr(servers, protocol)
    return tapped(port, protocol, servers.kafka_tap if protocol == "kafka" else 0)


def test_the_table_has_every_kind() -> None:
    assert list(SEEN) == list(KINDS)
    assert len(KINDS) >= 24


@pytest.mark.parametrize("name", KINDS)
async def test_a_stock_client_sees_what_the_table_says(name: str, servers: Servers) -> None:
    async with behind_tap(name, servers) as tap:
        fault = tap.set(name)
        assert await probe_of(name, servers)(tap) == SEEN[name]
        assert fault.struck > 0
