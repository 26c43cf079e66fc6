"""RabbitMQ for a service: one connection that comes back by itself, and the parts that use it.

aio-pika's own robust connection restores what it remembers at a fixed pace; here the whole link is
opened anew, with a back-off: after every loss there is one state, the one of a fresh start.
Sources: AMQP 0-9-1; rabbitmq.com/docs/confirms, /docs/dlx, /docs/direct-reply-to.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractIncomingMessage,
)
from aio_pika.connection import make_url
from pamqp.common import FieldTable

from stend.chassis.amqp_headers import read_what_can_be_read
from stend.chassis.amqp_reaching import LOST, is_cancelled_by_the_client, publishing
from stend.chassis.metrics import PUBLISHED, QUEUE_CONSUMED, QUEUE_MESSAGES, QUEUE_UNACKED
from stend.chassis.retrying import is_transient, pauses
from stend.chassis.tracing.messaging import RABBITMQ, begin_process, begin_send, describe_message
from stend.chassis.tracing.recording import carrier, entered
from stend.chassis.tracing.spans import Span
from stend.kit.errors import StendError, unavailable

_log = logging.getLogger("stend.amqp")
HeaderValue = str | bytes | bool | int | float | None
_BROKER = "RabbitMQ"
_OPEN_TIMEOUT_S = 5.0
_CLOSE_TIMEOUT_S = 1.0
# Messages in work when the service stops; what is not acknowledged comes again.
_DRAIN_S = 1.0
# A request may come while the link is being made: right after a start, or after a loss.
LINK_WAIT_S = 2.0
# A broker that fell silent is noticed after three of them.
_HEARTBEAT_S = 10
_COUNT_EVERY_S = 5.0
_PUBLISHED = PUBLISHED.labels("rabbitmq")


@dataclass(frozen=True, slots=True)
class AmqpMessage:
    """Body and basic properties of a message (AMQP 0-9-1, section 1.8).

    Attributes:
        expiration_s: how long a queue keeps it; for a command, how long its sender waits.
        redelivered: set on what comes in: the broker has handed it out before.
    """

    body: bytes
    type: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    content_type: str | None = None
    expiration_s: float | None = None
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """To a durable topic exchange, which is declared, too."""

    exchange: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class AmqpQueue:
    """A durable queue, declared by who consumes from it.

    Attributes:
        dead_letter_exchange: where rejected and expired messages go, into the queue `NAME.dead`.
        most_dead: of them; the oldest give way. Whoever takes messages from strangers needs it.
    """

    name: str
    dead_letter_exchange: str
    bindings: tuple[Binding, ...] = ()
    most_dead: int | None = None

    @property
    def dead(self) -> str:
        return f"{self.name}.dead"


class LinkPart(Protocol):
    """What lives on a link: told whenever the link is there, and when it is gone."""

    async def open(self, link: "AmqpLink") -> None:
        """Opens its channel on the connection that was just made."""
        ...

    def lost(self) -> None: ...

    async def drain(self) -> None:
        """Takes nothing new and ends what it has in work; the link is about to be closed."""
        ...


class AmqpLink:
    """One connection, made again and again until it is stopped.

    Args:
        url: `amqp://user:password@host:port/vhost`.
        name: what RabbitMQ's lists show.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        # Whose it is: `orders.commands` belongs to `orders`.
        self.service = name.partition(".")[0]
        self._parts: list[LinkPart] = []
        self._connection: AbstractConnection | None = None
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._reason = "the connection is being made"

    def add(self, part: LinkPart) -> None:
        """Before `start`."""
        self._parts.append(part)

    def start(self) -> None:
        """Returns at once: a broker that is away is no reason not to start."""
        # It tells every attempt that fails as an error; the link tells the reason, once.
        logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)
        read_what_can_be_read()
        self._running = asyncio.create_task(self._run())

    async def ready(self, timeout_s: float = LINK_WAIT_S) -> None:
        """
        Raises:
            StendError: UNAVAILABLE when the link is not there in time.
        """
        if self._up.is_set():
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError:
            raise unavailable(_BROKER, self._reason) from None

    async def stop(self) -> None:
        """Within three seconds, whatever the broker does."""
        if self._running is None:
            return
        await asyncio.gather(*(part.drain() for part in self._parts), return_exceptions=True)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self._running = None

    @property
    def connection(self) -> AbstractConnection:
        """Raises ConnectionError while it is not there."""
        if self._connection is None:
            raise ConnectionError(self._reason)
        return self._connection

    async def channel(self, prefetch: int = 0) -> AbstractChannel:
        """A channel with publisher confirms; when it is closed, the link is made anew."""
        channel = await self.connection.channel(on_return_raises=True)
        channel.close_callbacks.add(self._on_loss)
        # A queue that is deleted ends its consumers and leaves the channel open.
        below = await channel.get_underlay_channel()
        below.on_consumer_cancel_callbacks.add(self._on_loss)
        if prefetch:
            await channel.set_qos(prefetch_count=prefetch)
        return channel

    def _on_loss(self, *_: object) -> None:
        self._down.set()

    async def _run(self) -> None:
        delays = pauses()
        try:
            while True:
                try:
                    await self._open()
                except LOST as error:
                    self._say(error)
                except asyncio.CancelledError as error:
                    if not is_cancelled_by_the_client(error):
                        raise
                    self._say("the connection was lost while it was made")
                except Exception as error:  # noqa: BLE001 - whatever a bug raises, the link comes back
                    _log.exception("%s: the link cannot be made", self._name)
                    self._say(error)
                else:
                    delays = pauses()
                    await self._down.wait()
                    self._say("the connection was lost")
                await self._close()
                await asyncio.sleep(next(delays))
        finally:
            await self._close()

    async def _open(self) -> None:
        self._down.clear()
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            # Not aio_pika.connect: what it could not connect closes itself some time later, and
            # complains when the loop has ended by then.
            self._connection = aio_pika.Connection(
                make_url(self._url, heartbeat=_HEARTBEAT_S),
                client_properties={"connection_name": self._name},
            )
            await self._connection.connect()
            self._connection.close_callbacks.add(self._on_loss)
            for part in self._parts:
                await part.open(self)
        self._up.set()

    async def _close(self) -> None:
        self._up.clear()
        for part in self._parts:
            part.lost()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*LOST):
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await connection.close()

    def _say(self, reason: object) -> None:
        text = str(reason) or type(reason).__name__
        if text != self._reason:
            _log.warning("%s: no link to RabbitMQ: %s", self._name, text)
        self._reason = text


