"""How long a learner waits for `stend check`: for its first line, and for its verdict.

    python -m bench.check

Every exercise, with its starter and with its first right solution, as a command of its own. The
first round, which reads the files from the disk, counts for nobody. A stand of its own is there for
the exercises that need one.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.delays import delays
from bench.stand import PROJECT, Stand, free_port_base
from stend.course.model import Exercise
from stend.course.solving import lay_out_solution
from stend.runtime.course import shelf

GOAL_VERDICT_MS = 2000.0
GOAL_FIRST_LINE_MS = 100.0
ROUNDS = 5
_STARTER = "starter"
_PASSED, _FAILED = 0, 1


def main() -> None:
    exercises = shelf().exercises
    with tempfile.TemporaryDirectory() as folder, _stand_for(exercises) as settings:
        result = measured(exercises, Path(folder), settings)
    json.dump(result, sys.stdout, indent=2)
    print()


@contextlib.contextmanager
def _stand_for(exercises: Sequence[Exercise]) -> Iterator[Mapping[str, str]]:
    """Yields the settings that lead to it."""
    if not any(one.row.stand for one in exercises):
        yield {}
        return
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser")
        try:
            yield {"STEND_ROOT": str(stand.root), "STEND_PORT_BASE": str(stand.port_base)}
        finally:
            stand.command("down")


def measured(
    exercises: Sequence[Exercise], folder: Path, settings: Mapping[str, str]
) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    firsts: list[float] = []
    verdicts: list[float] = []
    for exercise in exercises:
        row = rows[exercise.number] = {"id": exercise.id}
        for name in (_STARTER, exercise.solutions[0].name):
            workspace = folder / f"{exercise.number}-{name}"
            lay_out_solution(exercise, name, workspace / exercise.id)
            runs = [once(exercise, name, workspace, settings) for _ in range(ROUNDS + 1)][1:]
            firsts += [first for first, _ in runs]
            verdicts += [verdict for _, verdict in runs]
            title = _STARTER if name == _STARTER else "right"
            row[f"{title}_s"] = round(statistics.median(verdict for _, verdict in runs), 3)
        print(f"check: {exercise.id}: {row}", file=sys.stderr)
    first, verdict = _figures(firsts), _figures(verdicts)
    return {
        "bench": "check",
        "rounds": ROUNDS,
        "exercises": rows,
        "first_line": first,
        "verdict": verdict,
        "goal_first_line_ms": GOAL_FIRST_LINE_MS,
        "goal_verdict_ms": GOAL_VERDICT_MS,
        "goal_met": first["p95_ms"] <= GOAL_FIRST_LINE_MS and verdict["p95_ms"] <= GOAL_VERDICT_MS,
    }


def once(
    exercise: Exercise, name: str, workspace: Path, settings: Mapping[str, str]
) -> tuple[float, float]:
    """Seconds until the first line, and until the command has ended."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("STEND_")}
    environment = {**inherited, **settings, "PYTHONPATH": str(PROJECT / "src")}
    line = [sys.executable, "-P", "-m", "stend", "check", exercise.number]
    started = time.perf_counter()
    with subprocess.Popen(
        [*line, "--workspace", str(workspace)], stdout=subprocess.PIPE, env=environment
    ) as command:
        assert command.stdout is not None  # noqa: S101 - it was asked for
        command.stdout.readline()
        first_s = time.perf_counter() - started
        rest = command.stdout.read()
        code = command.wait()
    verdict_s = time.perf_counter() - started
    # A command that does not judge is quick.
    if code != (_FAILED if name == _STARTER else _PASSED):
        raise RuntimeError(f"check {exercise.number} {name}: exit code {code}: {rest.decode()}")
    return first_s, verdict_s


def _figures(seconds: Sequence[float]) -> dict[str, float]:
    return {
        name: round(value, 1)
        for name, value in asdict(delays([one * 1000 for one in seconds])).items()
    }


if __name__ == "__main__":
    main()
