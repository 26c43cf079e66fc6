"""Request and reply over RabbitMQ, as the one who asks.

Replies come over direct reply-to: a pseudo-queue of the channel, which needs no declaration and
ends with it. Source: rabbitmq.com/docs/direct-reply-to.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from stend.chassis.amqp import (
    LINK_WAIT_S,
    AmqpLink,
    AmqpMessage,
    message_of,
    publish_on,
)
from stend.chassis.amqp_reaching import publishing
from stend.chassis.tracing.messaging import RABBITMQ, note_reply
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded, unavailable

# In the commands; its broker replaces it by an address that begins so.
DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
# Replies of one stream that wait for their reader.
_MOST_WAITING = 1000
# A reply that says in this header that it is not the last one is followed by another.
LAST_HEADER = "last"
_Replies = asyncio.Queue[AmqpMessage | StendError]


class AmqpCaller:
    """Sends commands to queues and hands back the replies; any number of calls at once."""

    def __init__(self, link: AmqpLink) -> None:
        self._link = link
        self._channel: AbstractChannel | None = None
        self._waiting: dict[str, _Replies] = {}
        self._numbers = itertools.count(1)
        link.add(self)

    async def open(self, link: AmqpLink) -> None:
        channel = await link.channel()
        replies = await channel.get_queue(DIRECT_REPLY_TO, ensure=False)
        await replies.consume(self._on_reply, no_ack=True)
        self._channel = channel

    def lost(self) -> None:
        self._channel = None
        for replies in self._waiting.values():
            _put(replies, unavailable("RabbitMQ", "the connection was lost before the reply"))

    async def drain(self) -> None:
        """Nothing is in work here: who waits for a reply is told that the link is gone."""

    async def call(self, queue: str, message: AmqpMessage, deadline_s: float) -> AmqpMessage:
        """The reply to one command.

        Args:
            message: with a message id; correlation id, reply-to and expiration are set here.

        Raises:
            StendError: UNAVAILABLE (no broker, no such queue), DEADLINE_EXCEEDED (no reply).
        """
        started = asyncio.get_running_loop().time()
        await self._link.ready(min(deadline_s / 2, LINK_WAIT_S))
        with self._correlated() as (correlation_id, replies):
            await self._send(queue, message, correlation_id, deadline_s)
            elapsed_s = asyncio.get_running_loop().time() - started
            reply = await _next(replies, deadline_s, deadline_s - elapsed_s)
            _note(reply)
            return reply

    async def stream(
        self, queue: str, message: AmqpMessage, deadline_s: float, silence_s: float
    ) -> AsyncGenerator[AmqpMessage, None]:
        """Every reply to one command, up to the one whose header `last` is not false.

        Args:
            deadline_s: for the command to be taken by the broker, and to expire in its queue.
            silence_s: the longest time between two replies.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED; OVERLOADED when the reader is too slow.
        """
        await self._link.ready(min(deadline_s / 2, LINK_WAIT_S))
        with self._correlated() as (correlation_id, replies):
            await self._send(queue, message, correlation_id, deadline_s)
            while True:
                reply = await _next(replies, silence_s, silence_s)
                _note(reply)
                yield reply
                if reply.headers.get(LAST_HEADER) is not False:
                    return

    @contextmanager
    def _correlated(self) -> Iterator[tuple[str, _Replies]]:
        # Unique on this channel, and replies come to this channel only. Never before the link is
        # there: every attempt to make it that fails tells those who wait here.
        correlation_id = str(next(self._numbers))
        replies = self._waiting[correlation_id] = _Replies(_MOST_WAITING + 1)
        try:
            yield correlation_id, replies
        finally:
            del self._waiting[correlation_id]

    async def _send(
        self, queue: str, message: AmqpMessage, correlation_id: str, deadline_s: float
    ) -> None:
        outgoing = replace(
            message,
            correlation_id=correlation_id,
            reply_to=DIRECT_REPLY_TO,
            expiration_s=deadline_s,
        )
        async with publishing(deadline_s):
            await publish_on(self._channel, outgoing, queue, "", mandatory=True)

    async def _on_reply(self, incoming: AbstractIncomingMessage) -> None:
        # Who has given up waiting is not there any more.
        replies = self._waiting.get(incoming.correlation_id or "")
        if replies is not None:
            _put(replies, message_of(incoming))


def _note(reply: AmqpMessage) -> None:
    note_reply(RABBITMQ, DIRECT_REPLY_TO, reply.headers, reply.correlation_id)


async def _next(replies: _Replies, deadline_s: float, wait_s: float) -> AmqpMessage:
    try:
        async with asyncio.timeout(wait_s):
            reply = await replies.get()
    except TimeoutError:
        raise deadline_exceeded(deadline_s) from None
    if isinstance(reply, StendError):
        raise reply
    return reply


def _put(replies: _Replies, reply: AmqpMessage | StendError) -> None:
    if replies.qsize() < _MOST_WAITING:
        replies.put_nowait(reply)
    elif not replies.full():
        replies.put_nowait(
            StendError(
                EdgeErrorCode.OVERLOADED,
                "More replies came than were read.",
                value=f"{_MOST_WAITING} replies wait",
                expected="a reader that keeps up",
                next_step="Read faster, or ask again for what was missed.",
            )
        )
