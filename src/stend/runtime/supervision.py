"""Keeps engines and services running and their states true."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import psycopg

from stend.kit.errors import StendError
from stend.portal.stand import PartState
from stend.runtime.parts import EnginePart, Parts, ServicePart

_log = logging.getLogger("stend.runtime")
PROBE_EVERY_S = 0.05
WATCH_EVERY_S = 0.5
# A part that is late is called failed, and goes on being probed: the machine may just be slow.
LATE_AFTER_S = 30.0
RESTART_AFTER_S = 1.0
MAX_RESTARTS = 5
_MEMORY_EVERY_S = 5.0


class Engine(Protocol):
    """A launcher of a real binary, or the address of a server that somebody else runs."""

    def launch(self) -> None: ...

    def probe(self) -> str: ...

    def failure(self) -> str | None: ...

    def pss_bytes(self) -> int | None: ...

    def stop(self) -> None: ...


class Service(Protocol):
    async def start(self) -> None: ...

    async def ping(self) -> None: ...

    async def stop(self) -> None: ...


class ExternalPostgres:
    """A server that was there before the stand and stays after it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def launch(self) -> None:
        """Somebody else's work."""

    def probe(self) -> str:
        with psycopg.connect(self._url, connect_timeout=2) as connection:
            version = connection.info.server_version
        return f"{version // 10000}.{version % 10000}"

    def failure(self) -> str | None:
        return None

    def pss_bytes(self) -> int | None:
        return None

    def stop(self) -> None:
        """Somebody else's work."""


async def supervise_engine(engine: Engine, part: EnginePart, parts: Parts) -> None:
    """Launches the engine, and again when it dies, until cancelled or beyond repair."""
    for _ in range(1 + MAX_RESTARTS):
        try:
            await asyncio.to_thread(engine.launch)
        except Exception as error:  # noqa: BLE001 - the reason belongs on the map, not in a crash
            _log.exception("%s cannot be launched", part.name)
            parts.enter(part, PartState.FAILED, str(error))
            return
        await _until_ready(engine, part, parts)
        reason = await _until_dead(engine, part)
        _log.error("%s", reason)
        parts.enter(part, PartState.FAILED, reason)
        await asyncio.sleep(RESTART_AFTER_S)
        parts.enter(part, PartState.STARTING, reason)
    parts.enter(part, PartState.FAILED, f"given up after {MAX_RESTARTS} restarts: {part.reason}")


async def _until_ready(engine: Engine, part: EnginePart, parts: Parts) -> None:
    clock = asyncio.get_running_loop().time
    late_at = clock() + LATE_AFTER_S
    while engine.failure() is None:
        try:
            part.version = await asyncio.to_thread(engine.probe)
        except (psycopg.OperationalError, OSError) as error:
            if clock() > late_at:
                parts.enter(part, PartState.FAILED, f"no answer yet: {_first_line(error)}")
            await asyncio.sleep(PROBE_EVERY_S)
            continue
        part.pss_bytes = await asyncio.to_thread(engine.pss_bytes)
        parts.enter(part, PartState.READY)
        return


async def _until_dead(engine: Engine, part: EnginePart) -> str:
    clock = asyncio.get_running_loop().time
    measured_at = clock()
    while (reason := engine.failure()) is None:
        await asyncio.sleep(WATCH_EVERY_S)
        if clock() - measured_at > _MEMORY_EVERY_S:
            measured_at = clock()
            part.pss_bytes = await asyncio.to_thread(engine.pss_bytes)
    return reason


async def supervise_service(
    make: Callable[[], Service], part: ServicePart, needs: list[EnginePart], parts: Parts
) -> None:
    """Starts the service when its engines are ready, then watches it until cancelled."""
    for engine in needs:
        await engine.ready.wait()
    while not await _started(service := make(), part, parts):
        await asyncio.sleep(RESTART_AFTER_S)
    try:
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            try:
                await service.ping()
            except StendError as error:
                if parts.enter(part, PartState.FAILED, error.detail):
                    _log.warning("%s: %s", part.name, error.detail)
            else:
                parts.enter(part, PartState.READY)
    finally:
        await service.stop()


async def _started(service: Service, part: ServicePart, parts: Parts) -> bool:
    try:
        await service.start()
    except asyncio.CancelledError:
        await service.stop()
        raise
    except Exception as error:  # noqa: BLE001 - the reason belongs on the map, not in a crash
        _log.exception("%s cannot start", part.name)
        parts.enter(part, PartState.FAILED, _first_line(error))
        await service.stop()
        return False
    parts.enter(part, PartState.READY)
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
