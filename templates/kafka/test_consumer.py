"""The consumer in a process of its own, on a broker: KAFKA_BOOTSTRAP, or the stand that runs."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import jsonschema
import pytest
import yaml
from confluent_kafka import Consumer, Message, Producer
from confluent_kafka.admin import AdminClient

HERE = Path(__file__).parent
BOOTSTRAP = os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:8015")
CONTRACT = yaml.safe_load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
DAY = "2026-03-01"
TIMEOUT_S = 60
T = TypeVar("T")


def until(look: Callable[[], T | None]) -> T:
    """Waits for what another process does."""
    deadline = time.monotonic() + TIMEOUT_S
    while (seen := look()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return seen


class Bench:
    """A topic and a group of one test, and the consumer on them."""

    def __init__(self, folder: Path) -> None:
        self.topic = f"test-{uuid4().hex}"
        self.database = folder / "revenue.db"
        self.producer = Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 0})
        self.environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP": BOOTSTRAP,
            "TOPIC": self.topic,
            "GROUP": self.topic,
            "DATABASE": str(self.database),
            "DATABASE_TIMEOUT_S": "0.05",
        }

    def start(self, **more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HERE / "consumer.py")]
        environment = {**self.environment, **more}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stdout.readline() == f"consuming {self.topic}\n"
        return process

    @contextmanager
    def consumer(self, **more: str) -> Iterator["subprocess.Popen[str]"]:
        with self.start(**more) as process:
            try:
                yield process
            finally:
                process.terminate()
                assert process.wait(TIMEOUT_S) == 0

    def put(self, *values: object) -> None:
        for value in values:
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.producer.produce(self.topic, text, b"o-1")
        assert self.producer.flush(TIMEOUT_S) == 0

    def dead(self, count: int) -> list[Message]:
        reader = Consumer(
            {
                "bootstrap.servers": BOOTSTRAP,
                "group.id": f"{self.topic}-dead",
                "auto.offset.reset": "earliest",
            }
        )
        reader.subscribe([f"{self.topic}.dead"])
        try:
            found = [one for one in reader.consume(count, TIMEOUT_S) if one.error() is None]
        finally:
            reader.close()
        assert len(found) == count
        return found

    def revenue(self) -> int:
        with closing(sqlite3.connect(self.database, timeout=TIMEOUT_S)) as db:
            row = db.execute("SELECT amount_minor FROM revenue WHERE day = ?", (DAY,)).fetchone()
        return row[0] if row else 0

    def counted(self, amount: int) -> None:
        def look() -> bool | None:
            return self.revenue() >= amount or None

        until(look)
        assert self.revenue() == amount


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    for future in admin.delete_topics([made.topic, f"{made.topic}.dead"]).values():
        future.result(TIMEOUT_S)


def paid(event_id: str, amount: int) -> dict[str, object]:
    return {"event_id": event_id, "order_id": "o-1", "day": DAY, "amount_minor": amount}


def test_an_event_counts_once_however_often_it_comes(bench: Bench) -> None:
    with bench.consumer():
        bench.put(paid("e-1", 100), paid("e-1", 100), paid("e-2", 30), paid("e-1", 100))
        bench.put(paid("e-3", 5))
        bench.counted(135)


BAD = [b"", b"{", b"[]", {}, {**paid("e", 1), "amount_minor": 0}, {**paid("e", 1), "day": "soon"}]


def test_what_is_no_event_is_buried_as_it_came_and_holds_nobody_up(bench: Bench) -> None:
    with bench.consumer():
        bench.put(*BAD, paid("e-1", 100))
        bench.counted(100)
        dead = bench.dead(len(BAD))
    values = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in BAD]
    assert [one.value() for one in dead] == values
    for offset, one in enumerate(dead):
        raw = dict(one.headers() or []).items()
        headers = {name: text.decode() for name, text in raw if isinstance(text, bytes)}
        schema = CONTRACT["components"]["messages"]["DeadRecord"]["headers"]
        jsonschema.validate(headers, schema)
        assert headers["source"].endswith(f"/{offset}")


def test_what_a_killed_consumer_had_counts_once(bench: Bench) -> None:
    # The lock keeps the second event in work: one is counted and nothing committed.
    with bench.start(DATABASE_TIMEOUT_S="60") as first:
        bench.put(paid("e-1", 100))
        bench.counted(100)
        with closing(sqlite3.connect(bench.database, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            bench.put(paid("e-2", 30))
            first.send_signal(signal.SIGKILL)
            first.wait(TIMEOUT_S)
            db.rollback()
    # A new group begins at the beginning: the worst case of what may come again.
    with bench.consumer(GROUP=f"{bench.topic}-2"):
        bench.counted(130)


def test_an_event_that_fails_too_often_is_neither_lost_nor_overtaken(bench: Bench) -> None:
    with bench.consumer():
        bench.put(paid("e-1", 100))
        bench.counted(100)
    with closing(sqlite3.connect(bench.database, isolation_level=None)) as db:
        with bench.start(PAUSE_S="0.01") as process:
            db.execute("BEGIN IMMEDIATE")
            bench.put(paid("e-2", 30), paid("e-3", 5))
            # It ends, so that somebody sees it.
            assert process.wait(TIMEOUT_S) == 1
        db.rollback()
    assert bench.revenue() == 100
    with bench.consumer():
        bench.counted(135)
