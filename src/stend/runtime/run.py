"""Runs the stand in this process: builds the parts, starts them together, stops them in order."""

import asyncio
import contextlib
import gc
import importlib
import logging
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from stend.kit.languages import Text
from stend.portal.stand import EngineLabel, StandView
from stend.runtime import logs, process
from stend.runtime.addresses import (
    DATABASE,
    LEARNER,
    Addresses,
    addresses_of,
    state_of,
)
from stend.runtime.hops import hops_of, orders_endpoints, postgresql_tapped_url
from stend.runtime.parts import EnginePart, Parts, ServicePart
from stend.runtime.ports import check_free
from stend.runtime.refusals import AlreadyRunningError
from stend.runtime.settings import SERVICES, EngineMode, Settings
from stend.runtime.sources import quieten_grpc
from stend.runtime.supervision import (
    Engine,
    ExternalPostgres,
    supervise_engine,
    supervise_service,
)
from stend.runtime.system import RandomIds, SystemClock
from stend.tap.pump import Tap

if TYPE_CHECKING:
    from stend.runtime.serving import Serving

_log = logging.getLogger("stend.runtime")


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

    Raises:
        AlreadyRunningError, PortTakenError: nothing was started.
    """
    quieten_grpc()
    state = state_of(plan.settings, plan.root)
    state.mkdir(parents=True, exist_ok=True)
    with _sole_owner(state, plan.alone):
        if plan.fresh:
            _forget(plan, state)
        check_free(plan.settings.stand.host, _ports(plan, addresses_of(plan.settings), state))
        logs.set_up(state / "logs", ("orders", "portal", "tap"))
        with _announced(plan, state), asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_Run(plan, state).main())


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
                ru=f"этот стенд уже запущен (папка состояния {state})",
                en=f"this stand runs already (state folder {state})",
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _announced(plan: Plan, state: Path) -> Iterator[None]:
    """The process file stands while the stand runs, so that `status` and `down` find it."""
    if plan.alone:
        yield
        return
    addresses = addresses_of(plan.settings)
    process.write(state, addresses.host, addresses.http_port)
    try:
        yield
    finally:
        process.remove(state)


def _ports(plan: Plan, addresses: Addresses, state: Path) -> dict[str, int]:
    wanted = dict(addresses.listening_ports)
    if plan.alone is None and plan.settings.stand.engines is EngineMode.EMBEDDED:
        # A server that a killed stand left behind is ours to end, and no stranger on the port.
        _launcher(plan, addresses, state).end_left_over_server()
        wanted["PostgreSQL"] = addresses.postgresql_port
    return wanted | {f"tap of {hop.name}": hop.port for hop in hops_of(plan.settings, addresses)}


def _forget(plan: Plan, state: Path) -> None:
    _launcher(plan, addresses_of(plan.settings), state).erase()
    # The lock is held, and the background process writes to the console's file right now.
    kept = {process.lock_path(state), state / process.CONSOLE_LOG}
    for entry in state.iterdir():
        if entry not in kept:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _launcher(plan: Plan, addresses: Addresses, state: Path) -> PostgresLauncher:
    return PostgresLauncher(
        PostgresConfig(
            home=state / "postgresql",
            log_path=state / "logs" / "postgresql.log",
            host=addresses.host,
            port=addresses.postgresql_port,
            database=DATABASE,
            roles=(
                *(Role(name, name) for name in SERVICES),
                Role(LEARNER, LEARNER, owner_of_all=True),
            ),
        )
    )


class _Run:
    def __init__(self, plan: Plan, state: Path) -> None:
        self._plan = plan
        self._state = state
        self._settings = plan.settings
        self._addresses = addresses_of(plan.settings)
        self._parts = Parts(plan.settings.stand.port_base, plan.on_change)
        self._stop_wanted = asyncio.Event()

    async def main(self) -> None:
        _on_signals(self._stop_wanted.set)
        wanted = self._settings.stand.only or SERVICES
        self._add_parts(wanted)
        async with contextlib.AsyncExitStack() as running:
            self._start_engine(running)
            # The engine is another process: while it starts, this one imports the frameworks, in
            # a thread, so that the engine is probed and a signal is heard meanwhile.
            frameworks = await asyncio.to_thread(importlib.import_module, "stend.runtime.serving")
            serving: Serving = frameworks.Serving(
                self._plan.settings, self._addresses, self._parts, self._plan.alone
            )
            await serving.start(SystemClock(), RandomIds())
            for part in self._parts.services:
                task = asyncio.create_task(
                    supervise_service(serving.orders, part, self._parts.engines, self._parts)
                )
                running.push_async_callback(_cancelled, task)
            # Pushed last, so stopped first: no request comes in while the services end.
            running.push_async_callback(serving.stop)
            await self._open_taps(running)
            # Thousands of classes and functions were made by now and live as long as the process:
            # the collector need not look at them again and again.
            gc.collect()
            gc.freeze()
            await self._stop_wanted.wait()
            _log.info("stopping")
            serving.end_streams()

    def _start_engine(self, running: contextlib.AsyncExitStack) -> None:
        if self._plan.alone:
            return
        engine: Engine
        if self._settings.stand.engines is EngineMode.EMBEDDED:
            engine = _launcher(self._plan, self._addresses, self._state)
        else:
            engine = ExternalPostgres(self._addresses.postgresql_url)
        running.push_async_callback(asyncio.to_thread, engine.stop)
        part = self._parts.engines[0]
        task = asyncio.create_task(supervise_engine(engine, part, self._parts))
        running.push_async_callback(_cancelled, task)

    def _add_parts(self, services: tuple[str, ...]) -> None:
        if self._plan.alone is None:
            tapped = postgresql_tapped_url(self._settings, self._addresses)
            url = self._addresses.postgresql_url
            self._parts.engines.append(EnginePart("postgresql", EngineLabel.REAL, url, tapped))
        if "orders" in services:
            endpoints = orders_endpoints(self._settings, self._addresses)
            self._parts.services.append(ServicePart("orders", endpoints))

    async def _open_taps(self, running: contextlib.AsyncExitStack) -> None:
        for hop in hops_of(self._settings, self._addresses):
            tap = Tap(self._addresses.host, hop.port, hop.target_host, hop.target_port)
            await tap.start()
            running.push_async_callback(tap.stop)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
