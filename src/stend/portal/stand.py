"""The state of the stand as the portal and `stend status` see it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PartState(StrEnum):
    """STOPPED: not meant to run here, so nobody waits for it; `reason` says why."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class EngineLabel(StrEnum):
    """How far an engine may be trusted to be the real thing."""

    REAL = "real"
    EMULATED = "emulated"
    SUBSET = "subset"


class NoTap(StrEnum):
    """Why no tap leads to an address, though the stand has taps.

    TLS: its certificate holds for the server's own name, and only its clients have the keys.
    LEAVES: clients go on to the addresses that the server tells them.
    """

    TLS = "tls"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a part.

    Attributes:
        url: without its password where that is a secret.
        tapped_url: leads to the same place through the tap.
        no_tap: why there is none; None also where the stand has no taps at all.
    """

    protocol: str
    url: str
    tapped_url: str | None
    no_tap: NoTap | None = None


@dataclass(frozen=True, slots=True)
class LimitationView:
    """What the engine does not do, though the real one does. `code` is stable."""

    code: str
    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class EngineView:
    """One engine.

    Attributes:
        reason: why it is not ready.
        url, tapped_url, no_tap: where its clients connect to, as in `Endpoint`.
        also_at: its other addresses, such as that of its management API.
        pss_bytes: None where nobody can tell.
    """

    name: str
    label: EngineLabel
    version: str | None
    state: PartState
    reason: str | None
    url: str
    tapped_url: str | None
    also_at: tuple[Endpoint, ...]
    pss_bytes: int | None
    limitations: tuple[LimitationView, ...]
    no_tap: NoTap | None = None


@dataclass(frozen=True, slots=True)
class ServiceView:
    """`uses` names the engines that it cannot work without."""

    name: str
    state: PartState
    reason: str | None
    endpoints: tuple[Endpoint, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StandView:
    """`ready` is true when every part is that is meant to run."""

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
