"""The services of the shop: what each needs, where it answers, how it is made.

The one place that names concrete ones. A service and its frameworks are imported when it is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stend.chassis.service import Service
from stend.kit.polls import Polls, together
from stend.portal.stand import Endpoint, NoTap
from stend.runtime import making
from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.hops import has_tls, no_tap_of
from stend.runtime.making import Surroundings
from stend.runtime.settings import Settings
from stend.shop.delivery.stores import polls as delivery
from stend.shop.notifications.stores import polls as notifications
from stend.shop.orders.stores import polls as orders


@dataclass(frozen=True, slots=True)
class Place:
    """Where something listens.

    Attributes:
        at: `host:port`.
        tap_port: of its tap; None where no tap leads there.
        no_tap: why not.
        has_tls: its clients speak TLS.
    """

    at: str
    tap_port: int | None
    no_tap: NoTap | None = None
    has_tls: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An address as a reader is shown it: `{at}` stands for the place, or for its tap's."""

    protocol: str
    pattern: str
    place: Callable[[Addresses], Place]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service, before it is made.

    Attributes:
        uses: engines that it cannot start without. What it can wait for is not among them.
        paths: prefixes of HTTP paths that are its own.
        ports: that it listens on itself, by what they are for.
        polls: what it says by the clock.
    """

    name: str
    uses: tuple[str, ...]
    paths: tuple[str, ...]
    shown: tuple[Shown, ...]
    make: Callable[[Surroundings], Service]
    ports: Mapping[str, Callable[[Addresses], int]] = field(default_factory=dict)
    polls: Polls = field(default_factory=Polls)

    def endpoints(self, settings: Settings, addresses: Addresses) -> tuple[Endpoint, ...]:
        """Where it answers, protocol by protocol, directly and through the tap."""
        return tuple(_endpoint(one, settings, addresses) for one in self.shown)

    def listening_ports(self, addresses: Addresses) -> dict[str, int]:
        return {name: port(addresses) for name, port in self.ports.items()}


def _endpoint(shown: Shown, settings: Settings, addresses: Addresses) -> Endpoint:
    place = shown.place(addresses)
    pattern = shown.pattern.replace("://", "s://") if place.has_tls else shown.pattern
    url = pattern.replace("{at}", place.at)
    if not settings.stand.tap:
        return Endpoint(shown.protocol, url, None)
    tapped = None
    if place.tap_port:
        tapped = pattern.replace("{at}", f"{addresses.name}:{place.tap_port}")
    return Endpoint(shown.protocol, url, tapped, place.no_tap)


def _own(addresses: Addresses, port: int) -> Place:
    return Place(f"{addresses.name}:{port}", port + TAP_OFFSET)


def _http(addresses: Addresses) -> Place:
    return _own(addresses, addresses.http_port)


def _grpc(addresses: Addresses) -> Place:
    return _own(addresses, addresses.grpc_port)


def _delivery(addresses: Addresses) -> Place:
    return _own(addresses, addresses.delivery_port)


def _grpc_port(addresses: Addresses) -> int:
    return addresses.grpc_port


def _delivery_port(addresses: Addresses) -> int:
    return addresses.delivery_port


def _amqp(addresses: Addresses) -> Place:
    # The broker may be somebody else's; the tap leads there all the same, unless it speaks TLS.
    at = urlsplit(addresses.amqp_url).netloc.rpartition("@")[2]
    if no_tap := no_tap_of(addresses.amqp_url):
        return Place(at, None, no_tap, has_tls=has_tls(addresses.amqp_url))
    return Place(at, addresses.amqp_port + TAP_OFFSET)


def _kafka(addresses: Addresses) -> Place:
    # Clients of somebody else's brokers go on past a tap, so there is none.
    ports = addresses.kafka_ports[0]
    server = addresses.kafka_servers[0]
    is_own = server == f"{addresses.name}:{ports.direct}"
    return Place(server, ports.tap) if is_own else Place(server, None, NoTap.LEAVES)


PLANS: Mapping[str, ServicePlan] = {
    plan.name: plan
    for plan in (
        ServicePlan(
            name="orders",
            # Without the brokers and the other services it takes orders all the same.
            uses=("postgresql",),
            paths=(
                "/api/v1/orders",
                "/api/v1/reconciliations",
                "/docs",
                "/rpc/orders",
                "/soap/orders",
                "/graphql",
                "/ws/orders",
                "/mcp",
            ),
            shown=(
                Shown("rest", "http://{at}/api/v1/orders", _http),
                Shown("jsonrpc", "http://{at}/rpc/orders", _http),
                Shown("soap", "http://{at}/soap/orders?wsdl", _http),
                Shown("graphql", "http://{at}/graphql", _http),
                Shown("grpc", "{at}", _grpc),
                Shown("websocket", "ws://{at}/ws/orders", _http),
                Shown("sse", "http://{at}/api/v1/orders/{order_id}/events", _http),
                Shown("amqp", "amqp://{at}/#orders.commands", _amqp),
                Shown("kafka", "{at}#orders.commands", _kafka),
                Shown("mcp", "http://{at}/mcp", _http),
            ),
            make=making.make_orders,
            polls=orders.POLLS,
            ports={"gRPC": _grpc_port},
        ),
        ServicePlan(
            name="catalog",
            # Without Redis it is slower, and works.
            uses=("mongodb",),
            paths=("/api/v1/catalog", "/graphql/catalog"),
            shown=(
                Shown("rest", "http://{at}/api/v1/catalog/products", _http),
                Shown("graphql", "http://{at}/graphql/catalog", _http),
            ),
            make=making.make_catalog,
        ),
        ServicePlan(
            name="stock",
            uses=("postgresql",),
            paths=(),
            shown=(Shown("amqp", "amqp://{at}/#stock.commands", _amqp),),
            make=making.make_stock,
        ),
        ServicePlan(
            name="payments",
            uses=("postgresql",),
            paths=("/soap/bank",),
            shown=(Shown("soap", "http://{at}/soap/bank?wsdl", _http),),
            make=making.make_payments,
        ),
        ServicePlan(
            name="loyalty",
            uses=("mysql",),
            paths=("/rpc/loyalty",),
            shown=(Shown("jsonrpc", "http://{at}/rpc/loyalty", _http),),
            make=making.make_loyalty,
        ),
        ServicePlan(
            name="delivery",
            uses=("redis",),
            paths=(),
            shown=(Shown("grpc", "{at}", _delivery),),
            make=making.make_delivery,
            polls=delivery.POLLS,
            ports={"gRPC of delivery": _delivery_port},
        ),
        ServicePlan(
            name="notifications",
            # Without Redis and RabbitMQ it takes registrations all the same.
            uses=("postgresql",),
            paths=("/api/v1/webhooks", "/api/v1/notifications", "/ws/notifications"),
            shown=(
                Shown("rest", "http://{at}/api/v1/webhooks", _http),
                Shown("websocket", "ws://{at}/ws/notifications", _http),
                Shown("sse", "http://{at}/api/v1/notifications/stream", _http),
            ),
            make=making.make_notifications,
            polls=notifications.POLLS,
        ),
        ServicePlan(
            name="analytics",
            # It waits for Kafka, and shows its marts meanwhile.
            uses=(),
            paths=("/api/v1/analytics",),
            shown=(Shown("rest", "http://{at}/api/v1/analytics/marts", _http),),
            make=making.make_analytics,
        ),
        ServicePlan(
            name="identity",
            uses=(),
            paths=("/oauth", "/.well-known/oauth-authorization-server"),
            shown=(Shown("rest", "http://{at}/oauth/token", _http),),
            make=making.make_identity,
        ),
    )
}
# Of the whole shop: what a service says is the same wherever it runs.
POLLS = together(plan.polls for plan in PLANS.values())


def ports_of(names: tuple[str, ...], addresses: Addresses) -> dict[str, int]:
    """The ports that have to be free for these services, and the HTTP port that they share."""
    ports = {"HTTP": addresses.http_port}
    for name in names:
        ports |= PLANS[name].listening_ports(addresses)
    return ports
