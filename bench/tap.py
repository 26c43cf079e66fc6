"""What the tap costs: a server with one answer, directly and through forwarders, in one run.

    python -m bench.tap

One connection tells the latency that each adds, thirty-two the throughput. Processors are shared
with client and server, so the forwarder's own CPU time per request says what one core could do.
Beside our tap, with and without recording, stand toxiproxy and mitmproxy where they are installed.
Rounds alternate between them; the median counts.
"""

import asyncio
import http.client
import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import psutil
import uvloop

from bench.stand import PROJECT, free_port
from tests.waiting import until

GOAL_ADDED_P50_US = 50
GOAL_PER_CORE = 20_000
ROUNDS = 5
SECONDS = 1.5
_MANY = 32
_RING_MB = 64
_REQUEST = b"GET /orders/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the server. `process` is the forwarder on it; None for the direct one."""

    name: str
    port: int
    process: psutil.Process | None


@dataclass(frozen=True, slots=True)
class Round:
    """
    Attributes:
        cpu_us: of the forwarder, per request.
    """

    requests_per_s: float
    p50_us: float
    p99_us: float
    cpu_us: float


class _Asking(asyncio.Protocol):
    """Sends the next request when the answer to the last one is whole."""

    def __init__(self, latencies: list[float], ends_at: float) -> None:
        self._latencies, self._ends_at = latencies, ends_at
        self._size = 0
        self._begun = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        if not self._size:
            head, _, _ = data.partition(b"\r\n\r\n")
            self._size = len(head) + 4 + int(head.rpartition(b": ")[2])
            self._left = self._size
        self._left -= len(data)
        if self._left > 0:
            return
        now = time.perf_counter()
        self._latencies.append(now - self._begun)
        if now < self._ends_at:
            self._ask()
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed before the answer"))

    def _ask(self) -> None:
        self._left = self._size
        self._begun = time.perf_counter()
        self._transport.write(_REQUEST)


async def load(way: Way, connections: int, seconds: float) -> Round:
    """Warm-up and measurement over fresh connections."""
    await _run(way.port, connections, seconds / 4)
    cpu_before = _cpu_s(way)
    started = time.perf_counter()
    latencies = sorted(await _run(way.port, connections, seconds))
    elapsed = time.perf_counter() - started
    count = len(latencies)
    return Round(
        count / elapsed,
        latencies[count // 2] * 1e6,
        latencies[count * 99 // 100] * 1e6,
        (_cpu_s(way) - cpu_before) / count * 1e6,
    )


async def _run(port: int, connections: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    ends_at = time.perf_counter() + seconds
    opened = [
        await loop.create_connection(lambda: _Asking(latencies, ends_at), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return latencies


def _cpu_s(way: Way) -> float:
    if way.process is None:
        return 0.0
    times = way.process.cpu_times()
    return times.user + times.system


@contextmanager
def _process(*command: str) -> Iterator[psutil.Process]:
    child = psutil.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(timeout=10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _python(*arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-m", "bench.tap_server", *map(str, arguments))


def _ways(target: int, ports: Sequence[int], open_now: ExitStack) -> Iterator[Way]:
    yield Way("direct", target, None)
    commands: dict[str, tuple[str, ...]] = {
        "tap": _python("tap", ports[0], target, _RING_MB),
        "tap, not recording": _python("tap", ports[1], target, 0),
    }
    if toxiproxy := shutil.which("toxiproxy-server"):
        commands["toxiproxy"] = (toxiproxy, "-port", str(ports[4]), "-config", "/dev/null")
    if mitmdump := shutil.which("mitmdump"):
        mode = f"reverse:http://127.0.0.1:{target}"
        commands["mitmproxy"] = (mitmdump, "-q", "--mode", mode, "-p", str(ports[3]))
    listening = dict(
        zip(("tap", "tap, not recording", "toxiproxy", "mitmproxy"), ports, strict=False)
    )
    for name, command in commands.items():
        process = open_now.enter_context(_process(*command))
        if name == "toxiproxy":
            _open_toxiproxy(ports[4], ports[2], target)
        until(partial(_listens, listening[name]))
        yield Way(name, listening[name], process)


def _open_toxiproxy(api: int, port: int, target: int) -> None:
    until(lambda: _listens(api))
    connection = http.client.HTTPConnection("127.0.0.1", api)
    proxy = {"name": "b", "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{target}"}
    connection.request("POST", "/proxies", json.dumps(proxy))
    connection.getresponse().read()
    connection.close()


def main() -> None:
    with ExitStack() as open_now:
        target, *ports = (free_port() for _ in range(6))
        open_now.enter_context(_process(*_python("answer", target)))
        until(lambda: _listens(target))
        ways = list(_ways(target, ports, open_now))
        result = uvloop.run(compare(ways))
    json.dump(result, sys.stdout, indent=2)
    print()


async def compare(ways: Sequence[Way]) -> dict[str, Any]:
    one: dict[str, list[Round]] = {way.name: [] for way in ways}
    many: dict[str, list[Round]] = {way.name: [] for way in ways}
    for number in range(ROUNDS):
        print(f"tap: round {number + 1} of {ROUNDS}", file=sys.stderr)
        for way in ways:
            one[way.name].append(await load(way, 1, SECONDS))
            many[way.name].append(await load(way, _MANY, SECONDS))
    rows = {way.name: _row(one[way.name], many[way.name], one["direct"]) for way in ways}
    tap = rows["tap"]
    is_met = tap["added_p50_us"] <= GOAL_ADDED_P50_US and tap["per_core"] >= GOAL_PER_CORE
    return {
        "bench": "tap",
        "ring_mb": _RING_MB,
        "ways": rows,
        "goal_added_p50_us": GOAL_ADDED_P50_US,
        "goal_per_core": GOAL_PER_CORE,
        "goal_met": is_met,
    }


def _row(one: list[Round], many: list[Round], direct: list[Round]) -> dict[str, Any]:
    cpu = statistics.median(each.cpu_us for each in many)
    # What was added is told round by round: a machine that gets slower slows both.
    added = [
        (own.p50_us - base.p50_us, own.p99_us - base.p99_us)
        for own, base in zip(one, direct, strict=True)
    ]
    return {
        "p50_us": round(statistics.median(each.p50_us for each in one)),
        "p99_us": round(statistics.median(each.p99_us for each in one)),
        "added_p50_us": round(statistics.median(p50 for p50, _ in added)),
        "added_p99_us": round(statistics.median(p99 for _, p99 in added)),
        "requests_per_s": round(statistics.median(each.requests_per_s for each in many)),
        "cpu_us": round(cpu, 1),
        "per_core": round(1e6 / cpu) if cpu else None,
    }


if __name__ == "__main__":
    main()
