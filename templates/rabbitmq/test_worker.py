"""The worker in a process of its own, on a real broker: AMQP_URL, or the stand that runs."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import aio_pika
import jsonschema
import yaml
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

HERE = Path(__file__).parent
URL = os.environ.get("AMQP_URL", "amqp://lavka:lavka@127.0.0.1:8014/")
CONTRACT = yaml.safe_load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
JOB = {"order_id": "o-1", "amount_minor": 8990}
TIMEOUT_S = 30


class Bench:
    """Queues of one test, and the worker on them."""

    def __init__(self, channel: AbstractChannel, folder: Path) -> None:
        self.channel = channel
        self.jobs = f"test-{uuid4().hex}"
        self.database = folder / "receipts.db"
        self.environment = {
            **os.environ,
            "AMQP_URL": URL,
            "QUEUE": self.jobs,
            "DATABASE": str(self.database),
            "DATABASE_TIMEOUT_S": "0.05",
            "RETRY_AFTER_MS": "100",
            "MAX_ATTEMPTS": "1000000",
        }

    def start(self, **more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HERE / "worker.py")]
        environment = {**self.environment, **more}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stdout.readline() == f"consuming {self.jobs}\n"
        return process

    @asynccontextmanager
    async def worker(self, **more: str) -> AsyncIterator["subprocess.Popen[str]"]:
        process = await asyncio.to_thread(self.start, **more)
        with process:
            try:
                yield process
            finally:
                process.terminate()
                assert await asyncio.to_thread(process.wait, TIMEOUT_S) == 0

    async def put(self, body: object = JOB, message_id: str = "m-1") -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        message = aio_pika.Message(text, message_id=message_id)
        await self.channel.default_exchange.publish(message, self.jobs)

    async def dead(self) -> AbstractIncomingMessage:
        queue = await self.channel.get_queue(f"{self.jobs}.dead")

        async def look() -> AbstractIncomingMessage | None:
            return await queue.get(no_ack=True, fail=False)

        found = await until(look)
        headers = CONTRACT["components"]["messages"]["DeadJob"]["headers"]
        jsonschema.validate(dict(found.headers), headers)
        return found

    def receipts(self) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.database, timeout=TIMEOUT_S)) as db:
            return db.execute("SELECT order_id, amount_minor FROM receipts").fetchall()

    async def done(self, count: int) -> list[tuple[str, int]]:
        async def look() -> list[tuple[str, int]] | None:
            found = self.receipts()
            return found if len(found) >= count else None

        return await until(look)


T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """Waits for what another process does."""
    deadline = time.monotonic() + TIMEOUT_S
    while (seen := await look()) is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return seen


def on_a_bench(folder: Path, test: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        connection = await aio_pika.connect(URL, timeout=TIMEOUT_S)
        async with connection:
            channel = await connection.channel()
            bench = Bench(channel, folder)
            try:
                await test(bench)
            finally:
                for name in ("", ".retry", ".dead"):
                    await channel.queue_delete(bench.jobs + name)

    asyncio.run(run())


def test_a_job_is_done_once_however_often_it_comes(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with bench.worker():
            for message_id in ("m-1", "m-1", "m-2"):
                await bench.put(message_id=message_id)
            assert await bench.done(2) == [("o-1", 8990)] * 2

    on_a_bench(tmp_path, test)


BAD = [b"{", b"[]", {}, {**JOB, "amount_minor": 0}, {**JOB, "amount_minor": "1"}, {**JOB, "x": 1}]


def test_bad_messages_are_buried_as_they_came_and_hold_nobody_up(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with bench.worker():
            for body in BAD:
                await bench.put(body)
                found = await bench.dead()
                assert found.headers["x-reason"] == "bad-message"
                assert found.body == (
                    body if isinstance(body, bytes) else json.dumps(body).encode()
                )
            await bench.put()
            assert await bench.done(1) == [("o-1", 8990)]

    on_a_bench(tmp_path, test)


def test_a_job_that_fails_for_a_while_is_done_later(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with bench.worker():
            with closing(sqlite3.connect(bench.database, isolation_level=None)) as db:
                db.execute("BEGIN EXCLUSIVE")
                await bench.put()
                retry = f"{bench.jobs}.retry"

                async def look() -> bool | None:
                    queue = await bench.channel.declare_queue(retry, passive=True)
                    return bool(queue.declaration_result.message_count) or None

                await until(look)
                db.rollback()
            assert await bench.done(1) == [("o-1", 8990)]

    on_a_bench(tmp_path, test)


def test_a_job_that_fails_too_often_is_buried(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        async with bench.worker(MAX_ATTEMPTS="3"):
            with closing(sqlite3.connect(bench.database, isolation_level=None)) as db:
                db.execute("BEGIN EXCLUSIVE")
                await bench.put()
                found = await bench.dead()
                db.rollback()
        assert found.headers["x-reason"] == "too-many-attempts"
        assert found.message_id == "m-1"
        assert bench.receipts() == []

    on_a_bench(tmp_path, test)


def test_what_a_killed_worker_had_is_done_by_the_next_one(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        # The lock keeps the job in work, so that the kill comes between taking and acknowledging.
        first = await asyncio.to_thread(bench.start, DATABASE_TIMEOUT_S="60")
        with first, closing(sqlite3.connect(bench.database, isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            await bench.put()

            async def look() -> bool | None:
                queue = await bench.channel.declare_queue(bench.jobs, passive=True)
                return not queue.declaration_result.message_count or None

            await until(look)
            first.send_signal(signal.SIGKILL)
            await asyncio.to_thread(first.wait, TIMEOUT_S)
            db.rollback()
        async with bench.worker():
            assert await bench.done(1) == [("o-1", 8990)]

    on_a_bench(tmp_path, test)


def test_the_publisher_puts_in_what_the_contract_says(tmp_path: Path) -> None:
    async def test(bench: Bench) -> None:
        command = [sys.executable, str(HERE / "publisher.py"), "o-7", "100"]
        run = asyncio.to_thread(subprocess.run, command, env=bench.environment, check=True)
        await run
        queue = await bench.channel.get_queue(bench.jobs)
        message = await queue.get(no_ack=True)
        assert message
        assert message.message_id == "receipt-o-7"
        payload = CONTRACT["components"]["messages"]["SendReceipt"]["payload"]
        jsonschema.validate(json.loads(message.body), payload)

    on_a_bench(tmp_path, test)
