"""The state of the stand as the portal and `stend status` see it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PartState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class EngineLabel(StrEnum):
    """How far an engine may be trusted to be the real thing."""

    REAL = "real"
    EMULATED = "emulated"
    SUBSET = "subset"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a service. `tapped_url` leads to the same place through the tap."""

    protocol: str
    url: str
    tapped_url: str | None


@dataclass(frozen=True, slots=True)
class EngineView:
    """`reason` says why the engine is not ready; `pss_bytes` is None where nobody can tell."""

    name: str
    label: EngineLabel
    version: str | None
    state: PartState
    reason: str | None
    url: str
    tapped_url: str | None
    pss_bytes: int | None


@dataclass(frozen=True, slots=True)
class ServiceView:
    name: str
    state: PartState
    reason: str | None
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class StandView:
    """`ready` is true when every part is."""

    ready: bool
    port_base: int
    engines: tuple[EngineView, ...]
    services: tuple[ServiceView, ...]


class Stand(Protocol):
    def view(self) -> StandView:
        """The state at this moment."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Yields once after every change of the view; changes in between are merged."""
        ...
