"""Counts revenue by day from events of orders. `python consumer.py` works until SIGTERM."""

import logging
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date

from confluent_kafka import Consumer, KafkaException, Message, Producer
from pydantic import BaseModel, Field, ValidationError

from topics import BOOTSTRAP, DEAD, ORDERS, create_topics, make_producer, send

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS revenue (day TEXT PRIMARY KEY, amount_minor INTEGER NOT NULL);
"""
BATCH = 100
POLL_S = 0.5
# The broker takes us for dead after max.poll.interval.ms, and this has to be over long before.
MAX_ATTEMPTS = 10
PAUSE_S = float(os.environ.get("PAUSE_S", "1"))
DATABASE_TIMEOUT_S = float(os.environ.get("DATABASE_TIMEOUT_S", "5"))
log = logging.getLogger(__name__)


class OrderPaid(BaseModel):
    # Unknown fields are let through: producers add them without asking their consumers.
    event_id: str = Field(min_length=1, max_length=64)
    order_id: str = Field(min_length=1, max_length=64)
    day: date
    amount_minor: int = Field(gt=0, strict=True)


class Revenue:
    """What has been counted, and from which events, in one SQLite file."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def count(self, event: OrderPaid) -> bool:
        """False for a repeat. The mark and the sum are one transaction: both or none."""
        with self._transaction() as db:
            mark = "INSERT OR IGNORE INTO inbox VALUES (?)"
            if db.execute(mark, (event.event_id,)).rowcount == 0:
                return False
            db.execute(
                "INSERT INTO revenue VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET "
                "amount_minor = amount_minor + excluded.amount_minor",
                (event.day.isoformat(), event.amount_minor),
            )
            return True

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


class Worker:
    def __init__(self, revenue: Revenue, producer: Producer, stop: threading.Event) -> None:
        self._revenue = revenue
        self._producer = producer
        self._stop = stop

    def run(self, consumer: Consumer) -> None:
        while not self._stop.is_set():
            records = consumer.consume(BATCH, POLL_S)
            for record in records:
                if (error := record.error()) is not None:
                    # librdkafka tries again by itself; what it gives up ends the process.
                    if error.fatal():
                        raise KafkaException(error)
                    log.warning("%s", error)
                    continue
                if not self._take(record):
                    return
            if records:
                # After the work: what was not committed comes again, and that is harmless.
                consumer.commit(asynchronous=False)

    def _take(self, record: Message) -> bool:
        """False where the stop came first: nothing is committed, and it comes again."""
        try:
            event = OrderPaid.model_validate_json(record.value() or b"")
        except ValidationError as error:
            # It will not get better, and those behind it must not wait for it.
            self._bury(record, str(error))
            return True
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                counted = self._revenue.count(event)
            except sqlite3.OperationalError as error:
                # Not to be skipped: later events of the order must not overtake this one.
                log.warning("%s, attempt %d: %s", event.event_id, attempt, error)
                if self._stop.wait(PAUSE_S):
                    return False
            else:
                log.info("%s %s", event.event_id, "counted" if counted else "counted before")
                return True
        # Whoever runs the process starts it anew, and it begins at this very record.
        raise RuntimeError(f"{event.event_id} failed {MAX_ATTEMPTS} times")

    def _bury(self, record: Message, reason: str) -> None:
        source = f"{record.topic()}/{record.partition()}/{record.offset()}"
        log.error("%s buried: %s", source, reason)
        headers = {"reason": reason[:1000], "source": source}
        send(self._producer, DEAD, record.key(), record.value(), headers)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    revenue = Revenue(os.environ.get("DATABASE", "revenue.db"))
    create_topics()
    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": os.environ.get("GROUP", "__PROJECT__"),
            "enable.auto.commit": False,
            # A group that is new begins at the beginning, not at what comes from now on.
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([ORDERS])
    print(f"consuming {ORDERS}", flush=True)
    try:
        Worker(revenue, make_producer(), stop).run(consumer)
    finally:
        # Leaves the group, so that the others need not wait until it is taken for dead.
        consumer.close()


if __name__ == "__main__":
    main()
