"""How long `stend up` takes until everything is ready: cold and warm, with the engines' own share.

Cold is a first start with an empty state folder (initdb, migration, price list); warm is a start
on data that is there. The engines' share is the same launcher, alone in a process, from launch to
the first answered query.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.stand import Stand, free_port, free_port_base

ROUNDS = 5
COLD_GOAL_S = 5.0
WARM_GOAL_S = 2.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        times: dict[str, list[float]] = {name: [] for name in ("cold", "warm", "down")}
        for number in range(ROUNDS):
            print(f"start: round {number + 1} of {ROUNDS}", file=sys.stderr)
            times["cold"].append(timed(stand, "up", "--detach", "--no-browser", "--fresh"))
            times["down"].append(timed(stand, "down"))
            times["warm"].append(timed(stand, "up", "--detach", "--no-browser"))
            memory = memory_bytes(stand)
            timed(stand, "down")
        engines = engines_alone(Path(folder) / "alone")
    json.dump(report(times, engines, memory), sys.stdout, indent=2)
    print()


def timed(stand: Stand, *words: str) -> float:
    started = time.perf_counter()
    stand.command(*words)
    return time.perf_counter() - started


def memory_bytes(stand: Stand) -> dict[str, int]:
    """Proportional set size of the stand's process and of its engines."""
    status = json.loads(stand.command("status", "--json").stdout)
    engines = sum(engine["pss_bytes"] or 0 for engine in status["engines"])
    own = stand.process.memory_full_info()
    return {"stand": getattr(own, "pss", own.rss), "engines": engines}


def engines_alone(home: Path) -> dict[str, float]:
    times: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(ROUNDS):
        for name, values in times.items():
            values.append(engine_once(home, name))
    return {name: statistics.median(values) for name, values in times.items()}


def engine_once(home: Path, kind: str) -> float:
    command = [sys.executable, "-m", "bench.engine_alone", str(home), str(free_port()), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def report(
    times: dict[str, list[float]], engines: dict[str, float], memory: dict[str, int]
) -> dict[str, Any]:
    median = {name: statistics.median(values) for name, values in times.items()}
    return {
        "bench": "start",
        "rounds": ROUNDS,
        "cold_s": round(median["cold"], 3),
        "warm_s": round(median["warm"], 3),
        "down_s": round(median["down"], 3),
        "engines_cold_s": round(engines["cold"], 3),
        "engines_warm_s": round(engines["warm"], 3),
        "goal_cold_s": COLD_GOAL_S,
        "goal_warm_s": WARM_GOAL_S,
        "goal_met": median["cold"] <= COLD_GOAL_S and median["warm"] <= WARM_GOAL_S,
        "pss_bytes": memory,
    }


if __name__ == "__main__":
    main()
