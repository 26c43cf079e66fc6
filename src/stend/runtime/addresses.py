"""Who listens where: every address of the stand, worked out from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.runtime.settings import Settings

_GRPC = 1
_DELIVERY = 2
# Where a learner's own webhooks may be received: the sender of webhooks calls no other local port.
_RECEIVERS = range(5, 10)
_POSTGRESQL = 10
_MYSQL = 11
# What MySQL keeps its tables in; nobody else connects there.
_MYSQL_STORAGE = 21
_MONGODB = 12
# Its tap leads to a listener of its own, which tells the tap's address: see `KafkaPorts`.
_MONGODB_BEHIND_TAP = 22
_REDIS = 13
_AMQP = 14
_AMQP_MANAGEMENT = 18
# Broker 1; the others follow. Their taps lead to listeners of their own, see `KafkaListener`.
_KAFKA = 15
_KAFKA_BEHIND_TAP = 25
# Of those that connect from inside the stand: a listener and a tap for each, so that one service
# can be seen, and disturbed, without the others.
_KAFKA_BEHIND_TAP_OF = {"orders": 31, "analytics": 36}
_GATEWAY_HTTP = 80
# Where the gateway's taps listen; each leads to what the gateway would go to without it.
_GATEWAY_TAPS = {"http": 161, "grpc": 162, "delivery": 163}
_GATEWAY_HTTPS = 443
TAP_OFFSET = 100
# Who listens on every address of the machine is found at one of them.
_FOUND_AT = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104 - nothing is bound

DATABASE = "lavka"
# The stand is a teaching tool on one machine: everybody may know these names, and the superuser's
# password is random.
LEARNER = "lavka"


@dataclass(frozen=True, slots=True)
class KafkaPorts:
    """The ports of one of the stand's brokers.

    A client of Kafka goes on at the address that the broker tells it, so who comes through the tap
    must be told the tap's. Hence a second listener, which only the tap connects to, and one for
    each service of the stand, whose taps are its own.

    Attributes:
        behind_tap_of: by the name of the service.
    """

    direct: int
    behind_tap: int
    behind_tap_of: Mapping[str, int] = field(default_factory=dict)

    @property
    def tap(self) -> int:
        return self.direct + TAP_OFFSET

    def tap_of(self, service: str) -> int:
        return self.behind_tap_of[service] + TAP_OFFSET


@dataclass(frozen=True, slots=True)
class Addresses:
    """
    Attributes:
        own_postgresql: `host:port/database` of the stand's own server; None where it is external.
        host: what everything listens on.
        name: where it is found from this machine.
        amqp_management_url: None where nobody told the one of an external broker.
        kafka_servers: `host:port` of each broker to begin with, as in `bootstrap.servers`.
        kafka_ports: of the stand's own brokers, from broker 1.
        orders_database_url: what the service connects to.
        orders_rest_url, orders_grpc_target, payments_url, loyalty_url, delivery_target,
            notifications_url, auth_url: what the clients of each service connect to.
        receiver_taps: on the way of webhooks to receivers of this machine, by the ports of these.
    """

    host: str
    name: str
    port_base: int
    postgresql_url: str
    mysql_url: str
    mongodb_url: str
    redis_url: str
    amqp_url: str
    amqp_management_url: str | None
    kafka_servers: tuple[str, ...]
    kafka_ports: tuple[KafkaPorts, ...]
    orders_database_url: str
    orders_rest_url: str
    orders_grpc_target: str
    payments_url: str
    loyalty_url: str
    delivery_target: str
    notifications_url: str
    auth_url: str
    own_postgresql: str | None
    receiver_taps: Mapping[int, int] = field(default_factory=dict)
    kafka_security: KafkaSecurity = PLAINTEXT

    def database_of(self, service: str) -> str:
        """A server of somebody else's has one user; in the stand's, each service is its own."""
        if self.own_postgresql is None:
            return self.postgresql_url
        return f"postgresql://{service}:{service}@{self.own_postgresql}"

    @property
    def http_port(self) -> int:
        return self.port_base

    @property
    def grpc_port(self) -> int:
        return self.port_base + _GRPC

    @property
    def receiver_ports(self) -> tuple[int, ...]:
        return tuple(self.port_base + offset for offset in _RECEIVERS)

    @property
    def delivery_port(self) -> int:
        return self.port_base + _DELIVERY

    @property
    def postgresql_port(self) -> int:
        return self.port_base + _POSTGRESQL

    @property
    def mysql_port(self) -> int:
        return self.port_base + _MYSQL

    @property
    def mysql_storage_port(self) -> int:
        return self.port_base + _MYSQL_STORAGE

    @property
    def mongodb_port(self) -> int:
        return self.port_base + _MONGODB

    @property
    def mongodb_port_behind_tap(self) -> int:
        return self.port_base + _MONGODB_BEHIND_TAP

    @property
    def redis_port(self) -> int:
        return self.port_base + _REDIS

    @property
    def amqp_port(self) -> int:
        return self.port_base + _AMQP

    @property
    def amqp_management_port(self) -> int:
        return self.port_base + _AMQP_MANAGEMENT

    @property
    def gateway_http_port(self) -> int:
        return self.port_base + _GATEWAY_HTTP

    @property
    def gateway_https_port(self) -> int:
        return self.port_base + _GATEWAY_HTTPS

    def gateway_tap(self, upstream: str) -> int:
        """The port of the tap between the gateway and `http`, `grpc` or `delivery`."""
        return self.port_base + _GATEWAY_TAPS[upstream]

    @property
    def http_url(self) -> str:
        return f"http://{self.name}:{self.http_port}"

    @property
    def gateway_http_url(self) -> str:
        return f"http://{self.name}:{self.gateway_http_port}"

    @property
    def gateway_https_url(self) -> str:
        return f"https://{self.name}:{self.gateway_https_port}"


def addresses_of(settings: Settings) -> Addresses:
    """Where an engine has an address of its own in the settings, that is the address."""
    host, base = settings.stand.host, settings.stand.port_base
    name = _FOUND_AT.get(host, host)
    orders, amqp, kafka = settings.orders, settings.amqp, settings.kafka
    at = f"{name}:{base + _POSTGRESQL}/{DATABASE}"
    management_url = amqp.management_url or None
    if not amqp.url:
        management_url = f"http://{name}:{base + _AMQP_MANAGEMENT}"
    kafka_ports = tuple(
        KafkaPorts(
            base + _KAFKA + one,
            base + _KAFKA_BEHIND_TAP + one,
            {name: base + offset + one for name, offset in _KAFKA_BEHIND_TAP_OF.items()},
        )
        for one in range(kafka.brokers)
    )
    return Addresses(
        host=host,
        name=name,
        port_base=base,
        postgresql_url=settings.postgresql.url or f"postgresql://{LEARNER}:{LEARNER}@{at}",
        mysql_url=settings.mysql.url
        or f"mysql://{LEARNER}:{LEARNER}@{name}:{base + _MYSQL}/{DATABASE}",
        mongodb_url=settings.mongodb.url or f"mongodb://{name}:{base + _MONGODB}/{DATABASE}",
        redis_url=settings.redis.url or f"redis://{name}:{base + _REDIS}/0",
        amqp_url=amqp.url or f"amqp://{LEARNER}:{LEARNER}@{name}:{base + _AMQP}/",
        amqp_management_url=management_url,
        kafka_servers=kafka.url or tuple(f"{name}:{ports.direct}" for ports in kafka_ports),
        kafka_ports=kafka_ports,
        auth_url=settings.auth.url or f"http://{name}:{base}",
        orders_database_url=orders.database_url
        or settings.postgresql.url
        or f"postgresql://orders:orders@{at}",
        own_postgresql=None if settings.postgresql.url else at,
        orders_rest_url=orders.rest_url or f"http://{name}:{base}",
        orders_grpc_target=orders.grpc_target or f"{name}:{base + _GRPC}",
        payments_url=settings.payments.url or f"http://{name}:{base}/soap/bank",
        loyalty_url=settings.loyalty.url or f"http://{name}:{base}/rpc/loyalty",
        delivery_target=settings.delivery.grpc_target or f"{name}:{base + _DELIVERY}",
        notifications_url=settings.notifications.url or f"http://{name}:{base}",
        kafka_security=kafka.security,
    )


def state_of(settings: Settings, root: Path) -> Path:
    """The folder of this stand: one per port base, so that two stands live side by side."""
    return root / settings.stand.state_dir / str(settings.stand.port_base)
