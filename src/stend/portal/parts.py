"""The parts of the stand as a reader meets them: one list of services and engines."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from stend.portal.stand import (
    Endpoint,
    EngineLabel,
    EngineView,
    LimitationView,
    NoTap,
    PartState,
    ServiceView,
    StandView,
)
from stend.portal.wires import ENGINES


class PartKind(Enum):
    SERVICE = "service"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Part:
    """A service or an engine. What a service has not (label, version, memory) is None.

    Attributes:
        uses: the engines that a service cannot work without.
    """

    name: str
    title: str
    kind: PartKind
    state: PartState
    reason: str | None
    endpoints: tuple[Endpoint, ...]
    label: EngineLabel | None = None
    version: str | None = None
    pss_bytes: int | None = None
    limitations: tuple[LimitationView, ...] = ()

    @property
    def is_engine(self) -> bool:
        return self.kind is PartKind.ENGINE

    @property
    def has_tap(self) -> bool:
        return any(endpoint.tapped_url for endpoint in self.endpoints)

    @property
    def no_taps(self) -> tuple[NoTap, ...]:
        """Why some of its addresses have none, each reason once."""
        return tuple(dict.fromkeys(one.no_tap for one in self.endpoints if one.no_tap))


@dataclass(frozen=True, slots=True)
class Summary:
    """How many parts are ready of those that are meant to run, and the worst state of these."""

    ready: int
    total: int
    worst: PartState


# From what wants to be looked at most: a failure outranks a part that merely needs time, and what
# is not meant to run wants nobody.
SEVERITY = (PartState.FAILED, PartState.STARTING, PartState.READY, PartState.STOPPED)
# What the clients of an engine speak, where it is not called as the engine is.
_SPOKEN = {"rabbitmq": "amqp", "nginx": "http"}


def parts_of(view: StandView) -> tuple[Part, ...]:
    """Services first: they are what a reader came for."""
    services = tuple(_service(service) for service in view.services)
    return services + tuple(_engine(engine) for engine in view.engines)


def summary_of(view: StandView) -> Summary:
    states = [part.state for part in parts_of(view) if part.state is not PartState.STOPPED]
    worst = next((state for state in SEVERITY if state in states), PartState.STOPPED)
    return Summary(states.count(PartState.READY), len(states), worst)


def _service(view: ServiceView) -> Part:
    return Part(
        name=view.name,
        title=view.name,
        kind=PartKind.SERVICE,
        state=view.state,
        reason=view.reason,
        endpoints=view.endpoints,
    )


def _engine(view: EngineView) -> Part:
    spoken = _SPOKEN.get(view.name, view.name)
    return Part(
        name=view.name,
        title=ENGINES[view.name].name if view.name in ENGINES else view.name,
        kind=PartKind.ENGINE,
        state=view.state,
        reason=view.reason,
        endpoints=(Endpoint(spoken, view.url, view.tapped_url, view.no_tap), *view.also_at),
        label=view.label,
        version=view.version,
        pss_bytes=view.pss_bytes,
        limitations=view.limitations,
    )


def short_address(url: str) -> str:
    """`http://127.0.0.1:8000/api/v1` to `:8000/api/v1`: the host stands above the list, once."""
    split = urlsplit(url if "://" in url else f"//{url}")
    if split.port is None:
        return url
    query = f"?{split.query}" if split.query else ""
    return f":{split.port}{split.path}{query}"


def channel_of(url: str) -> tuple[str, str]:
    """`amqp://host:5672/#orders.commands` to the address a client connects to, and the queue."""
    address, _, channel = url.partition("#")
    return address, channel


def port_of(url: str) -> int | None:
    return urlsplit(url if "://" in url else f"//{url}").port


def ports_of(part: Part) -> tuple[int, ...]:
    """The ports of a part, each once, in the order of its endpoints."""
    ports = dict.fromkeys(port_of(endpoint.url) for endpoint in part.endpoints)
    return tuple(port for port in ports if port is not None)


def host_of(url: str) -> str:
    return urlsplit(url if "://" in url else f"//{url}").hostname or ""
