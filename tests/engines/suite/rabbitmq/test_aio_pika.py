"""aio-pika: the asyncio client of the course, with its robust connections and its patterns."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractRobustConnection
from aio_pika.exceptions import (
    ChannelPreconditionFailed,
    DeliveryError,
    PublishError,
    QueueEmpty,
)
from aio_pika.patterns import RPC, Master, NackMessage
from pamqp.common import FieldTable

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.conftest import Management
from tests.waiting import until, until_async

_TIMEOUT_S = 20
_MEGABYTE = 1024 * 1024


@pytest.fixture
async def robust(url: str) -> AsyncIterator[AbstractRobustConnection]:
    connection = await aio_pika.connect_robust(url, timeout=_TIMEOUT_S, reconnect_interval=0.1)
    yield connection
    await connection.close()


@pytest.fixture
async def open_channel(robust: AbstractRobustConnection) -> AbstractChannel:
    """With publisher confirms, as aio-pika opens channels when nothing else is said."""
    return await robust.channel()


@check(
    ru="aio-pika: свойства и заголовки сообщения доходят такими же",
    en="aio-pika: properties and headers of a message arrive as they were",
)
async def test_properties(open_channel: AbstractChannel, name: str) -> None:
    queue = await open_channel.declare_queue(name, auto_delete=True)
    headers: FieldTable = {
        "attempt": 3,
        "share": 0.5,
        "paid": True,
        "tags": ["a", "б"],
        "nested": {"k": None},
    }
    sent = aio_pika.Message(
        "Молоко".encode(),
        headers=headers,
        content_type="text/plain",
        content_encoding="utf-8",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        priority=4,
        correlation_id="c-1",
        message_id="m-1",
        type="OrderPlaced",
        app_id="suite",
    )
    await open_channel.default_exchange.publish(sent, name)
    message = await queue.get(timeout=_TIMEOUT_S)
    async with message.process():
        assert message.body == sent.body
        assert message.headers == headers
        for field in (
            *("content_type", "content_encoding", "delivery_mode", "priority"),
            *("correlation_id", "message_id", "type", "app_id"),
        ):
            assert getattr(message, field) == getattr(sent, field), field


@check(
    ru="aio-pika: тело в мегабайт, из нескольких кадров, доходит целым",
    en="aio-pika: a body of a megabyte, in several frames, arrives whole",
)
async def test_large_body(open_channel: AbstractChannel, name: str) -> None:
    queue = await open_channel.declare_queue(name, auto_delete=True)
    body = bytes(range(256)) * (_MEGABYTE // 256)
    await open_channel.default_exchange.publish(aio_pika.Message(body), name)
    message = await queue.get(no_ack=True, timeout=_TIMEOUT_S)
    assert message.body == body
    with pytest.raises(QueueEmpty):
        await queue.get(timeout=_TIMEOUT_S)


@check(
    ru="aio-pika: тысяча одновременных публикаций подтверждена, порядок сохранён",
    en="aio-pika: a thousand concurrent publishings are confirmed, in order",
)
async def test_concurrent_confirms(open_channel: AbstractChannel, name: str) -> None:
    queue = await open_channel.declare_queue(name, auto_delete=True)
    publish = open_channel.default_exchange.publish
    messages = [aio_pika.Message(b"%d" % number) for number in range(1000)]
    await asyncio.gather(*(publish(message, name) for message in messages))
    seen: list[bytes] = []
    async with queue.iterator(no_ack=True, timeout=_TIMEOUT_S) as incoming:
        async for message in incoming:
            seen.append(message.body)
            if len(seen) == len(messages):
                break
    assert seen == [message.body for message in messages]


@check(
    ru="aio-pika: сообщение, которому некуда идти, возвращается ошибкой публикации",
    en="aio-pika: a message that has nowhere to go comes back as an error of its publishing",
)
async def test_unroutable(robust: AbstractRobustConnection, name: str) -> None:
    channel = await robust.channel(on_return_raises=True)
    with pytest.raises(PublishError) as returned:
        await channel.default_exchange.publish(aio_pika.Message(b"lost"), name)
    assert "NO_ROUTE" in str(returned.value)


@check(
    ru="aio-pika: полная очередь с reject-publish отвечает отказом, не потерей",
    en="aio-pika: a full queue with reject-publish answers with a nack, not with a loss",
)
async def test_rejected(open_channel: AbstractChannel, name: str) -> None:
    arguments: FieldTable = {"x-max-length": 1, "x-overflow": "reject-publish"}
    await open_channel.declare_queue(name, auto_delete=True, arguments=arguments)
    await open_channel.default_exchange.publish(aio_pika.Message(b"first"), name)
    with pytest.raises(DeliveryError):
        await open_channel.default_exchange.publish(aio_pika.Message(b"second"), name)


@check(
    ru="aio-pika: после ошибки 406 канал закрыт, соединение работает дальше",
    en="aio-pika: after error 406 the channel is closed and the connection goes on",
)
async def test_channel_error(robust: AbstractRobustConnection, url: str, name: str) -> None:
    async with await aio_pika.connect(url) as plain:
        first = await plain.channel()
        await first.declare_queue(name, auto_delete=True)
        with pytest.raises(ChannelPreconditionFailed):
            await first.declare_queue(name, auto_delete=False)
        await until_async(lambda: first.is_closed)
        second = await plain.channel()
        assert (await second.declare_queue(name, auto_delete=True)).name == name


@check(
    ru="aio-pika: непрочитанное из-за ошибки обработчика приходит снова с пометкой",
    en="aio-pika: what a handler failed on comes again, marked as redelivered",
)
async def test_redelivery(open_channel: AbstractChannel, name: str) -> None:
    queue = await open_channel.declare_queue(name, auto_delete=True)
    seen: list[tuple[bytes, bool | None]] = []

    async def handle(message: AbstractIncomingMessage) -> None:
        async with message.process(requeue=True, ignore_processed=True):
            seen.append((message.body, message.redelivered))
            if not message.redelivered:
                await message.reject(requeue=True)

    await queue.consume(handle)
    await open_channel.default_exchange.publish(aio_pika.Message(b"once"), name)
    await until_async(lambda: len(seen) == 2)
    assert seen == [(b"once", False), (b"once", True)]


@check(
    ru="aio-pika: отложенный повтор — очередь с TTL возвращает письмо в рабочую",
    en="aio-pika: a delayed retry: a queue with a TTL gives the letter back to the working one",
)
async def test_delayed_retry(open_channel: AbstractChannel, name: str) -> None:
    work, later = f"{name}.work", f"{name}.later"
    back: FieldTable = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": work}
    await open_channel.declare_queue(
        later, auto_delete=False, arguments=back | {"x-expires": 60_000}
    )
    away: FieldTable = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": later}
    queue = await open_channel.declare_queue(work, auto_delete=True, arguments=away)
    attempts: list[list[int]] = []
    done = asyncio.Event()

    async def handle(message: AbstractIncomingMessage) -> None:
        deaths = message.headers.get("x-death", [])
        assert isinstance(deaths, list)
        attempts.append([int(death["count"]) for death in deaths])  # type: ignore[index,arg-type,call-overload]
        if len(attempts) < 3:
            # The expiry is the message's own and goes with its first death.
            await open_channel.default_exchange.publish(
                aio_pika.Message(message.body, headers=message.headers, expiration=0.05), later
            )
            await message.ack()
        else:
            await message.ack()
            done.set()

    await queue.consume(handle)
    await open_channel.default_exchange.publish(aio_pika.Message(b"try"), work)
    await asyncio.wait_for(done.wait(), _TIMEOUT_S)
    assert attempts == [[], [1], [2]]


@check(
    ru="aio-pika: транзакция отката не оставляет ничего, фиксация — всё",
    en="aio-pika: a rolled-back transaction leaves nothing, a committed one all",
)
async def test_transaction(robust: AbstractRobustConnection, name: str) -> None:
    channel = await robust.channel(publisher_confirms=False)
    queue = await channel.declare_queue(name, auto_delete=True)
    transaction = channel.transaction()
    await transaction.select()
    await channel.default_exchange.publish(aio_pika.Message(b"gone"), name)
    await transaction.rollback()
    for body in (b"one", b"two"):
        await channel.default_exchange.publish(aio_pika.Message(body), name)
    await transaction.commit()
    bodies = [(await queue.get(no_ack=True, timeout=_TIMEOUT_S)).body for _ in range(2)]
    assert bodies == [b"one", b"two"]
    assert await queue.get(no_ack=True, fail=False, timeout=_TIMEOUT_S) is None


@check(
    ru="aio-pika RPC: ответ, ошибка обработчика и снятие с учёта",
    en="aio-pika RPC: an answer, an error of the handler, and unregistering",
)
async def test_rpc(url: str, name: str) -> None:
    async with await aio_pika.connect(url) as connection:
        rpc = await RPC.create(await connection.channel())

        async def divide(*, dividend: int, divisor: int) -> float:
            return dividend / divisor

        await rpc.register(name, divide, auto_delete=True)
        answers = await asyncio.gather(
            *(rpc.call(name, {"dividend": number, "divisor": 2}) for number in range(50))
        )
        assert answers == [number / 2 for number in range(50)]
        with pytest.raises(ZeroDivisionError):
            await rpc.call(name, {"dividend": 1, "divisor": 0})
        await rpc.unregister(divide)
        await rpc.close()


@check(
    ru="aio-pika Master: задачи делятся между работниками, отказ возвращает задачу",
    en="aio-pika Master: tasks are shared between workers, a nack gives a task back",
)
async def test_master(url: str, name: str) -> None:
    done: list[tuple[str, int]] = []
    refused: list[int] = []

    async with await aio_pika.connect(url) as connection:
        masters = []
        for worker in ("a", "b"):
            channel = await connection.channel()
            await channel.set_qos(1)

            async def work(*, number: int, who: str = worker) -> None:
                if number == 7 and not refused:
                    refused.append(number)
                    raise NackMessage(requeue=True)
                done.append((who, number))

            masters.append(Master(channel))
            await masters[-1].create_worker(name, work, auto_delete=True)
        for number in range(20):
            await masters[0].create_task(name, {"number": number})
        await until_async(lambda: len(done) == 20)
    assert sorted(number for _, number in done) == list(range(20))
    assert {who for who, _ in done} == {"a", "b"}
    assert refused == [7]


@check(
    ru="aio-pika: после разрыва клиент сам восстанавливает очередь, связь и подписку",
    en="aio-pika: after a cut the client restores queue, binding and subscription by itself",
)
async def test_reconnects(
    robust: AbstractRobustConnection, management: Management, vhost: str, name: str
) -> None:
    channel = await robust.channel()
    exchange = await channel.declare_exchange(name, aio_pika.ExchangeType.TOPIC, auto_delete=True)
    queue = await channel.declare_queue(name, exclusive=True)
    await queue.bind(exchange, "orders.*")
    seen: list[bytes] = []

    async def take(message: AbstractIncomingMessage) -> None:
        async with message.process():
            seen.append(message.body)

    await queue.consume(take)
    await exchange.publish(aio_pika.Message(b"before"), "orders.placed")
    await until_async(lambda: seen == [b"before"])

    restored = asyncio.Event()
    robust.reconnect_callbacks.add(lambda *_: restored.set())
    await asyncio.to_thread(_cut, management, vhost, name)
    await asyncio.wait_for(restored.wait(), _TIMEOUT_S)
    await exchange.publish(aio_pika.Message(b"after"), "orders.placed")
    await until_async(lambda: seen == [b"before", b"after"])


def _cut(management: Management, vhost: str, queue: str) -> None:
    """Closes the connection that owns the queue, as an administrator would."""

    def owner() -> str | None:
        told = management("GET", f"/queues/{vhost}/{queue}").json
        details = told.get("owner_pid_details") or {}
        name: str | None = details.get("name")
        return name

    connection = until(owner)
    assert connection is not None
    path = "/connections/" + connection.replace(" ", "%20").replace(">", "%3E")
    assert management("DELETE", path).status == 204
