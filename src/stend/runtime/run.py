"""Runs the stand in this process: builds the parts, starts them together, stops them in order."""

import asyncio
import contextlib
import functools
import gc
import importlib
import logging
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from stend.kit.languages import Text
from stend.portal.stand import PartState, StandView
from stend.runtime import logs, process
from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.containers import MARK
from stend.runtime.engines import Engine, addresses_of_engines, engines_of, keys_of
from stend.runtime.hops import endpoint_of, hops_of
from stend.runtime.making import Surroundings, access_of
from stend.runtime.parts import EnginePart, Parts, ServicePart
from stend.runtime.ports import check_free
from stend.runtime.refusals import AlreadyRunningError
from stend.runtime.rows import SERVICES
from stend.runtime.services import PLANS, ports_of
from stend.runtime.settings import Settings
from stend.runtime.signals import on_signals
from stend.runtime.sources import quieten_grpc
from stend.runtime.supervision import supervise_engine, supervise_external, supervise_service
from stend.runtime.system import RandomIds, SystemClock, system_chance
from stend.runtime.taps import Taps

if TYPE_CHECKING:
    from stend.runtime.serving import Serving

_log = logging.getLogger("stend.runtime")
_READY_WITHIN_S = 10.0
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run.

    Attributes:
        alone: the one service to serve without engines and portal; None runs the whole stand.
        fresh: forget all state first.
        on_change: called with the view after every change, for a terminal that follows.
    """

    settings: Settings
    root: Path
    alone: str | None = None
    fresh: bool = False
    on_change: Callable[[StandView], None] | None = None


def run(plan: Plan) -> None:
    """Blocks until SIGINT or SIGTERM, then stops everything.

    Whoever imports this module for a start may have turned the collector of garbage off before.
    It is on from when the stand is ready.

    Raises:
        AlreadyRunningError, PortTakenError: nothing was started.
    """
    quieten_grpc()
    state = state_of(plan.settings, plan.root)
    state.mkdir(parents=True, exist_ok=True)
    with _sole_owner(state, plan.alone):
        engines = (
            () if plan.alone else engines_of(plan.settings, addresses_of(plan.settings), state)
        )
        if plan.fresh:
            _forget(engines, state)
        check_free(plan.settings.stand.host, _ports(plan, engines))
        logs.set_up(_log_folder(state, plan.alone), (*SERVICES, "portal", "tap"))
        with _announced(plan, state), asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_Run(plan, engines).main())


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        # psycopg's async connections need a selector loop, which is not the default there.
        return asyncio.SelectorEventLoop()
    import uvloop

    return uvloop.new_event_loop()


@contextlib.contextmanager
def _sole_owner(state: Path, alone: str | None) -> Iterator[None]:
    # A service that runs alone shares the folder with nobody's engines, so it has its own lock.
    path = process.lock_path(state) if alone is None else state / f"{alone}.lock"
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise AlreadyRunningError(
            Text(
                ru=f"{_who_ru(alone)} уже запущен (папка состояния {state})",
                en=f"{_who_en(alone)} runs already (state folder {state})",
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


def _who_ru(alone: str | None) -> str:
    return f"сервис {alone}" if alone else "этот стенд"


def _who_en(alone: str | None) -> str:
    return f"the service {alone}" if alone else "this stand"


def _log_folder(state: Path, alone: str | None) -> Path:
    # A file that two processes write and rotate would lose lines of both.
    return state / "logs" / alone if alone else state / "logs"


@contextlib.contextmanager
def _announced(plan: Plan, state: Path) -> Iterator[None]:
    """The process file stands while the stand runs, so that `status` and `down` find it."""
    if plan.alone:
        yield
        return
    addresses = addresses_of(plan.settings)
    process.write(state, addresses.name, addresses.http_port)
    try:
        yield
    finally:
        process.remove(state)


def _ports(plan: Plan, engines: Iterable[Engine]) -> dict[str, int]:
    addresses = addresses_of(plan.settings)
    own_ports = ports_of(_services(plan.settings), addresses)
    wanted = dict(own_ports)
    for engine in engines:
        if engine.launcher:
            # A server that a killed stand left behind is ours to end, and no stranger on the port.
            engine.launcher.end_left_over_server()
        wanted |= engine.listening_ports
    hops = hops_of(plan.settings, addresses, own_ports, addresses_of_engines(engines))
    return wanted | {f"tap of {hop.name}": hop.port for hop in hops}


def _forget(engines: Iterable[Engine], state: Path) -> None:
    for engine in engines:
        if engine.launcher:
            engine.launcher.erase()
    # The lock is held, and the background process writes to the console's file right now.
    kept = {process.lock_path(state), state / process.CONSOLE_LOG, state / MARK}
    for entry in state.iterdir():
        if entry not in kept:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _services(settings: Settings) -> tuple[str, ...]:
    return settings.stand.only or SERVICES


class _Run:
    def __init__(self, plan: Plan, engines: tuple[Engine, ...]) -> None:
        self._plan = plan
        self._settings = plan.settings
        self._engines = engines
        self._addresses = addresses_of(plan.settings)
        self._state = state_of(plan.settings, plan.root)
        self._parts = Parts(plan.settings.stand.port_base, plan.on_change)
        self._stop_wanted = asyncio.Event()

    async def main(self) -> None:
        on_signals(self._stop_wanted.set)
        self._add_parts(_services(self._settings))
        async with contextlib.AsyncExitStack() as running:
            clock = SystemClock()
            # First of all, and closed last: whoever starts goes through them.
            taps = self._taps(clock)
            running.push_async_callback(taps.stop)
            await taps.start(_services(self._settings))
            self._start_engines(running)
            # The engines are other processes: while they start, this one imports the frameworks,
            # in a thread, so that the engines are probed and a signal is heard meanwhile.
            frameworks = await asyncio.to_thread(importlib.import_module, "stend.runtime.serving")
            access = await asyncio.to_thread(
                access_of, self._settings, self._addresses, self._state, clock
            )
            serving: Serving = frameworks.Serving(
                Surroundings(
                    settings=self._settings,
                    addresses=self._addresses,
                    state=self._state,
                    clock=clock,
                    ids=RandomIds(),
                    chance=system_chance(),
                    access=access,
                ),
                self._parts,
                taps,
                self._plan.alone,
            )
            await serving.start()
            services: list[asyncio.Task[None]] = []
            # All at once: what one of them has under way it finishes or takes up again by itself.
            running.push_async_callback(_cancelled, services)
            for part in self._parts.services:
                needs = [engine for engine in self._parts.engines if engine.name in part.uses]
                watching = supervise_service(
                    functools.partial(serving.make, PLANS[part.name]),
                    part,
                    needs,
                    self._parts,
                    functools.partial(serving.admit, part.name),
                )
                services.append(asyncio.create_task(watching))
            # Pushed last, so stopped first: no request comes in while the services end.
            running.push_async_callback(serving.stop)
            settling = asyncio.create_task(self._settle(serving))
            running.push_async_callback(_cancelled, [settling])
            await self._stop_wanted.wait()
            _log.info("stopping")
            serving.end_streams()

    async def _settle(self, serving: "Serving") -> None:
        """When the stand is ready, or should be: imports the pages of the portal, which a reader
        opens next, and collects garbage from then on.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_WITHIN_S):
                changes = self._parts.changes()
                while not self._parts.view().ready:
                    await anext(changes)
        try:
            if not self._plan.alone:
                await serving.portal()
        finally:
            # What was made by now lives as long as the process: it need not be looked at again and
            # again.
            gc.collect()
            gc.freeze()
            gc.enable()

    def _start_engines(self, running: contextlib.AsyncExitStack) -> None:
        running.push_async_callback(self._stop_engines)
        for engine, part in zip(self._engines, self._parts.engines, strict=True):
            if engine.launcher:
                watching = supervise_engine(engine.launcher, part, self._parts)
            elif engine.external:
                watching = supervise_external(engine.external, part, self._parts)
            else:
                self._parts.enter(part, PartState.STOPPED, engine.missing)
                continue
            running.push_async_callback(_cancelled, [asyncio.create_task(watching)])

    async def _stop_engines(self) -> None:
        """All at once: none of them needs another."""
        launchers = [engine.launcher for engine in self._engines if engine.launcher]
        stops = (asyncio.to_thread(launcher.stop) for launcher in launchers)
        for outcome in await asyncio.gather(*stops, return_exceptions=True):
            if isinstance(outcome, Exception):
                _log.error("an engine did not stop in order", exc_info=outcome)

    def _add_parts(self, services: tuple[str, ...]) -> None:
        for engine in self._engines:
            endpoints = tuple(
                endpoint_of(self._settings, self._addresses, one) for one in engine.addresses
            )
            self._parts.engines.append(
                EnginePart(engine.name, engine.label, endpoints, engine.limitations, engine.product)
            )
        for name in services:
            plan = PLANS[name]
            endpoints = plan.endpoints(self._settings, self._addresses)
            self._parts.services.append(ServicePart(name, endpoints, plan.uses))

    def _taps(self, clock: SystemClock) -> Taps:
        engines = addresses_of_engines(self._engines)
        own_ports = ports_of(_services(self._settings), self._addresses)
        hops = hops_of(self._settings, self._addresses, own_ports, engines)
        ring_bytes = self._settings.tap.ring_mb * _MEGABYTE
        return Taps(self._addresses, hops, ring_bytes, clock, keys_of(self._engines))


async def _cancelled(tasks: "Sequence[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            _log.error("a part did not stop in order", exc_info=outcome)
