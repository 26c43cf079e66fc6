"""Our Kafka broker beside the real Kafka: one run, one machine, the same stock client.

    scripts/real-engines/real-engines run -- ./stend bench kafka

The Kafka is the one that STEND_KAFKA_URL leads to; without it only ours is measured. Rounds
alternate between the two, so that a machine that gets slower slows both; the median round counts.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bench.broker import Broker, answers, listener
from bench.kafka_works import (
    IDLE_CONSUMERS,
    ONE_BY_ONE,
    SIZES,
    Latency,
    Rate,
    idle_cpu,
    latency,
    medians,
    throughput,
)
from bench.stand import PROJECT, free_port
from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher, Listener, probe_version
from stend.runtime.parsers import host_and_port, servers
from tests.waiting import until

Facts = dict[str, Any]
_T = TypeVar("_T")

ROUNDS = 5
GOAL = 0.25
VARIABLE = "STEND_KAFKA_URL"
SYNCED = "kafka, flush.messages=1"
UNSYNCED = "stend, flush.messages=max"
_REBALANCE_DELAY_MS = 100


def main() -> None:
    with ours() as broker:
        brokers = {"stend": broker}
        if url := os.environ.get(VARIABLE):
            brokers["kafka"] = external(servers(url))
        json.dump(compare(brokers), sys.stdout, indent=2)
    print()


@contextmanager
def ours() -> Iterator[Broker]:
    """Ours alone in a process; its logs on the disk where real-engines keeps its data."""
    build = PROJECT / "build"
    build.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-kafka-", dir=build))
    port = free_port()
    launcher = KafkaLauncher(
        KafkaConfig(
            home=home,
            log_path=home / "broker.log",
            host="127.0.0.1",
            advertised_host="127.0.0.1",
            brokers=((Listener(port, advertised_port=port),),),
            rebalance_delay_ms=_REBALANCE_DELAY_MS,
            default_partitions=1,
            auto_create_topics=False,
        )
    )
    try:
        launcher.launch()
        until(lambda: answers(launcher))
        yield broker_at(f"127.0.0.1:{port}", launcher.probe())
    finally:
        launcher.stop()
        shutil.rmtree(home)


def external(addresses: Sequence[str]) -> Broker:
    host, port = host_and_port(addresses[0])
    return broker_at(",".join(addresses), probe_version(host, port))


def broker_at(url: str, version: str) -> Broker:
    host, port = host_and_port(url.partition(",")[0])
    return Broker(url, version, listener(host, port))


def compare(brokers: dict[str, Broker]) -> Facts:
    works: Facts = {}
    delays: Facts = {}
    for size_bytes, count in SIZES.items():
        works |= throughputs(brokers, size_bytes, count)
        delays[f"{size_bytes} bytes"] = latencies(brokers, size_bytes)
    idle = {name: idle_cpu(broker) for name, broker in brokers.items()}
    goals = [row["goal_met"] for row in (*works.values(), *delays.values())]
    return {
        "bench": "kafka",
        "rounds": ROUNDS,
        "messages": {f"{size_bytes} bytes": count for size_bytes, count in SIZES.items()},
        "one_by_one": ONE_BY_ONE,
        "idle_consumers": IDLE_CONSUMERS,
        "goal_ratio": GOAL,
        "goal_met": None if None in goals else all(goals),
        "brokers": {
            name: {
                "version": broker.version,
                "pss_bytes": broker.pss_bytes,
                "idle_cpu": rounded(idle[name], 4),
            }
            for name, broker in brokers.items()
        },
        "works": works,
        "latency": delays,
    }


def throughputs(brokers: dict[str, Broker], size_bytes: int, count: int) -> Facts:
    rounds = alternating(
        f"{count} messages of {size_bytes} bytes",
        {name: partial(throughput, broker, size_bytes, count) for name, broker in brokers.items()},
    )
    works: Facts = {}
    for place, work in enumerate(("produce", "consume")):
        rates = {one: rate([both[place] for both in done]) for one, done in rounds.items()}
        row: Facts = {**rates, "goal_met": None}
        if "kafka" in rates:
            ratio = rates["stend"]["messages_per_s"] / rates["kafka"]["messages_per_s"]
            row |= {"ratio": round(ratio, 3), "goal_met": ratio >= GOAL}
        works[f"{work}, {size_bytes} bytes"] = row
    return works


def rate(rounds: list[Rate]) -> Facts:
    found = medians(rounds, "messages_per_s", "broker_cpu_us")
    return {
        "messages_per_s": round(found["messages_per_s"] or 0),
        "broker_cpu_us": rounded(found["broker_cpu_us"], 1),
    }


def latencies(brokers: dict[str, Broker], size_bytes: int) -> Facts:
    """The goal is that nobody waits for longer, at the median and at the 95th percentile.

    Ours syncs each message before it acknowledges it, Kafka does not, unless a topic tells them
    otherwise. Both are measured both ways; the goal is for the promise that the stand gives.
    """
    work: dict[str, Callable[[], Latency]] = {
        name: partial(latency, broker, size_bytes) for name, broker in brokers.items()
    }
    if real := brokers.get("kafka"):
        work[SYNCED] = partial(latency, real, size_bytes, flush_messages="1")
    work[UNSYNCED] = partial(latency, brokers["stend"], size_bytes, flush_messages=str(2**63 - 1))
    rounds = alternating(f"one by one, {size_bytes} bytes", work)
    names = tuple(Latency.__dataclass_fields__)
    found = {one: medians(done, *names) for one, done in rounds.items()}
    row: Facts = {
        one: {name: rounded(value, 3) for name, value in values.items()}
        for one, values in found.items()
    }
    met = None
    if SYNCED in found:
        met = all(
            (found["stend"][name] or 0) <= (found[SYNCED][name] or 0)
            for name in ("p50_ms", "p95_ms")
        )
    return {**row, "goal_met": met}


def alternating(title: str, work: Mapping[str, Callable[[], _T]]) -> dict[str, list[_T]]:
    """The first round counts for nobody: Java compiles what it runs often only then."""
    rounds: dict[str, list[_T]] = {name: [] for name in work}
    for number in range(ROUNDS + 1):
        told = f"round {number} of {ROUNDS}" if number else "to warm up"
        print(f"kafka: {title}: {told}", file=sys.stderr)
        for name, once in work.items():
            done = once()
            if number:
                rounds[name].append(done)
    return rounds


def rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


if __name__ == "__main__":
    main()
