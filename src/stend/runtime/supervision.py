"""Keeps engines and services running and their states true."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from stend.chassis.service import Service
from stend.kit.errors import StendError
from stend.portal.stand import PartState
from stend.runtime.external import External
from stend.runtime.parts import EnginePart, Parts, ServicePart

_log = logging.getLogger("stend.runtime")
PROBE_EVERY_S = 0.05
WATCH_EVERY_S = 0.5
# A part that is late is called failed, and goes on being probed: the machine may just be slow.
LATE_AFTER_S = 30.0
# A server of somebody else should be there already.
EXTERNAL_LATE_AFTER_S = 5.0
RESTART_AFTER_S = 1.0
MAX_RESTARTS = 5
# How often a server that runs is asked whether it also answers.
ASK_EVERY_S = 5.0
# How often its memory is measured: that reads the page tables of each of its processes, which costs
# the stand more than all its questions.
MEASURE_EVERY_S = 15.0
# How often a service that works is asked. No rarer: a store that hears of an outage lets go of its
# connections, and an engine that died is not back before RESTART_AFTER_S.
PING_EVERY_S = 1.0


class Engine(Protocol):
    """A server that is launched here. The methods block; `probe` raises while it is not ready."""

    def launch(self) -> None: ...

    def probe(self) -> str: ...

    def failure(self) -> str | None: ...

    def pss_bytes(self) -> int | None: ...

    def stop(self) -> None: ...


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
        reason = await _until_dead(engine, part, parts)
        _log.error("%s", reason)
        parts.enter(part, PartState.FAILED, reason)
        await asyncio.sleep(RESTART_AFTER_S)
        parts.enter(part, PartState.STARTING, reason)
    parts.enter(part, PartState.FAILED, f"given up after {MAX_RESTARTS} restarts: {part.reason}")


async def supervise_external(server: External, part: EnginePart, parts: Parts) -> None:
    """Asks a server of somebody else again and again, until cancelled."""
    late = _Lateness(EXTERNAL_LATE_AFTER_S)
    while True:
        try:
            part.version = await asyncio.to_thread(server.probe)
        except Exception as error:  # noqa: BLE001 - each client raises errors of its own
            waits = part.state is PartState.STARTING and not late.passed
            state = PartState.STARTING if waits else PartState.FAILED
            parts.enter(part, state, f"no answer: {_first_line(error)}")
        else:
            parts.enter(part, PartState.READY)
        await asyncio.sleep(ASK_EVERY_S if part.state is PartState.READY else RESTART_AFTER_S)


async def _until_ready(engine: Engine, part: EnginePart, parts: Parts) -> None:
    late = _Lateness(LATE_AFTER_S)
    while engine.failure() is None:
        try:
            part.version = await asyncio.to_thread(engine.probe)
        except Exception as error:  # noqa: BLE001 - each client raises errors of its own
            if late.passed:
                parts.enter(part, PartState.FAILED, f"no answer yet: {_first_line(error)}")
            await asyncio.sleep(PROBE_EVERY_S)
            continue
        part.pss_bytes = await asyncio.to_thread(engine.pss_bytes)
        parts.enter(part, PartState.READY)
        return


async def _until_dead(engine: Engine, part: EnginePart, parts: Parts) -> str:
    clock = asyncio.get_running_loop().time
    asked_at = measured_at = clock()
    while (reason := engine.failure()) is None:
        await asyncio.sleep(WATCH_EVERY_S)
        if clock() - measured_at > MEASURE_EVERY_S:
            part.pss_bytes = await asyncio.to_thread(engine.pss_bytes)
            measured_at = clock()
        if clock() - asked_at > ASK_EVERY_S:
            await _ask(engine, part, parts)
            asked_at = clock()
    return reason


async def _ask(engine: Engine, part: EnginePart, parts: Parts) -> None:
    # A process that runs may hang all the same. It is not ended for that: it may come back, as
    # after a machine that slept, and ending it would lose what it holds.
    try:
        await asyncio.to_thread(engine.probe)
    except Exception as error:  # noqa: BLE001 - each client raises errors of its own
        if parts.enter(part, PartState.FAILED, f"does not answer: {_first_line(error)}"):
            _log.warning("%s: %s", part.name, part.reason)
    else:
        parts.enter(part, PartState.READY)


class _Lateness:
    """Whether a part has been awaited for too long."""

    def __init__(self, after_s: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._late_at = self._clock() + after_s

    @property
    def passed(self) -> bool:
        return self._clock() > self._late_at


async def supervise_service(
    make: Callable[[], Service],
    part: ServicePart,
    needs: list[EnginePart],
    parts: Parts,
    admit: Callable[[Service], None],
) -> None:
    """Starts the service when its engines are ready, then watches it until cancelled.

    Args:
        admit: called once it has started: from then on requests may come to it.
    """
    for engine in needs:
        await engine.ready.wait()
    while not await _started(service := make(), part, parts):
        await asyncio.sleep(RESTART_AFTER_S)
    admit(service)
    parts.enter(part, PartState.READY)
    try:
        while True:
            works = part.state is PartState.READY
            await asyncio.sleep(PING_EVERY_S if works else WATCH_EVERY_S)
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
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
