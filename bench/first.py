"""The first `./stend up` on a bare machine: a fresh clone, no environment, until all is ready.

    python -m bench.first

The packages are in the installer's cache already, so that no network is measured: a first clone
fills it and counts for nobody. With uv where it is installed, and with pip, which every Python has.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.stand import PROJECT, free_port_base

GOAL_S = 60.0
ROUNDS = 2


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        installers = {name: measured(name, path, Path(folder)) for name, path in ways()}
    result = {
        "bench": "first",
        "rounds": ROUNDS,
        "installers": installers,
        "goal_s": GOAL_S,
        "goal_met": all(row["ready_s"] <= GOAL_S for row in installers.values()),
    }
    json.dump(result, sys.stdout, indent=2)
    print()


def ways() -> Iterator[tuple[str, str]]:
    """Installer and the PATH that has it: the bootstrap takes uv where it finds one."""
    path = os.environ.get("PATH", os.defpath)
    if shutil.which("uv"):
        yield "uv", path
    bare = [folder for folder in path.split(os.pathsep) if not shutil.which("uv", path=folder)]
    yield "pip", os.pathsep.join(bare)


def measured(installer: str, path: str, folder: Path) -> dict[str, float]:
    rounds = []
    for number in range(ROUNDS + 1):
        told = f"round {number} of {ROUNDS}" if number else "to fill the cache"
        print(f"first: {installer}: {told}", file=sys.stderr)
        done = once(path, folder / f"{installer}-{number}")
        if number:
            rounds.append(done)
    environment_s, ready_s = (statistics.median(one) for one in zip(*rounds, strict=True))
    return {"environment_s": round(environment_s, 1), "ready_s": round(ready_s, 1)}


def once(path: str, clone: Path) -> tuple[float, float]:
    """Seconds until there is an environment, and until everything is ready."""
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("STEND_")},
        "PATH": path,
        "STEND_PORT_BASE": str(free_port_base()),
    }
    environment.pop("PYTHONPATH", None)
    base = getattr(sys, "_base_executable", None) or sys.executable

    def typed(*words: str) -> float:
        subprocess.run(
            [base, str(clone / "stend"), *words],
            env=environment,
            stdout=subprocess.DEVNULL,
            # Its progress, and why it failed.
            stderr=sys.stderr,
            check=True,
        )
        return time.perf_counter()

    started = time.perf_counter()
    with_environment = typed("--version")
    try:
        ready = typed("up", "--detach", "--no-browser")
    finally:
        typed("down")
        shutil.rmtree(clone, ignore_errors=True)
    return with_environment - started, ready - started


if __name__ == "__main__":
    main()
