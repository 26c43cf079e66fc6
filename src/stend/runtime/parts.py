"""The parts of the stand and their states: what supervision writes and the portal reads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from stend.chassis.metrics import ENGINE_READY, SERVICE_READY
from stend.portal.stand import (
    Endpoint,
    EngineLabel,
    EngineView,
    LimitationView,
    PartState,
    ServiceView,
    StandView,
)


@dataclass(slots=True)
class EnginePart:
    """One engine.

    Attributes:
        endpoints: where its clients connect to, then its other addresses.
        product: named before the version, where the engine's name does not tell whose it is.
    """

    name: str
    label: EngineLabel
    endpoints: tuple[Endpoint, ...]
    limitations: tuple[LimitationView, ...] = ()
    product: str | None = None
    version: str | None = None
    state: PartState = PartState.STARTING
    reason: str | None = None
    pss_bytes: int | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class ServicePart:
    name: str
    endpoints: tuple[Endpoint, ...]
    uses: tuple[str, ...]
    state: PartState = PartState.STARTING
    reason: str | None = None


Part = EnginePart | ServicePart


class Parts:
    """Implements the portal's `Stand`."""

    def __init__(
        self, port_base: int, on_change: Callable[[StandView], None] | None = None
    ) -> None:
        self._port_base = port_base
        self._on_change = on_change
        self.engines: list[EnginePart] = []
        self.services: list[ServicePart] = []
        self._watchers: set[asyncio.Event] = set()
        self._closed = False

    def enter(self, part: Part, state: PartState, reason: str | None = None) -> bool:
        """Returns whether anything changed."""
        if (part.state, part.reason) == (state, reason):
            return False
        part.state, part.reason = state, reason
        is_ready = state is PartState.READY
        if isinstance(part, EnginePart):
            (part.ready.set if is_ready else part.ready.clear)()
            ENGINE_READY.labels(part.name).set(is_ready)
        else:
            SERVICE_READY.labels(part.name).set(is_ready)
        for watcher in self._watchers:
            watcher.set()
        if self._on_change:
            self._on_change(self.view())
        return True

    def view(self) -> StandView:
        parts: list[Part] = [*self.engines, *self.services]
        wanted = [part for part in parts if part.state is not PartState.STOPPED]
        return StandView(
            ready=bool(wanted) and all(part.state is PartState.READY for part in wanted),
            port_base=self._port_base,
            engines=tuple(_engine_view(part) for part in self.engines),
            services=tuple(
                ServiceView(part.name, part.state, part.reason, part.endpoints, part.uses)
                for part in self.services
            ),
        )

    def close(self) -> None:
        """Ends everybody's `changes()`, and with them the portal's open streams."""
        self._closed = True
        for watcher in self._watchers:
            watcher.set()

    async def changes(self) -> AsyncIterator[None]:
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            while not self._closed:
                await watcher.wait()
                watcher.clear()
                yield
        finally:
            self._watchers.discard(watcher)


def _engine_view(part: EnginePart) -> EngineView:
    first, *others = part.endpoints
    return EngineView(
        name=part.name,
        label=part.label,
        version=" ".join(filter(None, (part.product, part.version))) if part.version else None,
        state=part.state,
        reason=part.reason,
        url=first.url,
        tapped_url=first.tapped_url,
        also_at=tuple(others),
        pss_bytes=part.pss_bytes,
        limitations=part.limitations,
        no_tap=first.no_tap,
    )
