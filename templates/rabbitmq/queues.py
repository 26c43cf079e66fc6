"""The queues of asyncapi.yaml, and how a message gets into one for certain."""

import os
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractQueue, HeadersType

URL = os.environ.get("AMQP_URL", "amqp://lavka:lavka@127.0.0.1:8014/")
JOBS = os.environ.get("QUEUE", "__PROJECT__.jobs")
# Of the whole queue: with times of their own, a long one at its head would hold up the others.
RETRY_AFTER_MS = int(os.environ.get("RETRY_AFTER_MS", "5000"))
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Queues:
    jobs: AbstractQueue
    retry: AbstractQueue
    dead: AbstractQueue


async def declare(channel: AbstractChannel) -> Queues:
    """Who comes first makes them; all others find them as they are, or get 406."""
    retry: dict[str, str | int] = {
        "x-message-ttl": RETRY_AFTER_MS,
        # The default exchange, whose routing keys are the names of queues.
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": JOBS,
    }
    return Queues(
        jobs=await channel.declare_queue(JOBS, durable=True, timeout=TIMEOUT_S),
        retry=await channel.declare_queue(
            f"{JOBS}.retry", durable=True, arguments=dict(retry), timeout=TIMEOUT_S
        ),
        dead=await channel.declare_queue(f"{JOBS}.dead", durable=True, timeout=TIMEOUT_S),
    )


async def publish(
    channel: AbstractChannel,
    queue: str,
    body: bytes,
    message_id: str | None,
    headers: HeadersType | None = None,
) -> None:
    """Comes back when the broker has confirmed.

    Raises:
        aio_pika.exceptions.DeliveryError: there is no such queue, or the broker has refused.
    """
    message = aio_pika.Message(
        body,
        message_id=message_id,
        headers=headers,
        content_type="application/json",
        # Outlives a restart of the broker, in a durable queue.
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    # Mandatory: without it a message for a queue that is not there is thrown away, and confirmed.
    await channel.default_exchange.publish(message, queue, mandatory=True, timeout=TIMEOUT_S)
