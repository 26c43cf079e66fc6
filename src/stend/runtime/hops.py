"""The hops of the stand, and the taps on them.

Each address has a tapped twin one hundred ports higher, for whoever comes from outside. Whoever is
part of the stand goes through a tap of its own: an edge of the map can be seen, and disturbed,
without the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from stend.chassis.kafka_security import KafkaSecurity
from stend.portal.stand import Endpoint, NoTap
from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.settings import Settings
from stend.tap.recording import Place

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
        behind_tap_of: the same for taps of single services, by name.
        no_tap: why no tap can lead there.
    """

    title: str
    protocol: str
    url: str
    port: int
    behind_tap: int | None = None
    no_tap: NoTap | None = None
    behind_tap_of: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hop:
    """A tap to open: its own port, and where it leads.

    Attributes:
        port: 0 lets the system choose one.
    """

    name: str
    place: Place
    port: int
    target_host: str
    target_port: int


# Who connects from outside of the stand.
CLIENT = "client"
GATEWAY = "nginx"
_LOOPBACK = "127.0.0.1"
# The one HTTP port of all services; which of them a request is for stands in its path.
SHOP = "shop"
# What a service goes to, beside Kafka, whose taps are told by the brokers.
_GOES_TO: Mapping[str, tuple[str, ...]] = {
    "orders": ("postgresql", "amqp", "payments", "loyalty", "delivery", "identity"),
    "catalog": ("mongodb", "redis"),
    "stock": ("postgresql", "amqp"),
    "payments": ("postgresql",),
    "loyalty": ("mysql",),
    "delivery": ("redis",),
    "notifications": ("postgresql", "redis", "amqp"),
}
# Engines as the map names them, where that is not the name of their protocol.
_ENGINES = {"amqp": "rabbitmq", "http": GATEWAY, "https": GATEWAY, "management": "rabbitmq"}
_OWN_PLACES = {
    "HTTP": Place(CLIENT, SHOP, "http"),
    "gRPC": Place(CLIENT, "orders", "grpc"),
    "gRPC of delivery": Place(CLIENT, "delivery", "grpc"),
}
# What is spoken at an address, where that is not what the address is called.
_SPOKEN = {"management": "http", "https": "tls"}


def hops_of(
    settings: Settings,
    addresses: Addresses,
    own_ports: Mapping[str, int],
    engines: Iterable[EngineAddress],
) -> tuple[Hop, ...]:
    """Those with a port of the stand's block. Nothing when the tap is switched off.

    Args:
        own_ports: that services of this process listen on, by what they are for.
    """
    if not settings.stand.tap:
        return ()
    host = addresses.name
    own = (
        Hop(name, _OWN_PLACES[name], port + TAP_OFFSET, host, port)
        for name, port in own_ports.items()
    )
    known = tuple(address for address in engines if address.no_tap is None)
    gateway = _gateway_hops(addresses) if any(one.protocol == "https" for one in known) else ()
    return (*own, *(hop for address in known for hop in _hops(address, host)), *gateway)


def _hops(address: EngineAddress, host: str) -> Iterator[Hop]:
    tap = address.port + TAP_OFFSET
    protocol = _SPOKEN.get(address.protocol, address.protocol)
    target = _ENGINES.get(address.protocol, address.protocol)
    place = Place(CLIENT, target, protocol)
    for service, port in address.behind_tap_of.items():
        name = f"{address.title} for {service}"
        yield Hop(name, place._replace(source=service), port + TAP_OFFSET, host, port)
    if address.behind_tap:
        yield Hop(address.title, place, tap, host, address.behind_tap)
        return
    # Where a server of somebody else's is used, the tap leads there.
    yield Hop(address.title, place, tap, *_at(address.url, host))


def _gateway_hops(addresses: Addresses) -> Iterator[Hop]:
    host = addresses.name
    for name, target, protocol, port in (
        ("http", SHOP, "http", addresses.http_port),
        ("grpc", "orders", "grpc", addresses.grpc_port),
        ("delivery", "delivery", "grpc", addresses.delivery_port),
    ):
        place = Place(GATEWAY, target, protocol)
        yield Hop(f"{name} for NGINX", place, addresses.gateway_tap(name), host, port)


