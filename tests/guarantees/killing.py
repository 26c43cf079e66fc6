"""A server that is killed and comes back while threads go on working with it."""

import threading
from collections.abc import Callable, Sequence, Sized

import psutil

from tests.engines.servers import Launcher, Startable, ready
from tests.long_runs import is_long_run
from tests.waiting import until

# How often a server is killed under one traffic.
KILLS = 20 if is_long_run() else 6
# Longer than any driver goes on trying.
_ENDS_WITHIN_S = 60


class Workers:
    """Threads that work until they are told that it is over, each with one function.

    Args:
        failures: gets what must not have happened to a worker.
    """

    def __init__(self, works: Sequence[Callable[[], None]], failures: list[str]) -> None:
        self.is_over = threading.Event()
        self._failures = failures
        self._threads = [threading.Thread(target=self._guarded, args=(work,)) for work in works]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *error: object) -> None:
        """What was begun is brought to its end."""
        self.is_over.set()
        for thread in self._threads:
            thread.join(_ENDS_WITHIN_S)
            assert not thread.is_alive(), self._failures

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001
            self._failures.append(f"{work}: {error!r}")


def until_grown(
    *grown: tuple[Sized, int], failures: Sequence[str] = (), timeout_s: float = 20
) -> None:
    """Waits until each has so many more than now, and no worker has failed."""
    wanted = [(things, len(things) + more) for things, more in grown]

    def is_so() -> bool:
        return bool(failures) or all(len(things) >= count for things, count in wanted)

    until(is_so, timeout_s)
    assert not failures


def kill(process: psutil.Process, launcher: Launcher) -> None:
    """SIGKILL, and the launcher tells of it."""
    process.kill()
    until_told(launcher)


def until_told(launcher: Launcher) -> None:
    """Its server is told as killed."""
    assert "-9" in (until(launcher.failure) or "")


def restart(launcher: Startable) -> None:
    launcher.launch()
    ready(launcher)
