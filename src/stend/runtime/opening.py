"""Opens a session file: reads it, and serves the pages that read over it. No stand is started."""

import asyncio
import gc
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.tracing.saving import restored
from stend.chassis.tracing.store import Held, TraceStore
from stend.kit.errors import EdgeErrorCode
from stend.kit.languages import Text
from stend.portal.learning.classroom import Classroom
from stend.portal.reader import create_reader
from stend.portal.saved import SavedSession, saved_session
from stend.portal.wire import TapView, Wire
from stend.runtime.classroom import classroom
from stend.runtime.grpc_contracts import shop_method
from stend.runtime.http_answers import OwnHosts, problem, tell_traces
from stend.runtime.listening import HttpServer, listening_at
from stend.runtime.ports import holder_of
from stend.runtime.refusals import PortTakenError, RefusalError
from stend.runtime.services import POLLS
from stend.runtime.signals import on_signals
from stend.runtime.system import SystemClock, seeded_chance, system_chance
from stend.runtime.tracing import TRACES_PATH
from stend.tap.faults import Faults
from stend.tap.files.session import (
    FILE_LIMIT_BYTES,
    Extras,
    SessionError,
    Traces,
    Trouble,
    damaged,
    load,
)
from stend.tap.following import Changes
from stend.tap.reading import Reading
from stend.tap.recording import Place, Recording
from stend.wire.stacks.choosing import decoder_for

HOST = "127.0.0.1"
_HOSTS = (HOST, "localhost")
_LAST_PORT = 65_535
# RFC 6455, section 7.4.1: before the handshake is accepted this becomes a plain 403.
_POLICY_VIOLATION = 1008
# Of a file without traces: the pages then say that there are none.
_NO_TRACES = Held(0, 0, 1, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was read whole.

    Attributes:
        told: what it holds beside the recording, as the pages tell of it.
        pages: over it.
    """

    extras: Extras
    told: SavedSession
    wire: Wire
    traces: TraceStore
    classroom: Classroom
    pages: ASGIApp

    @property
    def exchanges(self) -> int:
        return sum(1 for _ in self.wire.reading.all())


def opened(path: Path) -> Opened:
    """
    Raises:
        RefusalError: there is no such file, or it is no session that this stend can read.
    """
    # Hundreds of thousands of objects are made, and next to none of them is garbage.
    gc.disable()
    try:
        return _opened(_content(path))
    except SessionError as error:
        raise RefusalError(_told(path, error)) from None
    finally:
        gc.freeze()
        gc.enable()


def serve(session: Opened, port: int, on_ready: Callable[[str], None]) -> None:
    """Blocks until SIGINT or SIGTERM.

    Args:
        port: 0 for any that is free.
        on_ready: called with the address.

    Raises:
        PortTakenError: nothing was started.
    """
    with _listening(port) as listening:
        asyncio.run(_serve(session, listening, on_ready))


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            path.stat()
            raise SessionError(Trouble.NO_SESSION, "a folder or a device", "a session file")
        size = path.stat().st_size
        if size > FILE_LIMIT_BYTES:
            most = f"at most {FILE_LIMIT_BYTES} bytes"
            raise SessionError(Trouble.TOO_LARGE, f"{size} bytes", most)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RefusalError(
            Text(
                ru=f"Файл {path} не открыть: {reason}. Ожидается файл сессии; его сохраняет "
                "./stend tap export FILE.stend.zip.",
                en=f"The file {path} cannot be opened: {reason}. Expected: a session file, as "
                "./stend tap export FILE.stend.zip saves it.",
            )
        ) from None


def _opened(data: bytes) -> Opened:
    recording, extras = load(data)
    wire = _wire_of(recording, extras)
    traces = _traces_of(extras.traces)
    told = saved_session(extras, recording.figures().let_go_bytes)
    wire.reading.advance()
    wire.reading.let_go = extras.let_go_exchanges or 0
    room = classroom(SystemClock())
    pages = create_reader(wire, traces, extras, told, room)
    return Opened(extras, told, wire, traces, room, pages)


def _wire_of(recording: Recording, extras: Extras) -> Wire:
    reading = Reading(recording, partial(decoder_for, descriptors=shop_method), polls=POLLS)
    taps = [TapView(place, port, 0) for place, port in _taps_of(recording, extras)]
    # No tap stands here that a fault could be set on.
    faults = Faults(
        tuple, seeded_chance, SystemClock(), system_chance(), reading.fork, reading.catch_up
    )
    return Wire(reading, Changes(recording), faults, lambda: taps)


def _taps_of(recording: Recording, extras: Extras) -> tuple[tuple[Place, int], ...]:
    if extras.taps is not None:
        return extras.taps
    # Format 1 does not tell: there were those, at least, that something has passed through.
    places = dict.fromkeys(one.place for one in recording.connections.values())
    return tuple((place, 0) for place in places)


def _traces_of(saved: Traces | None) -> TraceStore:
    if saved is None:
        return TraceStore.of(_NO_TRACES, ())
    held = Held(*saved[:-1])
    try:
        return restored(held, saved.otlp)
    except ValueError as error:
        raise damaged(str(error)) from None


class _Gate:
    """Refuses foreign hosts and origins: a session may hold what nobody else shall read."""

    def __init__(self, session: Opened) -> None:
        self._session = session
        self._hosts = OwnHosts(_HOSTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        elif refusal := self._hosts.refusal(scope["method"], dict(scope["headers"])):
            await problem(send, 403, EdgeErrorCode.FORBIDDEN, refusal)
        elif scope["path"].startswith(TRACES_PATH):
            await tell_traces(self._session.traces, scope, send)
        else:
            await self._session.pages(scope, receive, send)


def _listening(port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise PortTakenError(
            Text(
                ru=f"Порта {port} нет: они от 1 до {_LAST_PORT}. Без --port порт найдётся сам.",
                en=f"There is no port {port}: they go from 1 to {_LAST_PORT}. Without --port a "
                "free one is taken.",
            )
        )
    try:
        return listening_at(HOST, port)
    except OSError as error:
        who = holder_of(port)
        raise PortTakenError(
            Text(
                ru=f"Порт {port} не открыть ({error.strerror}): его занимает {who.ru}. Выберите "
                "другой --port; без него порт найдётся сам.",
                en=f"The port {port} cannot be opened ({error.strerror}): {who.en} has it. Choose "
                "another --port; without it a free one is taken.",
            )
        ) from None


async def _serve(
    session: Opened, listening: socket.socket, on_ready: Callable[[str], None]
) -> None:
    stop = asyncio.Event()
    on_signals(stop.set)
    config = uvicorn.Config(
        _Gate(session),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = HttpServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    on_ready(f"http://{HOST}:{listening.getsockname()[1]}")
    await stop.wait()
    # Streams of changes that programs follow end first: the server waits for what is open.
    session.wire.changes.close()
    session.traces.close()
    session.classroom.close()
    server.should_exit = True
    await serving


def _told(path: Path, error: SessionError) -> Text:
    what = _RUSSIAN[error.trouble]
    ru = f"{path}: {what} Получено: {error.value}. Ожидается: {error.expected}. {_NEXT_RU}"
    return Text(ru=ru, en=f"{path}: {error.detail}")


_RUSSIAN = {
    Trouble.NO_SESSION: "Это не сессия stend.",
    Trouble.NEWER: "Сессию сохранил более новый stend.",
    Trouble.DAMAGED: "Файл сессии повреждён.",
    Trouble.TOO_LARGE: "Сессия слишком велика.",
}
_NEXT_RU = "Сохраните её ещё раз: ./stend tap export FILE.stend.zip"