def inner_hops(addresses: Addresses, service: str) -> Mapping[str, Hop]:
    """The taps between a service and what it goes to, by what that is. The system chooses ports."""
    urls = {
        "postgresql": addresses.database_of(service),
        "mysql": addresses.mysql_url,
        "mongodb": addresses.mongodb_url,
        "redis": addresses.redis_url,
        "amqp": addresses.amqp_url,
        "payments": addresses.payments_url,
        "loyalty": addresses.loyalty_url,
        "delivery": f"grpc://{addresses.delivery_target}",
        "identity": addresses.auth_url,
    }
    found: dict[str, Hop] = {}
    for name in _GOES_TO.get(service, ()):
        url = addresses.orders_database_url if (service, name) == _OF_ORDERS else urls[name]
        if no_tap_of(url):
            continue
        place = Place(service, _ENGINES.get(name, name), urlsplit(url).scheme)
        title = f"{name} for {service}"
        found[name] = Hop(title, place, 0, *_at(url, addresses.name))
    # Receivers listen on the loopback address, and so must what stands before them.
    if service == "notifications" and addresses.name == _LOOPBACK:
        place = Place(service, CLIENT, "http")
        for port in addresses.receiver_ports:
            title = f"webhooks to {port}"
            found[_receiver(port)] = Hop(title, place, 0, addresses.name, port)
    return found


def _receiver(port: int) -> str:
    return f"receiver {port}"


_OF_ORDERS = ("orders", "postgresql")
_PLAIN = frozenset({"postgresql", "mysql", "mongodb", "redis", "amqp", "http", "grpc"})
# Parameters that ask for TLS, of libpq, MySQL's client and MongoDB, and their values that do not.
_WITHOUT_TLS = {"sslmode": "disable", "ssl-mode": "DISABLED", "ssl": "false", "tls": "false"}
_SECRET = "***"  # noqa: S105 - what stands for it


def has_tls(url: str) -> bool:
    """Whether the address of an engine or a service asks for TLS."""
    parts = urlsplit(url)
    if parts.scheme not in _PLAIN:
        return True
    given = dict(parse_qsl(parts.query))
    return any(given.get(name, off) != off for name, off in _WITHOUT_TLS.items())


def shown_config(security: KafkaSecurity) -> dict[str, str]:
    """Of a client of Kafka, as it may be shown."""
    config = security.config()
    return config | dict.fromkeys({"sasl.password"} & config.keys(), _SECRET)


def no_tap_of(url: str) -> NoTap | None:
    """Why no tap can stand before it.

    A certificate holds for the server's own name, and not for the tap's; of several servers only
    the first would be reached.
    """
    if has_tls(url):
        return NoTap.TLS
    return NoTap.LEAVES if "," in urlsplit(url).netloc else None


def shown(url: str) -> str:
    """The address as it may be shown: whoever asks for TLS has a password to keep."""
    parts = urlsplit(url)
    user, sign, at = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    if not colon or not has_tls(url):
        return url
    return parts._replace(netloc=f"{name}:{_SECRET}{sign}{at}").geturl()


# The addresses that lead to each, by their names in `Addresses`.
_URLS: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("postgresql_url", "orders_database_url"),
    "mysql": ("mysql_url",),
    "mongodb": ("mongodb_url",),
    "redis": ("redis_url",),
    "amqp": ("amqp_url",),
    "payments": ("payments_url",),
    "loyalty": ("loyalty_url",),
    "identity": ("auth_url",),
}


