"""The hops of the stand: each address and its tapped twin, one hundred ports higher."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from stend.portal.stand import Endpoint
from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.settings import Settings

_POSTGRESQL_PORT = 5432


@dataclass(frozen=True, slots=True)
class Hop:
    """A tap to open: its own port, and where it leads."""

    name: str
    port: int
    target_host: str
    target_port: int


def hops_of(settings: Settings, addresses: Addresses) -> tuple[Hop, ...]:
    """Nothing when the tap is switched off."""
    if not settings.stand.tap:
        return ()
    host = addresses.host
    # Where a server of somebody else's is used, the tap leads there.
    url = urlsplit(addresses.postgresql_url)
    return (
        Hop("HTTP", addresses.http_port + TAP_OFFSET, host, addresses.http_port),
        Hop("gRPC", addresses.grpc_port + TAP_OFFSET, host, addresses.grpc_port),
        Hop(
            "PostgreSQL",
            addresses.postgresql_port + TAP_OFFSET,
            url.hostname or host,
            url.port or _POSTGRESQL_PORT,
        ),
    )


def postgresql_tapped_url(settings: Settings, addresses: Addresses) -> str | None:
    if not settings.stand.tap:
        return None
    url = urlsplit(addresses.postgresql_url)
    user, at, _ = url.netloc.rpartition("@")
    tap = f"{addresses.host}:{addresses.postgresql_port + TAP_OFFSET}"
    return url._replace(netloc=f"{user}{at}{tap}").geturl()


def orders_endpoints(settings: Settings, addresses: Addresses) -> tuple[Endpoint, ...]:
    """Where the service `orders` answers, protocol by protocol."""
    orders = f"{addresses.host}:{{port}}/api/v1/orders"
    patterns = {
        "rest": (f"http://{orders}", addresses.http_port),
        "sse": (f"http://{orders}/{{{{order_id}}}}/events", addresses.http_port),
        "grpc": (f"{addresses.host}:{{port}}", addresses.grpc_port),
    }
    tapped = settings.stand.tap
    return tuple(
        Endpoint(
            protocol,
            pattern.format(port=port),
            pattern.format(port=port + TAP_OFFSET) if tapped else None,
        )
        for protocol, (pattern, port) in patterns.items()
    )
