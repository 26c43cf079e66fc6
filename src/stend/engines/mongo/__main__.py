"""The process of the server: `python -m stend.engines.mongo FILE`, with the settings in the file.

It is a composition root of its own: here the clock, randomness and signals come in.
"""

import asyncio
import contextlib
import logging
import os
import platform
import random
import sqlite3
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
from bson import ObjectId

from stend import __version__
from stend.engines.mongo.aggregate.compiling import expression_compiler, update_pipeline_compiler
from stend.engines.mongo.commands.serving import SERVED
from stend.engines.mongo.config import MongoSettings, read_settings
from stend.engines.mongo.cursors import Cursors
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.server import Listener, MongoServer
from stend.engines.mongo.sessions import LogicalSession, Sessions
from stend.engines.mongo.state import Facts, State
from stend.engines.mongo.store.disk import SqliteDisk, UnknownFormatError
from stend.engines.mongo.store.ledger import Surroundings
from stend.engines.mongo.store.store import Store
from stend.engines.process import LOG_FORMAT, run, settle, until_signal

_log = logging.getLogger("stend.mongo")
_random = random.SystemRandom()
# RamLog of mongod.
_LOG_LINES = 1024


class _Ring(logging.Handler):
    """The last lines of the log, for getLog."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=_LOG_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def main() -> int:
    settings = read_settings(Path(sys.argv[1]))
    return run(lambda: _serve(settings), _log, (UnknownFormatError, sqlite3.Error))


async def _serve(settings: MongoSettings) -> None:
    failed: list[Callable[[BaseException], None]] = []
    ring = _Ring()
    ring.setFormatter(logging.Formatter(LOG_FORMAT))
    _log.addHandler(ring)
    state = _state(settings, lambda error: failed[0](error))  # noqa: PLW0108 - it comes later
    state.log = ring.lines
    server = MongoServer(settings.host, _listeners(settings), state)
    failed.append(server.fail)
    await server.start()
    settle()
    try:
        await until_signal(server.failed)
    finally:
        await server.stop()


def _listeners(settings: MongoSettings) -> list[Listener]:
    host = settings.advertised_host
    found = [Listener(settings.port, f"{host}:{settings.port}")]
    if settings.port_behind_tap is not None:
        found.append(Listener(settings.port_behind_tap, f"{host}:{settings.tap_port}"))
    return found


def _state(settings: MongoSettings, failed: Callable[[BaseException], None]) -> State:
    loop = asyncio.get_running_loop()
    folder = settings.home / "data"
    folder.mkdir(parents=True, exist_ok=True)
    disk = SqliteDisk(
        folder,
        lambda position: _told(loop, store.reached, position),
        lambda error: _told(loop, failed, error),
    )
    surroundings = Surroundings(
        seconds=time.time,
        new_uuid=lambda: uuid.uuid4().bytes,
        context=_context,
        memory_limit_bytes=settings.memory_limit_bytes,
        warn=_log.warning,
    )
    store = Store(disk, surroundings)
    process = psutil.Process()
    cursors = Cursors(_random.getrandbits)
    sessions = Sessions(store)
    sessions.ended.append(lambda session: _close_cursors(cursors, session))
    return State(
        store,
        _facts(settings),
        _now,
        ObjectId,
        _random.random,
        _random.getrandbits,
        lambda: process.memory_info().rss,
        sessions,
        cursors,
        command_names=tuple(sorted({one.name for one in SERVED.values()})),
    )


def _told(loop: asyncio.AbstractEventLoop, hear: Callable[..., None], what: object) -> None:
    """In the thread of the disk."""
    # The loop may be closed: nobody is left to be told.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(hear, what)


def _close_cursors(cursors: Cursors, session: LogicalSession) -> None:
    cursors.kill_where(lambda one: one.session_id == session.id and one.number == session.number)


def _facts(settings: MongoSettings) -> Facts:
    return Facts(
        ObjectId(),
        f"{settings.advertised_host}:{settings.port}",
        os.getpid(),
        _now(),
        tuple(sys.argv),
        __version__,
        platform.python_version(),
        platform.system(),
    )


def _context() -> Context:
    return Context(
        now=_now(),
        random=_random.random,
        compile_expression=expression_compiler,
        compile_pipeline=update_pipeline_compiler,
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    raise SystemExit(main())
