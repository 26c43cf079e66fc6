"""The link, the publisher, the consumer and the caller against the stand's broker."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import aio_pika
import pytest
import pytest_asyncio
from pamqp import encode

from stend.chassis.amqp import (
    AmqpConsumer,
    AmqpLink,
    AmqpMessage,
    AmqpPublisher,
    AmqpQueue,
    Binding,
)
from stend.chassis.amqp_calls import AmqpCaller
from stend.chassis.metrics import REGISTRY
from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher
from stend.kit.errors import EdgeErrorCode, StendError, unavailable
from tests.engines.amqp.running import broker_of, config_in, running, url_of
from tests.engines.servers import ready
from tests.folders import open_folder
from tests.shop.orders.examples import fresh_ulid
from tests.waiting import until_async


@pytest.fixture(scope="module")
def config() -> Iterator[AmqpConfig]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config


@pytest.fixture
def queue() -> AmqpQueue:
    name = f"chassis-{fresh_ulid()}"
    return AmqpQueue(name, "chassis.dlx", (Binding("chassis.events", f"{name}.#"),))


@pytest_asyncio.fixture
async def connection(config: AmqpConfig) -> AsyncIterator[aio_pika.abc.AbstractConnection]:
    """Of a stock client, beside the chassis."""
    async with await aio_pika.connect(url_of(config)) as connection:
        yield connection


def a_message(body: bytes = b"{}") -> AmqpMessage:
    return AmqpMessage(body, type="Ask", message_id=fresh_ulid(), content_type="application/json")


class Answerer:
    """Answers each command with its own body, in capital letters."""

    def __init__(self, link: AmqpLink, queue: AmqpQueue, prefetch: int = 10) -> None:
        self.seen: list[AmqpMessage] = []
        self.errors: list[Exception] = []
        self.free = asyncio.Event()
        self.free.set()
        self._publisher = AmqpPublisher(link)
        AmqpConsumer(link, queue, prefetch, self.handle)

    async def handle(self, message: AmqpMessage) -> None:
        self.seen.append(message)
        await self.free.wait()
        if self.errors:
            raise self.errors.pop(0)
        if message.reply_to:
            reply = AmqpMessage(
                message.body.upper(),
                message_id=fresh_ulid(),
                correlation_id=message.correlation_id,
            )
            await self._publisher.publish(reply, message.reply_to, deadline_s=5)


@pytest_asyncio.fixture
async def link(config: AmqpConfig) -> AsyncIterator[AmqpLink]:
    link = AmqpLink(url_of(config), "chassis")
    yield link
    await link.stop()


async def count_of(connection: aio_pika.abc.AbstractConnection, name: str) -> int:
    async with connection.channel() as channel:
        found = await channel.declare_queue(name, passive=True)
        return found.declaration_result.message_count or 0


async def test_a_call_is_answered_and_many_are_answered_each_by_its_own(
    link: AmqpLink, queue: AmqpQueue
) -> None:
    answerer, caller = Answerer(link, queue), AmqpCaller(link)
    link.start()
    await link.ready(5)
    bodies = [f"m{number}".encode() for number in range(100)]
    replies = await asyncio.gather(*(caller.call(queue.name, a_message(b), 5) for b in bodies))
    assert [reply.body for reply in replies] == [body.upper() for body in bodies]
    assert {message.type for message in answerer.seen} == {"Ask"}
    assert {message.expiration_s for message in answerer.seen} == {5}


async def test_no_more_than_prefetch_are_in_work_at_once(link: AmqpLink, queue: AmqpQueue) -> None:
    answerer, caller = Answerer(link, queue, prefetch=3), AmqpCaller(link)
    answerer.free.clear()
    link.start()
    await link.ready(5)
    calls = [asyncio.create_task(caller.call(queue.name, a_message(), 5)) for _ in range(10)]
    await until_async(lambda: len(answerer.seen) == 3)
    assert len(answerer.seen) == 3
    answerer.free.set()
    await asyncio.gather(*calls)


async def test_an_event_reaches_the_bound_queue(link: AmqpLink, queue: AmqpQueue) -> None:
    answerer, publisher = Answerer(link, queue), AmqpPublisher(link, ("chassis.events",))
    link.start()
    await link.ready(5)
    key = f"{queue.name}.OrderPlaced"
    await publisher.publish(a_message(b"1"), key, exchange="chassis.events", deadline_s=5)
    await until_async(lambda: answerer.seen)
    # Nobody has to listen to an event, somebody to a command.
    await publisher.publish(a_message(), "nobody", exchange="chassis.events", deadline_s=5)
    with pytest.raises(StendError) as refused:
        await publisher.publish(
            a_message(), "nobody", exchange="chassis.events", mandatory=True, deadline_s=5
        )
    assert refused.value.code is EdgeErrorCode.UNAVAILABLE


async def test_a_call_without_a_reply_ends_with_its_deadline_and_without_a_queue_at_once(
    link: AmqpLink, queue: AmqpQueue
) -> None:
    answerer, caller = Answerer(link, queue), AmqpCaller(link)
    answerer.free.clear()
    link.start()
    await link.ready(5)
    for name, code in (
        (queue.name, EdgeErrorCode.DEADLINE_EXCEEDED),
        ("no-such-queue", EdgeErrorCode.UNAVAILABLE),
    ):
        with pytest.raises(StendError) as refused:
            await caller.call(name, a_message(), 0.1)
        assert refused.value.code is code
    answerer.free.set()


async def test_a_transient_failure_is_tried_again_and_a_bug_is_dead_lettered(
    link: AmqpLink, queue: AmqpQueue, connection: aio_pika.abc.AbstractConnection
) -> None:
    answerer, caller = Answerer(link, queue), AmqpCaller(link)
    answerer.errors = [unavailable("PostgreSQL", "gone"), unavailable("PostgreSQL", "gone")]
    link.start()
    await link.ready(5)
    assert (await caller.call(queue.name, a_message(b"x"), 5)).body == b"X"
    assert len(answerer.seen) == 3
    answerer.errors = [ValueError("a bug"), StendError(EdgeErrorCode.INVALID_ARGUMENT, "No.")]
    publisher = AmqpPublisher(link)
    await publisher.open(link)
    for body in (b"bug", b"refused"):
        await publisher.publish(a_message(body), queue.name, deadline_s=5)
    await until_async(lambda: len(answerer.seen) == 5)
    async with connection.channel() as channel:
        dead = await channel.get_queue(queue.dead)
        bodies = set()
        async with dead.iterator(timeout=5) as letters:
            async for letter in letters:
                await letter.ack()
                bodies.add(letter.body)
                if len(bodies) == 2:
                    break
    assert bodies == {b"bug", b"refused"}
    assert await count_of(connection, queue.name) == 0


async def test_properties_that_are_no_text_do_not_block_the_queue(
    link: AmqpLink,
    queue: AmqpQueue,
    connection: aio_pika.abc.AbstractConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A publisher in another language: brokers hand out such properties as they are."""
    answerer, caller = Answerer(link, queue), AmqpCaller(link)
    link.start()
    await link.ready(5)
    honest = encode.METHODS["shortstr"]
    with monkeypatch.context() as patch:
        patch.setitem(encode.METHODS, "shortstr", lambda text: honest(text).replace(b"?", b"\xff"))
        async with connection.channel() as channel:
            message = aio_pika.Message(b"{}", type="Ask", correlation_id="????", reply_to="me")
            await channel.default_exchange.publish(message, queue.name)
    await until_async(lambda: answerer.seen)
    assert answerer.seen == [AmqpMessage(b"{}")]
    assert (await caller.call(queue.name, a_message(b"x"), 5)).body == b"X"


