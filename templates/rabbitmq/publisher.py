"""Puts one job into the queue: `python publisher.py ORDER_ID AMOUNT_MINOR`."""

import asyncio
import json
import sys

import aio_pika

from queues import JOBS, TIMEOUT_S, URL, declare, publish


async def run(order_id: str, amount_minor: int) -> None:
    connection = await aio_pika.connect(URL, timeout=TIMEOUT_S)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await declare(channel)
        body = json.dumps({"order_id": order_id, "amount_minor": amount_minor}).encode()
        # From what is meant, not by chance: whoever repeats the command repeats the message.
        await publish(channel, JOBS, body, f"receipt-{order_id}")
    print(f"queued receipt-{order_id}")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
