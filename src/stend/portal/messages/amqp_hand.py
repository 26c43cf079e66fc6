"""Puts messages into RabbitMQ by AMQP itself, so that the tap sees them as anybody's."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, DeliveryError

from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.dead import HASHED_BYTES, death_of, mark_of

_WITHIN_S = 8.0
# So many are taken out of a queue in search of those that were chosen.
MOST_TAKEN = 500


@dataclass(frozen=True, slots=True)
class Requeued:
    """
    Attributes:
        moved: how many went back to each queue.
        missing: chosen, and not in the queue any more.
        homeless: without an `x-death`, or whose queue is gone: left where they are.
    """

    moved: Mapping[str, int]
    missing: int
    homeless: int


async def publish(
    url: str, exchange: str, key: str, message: Mapping[str, Any], body: bytes
) -> None:
    """
    Args:
        message: properties, by the names of AMQP.

    Raises:
        NoBrokerAnswerError: it was not confirmed, or no queue wanted it.
    """
    async with _channel(url) as channel:
        target = (
            await channel.get_exchange(exchange, ensure=False)
            if exchange
            else channel.default_exchange
        )
        await target.publish(aio_pika.Message(body, **message), key, mandatory=True)


async def requeue(url: str, queue_name: str, chosen: Iterable[str]) -> Requeued:
    """
    Each goes to the queue that it died in, is confirmed there, and only then taken out: who breaks
    off in between leaves a message twice, never none.

    Args:
        chosen: marks of messages; one mark more than once means as many messages.

    Raises:
        NoBrokerAnswerError
    """
    wanted = Counter(chosen)
    moved: Counter[str] = Counter()
    homeless = 0
    async with _channel(url) as channel:
        queue = await channel.get_queue(queue_name, ensure=False)
        # Whatever is not acknowledged goes back to its place when the channel closes.
        for _ in range(MOST_TAKEN):
            if not wanted.total():
                break
            found = await queue.get(no_ack=False, fail=False)
            if found is None:
                break
            mark = mark_of(found.message_id or "", found.body[:HASHED_BYTES])
            if not wanted[mark]:
                continue
            wanted[mark] -= 1
            origin = await _returned(channel, found)
            if origin is None:
                homeless += 1
                continue
            await found.ack()
            moved[origin] += 1
    return Requeued(dict(moved), wanted.total(), homeless)


async def _returned(channel: AbstractChannel, found: AbstractIncomingMessage) -> str | None:
    """The queue that has it again; None where none would."""
    origin, _, _ = death_of(found.headers)
    if origin is None:
        return None
    copy = aio_pika.Message(
        found.body,
        headers=dict(found.headers),
        content_type=found.content_type,
        content_encoding=found.content_encoding,
        delivery_mode=found.delivery_mode,
        priority=found.priority,
        correlation_id=found.correlation_id,
        reply_to=found.reply_to,
        message_id=found.message_id,
        timestamp=found.timestamp,
        type=found.type,
        app_id=found.app_id,
    )
    try:
        await channel.default_exchange.publish(copy, origin, mandatory=True)
    except DeliveryError:
        return None
    return origin


@asynccontextmanager
async def _channel(url: str) -> AsyncIterator[AbstractChannel]:
    try:
        async with asyncio.timeout(_WITHIN_S):
            connection = await aio_pika.connect(url, timeout=_WITHIN_S)
            async with connection:
                yield await connection.channel(publisher_confirms=True, on_return_raises=True)
    except DeliveryError as error:
        raise NoBrokerAnswerError("unroutable", str(error)[:200]) from None
    except (AMQPError, OSError, TimeoutError) as error:
        detail = str(error) or type(error).__name__
        raise NoBrokerAnswerError(
            "refused" if isinstance(error, AMQPError) else "away", detail
        ) from None