class AmqpPublisher:
    """Publishes, and waits until the broker has the message (publisher confirms)."""

    def __init__(
        self,
        link: AmqpLink,
        exchanges: tuple[str, ...] = (),
        queues: tuple[AmqpQueue, ...] = (),
    ) -> None:
        """
        Args:
            exchanges: durable topic exchanges to declare.
            queues: of consumers who must miss nothing, though they may start later.
        """
        self._link = link
        self._exchanges = exchanges
        self._queues = queues
        self._channel: AbstractChannel | None = None
        link.add(self)

    async def open(self, link: AmqpLink) -> None:
        channel = await link.channel()
        for exchange in self._exchanges:
            await channel.declare_exchange(exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        for queue in self._queues:
            await declare(channel, queue)
        self._channel = channel

    def lost(self) -> None:
        self._channel = None

    async def drain(self) -> None:
        """Nothing waits here: whoever publishes waits himself."""

    async def publish(
        self,
        message: AmqpMessage,
        routing_key: str,
        *,
        exchange: str = "",
        mandatory: bool = False,
        deadline_s: float,
    ) -> None:
        """
        Args:
            message: with a message id.
            mandatory: it must reach a queue.

        Raises:
            StendError: UNAVAILABLE (no broker, or no queue takes a mandatory message),
                DEADLINE_EXCEEDED.
        """
        async with publishing(deadline_s):
            await self._link.ready(min(deadline_s / 2, LINK_WAIT_S))
            await publish_on(self._channel, message, routing_key, exchange, mandatory)


class AmqpConsumer:
    """Hands each message of a queue to `handle`, at most `prefetch` of them at once.

    A message is acknowledged when `handle` has returned. A transient StendError (UNAVAILABLE,
    DEADLINE_EXCEEDED, OVERLOADED) is tried again in place, with a back-off; any other error
    dead-letters the message: it would fail the next time, too.

    Args:
        starts_traces: a message without a context may begin a trace; not one that its publisher
            has decided for.
    """

    def __init__(
        self,
        link: AmqpLink,
        queue: AmqpQueue,
        prefetch: int,
        handle: Callable[[AmqpMessage], Awaitable[None]],
        *,
        starts_traces: bool = True,
    ) -> None:
        self._service = link.service
        self._starts_traces = starts_traces
        self._queue = queue
        self._prefetch = prefetch
        self._handle = handle
        self._running: set[asyncio.Task[None]] = set()
        self._counting: asyncio.Task[None] | None = None
        self._channel: AbstractChannel | None = None
        self._stop_consuming: Callable[[], Awaitable[object]] | None = None
        self._unacked = QUEUE_UNACKED.labels(queue.name)
        self._acked = QUEUE_CONSUMED.labels(queue.name, "ack")
        self._rejected = QUEUE_CONSUMED.labels(queue.name, "reject")
        link.add(self)

    async def open(self, link: AmqpLink) -> None:
        channel = await link.channel(self._prefetch)
        await declare(channel, self._queue)
        queue = await channel.get_queue(self._queue.name, ensure=False)
        self._channel = channel
        tag = await queue.consume(self._begin)
        self._stop_consuming = partial(queue.cancel, tag)
        self._counting = asyncio.create_task(self._count(await link.channel()))

    def lost(self) -> None:
        self._channel = self._stop_consuming = None
        if self._counting is not None:
            self._counting.cancel()

    async def drain(self) -> None:
        with suppress(*LOST):
            async with asyncio.timeout(_DRAIN_S):
                if self._stop_consuming is not None:
                    await self._stop_consuming()
                while self._running:
                    await asyncio.wait(self._running)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_DRAIN_S)

    async def _begin(self, incoming: AbstractIncomingMessage) -> None:
        # A task of ours: aiormq's own would be cancelled with its channel, in the middle of work.
        task = asyncio.create_task(self._work(incoming))
        self._running.add(task)
        self._unacked.inc()
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: self._unacked.dec())

    async def _work(self, incoming: AbstractIncomingMessage) -> None:
        handled = await self._handled(message_of(incoming))
        # Without its channel the broker hands the message out again, to a handler that knows it.
        with suppress(*LOST):
            if handled:
                await incoming.ack()
            else:
                await incoming.reject(requeue=False)
            (self._acked if handled else self._rejected).inc()

    async def _handled(self, message: AmqpMessage) -> bool:
        channel = self._channel
        for attempt, pause_s in enumerate(pauses()):
            try:
                with entered(self._span(message, attempt)):
                    await self._handle(message)
            except StendError as error:
                if not is_transient(error):
                    _log.warning("%s: dead-lettered: %s", self._queue.name, error.detail)
                    return False
                if self._channel is not channel:
                    return False
                _log.info("%s: tried again: %s", self._queue.name, error.detail)
                await asyncio.sleep(pause_s)
            except Exception:  # noqa: BLE001 - whatever a bug raises, the message must not loop
                _log.exception("%s: dead-lettered", self._queue.name)
                return False
            else:
                return True
        return False

    def _span(self, message: AmqpMessage, attempt: int) -> Span | None:
        name, starts = self._queue.name, self._starts_traces
        span = begin_process(self._service, RABBITMQ, name, message.headers, starts=starts)
        if span is not None:
            _tell(span, message)
            if message.redelivered:
                span.attributes["messaging.redelivered"] = True
            if attempt:
                span.attributes["retry.attempt"] = attempt
        return span

    async def _count(self, channel: AbstractChannel) -> None:
        with suppress(*LOST):
            while True:
                seen = await channel.declare_queue(self._queue.name, passive=True)
                QUEUE_MESSAGES.labels(self._queue.name).set(
                    seen.declaration_result.message_count or 0
                )
                await asyncio.sleep(_COUNT_EVERY_S)


