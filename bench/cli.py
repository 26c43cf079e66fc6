"""How long a command takes that only tells something: `--help`, `--version`, `status`.

    python -m bench.cli

Beside it stands a Python that does nothing. Where the repository has its environment, the same is
measured through `./stend`, as a person types it. The status is that of a running stand, and that of
none. Rounds alternate between all of them; the median counts.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.stand import PROJECT, Stand, free_port_base
from bootstrap.place import RUN_LOCKS, find_ready

GOAL_S = 0.3
ROUNDS = 15
_NOTHING = "python -c pass"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser")
        try:
            result = compare(_lines(str(stand.port_base), str(free_port_base())), stand.root)
        finally:
            stand.command("down")
    json.dump(result, sys.stdout, indent=2)
    print()


def _lines(running: str, silent: str) -> dict[str, Sequence[str]]:
    """What is typed, by its title."""
    words = {
        "--help": ["--help"],
        "--version": ["--version"],
        "status": ["status", "--port-base", running],
        "status, no stand": ["status", "--port-base", silent],
    }
    module = [sys.executable, "-P", "-m", "stend"]
    lines: dict[str, Sequence[str]] = {_NOTHING: [sys.executable, "-c", "pass"]}
    lines |= {f"stend {title}": [*module, *typed] for title, typed in words.items()}
    if find_ready(str(PROJECT), RUN_LOCKS):
        script = [sys.executable, str(PROJECT / "stend")]
        lines |= {f"./stend {title}": [*script, *typed] for title, typed in words.items()}
    return lines


def compare(lines: Mapping[str, Sequence[str]], root: Path) -> dict[str, Any]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("STEND_")},
        "PYTHONPATH": str(PROJECT / "src"),
        "STEND_STATE_DIR": str(root / ".stend"),
        "STEND_ROOT": str(root),
    }
    times: dict[str, list[float]] = {title: [] for title in lines}
    # The first time, which reads the files from the disk, counts for nobody.
    for number in range(ROUNDS + 1):
        print(f"cli: round {number} of {ROUNDS}", file=sys.stderr)
        for title, line in lines.items():
            elapsed_s = _once(line, environment)
            if number:
                times[title].append(elapsed_s)
    medians = {title: round(statistics.median(done), 3) for title, done in times.items()}
    judged = [value for title, value in medians.items() if title != _NOTHING]
    return {
        "bench": "cli",
        "rounds": ROUNDS,
        "commands": {title: {"s": value} for title, value in medians.items()},
        "goal_s": GOAL_S,
        "goal_met": max(judged) <= GOAL_S,
    }


def _once(line: Sequence[str], environment: Mapping[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(line, capture_output=True, env=dict(environment), check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
