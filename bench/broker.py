"""A server that is measured: where it is, what it takes, how long it is watched."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import psutil


@dataclass(frozen=True, slots=True)
class Broker:
    """
    Attributes:
        url: as its clients take it.
        process: None when it runs on another machine, or as a user whose processes are not shown.
    """

    url: str
    version: str
    process: psutil.Process | None

    @property
    def pss_bytes(self) -> int | None:
        if self.process is None:
            return None
        try:
            memory = self.process.memory_full_info()
        except psutil.AccessDenied:
            return None
        pss: int = getattr(memory, "pss", memory.rss)
        return pss


class Launched(Protocol):
    def probe(self) -> str: ...

    def failure(self) -> str | None: ...


def answers(launcher: Launched) -> bool:
    """
    Raises:
        RuntimeError: it has ended instead.
    """
    if reason := launcher.failure():
        raise RuntimeError(reason)
    try:
        return bool(launcher.probe())
    except Exception:  # noqa: BLE001 - each client raises errors of its own while it is not ready
        return False


def listener(host: str, port: int) -> psutil.Process | None:
    """The process that listens there, as far as that can be told."""
    if host not in ("127.0.0.1", "localhost", "::1"):
        return None
    try:
        sockets = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for one in sockets:
        is_it = one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        if is_it and one.pid:
            return psutil.Process(one.pid)
    return None


class Watch:
    """Elapsed time, and the CPU time of a process meanwhile."""

    def __init__(self, process: psutil.Process | None) -> None:
        self._process = process
        self.elapsed_s = 0.0
        self.cpu_s: float | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        cpu, started = self._cpu_s(), time.perf_counter()
        yield
        self.elapsed_s = time.perf_counter() - started
        after = self._cpu_s()
        self.cpu_s = None if cpu is None or after is None else after - cpu

    def _cpu_s(self) -> float | None:
        if self._process is None:
            return None
        times = self._process.cpu_times()
        return float(times.user + times.system)
