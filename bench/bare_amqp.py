"""A bare worker of RabbitMQ: aio-pika, a command from a queue, its reply to who asked.

    python -m bench.bare_amqp PORT DATABASE_URL AMQP_URL

Nothing but its readiness is told on the port: it listens when the queue is there.
"""

import asyncio
import sys

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from pydantic_core import from_json, to_json

from bench.bare_row import Reader

QUEUE = "bench.commands"
_PREFETCH = 50


async def work(port: int, reader: Reader, amqp_url: str) -> None:
    async with reader.open(), await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(_PREFETCH)
        queue = await channel.declare_queue(QUEUE, durable=True)

        async def answer(message: AbstractIncomingMessage) -> None:
            order = await reader.order(from_json(message.body)["order_id"])
            body = to_json({"ok": True, "result": order})
            reply = aio_pika.Message(
                body, correlation_id=message.correlation_id, content_type="application/json"
            )
            # Mandatory by default, and then a direct reply comes back, until RabbitMQ 4.2.
            await channel.default_exchange.publish(reply, message.reply_to or "", mandatory=False)
            await message.ack()

        await queue.consume(answer)
        await told_ready(port)


async def told_ready(port: int) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    port, url, amqp_url = sys.argv[1:]
    uvloop.run(work(int(port), Reader(url), amqp_url))