def through(addresses: Addresses, service: str, ports: Mapping[str, int]) -> Addresses:
    """What a service is told, so that it goes through its taps.

    Args:
        ports: of its taps, by what they lead to, as in `inner_hops`.
    """
    changes: dict[str, Any] = {}
    for name, port in ports.items():
        at = f"{addresses.name}:{port}"
        changes |= {url: _moved(getattr(addresses, url), at) for url in _URLS.get(name, ())}
        if name == "delivery":
            changes["delivery_target"] = at
        elif name == "postgresql" and addresses.own_postgresql:
            changes["own_postgresql"] = at + _path(addresses.own_postgresql)
        elif name == "postgresql":
            changes |= {url: _plain_first(changes[url]) for url in _URLS[name]}
        elif name == "mongodb":
            # It must not go on to the address that the replica set tells of itself.
            changes["mongodb_url"] = _with(changes["mongodb_url"], directConnection="true")
    taps = {port: ports.get(_receiver(port)) for port in addresses.receiver_ports}
    changes["receiver_taps"] = {port: tap for port, tap in taps.items() if tap}
    own_kafka = all(service in one.behind_tap_of for one in addresses.kafka_ports)
    if own_kafka and _is_own_kafka(addresses):
        changes["kafka_servers"] = tuple(
            f"{addresses.name}:{one.tap_of(service)}" for one in addresses.kafka_ports
        )
    return replace(addresses, **changes)


def from_outside(addresses: Addresses) -> Addresses:
    """What a client of the shop is told, so that it goes through the taps at its doors.

    A server of somebody else's keeps its own address, but for RabbitMQ without TLS, whose tap leads
    there.
    """
    name = addresses.name
    http = f"{name}:{addresses.http_port + TAP_OFFSET}"
    changes: dict[str, Any] = {
        url: _moved(getattr(addresses, url), http)
        for url in ("orders_rest_url", "notifications_url")
        if getattr(addresses, url) == addresses.http_url
    }
    if addresses.orders_grpc_target == f"{name}:{addresses.grpc_port}":
        changes["orders_grpc_target"] = f"{name}:{addresses.grpc_port + TAP_OFFSET}"
    if no_tap_of(addresses.amqp_url) is None:
        tap = f"{name}:{addresses.amqp_port + TAP_OFFSET}"
        changes["amqp_url"] = _moved(addresses.amqp_url, tap)
    if _is_own_kafka(addresses):
        servers = tuple(f"{name}:{ports.tap}" for ports in addresses.kafka_ports)
        changes["kafka_servers"] = servers
    return replace(addresses, **changes)


def _is_own_kafka(addresses: Addresses) -> bool:
    own = tuple(f"{addresses.name}:{ports.direct}" for ports in addresses.kafka_ports)
    return addresses.kafka_servers == own


def _moved(url: str, at: str) -> str:
    """The same at another place."""
    parts = urlsplit(url)
    user, sign, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}{sign}{at}").geturl()


def _with(url: str, **parameters: str) -> str:
    parts = urlsplit(url)
    query = urlencode(dict(parse_qsl(parts.query)) | parameters)
    return parts._replace(path=parts.path or "/", query=query).geturl()


def _plain_first(url: str) -> str:
    """Nobody has asked for TLS, or there would be no tap; libpq would take it all the same wherever
    it is offered, and the tap would see nothing (PostgreSQL, section 34.19.1).
    """
    asked = "sslmode" in dict(parse_qsl(urlsplit(url).query))
    return url if asked else _with(url, sslmode="allow")


def _path(address: str) -> str:
    return "/" + address.partition("/")[2]


def _at(url: str, host: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or host, parts.port or _USUAL_PORTS[parts.scheme]


def endpoint_of(settings: Settings, addresses: Addresses, address: EngineAddress) -> Endpoint:
    """The address as a reader is shown it: directly and through the tap."""
    if "://" not in address.url:
        url, at = address.url, f"{addresses.name}:{address.port + TAP_OFFSET}"
    else:
        url = shown(address.url)
        at = _moved(address.url, f"{addresses.name}:{address.port + TAP_OFFSET}")
    if not settings.stand.tap:
        return Endpoint(address.protocol, url, None)
    tapped = at if address.no_tap is None else None
    return Endpoint(address.protocol, url, tapped, address.no_tap)
