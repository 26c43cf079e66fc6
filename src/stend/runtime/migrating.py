"""Brings the stores of services to their newest version, and ends: before any process of them runs.

A service does the same when it starts. Whoever rolls out several processes of it does it once
before, and sees what went wrong before anybody has moved.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from stend.chassis.service import Migrated, Migrates
from stend.kit.errors import StendError
from stend.kit.languages import Text
from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.making import Surroundings, own_access
from stend.runtime.refusals import RefusalError
from stend.runtime.rows import SERVICES
from stend.runtime.services import PLANS
from stend.runtime.settings import Settings
from stend.runtime.system import RandomIds, SystemClock, system_chance

# The services with a store that has a schema or a seed, which anybody but the service could bring.
# Couriers of delivery, files of analytics and keys of identity are made by the one that uses them.
MIGRATING = tuple(name for name in SERVICES if name not in {"delivery", "analytics", "identity"})
_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Done:
    """One service, brought to its newest version."""

    service: str
    engine: str
    migrated: Migrated


class StoreError(RefusalError):
    """A store cannot be reached, or refused its migration; those before it are done."""


def migrate(
    settings: Settings,
    root: Path,
    names: Iterable[str],
    wait_s: float,
    on_done: Callable[[Done], None],
) -> None:
    """One after the other. Whoever else does it at the same time is waited for.

    Args:
        names: of `MIGRATING`.
        wait_s: how long each store that cannot be reached is waited for.
        on_done: called after each.

    Raises:
        StoreError: what follows was not begun.
    """
    asyncio.run(_migrate(_surroundings(settings, root), names, wait_s, on_done))


def _surroundings(settings: Settings, root: Path) -> Surroundings:
    addresses, state, clock = addresses_of(settings), state_of(settings, root), SystemClock()
    return Surroundings(
        settings=settings,
        addresses=addresses,
        state=state,
        clock=clock,
        ids=RandomIds(),
        chance=system_chance(),
        # Nobody calls.
        access=own_access(settings, addresses, state, clock),
    )


async def _migrate(
    around: Surroundings,
    names: Iterable[str],
    wait_s: float,
    on_done: Callable[[Done], None],
) -> None:
    for name in names:
        until_s = asyncio.get_running_loop().time() + wait_s
        on_done(Done(name, PLANS[name].uses[0], await _reached(around, name, until_s)))


async def _reached(around: Surroundings, name: str, until_s: float) -> Migrated:
    while True:
        try:
            return await _one(around, name)
        except StendError as error:
            if asyncio.get_running_loop().time() >= until_s:
                raise _told(name, f"{error.what} {error.value or ''}".strip()) from None
        except Exception as error:
            raise _told(name, str(error).strip() or type(error).__name__) from error
        await asyncio.sleep(_AGAIN_S)


async def _one(around: Surroundings, name: str) -> Migrated:
    service = PLANS[name].make(around)
    try:
        if not isinstance(service, Migrates):
            raise TypeError(f"{name} has nothing to migrate")
        return await service.migrate()
    finally:
        await service.stop()


def _told(name: str, reason: str) -> StoreError:
    return StoreError(
        Text(
            ru=f"{name}: миграция не выполнена: {reason}. Исправьте и повторите: что выполнено, "
            "второй раз не выполняется. Базу, которая ещё запускается, ждёт --wait.",
            en=f"{name}: not migrated: {reason}. Mend it and repeat: what is done is not done "
            "again. --wait waits for a store that is still starting.",
        )
    )
