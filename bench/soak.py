"""Whether an hour of traffic makes anything grow: the stand's memory and the pages' in a browser.

    python -m bench.soak [MINUTES]

Customers come at a steady rate while the pages of exchanges and of numbers are open. Every ten
seconds it is written down what each process of the stand takes, what each page holds after a forced
collection, and the disk. After the warm-up, a sixth of the time, a straight line tells the growth;
the disk may grow by what is kept of each order.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from bench import books
from bench.browser import renderers
from bench.quiet_browser import QuietPage, opened
from bench.resources import SHARED, disk_by_part, disk_bytes, memory_bytes, pss_bytes
from bench.stand import Stand, free_port_base
from bench.trend import S_PER_HOUR, Growth, growth

MINUTES = 60.0
# Below it a line through so few samples says nothing.
LEAST_MINUTES = 1.0
# As `stend traffic` by itself, at any time.
RATE = 5.0
SAMPLE_EVERY_S = 10.0
# A leak of 450 bytes a request is as much at this rate.
BOUND_MB_PER_HOUR = 8.0
# What happened is kept: an order is in the books of nine services, in two logs, and in indexes.
BOUND_KB_PER_ORDER = 50.0
# What one of the servers shares has a fixed size: 46.5 MB at PostgreSQL's, of which 32 are buffers.
MOST_SHARED_MB = 50.0
# Two rows of the list of exchanges have so many.
BOUND_NODES_PER_HOUR = 100.0
PAGES = ("exchanges", "numbers")
_MB = 1_000_000
# Customers that have come are answered after it, and Python needs a moment to begin.
_TRAFFIC_ENDS_WITHIN_S = 60
_TOGETHER = "together, what may not grow"
# It has its data in memory, and so it grows with what has happened. Whether something leaks there,
# nobody can tell from its size.
_HOLDS_DATA = "redis"


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Attributes:
        at_s: since the traffic began.
        sizes: in MB, by what has them: parts of the stand, heaps of pages.
        nodes: of the documents, by page.
        disk_mb: of the stand's folder.
        disk_parts_mb: of the folders in it.
    """

    at_s: float
    sizes: Mapping[str, float]
    nodes: Mapping[str, float]
    disk_mb: float
    disk_parts_mb: Mapping[str, float]


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    if not minutes >= LEAST_MINUTES:
        sys.exit(f"soak: {minutes:g} minutes are too few: {LEAST_MINUTES:g} at least")
    with opened("soak") as browser, tempfile.TemporaryDirectory() as folder:
        # PostgreSQL runs as somebody else, and would keep its data elsewhere.
        Path(folder).chmod(0o755)
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser")
        try:
            before = books.reconciled(stand.url)["orders"]
            pages = {page: browser.open(f"{stand.url}/{page}") for page in PAGES}
            samples, traffic = under_traffic(stand, pages, minutes * 60)
            orders = orders_of(stand, traffic, before)
            ring = stand.asked("/stand/tap")["ring"]
            complaints = list(browser.complaints)
        finally:
            stand.command("down")
    json.dump(result(samples, traffic, orders, ring, complaints), sys.stdout, indent=2)
    print()


def under_traffic(
    stand: Stand, pages: Mapping[str, QuietPage], seconds: float
) -> tuple[list[Sample], dict[str, Any]]:
    words = ("--profile", "steady", "--rate", f"{RATE:g}", "--duration", f"{seconds:g}", "--json")
    traffic = stand.begin("traffic", *words)
    try:
        samples = list(watched(stand, pages, seconds, traffic))
        printed, _ = traffic.communicate(timeout=_TRAFFIC_ENDS_WITHIN_S)
    finally:
        if traffic.poll() is None:
            traffic.kill()
            traffic.wait()
    if traffic.returncode:
        raise RuntimeError(f"the traffic has ended with exit code {traffic.returncode}")
    return samples, json.loads(printed)


def watched(
    stand: Stand, pages: Mapping[str, QuietPage], seconds: float, traffic: Popen[str]
) -> Iterator[Sample]:
    """
    Raises:
        RuntimeError: the traffic has ended too early.
    """
    begun = time.monotonic()
    for number in range(1, int(seconds / SAMPLE_EVERY_S) + 1):
        due_s = number * SAMPLE_EVERY_S
        time.sleep(max(0.0, begun + due_s - time.monotonic()))
        if traffic.poll() is not None and due_s < seconds:
            raise RuntimeError(f"the traffic has ended after {due_s:g} s")
        sample = sampled(stand, pages, time.monotonic() - begun)
        _tell(sample, seconds)
        yield sample


