"""The hops of the stand: each address and its tapped twin, one hundred ports higher."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from stend.portal.stand import Endpoint
from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.settings import Settings

# The port of an address that names none, by its scheme.
_USUAL_PORTS = {
    "postgresql": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "rediss": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "http": 80,
    "https": 443,
}


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """One address of an engine.

    Attributes:
        title: names its port in an error.
        protocol: as the map and the panel name it.
        url: where the engine answers, which may be another machine; without a scheme where its
            clients want none.
        port: of the stand's block; its tap is beside it wherever the engine is.
        behind_tap: the port that the tap leads to, where the engine has one for it alone.
        has_tap: false where a tap could not keep its clients: they would go on past it.
    """

    title: str
    protocol: str
    url: str
    port: int
    behind_tap: int | None = None
    has_tap: bool = True


@dataclass(frozen=True, slots=True)
class Hop:
    """A tap to open: its own port, and where it leads."""

    name: str
    port: int
    target_host: str
    target_port: int


def hops_of(
    settings: Settings,
    addresses: Addresses,
    own_ports: Mapping[str, int],
    engines: Iterable[EngineAddress],
) -> tuple[Hop, ...]:
    """Nothing when the tap is switched off.

    Args:
        own_ports: that services of this process listen on, by what they are for.
    """
    if not settings.stand.tap:
        return ()
    host = addresses.name
    own = (Hop(name, port + TAP_OFFSET, host, port) for name, port in own_ports.items())
    return (*own, *(_hop(address, host) for address in engines if address.has_tap))


def _hop(address: EngineAddress, host: str) -> Hop:
    tap = address.port + TAP_OFFSET
    if address.behind_tap:
        return Hop(address.title, tap, host, address.behind_tap)
    # Where a server of somebody else's is used, the tap leads there.
    url = urlsplit(address.url)
    port = url.port or _USUAL_PORTS[url.scheme]
    return Hop(address.title, tap, url.hostname or host, port)


def endpoint_of(settings: Settings, addresses: Addresses, address: EngineAddress) -> Endpoint:
    """The address as a reader is shown it: directly and through the tap."""
    tapped = None
    if settings.stand.tap and address.has_tap:
        tapped = f"{addresses.name}:{address.port + TAP_OFFSET}"
        if "://" in address.url:
            url = urlsplit(address.url)
            user, at, _ = url.netloc.rpartition("@")
            tapped = url._replace(netloc=f"{user}{at}{tapped}").geturl()
    return Endpoint(address.protocol, address.url, tapped)
