"""Two databases of one protocol side by side: rounds alternate, the median counts."""

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.broker import answers
from bench.stand import PROJECT
from tests.waiting import until

Facts = dict[str, Any]
# Does its work once, on an opened client; told how often it was done in this round.
Work = Callable[[int], None]

ROUNDS = 5
ROUND_S = 1.0


class Launcher(Protocol):
    def launch(self) -> None: ...

    def probe(self) -> str: ...

    def failure(self) -> str | None: ...

    def pss_bytes(self) -> int | None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Server:
    """A server with what it is made to do, by name, on data that is there already.

    Attributes:
        pss_bytes: asked after the works; None where its processes are not seen.
    """

    version: str
    works: Mapping[str, Work]
    pss_bytes: Callable[[], int | None]


@contextmanager
def build_folder(name: str) -> Iterator[Path]:
    """On the disk where real-engines keeps its data."""
    build = PROJECT / "build"
    build.mkdir(exist_ok=True)
    # What ours leaves behind may belong to the user that stands in for root.
    with tempfile.TemporaryDirectory(
        prefix=f"bench-{name}-", dir=build, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def launched(launcher: Launcher) -> Iterator[str]:
    """Yields its version, once it answers."""
    try:
        launcher.launch()
        until(lambda: answers(launcher))
        yield launcher.probe()
    finally:
        launcher.stop()


def compare(bench: str, servers: Mapping[str, Server]) -> Facts:
    names = next(iter(servers.values())).works
    works = {name: _row(bench, name, servers) for name in names}
    return {
        "bench": bench,
        "rounds": ROUNDS,
        "round_s": ROUND_S,
        "servers": {
            name: {"version": server.version, "pss_bytes": server.pss_bytes()}
            for name, server in servers.items()
        },
        "works": works,
    }


def ratio(title: str, work: Work, other: Work) -> float:
    """How often a work is done for each time that the other one is."""
    of_work, of_other = _medians(title, {"work": work, "other": other}).values()
    return of_work / of_other


def _row(bench: str, name: str, servers: Mapping[str, Server]) -> Facts:
    works = {one: server.works[name] for one, server in servers.items()}
    medians = _medians(f"{bench}: {name}", works)
    row: Facts = {one: {"per_s": round(per_s, 1)} for one, per_s in medians.items()}
    ours, *theirs = row.values()
    return {**row, **({"ratio": round(ours["per_s"] / theirs[0]["per_s"], 3)} if theirs else {})}


def _medians(title: str, works: Mapping[str, Work]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {one: [] for one in works}
    for number in range(ROUNDS + 1):
        told = f"round {number} of {ROUNDS}" if number else "to warm up"
        print(f"{title}: {told}", file=sys.stderr)
        for one, work in works.items():
            per_s = _once(work)
            if number:
                rounds[one].append(per_s)
    return {one: statistics.median(done) for one, done in rounds.items()}


def _once(work: Work) -> float:
    """How often a second; a work that is slow is done once."""
    started = time.perf_counter()
    for turn in itertools.count():
        work(turn)
        elapsed_s = time.perf_counter() - started
        if elapsed_s > ROUND_S:
            return (turn + 1) / elapsed_s
    raise AssertionError("there is no end of turns")
