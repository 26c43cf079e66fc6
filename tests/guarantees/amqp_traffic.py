"""Publishers with confirms and a consumer that acknowledges, who write down what was promised."""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from stend.engines.amqp.launcher import AmqpConfig
from tests.engines.amqp.running import url_of
from tests.guarantees.killing import until_grown

EXCHANGE, ORDERS, AUDIT = "shop", "orders", "audit"
_PUBLISHERS = 6
# An acknowledgement has no answer; an answer to what was sent after it proves that it was seen.
_SETTLE_EVERY = 20
# More than the consumer keeps until the crash.
_PREFETCH = 2000
# The largest needs two frames.
_SIZES = (40, 400, 4000, 150_000)
_WEIGHTS = (60, 30, 9, 1)
_SILENCE_S = 20.0
# pika's types do not know what BlockingChannel yields.
Delivery = tuple[Any, Any, bytes]


@dataclass(slots=True)
class Ledger:
    """What is known about the messages of one home, by their ids.

    Attributes:
        sent: each id is published once, to both queues.
        confirmed: the broker has promised to keep them.
        delivered: the consumer of `orders` was given them.
        acknowledged: the consumer has sent an acknowledgement; it may have been lost.
        settled: the broker has surely seen the acknowledgement.
    """

    sent: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)


@contextlib.contextmanager
def channel_to(config: AmqpConfig) -> Iterator[BlockingChannel]:
    """A channel with a connection of its own."""
    parameters = pika.URLParameters(url_of(config))
    parameters.blocked_connection_timeout = _SILENCE_S
    connection = pika.BlockingConnection(parameters)
    try:
        yield connection.channel()
    finally:
        with contextlib.suppress(AMQPError):
            connection.close()


def declare(channel: BlockingChannel) -> None:
    """A topic exchange with two durable queues, the second one of the quorum type."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)
    channel.queue_declare(ORDERS, durable=True)
    channel.queue_declare(AUDIT, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(ORDERS, EXCHANGE, "order.#")
    channel.queue_bind(AUDIT, EXCHANGE, "#")


def publish(channel: BlockingChannel, message_id: str, body: bytes, key: str = "order.new") -> None:
    """Persistent, and never unroutable."""
    properties = pika.BasicProperties(message_id=message_id, delivery_mode=2)
    channel.basic_publish(EXCHANGE, key, body, properties, mandatory=True)


class Traffic:
    """From entering to leaving; ends by itself when the broker is gone."""

    def __init__(self, config: AmqpConfig, ledger: Ledger, series: int) -> None:
        self._config = config
        self._ledger = ledger
        self._series = series
        self._pool = ThreadPoolExecutor(_PUBLISHERS + 1)
        self._people: list[Future[None]] = []

    def __enter__(self) -> "Traffic":
        self._people = [self._pool.submit(self._publish, one) for one in range(_PUBLISHERS)]
        self._people.append(self._pool.submit(self._consume))
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()
        for one in self._people:
            one.result()

    def has_confirmed(self, more: int) -> None:
        until_grown((self._ledger.confirmed, more))

    def _publish(self, publisher: int) -> None:
        sizes = random.Random(f"{self._series}-{publisher}")
        with contextlib.suppress(AMQPError), channel_to(self._config) as channel:
            channel.confirm_delivery()
            for number in range(1_000_000):
                message_id = f"{self._series}-{publisher}-{number}"
                self._ledger.sent.add(message_id)
                publish(channel, message_id, _body(message_id, sizes))
                self._ledger.confirmed.add(message_id)

    def _consume(self) -> None:
        with contextlib.suppress(AMQPError), channel_to(self._config) as channel:
            channel.basic_qos(prefetch_count=_PREFETCH)
            self._take(channel)

    def _take(self, channel: BlockingChannel) -> None:
        ledger, unsettled = self._ledger, set[str]()
        choice = random.Random(self._series)
        for method, properties, _ in channel.consume(ORDERS):
            ledger.delivered.add(properties.message_id)
            # Every fifth is kept, to be found again after the crash.
            if choice.random() < 0.2:
                continue
            ledger.acknowledged.add(properties.message_id)
            channel.basic_ack(method.delivery_tag)
            unsettled.add(properties.message_id)
            if len(unsettled) >= _SETTLE_EVERY:
                channel.queue_declare(ORDERS, passive=True)
                ledger.settled |= unsettled
                unsettled.clear()


@dataclass(slots=True)
class Found:
    """What a queue holds: how often each id is there, in order, and which are redelivered."""

    times: Counter[str] = field(default_factory=Counter)
    redelivered: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        return set(self.times)


def emptied(config: AmqpConfig, queue: str, *, kept: int = 0) -> Found:
    """Takes all messages out of a queue and acknowledges all but the last ones, which go back."""
    found = Found()
    with channel_to(config) as channel:
        count = channel.queue_declare(queue, passive=True).method.message_count
        if not count:
            return found
        tags: list[int] = []
        for method, properties, body in channel.consume(queue, inactivity_timeout=_SILENCE_S):
            assert method is not None, f"{len(tags)} of {count} messages came"
            _note(found, (method, properties, body))
            tags.append(method.delivery_tag)
            if len(tags) == count:
                break
        if count > kept:
            channel.basic_ack(tags[count - kept - 1], multiple=True)
        channel.queue_declare(queue, passive=True)
    return found


def _body(message_id: str, sizes: random.Random) -> bytes:
    return f"{message_id} ".encode().ljust(sizes.choices(_SIZES, _WEIGHTS)[0], b".")


def _note(found: Found, delivery: Delivery) -> None:
    method, properties, body = delivery
    message_id = properties.message_id
    found.times[message_id] += 1
    if method.redelivered:
        found.redelivered.add(message_id)
    if not body.startswith(f"{message_id} ".encode()) or len(body) not in _SIZES:
        found.damaged.add(message_id)
