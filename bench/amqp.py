"""Our AMQP broker beside the real RabbitMQ: one run, one machine, the same stock clients.

    scripts/real-engines/real-engines run -- ./stend bench amqp

The RabbitMQ is the one that STEND_AMQP_URL leads to; without it only ours is measured. Rounds
alternate between the two, so that a machine that gets slower slows both; the median round counts.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.amqp_works import BODY_BYTES, CONNECTIONS, ROUND_S, WORKS, Work
from bench.broker import Broker, Watch, answers, listener
from bench.stand import PROJECT, free_port
from stend.engines.amqp.launcher import AmqpConfig, AmqpLauncher, AmqpUser, probe_version
from tests.waiting import until

Facts = dict[str, Any]

ROUNDS = 5
GOAL = 1.0
VARIABLE = "STEND_AMQP_URL"
_MEMORY_LIMIT_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Round:
    """
    Attributes:
        broker_cpu_us: the broker's CPU time per message; None when its process is not seen.
    """

    messages_per_s: float
    broker_cpu_us: float | None


def main() -> None:
    with ours() as broker:
        brokers = {"stend": broker}
        if url := os.environ.get(VARIABLE):
            brokers["rabbitmq"] = broker_at(url)
        json.dump(compare(brokers), sys.stdout, indent=2)
    print()


@contextmanager
def ours() -> Iterator[Broker]:
    """Ours alone in a process; its journal on the disk where real-engines keeps its data."""
    build = PROJECT / "build"
    build.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-amqp-", dir=build))
    port = free_port()
    users = (AmqpUser("lavka", "lavka", ("administrator",)),)
    log = home / "broker.log"
    launcher = AmqpLauncher(
        AmqpConfig(home, log, "127.0.0.1", port, free_port(), users, _MEMORY_LIMIT_BYTES)
    )
    try:
        launcher.launch()
        until(lambda: answers(launcher))
        yield broker_at(f"amqp://lavka:lavka@127.0.0.1:{port}/")
    finally:
        launcher.stop()
        shutil.rmtree(home)


def broker_at(url: str) -> Broker:
    place = urlsplit(url)
    host, port = place.hostname or "127.0.0.1", place.port or 5672
    return Broker(url, probe_version(host, port), listener(host, port))


def compare(brokers: dict[str, Broker]) -> Facts:
    works = {name: measured(name, work, brokers) for name, work in WORKS.items()}
    ratios = [row["ratio"] for row in works.values() if "ratio" in row]
    return {
        "bench": "amqp",
        "rounds": ROUNDS,
        "round_s": ROUND_S,
        "body_bytes": BODY_BYTES,
        "connections": CONNECTIONS,
        "goal_ratio": GOAL,
        "goal_met": all(ratio >= GOAL for ratio in ratios) if ratios else None,
        "brokers": {
            name: {"version": broker.version, "pss_bytes": broker.pss_bytes}
            for name, broker in brokers.items()
        },
        "works": works,
    }


def measured(name: str, work: Work, brokers: dict[str, Broker]) -> Facts:
    rounds: dict[str, list[Round]] = {one: [] for one in brokers}
    for number in range(ROUNDS):
        print(f"amqp: {name}: round {number + 1} of {ROUNDS}", file=sys.stderr)
        for one, broker in brokers.items():
            rounds[one].append(one_round(work, broker))
    row: Facts = {one: summary(done) for one, done in rounds.items()}
    if "rabbitmq" in row:
        ratio = row["stend"]["messages_per_s"] / row["rabbitmq"]["messages_per_s"]
        row["ratio"] = round(ratio, 3)
    return row


def one_round(work: Work, broker: Broker) -> Round:
    watch = Watch(broker.process)
    messages = work(broker.url, watch)
    cpu_us = None if watch.cpu_s is None else watch.cpu_s / messages * 1e6
    return Round(messages / watch.elapsed_s, cpu_us)


def summary(rounds: list[Round]) -> Facts:
    cpu = [one.broker_cpu_us for one in rounds if one.broker_cpu_us is not None]
    return {
        "messages_per_s": round(statistics.median(one.messages_per_s for one in rounds)),
        "broker_cpu_us": round(statistics.median(cpu)) if cpu else None,
    }


if __name__ == "__main__":
    main()