async def test_what_was_in_work_at_the_stop_comes_again(
    config: AmqpConfig, queue: AmqpQueue, connection: aio_pika.abc.AbstractConnection
) -> None:
    first = AmqpLink(url_of(config), "first")
    slow, publisher = Answerer(first, queue), AmqpPublisher(first)
    slow.free.clear()
    first.start()
    await first.ready(5)
    message = a_message(b"once more")
    await publisher.publish(message, queue.name, deadline_s=5)
    await until_async(lambda: slow.seen)
    await first.stop()
    second = AmqpLink(url_of(config), "second")
    answerer = Answerer(second, queue)
    second.start()
    await until_async(lambda: answerer.seen)
    assert replace(answerer.seen[0], redelivered=False) == slow.seen[0]
    assert answerer.seen[0].redelivered
    await second.stop()
    assert await count_of(connection, queue.name) == 0


async def test_a_queue_that_is_deleted_is_made_again(
    link: AmqpLink, queue: AmqpQueue, connection: aio_pika.abc.AbstractConnection
) -> None:
    answerer, caller = Answerer(link, queue), AmqpCaller(link)
    link.start()
    await link.ready(5)
    async with connection.channel() as channel:
        await (await channel.get_queue(queue.name)).delete(if_unused=False, if_empty=False)

    async def answered() -> bool:
        try:
            await caller.call(queue.name, a_message(), 1)
        except StendError:
            return False
        return True

    while not await answered():
        pass
    assert answerer.seen


