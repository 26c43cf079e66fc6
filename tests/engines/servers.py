"""What the tests of every launcher need: a free port, and a server that answers."""

import contextlib
import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import psutil
import pytest

from tests.waiting import until

HOST = "127.0.0.1"
_PORTS = range(10_000, 17_000)
_TURNS = itertools.count()
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can become somebody else",
)


class Launcher(Protocol):
    def probe(self) -> str: ...

    def failure(self) -> str | None: ...


class Startable(Launcher, Protocol):
    def launch(self) -> None: ...

    def stop(self) -> None: ...


AnyStartable = TypeVar("AnyStartable", bound=Startable)


def free_port() -> int:
    """Not one of those that the system hands out to clients.

    A client that calls again and again for a server that was killed could be given the server's
    own port, and the server would find it taken when it comes back.
    """
    for turn in _TURNS:
        port = _PORTS[(os.getpid() * 97 + turn) % len(_PORTS)]
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    raise AssertionError("there is no end of turns")


def ready(launcher: Launcher, *not_yet: type[Exception]) -> str:
    """Its version, once it answers.

    Args:
        not_yet: what the probe raises until then, beside OSError.
    """
    waited_for: tuple[type[Exception], ...] = (OSError, *not_yet)

    def probe() -> str | None:
        assert (reason := launcher.failure()) is None, reason
        try:
            return launcher.probe()
        except waited_for:
            return None

    version = until(probe)
    assert version
    return version


@contextlib.contextmanager
def launched(launcher: AnyStartable, *not_yet: type[Exception]) -> Iterator[AnyStartable]:
    """Its server answers until the end of the block.

    Args:
        not_yet: what the probe raises until then, beside OSError.
    """
    launcher.launch()
    try:
        ready(launcher, *not_yet)
        yield launcher
    finally:
        launcher.stop()


def process_of(pid_file: Path) -> psutil.Process:
    return psutil.Process(int(pid_file.read_text(encoding="utf-8").splitlines()[0]))


def is_gone(process: psutil.Process) -> bool:
    # A child of the test run that nobody waits for stays as a zombie.
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