def sampled(stand: Stand, pages: Mapping[str, QuietPage], at_s: float) -> Sample:
    memory = memory_bytes(stand.process, stand.state)
    judged = sum(size for name, size in memory.items() if not _may_grow(name))
    sizes = {**memory, _TOGETHER: judged}
    held = {name: page.held() for name, page in pages.items()}
    sizes |= {f"page {page}": one.heap_bytes for page, one in held.items()}
    sizes["browser's processes of pages"] = sum(map(pss_bytes, renderers()))
    return Sample(
        at_s,
        {name: size / _MB for name, size in sizes.items()},
        {page: one.nodes for page, one in held.items()},
        disk_bytes(stand.root) / _MB,
        {name: size / _MB for name, size in disk_by_part(stand.state).items()},
    )


def _tell(sample: Sample, seconds: float) -> None:
    sizes = ", ".join(f"{name} {size:.1f}" for name, size in sample.sizes.items())
    nodes = ", ".join(f"{page} {count:g}" for page, count in sample.nodes.items())
    print(
        f"soak: {sample.at_s:.0f} of {seconds:.0f} s: MB: {sizes}, disk {sample.disk_mb:.0f}; "
        f"nodes: {nodes}",
        file=sys.stderr,
        flush=True,
    )


def orders_of(stand: Stand, traffic: Mapping[str, Any], before: int) -> dict[str, Any]:
    """Nothing is known of them, and why, where the shop could not tell in the end."""
    told = books.placed(traffic)
    try:
        report = books.settled(stand.url)
    except books.UnknownError as error:
        return {**asdict(told), "known": None, "lost": None, "reason": str(error)}
    known = report["orders"] - before
    return {
        **asdict(told),
        "known": known,
        "lost": books.lost(told, known),
        "in_progress": report["in_progress"],
        "findings": books.unbalanced(report["kinds"]),
    }


def result(
    samples: list[Sample],
    traffic: Mapping[str, Any],
    orders: Mapping[str, Any],
    ring: Mapping[str, Any],
    complaints: list[str],
) -> dict[str, Any]:
    times_s = [one.at_s for one in samples]
    # A process that computes a mart is seen now and then only.
    names = dict.fromkeys(name for one in samples for name in one.sizes)
    memory = {
        name: growth(times_s, [one.sizes.get(name, 0.0) for one in samples], BOUND_MB_PER_HOUR)
        for name in names
    }
    nodes = {
        page: growth(times_s, [one.nodes[page] for one in samples], BOUND_NODES_PER_HOUR)
        for page in PAGES
    }
    orders_per_hour = orders["ok"] * S_PER_HOUR / traffic["lasted_s"]
    disk_bound = BOUND_MB_PER_HOUR + orders_per_hour * BOUND_KB_PER_ORDER / 1000
    disk = growth(times_s, [one.disk_mb for one in samples], disk_bound)
    errors = books.errors(traffic)
    judged = [one for name, one in memory.items() if not _may_grow(name)]
    shared = [one for name, one in memory.items() if name.endswith(SHARED)]
    is_flat = all(one.is_flat for one in (*judged, *nodes.values(), disk)) and all(
        one.most <= MOST_SHARED_MB for one in shared
    )
    is_whole = orders["lost"] == 0 and not orders["findings"] and not complaints and not errors
    return {
        "bench": "soak",
        "minutes": round(traffic["lasted_s"] / 60, 2),
        "rate": traffic["rate"],
        "samples": len(samples),
        "memory_mb": {name: _row(name, one) for name, one in memory.items()},
        "nodes": {page: _row(page, one) for page, one in nodes.items()},
        "disk_mb": _row("disk", disk),
        "disk_parts_mb": {name: round(size, 1) for name, size in samples[-1].disk_parts_mb.items()},
        "requests": {
            "arrived": traffic["arrived"],
            "dropped": traffic["dropped"],
            "unfinished": traffic["unfinished"],
            "errors": errors,
            "refusals": books.refusals(traffic),
        },
        "orders": orders,
        "ring": ring,
        "complaints": complaints,
        "flat": is_flat,
        "goal_met": is_flat and is_whole,
    }


def _row(of: str, one: Growth) -> dict[str, Any]:
    row: dict[str, Any] = {name: round(value, 2) for name, value in asdict(one).items()}
    return row if _may_grow(of) else row | {"flat": one.is_flat}


def _may_grow(name: str) -> bool:
    """Data, and shared memory, which fills: not its slope is judged, but how much there is."""
    return name == _HOLDS_DATA or name.endswith(SHARED)


if __name__ == "__main__":
    main()
