"""The processes of a stand, found from outside, and ways to hurt them."""

import contextlib
import os
import signal
from collections.abc import Iterable
from functools import partial

import psutil

from tests.conftest import LiveStand
from tests.waiting import until


def processes_of(stand: LiveStand) -> list[psutil.Process]:
    """Everything that runs for this stand, whoever started it: all of it inherits STEND_ROOT."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            belongs = process.environ().get("STEND_ROOT") == str(stand.root)
            if belongs and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def postgres_of(stand: LiveStand) -> list[psutil.Process]:
    """The postmaster first, then its children."""
    first_line = (stand.state / "postgresql" / "data" / "postmaster.pid").read_text().split("\n")[0]
    server = psutil.Process(int(first_line))
    return [server, *server.children(recursive=True)]


def server_of(stand: LiveStand, engine: str) -> list[psutil.Process]:
    """The process of another engine first, then its children."""
    pid_files = {
        "mysql": "mysql/server/server.pid",
        "mongodb": "mongodb/server.pid",
        "redis": "redis/server.pid",
        "rabbitmq": "rabbitmq/broker.pid",
        "kafka": "kafka/broker.pid",
        "nginx": "nginx/nginx.pid",
    }
    path = stand.state / pid_files[engine]
    server = psutil.Process(int(path.read_text(encoding="utf-8").splitlines()[0]))
    return [server, *server.children(recursive=True)]


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to all of them, and back when they are gone."""
    killed = list(processes)
    for process in killed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    for process in killed:
        until(partial(_is_gone, process))


def kill_stand(stand: LiveStand) -> None:
    """The stand's own process only; its engines go on."""
    process = psutil.Process(stand.pid())
    os.kill(process.pid, signal.SIGKILL)
    until(partial(_is_gone, process))


def _is_gone(process: psutil.Process) -> bool:
    # A child of the test run that nobody waits for stays as a zombie.
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
