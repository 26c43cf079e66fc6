"""The processes of a stand, found from outside, and ways to hurt them."""

import contextlib
import os
import signal
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import psutil

from tests.conftest import LiveStand
from tests.engines.servers import is_gone, process_of
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


def postgres_home(stand: LiveStand) -> Path:
    """The data directory of the stand's PostgreSQL."""
    return stand.state / "postgresql" / "data"


def postgres_of(stand: LiveStand) -> list[psutil.Process]:
    """The postmaster first, then its children."""
    server = process_of(postgres_home(stand) / "postmaster.pid")
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
    server = process_of(stand.state / pid_files[engine])
    return [server, *server.children(recursive=True)]


def kill(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to all of them, and back when they are gone."""
    killed = list(processes)
    for process in killed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    for process in killed:
        until(partial(is_gone, process))


def kill_stand(stand: LiveStand) -> None:
    """The stand's own process only; its engines go on."""
    process = psutil.Process(stand.pid())
    os.kill(process.pid, signal.SIGKILL)
    until(partial(is_gone, process))
