"""The services of the shop: what each needs, where it answers, how it is made.

The one place that names concrete ones. A service and its frameworks are imported when it is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stend.chassis.service import Service
from stend.portal.stand import Endpoint
from stend.runtime import making
from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.making import Surroundings
from stend.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """An address as a reader is shown it. `{port}` stands for the port, or for its tap's."""

    protocol: str
    pattern: str
    port: Callable[[Addresses], int]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service, before it is made.

    Attributes:
        uses: engines that it cannot start without. What it can wait for is not among them.
        paths: prefixes of HTTP paths that are its own.
        ports: that it listens on itself, by what they are for.
    """

    name: str
    uses: tuple[str, ...]
    paths: tuple[str, ...]
    shown: tuple[Shown, ...]
    make: Callable[[Surroundings], Service]
    ports: Mapping[str, Callable[[Addresses], int]] = field(default_factory=dict)

    def endpoints(self, settings: Settings, addresses: Addresses) -> tuple[Endpoint, ...]:
        """Where it answers, protocol by protocol, directly and through the tap."""
        return tuple(_endpoint(one, settings, addresses) for one in self.shown)

    def listening_ports(self, addresses: Addresses) -> dict[str, int]:
        return {name: port(addresses) for name, port in self.ports.items()}


def _endpoint(shown: Shown, settings: Settings, addresses: Addresses) -> Endpoint:
    port = shown.port(addresses)
    text = shown.pattern.replace("{name}", addresses.name)
    tapped = text.replace("{port}", str(port + TAP_OFFSET)) if settings.stand.tap else None
    return Endpoint(shown.protocol, text.replace("{port}", str(port)), tapped)


def _http(addresses: Addresses) -> int:
    return addresses.http_port


def _grpc(addresses: Addresses) -> int:
    return addresses.grpc_port


def _amqp(addresses: Addresses) -> int:
    return addresses.amqp_port


def _kafka(addresses: Addresses) -> int:
    return addresses.kafka_ports[0].direct


def _delivery(addresses: Addresses) -> int:
    return addresses.delivery_port


PLANS: Mapping[str, ServicePlan] = {
    plan.name: plan
    for plan in (
        ServicePlan(
            name="orders",
            # Without the brokers and the other services it takes orders all the same.
            uses=("postgresql",),
            paths=(
                "/api/v1/orders",
                "/docs",
                "/rpc/orders",
                "/soap/orders",
                "/graphql",
                "/ws/orders",
                "/mcp",
            ),
            shown=(
                Shown("rest", "http://{name}:{port}/api/v1/orders", _http),
                Shown("jsonrpc", "http://{name}:{port}/rpc/orders", _http),
                Shown("soap", "http://{name}:{port}/soap/orders?wsdl", _http),
                Shown("graphql", "http://{name}:{port}/graphql", _http),
                Shown("grpc", "{name}:{port}", _grpc),
                Shown("websocket", "ws://{name}:{port}/ws/orders", _http),
                Shown("sse", "http://{name}:{port}/api/v1/orders/{order_id}/events", _http),
                Shown("amqp", "amqp://{name}:{port}/ orders.commands", _amqp),
                Shown("kafka", "{name}:{port} orders.commands", _kafka),
                Shown("mcp", "http://{name}:{port}/mcp", _http),
            ),
            make=making.make_orders,
            ports={"gRPC": _grpc},
        ),
        ServicePlan(
            name="catalog",
            # Without Redis it is slower, and works.
            uses=("mongodb",),
            paths=("/api/v1/catalog", "/graphql/catalog"),
            shown=(
                Shown("rest", "http://{name}:{port}/api/v1/catalog/products", _http),
                Shown("graphql", "http://{name}:{port}/graphql/catalog", _http),
            ),
            make=making.make_catalog,
        ),
        ServicePlan(
            name="stock",
            uses=("postgresql",),
            paths=(),
            shown=(Shown("amqp", "amqp://{name}:{port}/ stock.commands", _amqp),),
            make=making.make_stock,
        ),
        ServicePlan(
            name="payments",
            uses=("postgresql",),
            paths=("/soap/bank",),
            shown=(Shown("soap", "http://{name}:{port}/soap/bank?wsdl", _http),),
            make=making.make_payments,
        ),
        ServicePlan(
            name="loyalty",
            uses=("mysql",),
            paths=("/rpc/loyalty",),
            shown=(Shown("jsonrpc", "http://{name}:{port}/rpc/loyalty", _http),),
            make=making.make_loyalty,
        ),
        ServicePlan(
            name="delivery",
            uses=("redis",),
            paths=(),
            shown=(Shown("grpc", "{name}:{port}", _delivery),),
            make=making.make_delivery,
            ports={"gRPC of delivery": _delivery},
        ),
        ServicePlan(
            name="notifications",
            # Without Redis and RabbitMQ it takes registrations all the same.
            uses=("postgresql",),
            paths=("/api/v1/webhooks", "/api/v1/notifications", "/ws/notifications"),
            shown=(
                Shown("rest", "http://{name}:{port}/api/v1/webhooks", _http),
                Shown("websocket", "ws://{name}:{port}/ws/notifications", _http),
                Shown("sse", "http://{name}:{port}/api/v1/notifications/stream", _http),
            ),
            make=making.make_notifications,
        ),
        ServicePlan(
            name="analytics",
            # It waits for Kafka, and shows its marts meanwhile.
            uses=(),
            paths=("/api/v1/analytics",),
            shown=(Shown("rest", "http://{name}:{port}/api/v1/analytics/marts", _http),),
            make=making.make_analytics,
        ),
        ServicePlan(
            name="identity",
            uses=(),
            paths=("/oauth", "/.well-known/oauth-authorization-server"),
            shown=(Shown("rest", "http://{name}:{port}/oauth/token", _http),),
            make=making.make_identity,
        ),
    )
}


def ports_of(names: tuple[str, ...], addresses: Addresses) -> dict[str, int]:
    """The ports that have to be free for these services, and the HTTP port that they share."""
    ports = {"HTTP": addresses.http_port}
    for name in names:
        ports |= PLANS[name].listening_ports(addresses)
    return ports