async def declare(channel: AbstractChannel, wanted: AmqpQueue) -> None:
    """The queue with its bindings and its dead letters: the same again changes nothing."""
    dead_letters = await channel.declare_exchange(
        wanted.dead_letter_exchange, aio_pika.ExchangeType.DIRECT, durable=True
    )
    bound: FieldTable | None = {"x-max-length": wanted.most_dead} if wanted.most_dead else None
    dead = await channel.declare_queue(wanted.dead, durable=True, arguments=bound)
    await dead.bind(dead_letters, wanted.name)
    queue = await channel.declare_queue(
        wanted.name,
        durable=True,
        arguments={
            "x-dead-letter-exchange": wanted.dead_letter_exchange,
            "x-dead-letter-routing-key": wanted.name,
        },
    )
    for binding in wanted.bindings:
        exchange = await channel.declare_exchange(
            binding.exchange, aio_pika.ExchangeType.TOPIC, durable=True
        )
        await queue.bind(exchange, binding.routing_key)


async def publish_on(
    channel: AbstractChannel | None,
    message: AmqpMessage,
    routing_key: str,
    exchange: str,
    mandatory: bool,
) -> None:
    """
    Raises:
        ConnectionError: there is no channel.
        aio_pika.exceptions.AMQPError, OSError: the channel was lost, or refused the message.
    """
    if channel is None:
        raise ConnectionError("the connection was lost")
    target = (
        await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    )
    destination = f"{exchange}:{routing_key}" if exchange else routing_key
    span = begin_send(RABBITMQ, destination)
    if span is not None:
        span.attributes["messaging.rabbitmq.destination.routing_key"] = routing_key
        _tell(span, message)
    with entered(span):
        outgoing = _outgoing(message, carrier(span))
        await target.publish(outgoing, routing_key, mandatory=mandatory)
    _PUBLISHED.inc()


def message_of(incoming: AbstractIncomingMessage) -> AmqpMessage:
    expiration = incoming.expiration
    return AmqpMessage(
        body=incoming.body,
        type=incoming.type,
        message_id=incoming.message_id,
        correlation_id=incoming.correlation_id,
        reply_to=incoming.reply_to,
        content_type=incoming.content_type,
        expiration_s=float(expiration) if isinstance(expiration, int | float) else None,
        headers=dict(incoming.headers),  # type: ignore[arg-type] # tables stay what they are
        redelivered=bool(incoming.redelivered),
    )


def _tell(span: Span, message: AmqpMessage) -> None:
    size_bytes, kind = len(message.body), message.type
    describe_message(span, size_bytes, message.message_id, message.correlation_id, kind)


def _outgoing(message: AmqpMessage, context: list[tuple[str, str]]) -> aio_pika.Message:
    return aio_pika.Message(
        message.body,
        type=message.type,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        content_type=message.content_type,
        expiration=message.expiration_s,
        headers={**message.headers, **dict(context)},
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
