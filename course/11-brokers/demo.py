"""On the brokers of the stand: routes of an exchange, two consumers of a queue, keys of a topic.

What is declared here is taken away again; nothing is computed, all is measured.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import aio_pika
import httpx
from aio_pika.abc import AbstractConnection, AbstractQueue
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from stend.course.demos import Bar, Bars, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

# Ports of the block, after its first.
_RABBITMQ, _KAFKA = 14, 15
_KEYS = ("order.paid", "order.paid.gift", "order.cancelled", "stock.reserved")
_BINDINGS = ("order.paid", "order.*", "order.#")
_MESSAGES, _FAST_S = 40, 0.005
_RECORDS, _PARTITIONS, _OTHER_KEYS = 600, 6, 200
_WITHIN_S = 8.0


@dataclass
class Consumer:
    """
    Attributes:
        needs_s: for a message.
        ended_s: when it was through with its last one.
    """

    name: Text
    needs_s: float
    done: int = 0
    ended_s: float = 0.0


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    base = httpx.URL(stand.url).port or 0
    mark = f"demo.{os.urandom(4).hex()}"
    prefetch, kind = int(values.number("prefetch")), values.choice("exchange")
    slow = Consumer(Text(ru="медленный", en="slow"), values.number("slow") / 1000)
    fast = Consumer(Text(ru="быстрый", en="fast"), _FAST_S)
    came = asyncio.run(_on_rabbitmq(base + _RABBITMQ, mark, kind, prefetch, (slow, fast)))
    yield _routes(kind, came)
    yield from _race(slow, fast, prefetch)
    yield from _partitions(base + _KAFKA, mark, values.number("hot") / 100)


# ---- RabbitMQ ----------------------------------------------------------------------------------


async def _on_rabbitmq(
    port: int, mark: str, kind: str, prefetch: int, consumers: Sequence[Consumer]
) -> Sequence[Counter[str]]:
    async with asyncio.timeout(_WITHIN_S):
        connection = await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{port}/")
        async with connection:
            came = await _published(connection, mark, kind)
            await _consumed(connection, f"{mark}.work", prefetch, consumers)
            return came


async def _published(connection: AbstractConnection, mark: str, kind: str) -> list[Counter[str]]:
    """Every key once, and what has come to each queue."""
    channel = await connection.channel()
    exchange = await channel.declare_exchange(mark, aio_pika.ExchangeType(kind), auto_delete=True)
    queues: list[AbstractQueue] = []
    for binding in _BINDINGS:
        queue = await channel.declare_queue(f"{mark}.{len(queues)}", exclusive=True)
        await queue.bind(exchange, binding)
        queues.append(queue)
    for key in _KEYS:
        # A confirmed publish has reached its queues when it comes back.
        await exchange.publish(aio_pika.Message(key.encode()), key, mandatory=False)
    came = []
    for queue in queues:
        found: Counter[str] = Counter()
        while message := await queue.get(no_ack=True, fail=False):
            found[message.body.decode()] += 1
        came.append(found)
    await channel.close()
    return came


async def _consumed(
    connection: AbstractConnection, name: str, prefetch: int, consumers: Sequence[Consumer]
) -> None:
    channel = await connection.channel()
    await channel.declare_queue(name, exclusive=True)
    for number in range(_MESSAGES):
        await channel.default_exchange.publish(aio_pika.Message(str(number).encode()), name)
    all_done = asyncio.Event()
    began = time.perf_counter()
    works = []
    for one in consumers:
        # The slow one comes first, as whoever was there before the others are started.
        ready = asyncio.Event()
        work = _work(connection, name, prefetch, one, consumers, began, ready, all_done)
        works.append(asyncio.create_task(work))
        await ready.wait()
    await all_done.wait()
    for task in works:
        task.cancel()
    await asyncio.gather(*works, return_exceptions=True)


async def _work(
    connection: AbstractConnection,
    name: str,
    prefetch: int,
    consumer: Consumer,
    everybody: Sequence[Consumer],
    began: float,
    ready: asyncio.Event,
    all_done: asyncio.Event,
) -> None:
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=prefetch)
    queue = await channel.get_queue(name)
    async with queue.iterator() as messages:
        ready.set()
        async for message in messages:
            await asyncio.sleep(consumer.needs_s)
            await message.ack()
            consumer.done += 1
            consumer.ended_s = time.perf_counter() - began
            if sum(one.done for one in everybody) == _MESSAGES:
                all_done.set()


def _routes(kind: str, came: Sequence[Counter[str]]) -> Table:
    heads = (
        Text(ru="ключ сообщения", en="key of the message"),
        *(Text(ru=f"привязка {one}", en=f"binding {one}") for one in _BINDINGS),
    )
    rows: list[list[str | int]] = [[key, *(found[key] for found in came)] for key in _KEYS]
    title = Text(ru=f"Сколько пришло через {kind}", en=f"How many came through {kind}")
    return Table(title, heads, rows)


def _race(slow: Consumer, fast: Consumer, prefetch: int) -> Iterable[Shown]:
    title = Text(
        ru=f"Когда кончил каждый: {_MESSAGES} сообщений, prefetch {prefetch}",
        en=f"When each of them was done: {_MESSAGES} messages, prefetch {prefetch}",
    )
    yield Bars(title, "ms", [Bar(one.name, round(one.ended_s * 1000, 1)) for one in (slow, fast)])
    idle_ms = round((slow.ended_s - fast.ended_s) * 1000)
    tail_ru = (
        f"Быстрый простоял последние {idle_ms} мс, пока медленный разбирал то, что набрал."
        if idle_ms > 0
        else "Ждать друг друга им почти не пришлось."
    )
    tail_en = (
        f"The fast one stood idle for the last {idle_ms} ms while the slow one worked off what it "
        "had taken."
        if idle_ms > 0
        else "They hardly had to wait for each other."
    )
    yield Note(
        Text(
            ru=f"Медленный сделал {slow.done}, быстрый {fast.done}. {tail_ru}",
            en=f"The slow one did {slow.done}, the fast one {fast.done}. {tail_en}",
        )
    )


# ---- Kafka -------------------------------------------------------------------------------------


def _partitions(port: int, mark: str, hot_share: float) -> Iterable[Shown]:
    servers: dict[str, str | int | float | bool] = {"bootstrap.servers": f"127.0.0.1:{port}"}
    admin = AdminClient(servers)
    admin.create_topics([NewTopic(mark, num_partitions=_PARTITIONS)])[mark].result(_WITHIN_S)
    try:
        load = _produced(servers, mark, hot_share)
    finally:
        admin.delete_topics([mark])[mark].result(_WITHIN_S)
    title = Text(
        ru=f"Записей в разделе: {_RECORDS}, из них с одним ключом {hot_share:.0%}",
        en=f"Records in a partition: {_RECORDS}, {hot_share:.0%} of them with one key",
    )
    bars = [
        Bar(Text(ru=f"раздел {one}", en=f"partition {one}"), load[one])
        for one in range(_PARTITIONS)
    ]
    yield Bars(title, "", bars)
    most = max(load.values())
    times = f"{most * _PARTITIONS / _RECORDS:.1f}"
    times_ru = times.replace(".", ",")
    yield Note(
        Text(
            ru=f"В самом полном разделе {most} записей, в {times_ru} раза больше среднего. Читает "
            "его один потребитель, сколько бы их ни было в группе.",
            en=f"The fullest partition has {most} records, {times} times the average. One consumer "
            "reads it, however many there are in the group.",
        )
    )


def _produced(
    servers: Mapping[str, str | int | float | bool], topic: str, hot_share: float
) -> Counter[int]:
    load: Counter[int] = Counter()

    def arrived(error: object, message: Message) -> None:
        if error is None:
            load[message.partition() or 0] += 1

    # As the clients of Java choose: librdkafka's own default would be another hash.
    producer = Producer({**servers, "acks": "all", "partitioner": "murmur2_random"})
    hot = round(_RECORDS * hot_share)
    for number in range(_RECORDS):
        key = "ord_hot" if number < hot else f"ord_{number % _OTHER_KEYS}"
        producer.produce(topic, key=key, value=str(number), on_delivery=arrived)
    producer.flush(_WITHIN_S)
    if load.total() != _RECORDS:
        raise TimeoutError(f"{load.total()} of {_RECORDS} records were confirmed")
    return load
