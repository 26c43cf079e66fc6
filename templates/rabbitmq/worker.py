"""Does the jobs of a queue, as asyncapi.yaml says it. `python worker.py` works until SIGTERM."""

import asyncio
import logging
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from queues import JOBS, URL, declare, publish

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (message_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS receipts (order_id TEXT NOT NULL, amount_minor INTEGER NOT NULL);
"""
# In work at once, and at most so many come again when the worker dies.
PREFETCH = 10
MAX_ATTEMPTS = int(os.environ.get("MAX_ATTEMPTS", "5"))
JOB_TIMEOUT_S = 30
DATABASE_TIMEOUT_S = float(os.environ.get("DATABASE_TIMEOUT_S", "5"))
STOP_TIMEOUT_S = 10
log = logging.getLogger(__name__)


class Fault(StrEnum):
    """Why a job is buried."""

    BAD_MESSAGE = "bad-message"
    TOO_MANY_ATTEMPTS = "too-many-attempts"


class SendReceipt(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    order_id: str = Field(min_length=1, max_length=64)
    amount_minor: int = Field(gt=0)


class Receipts:
    """What has been done, and for which messages, in one SQLite file."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def take(self, message_id: str, job: SendReceipt) -> bool:
        """False for a repeat. The mark and the work are one transaction: both or none."""
        with self._transaction() as db:
            mark = "INSERT OR IGNORE INTO inbox VALUES (?)"
            if db.execute(mark, (message_id,)).rowcount == 0:
                return False
            db.execute("INSERT INTO receipts VALUES (?, ?)", (job.order_id, job.amount_minor))
            return True

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


class Worker:
    def __init__(self, channel: AbstractChannel, receipts: Receipts) -> None:
        self._channel = channel
        self._receipts = receipts
        self._working: set[asyncio.Task[None] | None] = set()

    async def take(self, message: AbstractIncomingMessage) -> None:
        """aio-pika calls it in a task for each message, and PREFETCH says for how many at once."""
        task = asyncio.current_task()
        self._working.add(task)
        try:
            await self._take(message)
            # Only now: what is not acknowledged comes again, and what comes again is harmless.
            await message.ack()
        except (aio_pika.exceptions.AMQPError, ConnectionError, TimeoutError) as error:
            # The broker is away. It hands the message out again when it is back.
            log.warning("%s is left to the broker: %r", message.message_id, error)
        finally:
            self._working.discard(task)

    async def finish(self) -> None:
        """Waits for the jobs that are in work."""
        if self._working:
            await asyncio.wait({one for one in self._working if one}, timeout=STOP_TIMEOUT_S)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            job = SendReceipt.model_validate_json(message.body)
        except ValidationError as error:
            # It will not get better, so there is no second attempt.
            await self._bury(message, Fault.BAD_MESSAGE, str(error))
            return
        if not message.message_id:
            await self._bury(message, Fault.BAD_MESSAGE, "there is no message_id")
            return
        try:
            # SQLite blocks, so it works in a thread and the loop answers heartbeats.
            taking = asyncio.to_thread(self._receipts.take, message.message_id, job)
            taken = await asyncio.wait_for(taking, JOB_TIMEOUT_S)
        except (sqlite3.OperationalError, TimeoutError) as error:
            await self._put_off(message, repr(error))
        else:
            log.info("%s %s", message.message_id, "done" if taken else "done before")

    async def _put_off(self, message: AbstractIncomingMessage, detail: str) -> None:
        attempts = _number(message.headers.get("x-attempts")) + 1
        if attempts >= MAX_ATTEMPTS:
            await self._bury(message, Fault.TOO_MANY_ATTEMPTS, detail)
            return
        log.warning("%s put off after attempt %d: %s", message.message_id, attempts, detail)
        headers = {"x-attempts": attempts}
        queue = f"{JOBS}.retry"
        await publish(self._channel, queue, message.body, message.message_id, dict(headers))

    async def _bury(self, message: AbstractIncomingMessage, why: Fault, detail: str) -> None:
        log.error("%s buried, %s: %s", message.message_id, why, detail)
        headers = {"x-reason": why.value, "x-detail": detail[:1000]}
        queue = f"{JOBS}.dead"
        await publish(self._channel, queue, message.body, message.message_id, dict(headers))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


async def run(receipts: Receipts) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    # Robust: after a loss it connects again, and consumes again.
    connection = await aio_pika.connect_robust(URL, timeout=10, heartbeat=10)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(PREFETCH)
        queues = await declare(channel)
        worker = Worker(channel, receipts)
        tag = await queues.jobs.consume(worker.take)
        print(f"consuming {JOBS}", flush=True)
        await stop.wait()
        # No new jobs; those in work come to their end and are acknowledged.
        await queues.jobs.cancel(tag)
        await worker.finish()


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    asyncio.run(run(Receipts(os.environ.get("DATABASE", "receipts.db"))))


if __name__ == "__main__":
    main()
