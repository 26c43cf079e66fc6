"""How long `stend up` takes until everything is ready: cold and warm, with the engines' own share.

Cold is a first start with an empty state folder (initdb, certificates, migration, price list); warm
is a start on data that is there. The engines' share is the same launcher, alone in a process, from
launch to the first answer: each engine by itself, and the sum of them.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

from bench.stand import Stand, free_port_base

ROUNDS = 5
COLD_GOAL_S = 5.0
WARM_GOAL_S = 2.0
MEMORY_GOAL_BYTES = 400_000_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        try:
            times, memory = of_the_whole(stand)
        finally:
            # After a round that failed in the middle, too.
            stand.command("down")
        engines = {name: alone(name, Path(folder) / "alone") for name in memory["each"]}
    json.dump(report(times, engines, memory), sys.stdout, indent=2)
    print()


def of_the_whole(stand: Stand) -> tuple[dict[str, list[float]], "Memory"]:
    """The seconds of each round, and the memory after the last start."""
    times: dict[str, list[float]] = {name: [] for name in ("cold", "warm", "down")}
    for number in range(ROUNDS):
        print(f"start: round {number + 1} of {ROUNDS}", file=sys.stderr)
        times["cold"].append(timed(stand, "up", "--detach", "--no-browser", "--fresh"))
        times["down"].append(timed(stand, "down"))
        times["warm"].append(timed(stand, "up", "--detach", "--no-browser"))
        memory = memory_bytes(stand)
        timed(stand, "down")
    return times, memory


def timed(stand: Stand, *words: str) -> float:
    started = time.perf_counter()
    stand.command(*words)
    return time.perf_counter() - started


class Memory(TypedDict):
    """Proportional set sizes, bytes: of the stand's process, of its engines together and each."""

    stand: int
    engines: int
    each: dict[str, int]


def memory_bytes(stand: Stand) -> Memory:
    status = json.loads(stand.command("status", "--json").stdout)
    each = {
        engine["name"]: engine["pss_bytes"] or 0
        for engine in status["engines"]
        if engine["state"] == "ready"
    }
    own = stand.process.memory_full_info()
    return Memory(stand=getattr(own, "pss", own.rss), engines=sum(each.values()), each=each)


def alone(engine: str, home: Path) -> dict[str, float]:
    print(f"start: {engine} alone", file=sys.stderr)
    times: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(ROUNDS):
        for kind, values in times.items():
            values.append(once_alone(engine, home, kind))
    return {kind: statistics.median(values) for kind, values in times.items()}


def once_alone(engine: str, home: Path, kind: str) -> float:
    arguments = [engine, str(home), str(free_port_base()), kind]
    command = [sys.executable, "-m", "bench.engine_alone", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def report(
    times: dict[str, list[float]], engines: dict[str, dict[str, float]], memory: Memory
) -> dict[str, Any]:
    median = {name: statistics.median(values) for name, values in times.items()}
    total = {kind: sum(engine[kind] for engine in engines.values()) for kind in ("cold", "warm")}
    together = memory["stand"] + memory["engines"]
    return {
        "bench": "start",
        "rounds": ROUNDS,
        "cold_s": round(median["cold"], 3),
        "warm_s": round(median["warm"], 3),
        "down_s": round(median["down"], 3),
        "engines_cold_s": round(total["cold"], 3),
        "engines_warm_s": round(total["warm"], 3),
        "goal_cold_s": COLD_GOAL_S,
        "goal_warm_s": WARM_GOAL_S,
        "goal_pss_bytes": MEMORY_GOAL_BYTES,
        "goal_met": median["cold"] <= COLD_GOAL_S
        and median["warm"] <= WARM_GOAL_S
        and together <= MEMORY_GOAL_BYTES,
        "pss_bytes": {"stand": memory["stand"], "engines": memory["engines"], "total": together},
        "engines": {
            name: {
                "cold_s": round(engines[name]["cold"], 3),
                "warm_s": round(engines[name]["warm"], 3),
                "pss_bytes": pss,
            }
            for name, pss in memory["each"].items()
        },
    }


if __name__ == "__main__":
    main()
