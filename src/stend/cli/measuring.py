"""Runs the benches of the repository, says what on, and keeps what they have measured."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from stend.runtime.sources import environment

Facts = dict[str, Any]
FIGURES = "docs/performance.json"
_MACHINE = "machine"


def measured(
    repository: Path, names: Iterable[str], words: tuple[str, ...], now: datetime
) -> Facts:
    """The document of a whole run.

    Args:
        words: arguments of the benches.
        now: tells the day.

    Returns:
        `made`, `machine`, and under `benches` the figures of each bench by its name, or what it
        said when it failed, as `{"failed": …}`: the others are measured all the same.
    """
    machine = run(repository, _MACHINE)
    return {
        "made": now.date().isoformat(),
        "machine": machine,
        "benches": {name: run(repository, name, *words) for name in names},
    }


def run(repository: Path, name: str, *words: str) -> Facts:
    """What one bench has printed; its progress goes on to stderr."""
    source = os.pathsep.join([str(repository / "src"), str(repository)])
    last = ""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as figures,
        subprocess.Popen(
            [sys.executable, "-m", f"bench.{name}", *words],
            cwd=repository,
            stdout=figures,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**environment(), "PYTHONPATH": source, "PYTHONUTF8": "1"},
        ) as bench,
    ):
        for line in bench.stderr or ():
            sys.stderr.write(line)
            sys.stderr.flush()
            last = line.strip() or last
        if bench.wait():
            return {"bench": name, "failed": last or f"exit code {bench.returncode}"}
        figures.seek(0)
        result: Facts = json.load(figures)
    return result


def keep(repository: Path, document: Mapping[str, Any]) -> list[str]:
    """Puts the figures beside those of other benches, each with its day and its machine.

    Returns:
        The benches whose figures are as they were, since these failed.
    """
    path = repository / FIGURES
    kept: Facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    about = {name: document[name] for name in ("made", "machine")}
    failed = []
    for name, result in document["benches"].items():
        if "failed" in result:
            failed.append(name)
        else:
            kept[name] = {**about, "result": result}
    text = json.dumps(dict(sorted(kept.items())), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return failed


def make_page(repository: Path) -> bool:
    """Makes the page of the figures; tells whether that worked."""
    made = subprocess.run(
        [sys.executable, repository / "scripts" / "docs"],
        stdout=sys.stderr,
        env={**environment(), "PYTHONUTF8": "1"},
        check=False,
    )
    return made.returncode == 0