async def test_the_gauge_tells_how_many_messages_wait(link: AmqpLink, queue: AmqpQueue) -> None:
    answerer = Answerer(link, queue)
    link.start()
    await link.ready(5)
    labels = {"queue": queue.name}
    await until_async(lambda: REGISTRY.get_sample_value("shop_queue_messages", labels) == 0)
    assert not answerer.seen


async def test_what_is_held_answered_and_refused_is_counted(
    link: AmqpLink, queue: AmqpQueue
) -> None:
    def counted(outcome: str) -> float | None:
        labels = {"queue": queue.name, "outcome": outcome}
        return REGISTRY.get_sample_value("shop_queue_consumed_total", labels)

    def held() -> float | None:
        return REGISTRY.get_sample_value("shop_queue_unacked_messages", {"queue": queue.name})

    answerer, publisher = Answerer(link, queue, prefetch=3), AmqpPublisher(link)
    answerer.free.clear()
    answerer.errors.append(ValueError("a bug"))
    link.start()
    await link.ready(5)
    for _ in range(5):
        await publisher.publish(a_message(), queue.name, deadline_s=5)
    await until_async(lambda: held() == 3)
    answerer.free.set()
    await until_async(lambda: (held(), counted("ack"), counted("reject")) == (0, 4, 1))


# ---- a broker that is away ---------------------------------------------------------------------


async def test_a_broker_that_is_away_is_unavailable_and_the_link_comes_back(
    queue: AmqpQueue,
) -> None:
    with open_folder() as folder:
        config = config_in(folder)
        link = AmqpLink(url_of(config), "lonely")
        answerer, caller = Answerer(link, queue), AmqpCaller(link)
        link.start()
        with pytest.raises(StendError) as refused:
            await caller.call(queue.name, a_message(), 0.2)
        assert refused.value.code is EdgeErrorCode.UNAVAILABLE
        broker = AmqpLauncher(config)
        for body in (b"first", b"second"):
            await asyncio.to_thread(broker.launch)
            await asyncio.to_thread(ready, broker)
            await link.ready(10)
            assert (await caller.call(queue.name, a_message(body), 5)).body == body.upper()
            waiting = asyncio.create_task(caller.call(queue.name, a_message(b"lost"), 30))
            answerer.free.clear()
            await until_async(lambda: answerer.seen[-1].body == b"lost")
            await asyncio.to_thread(broker.stop)
            # Whoever waits for a reply is told at once, and not after his thirty seconds.
            with pytest.raises(StendError) as refused:
                await waiting
            assert refused.value.code is EdgeErrorCode.UNAVAILABLE
            answerer.free.set()
            broker = AmqpLauncher(config)
        await link.stop()


async def test_a_broker_that_hangs_keeps_nobody_longer_than_the_deadline() -> None:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            link = AmqpLink(url_of(config), "patient")
            publisher = AmqpPublisher(link)
            link.start()
            await link.ready(5)
            broker = broker_of(config)
            broker.send_signal(signal.SIGSTOP)
            try:
                with pytest.raises(StendError) as refused:
                    await publisher.publish(a_message(), "anything", deadline_s=0.2)
                assert refused.value.code is EdgeErrorCode.DEADLINE_EXCEEDED
                async with asyncio.timeout(3):
                    await link.stop()
            finally:
                broker.send_signal(signal.SIGCONT)


async def test_a_link_that_never_came_is_stopped_at_once() -> None:
    link = AmqpLink("amqp://lavka:lavka@127.0.0.1:1/", "lonely")
    link.start()
    with pytest.raises(StendError, match="RabbitMQ cannot be reached"):
        await link.ready(0.1)
    async with asyncio.timeout(1):
        await link.stop()


class Faulty:
    """A part of a link that cannot be opened at first."""

    def __init__(self, error: BaseException) -> None:
        self._errors = [error]

    async def open(self, link: AmqpLink) -> None:
        del link
        if self._errors:
            raise self._errors.pop()

    def lost(self) -> None:
        """Nothing to forget."""

    async def drain(self) -> None:
        """Nothing in work."""


@pytest.mark.parametrize("error", [KeyError("a bug"), asyncio.CancelledError()])
async def test_a_link_comes_back_whatever_breaks_it_while_it_is_made(
    link: AmqpLink, error: BaseException
) -> None:
    # aiormq cancels what waits on a connection that is lost.
    link.add(Faulty(error))
    link.start()
    await link.ready(5)
