"""The engines of the stand: the one place that names concrete ones.

An engine whose address is set is a server of somebody else; every other one is launched here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from stend.engines.amqp import launcher as amqp
from stend.engines.kafka import launcher as kafka
from stend.engines.limitation import Limitation
from stend.engines.mongo import launcher as mongo
from stend.engines.mysql import launcher as mysql
from stend.engines.nginx import launcher as nginx
from stend.engines.nginx.binaries import find_nginx
from stend.engines.postgresql import launcher as postgresql
from stend.engines.postgresql.binaries import BinariesMissingError, bin_dir
from stend.engines.redis import launcher as redis
from stend.portal.stand import EngineLabel, LimitationView, NoTap
from stend.runtime.addresses import DATABASE, LEARNER, TAP_OFFSET, Addresses, KafkaPorts
from stend.runtime.external import (
    External,
    ExternalAmqp,
    ExternalKafka,
    ExternalMongodb,
    ExternalMysql,
    ExternalPostgres,
    ExternalRedis,
)
from stend.runtime.hops import EngineAddress, no_tap_of
from stend.runtime.settings import Settings
from stend.runtime.system import SystemClock
from stend.tap.tls import Keys

_LOOPBACK = "127.0.0.1"
# Database, user and password of the PostgreSQL that keeps the tables of MySQL: who reaches its port
# reaches that of MySQL as well.
_STORAGE = "mysql"
# Nobody replicates from it, and its tables are a learner's: a few processes less.
_STORAGE_OPTIONS = (
    "shared_buffers=16MB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_logical_replication_workers=0",
    "io_method=sync",
    # How long a wait lasts before it is looked at whether it is a deadlock.
    "deadlock_timeout=100ms",
)
# Services with a schema in PostgreSQL, each under a role of its own.
_WITH_SCHEMA = ("orders", "stock", "payments", "notifications")
_MEGABYTE = 1024 * 1024


class Launcher(Protocol):
    """A server from a wheel, or one of ours. The methods block."""

    def launch(self) -> None: ...

    def probe(self) -> str: ...

    def failure(self) -> str | None: ...

    def pss_bytes(self) -> int | None: ...

    def stop(self) -> None: ...

    def erase(self) -> None: ...

    def end_left_over_server(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, as the settings want it.

    Attributes:
        addresses: first where its clients connect to, then its others.
        launcher: what runs it; None for a server of somebody else and for one that is missing.
        external: how to ask a server of somebody else.
        inner_ports: that only its own processes connect to, by what they are for.
        product: whose version it is, where the engine's name does not tell.
        missing: why it cannot run on this machine; the stand does without it.
    """

    name: str
    label: EngineLabel
    addresses: tuple[EngineAddress, ...]
    launcher: Launcher | None = None
    external: External | None = None
    inner_ports: Mapping[str, int] = field(default_factory=dict)
    product: str | None = None
    missing: str | None = None
    limitations: tuple[LimitationView, ...] = ()

    @property
    def listening_ports(self) -> dict[str, int]:
        """The ports that have to be free for it."""
        if self.launcher is None:
            return {}
        ports = {address.title: address.port for address in self.addresses}
        behind = {f"{one.title} behind the tap": one.behind_tap for one in self.addresses}
        of_services = {
            f"{one.title} behind the tap of {name}": port
            for one in self.addresses
            for name, port in one.behind_tap_of.items()
        }
        return {
            **ports,
            **{title: port for title, port in behind.items() if port},
            **of_services,
            **self.inner_ports,
        }


@dataclass(frozen=True, slots=True)
class _Place:
    settings: Settings
    addresses: Addresses
    state: Path

    def log(self, engine: str) -> Path:
        return self.state / "logs" / f"{engine}.log"


def engines_of(settings: Settings, addresses: Addresses, state: Path) -> tuple[Engine, ...]:
    """
    Args:
        state: folder of the stand; nothing is read or written there yet.
    """
    makers: tuple[Callable[[_Place], Engine | None], ...] = (
        _postgresql,
        _mysql,
        _mongodb,
        _redis,
        _rabbitmq,
        _kafka,
        _nginx,
    )
    place = _Place(settings, addresses, state)
    return tuple(engine for make in makers if (engine := make(place)))


def addresses_of_engines(engines: Iterable[Engine]) -> tuple[EngineAddress, ...]:
    """All of them, those of servers that are missing here excepted."""
    return tuple(
        address for engine in engines if engine.missing is None for address in engine.addresses
    )


def without_wheel(engines: Iterable[Engine]) -> tuple[str, ...]:
    """Names of the engines whose wheel is not installed or does not exist for this machine."""
    return tuple(engine.name for engine in engines if _lacks_wheel(engine))


def _lacks_wheel(engine: Engine) -> bool:
    if engine.name == "postgresql" and engine.launcher:
        try:
            bin_dir()
        except BinariesMissingError:
            return True
    is_stand_in = isinstance(engine.launcher, redis.RedisLauncher) and not engine.launcher.is_real
    return is_stand_in or engine.missing is not None


def _at(title: str, protocol: str, url: str, port: int) -> EngineAddress:
    """One that a tap may stand before, unless its address asks for TLS."""
    return EngineAddress(title, protocol, url, port, no_tap=no_tap_of(url))


def _postgresql(place: _Place) -> Engine:
    addresses = place.addresses
    at = _at("PostgreSQL", "postgresql", addresses.postgresql_url, addresses.postgresql_port)
    if url := place.settings.postgresql.url:
        return Engine("postgresql", EngineLabel.REAL, (at,), external=ExternalPostgres(url))
    learner = postgresql.Role(LEARNER, LEARNER, owner_of_all=True)
    launcher = postgresql.PostgresLauncher(
        postgresql.PostgresConfig(
            home=place.state / "postgresql",
            log_path=place.log("postgresql"),
            host=addresses.host,
            port=addresses.postgresql_port,
            database=DATABASE,
            roles=(*(postgresql.Role(name, name) for name in _WITH_SCHEMA), learner),
        )
    )
    limitations = _shown(postgresql.LIMITATIONS)
    return Engine("postgresql", EngineLabel.REAL, (at,), launcher=launcher, limitations=limitations)


def _mysql(place: _Place) -> Engine:
    addresses = place.addresses
    at = _at("MySQL", "mysql", addresses.mysql_url, addresses.mysql_port)
    if url := place.settings.mysql.url:
        return Engine("mysql", EngineLabel.REAL, (at,), external=ExternalMysql(url))
    home, port = place.state / "mysql", addresses.mysql_storage_port
    # A PostgreSQL of its own: neither a lesson that stops the stand's nor somebody's external one
    # shall have to do with the tables of MySQL.
    storage = postgresql.PostgresLauncher(
        postgresql.PostgresConfig(
            home=home / "storage",
            log_path=place.log("mysql-storage"),
            host=_LOOPBACK,
            port=port,
            database=_STORAGE,
            roles=(postgresql.Role(_STORAGE, _STORAGE, owner_of_all=True),),
            options=_STORAGE_OPTIONS,
        )
    )
    launcher = mysql.MysqlLauncher(
        mysql.MysqlConfig(
            home=home / "server",
            log_path=place.log("mysql"),
            host=addresses.host,
            port=addresses.mysql_port,
            users=(mysql.User(LEARNER, LEARNER),),
            databases=(DATABASE,),
            dsn=f"postgresql://{_STORAGE}:{_STORAGE}@{_LOOPBACK}:{port}/{_STORAGE}",
        ),
        storage,
    )
    return Engine(
        "mysql",
        EngineLabel.SUBSET,
        (at,),
        launcher=launcher,
        inner_ports={"the storage of MySQL": port},
        limitations=_shown(mysql.LIMITATIONS),
    )


def _mongodb(place: _Place) -> Engine:
    addresses, wanted = place.addresses, place.settings.mongodb
    url, port = addresses.mongodb_url, addresses.mongodb_port
    if wanted.url:
        # A replica set tells its own addresses: a tap would see the first request and no more.
        theirs = EngineAddress("MongoDB", "mongodb", url, port, no_tap=NoTap.LEAVES)
        external = ExternalMongodb(wanted.url)
        return Engine("mongodb", EngineLabel.REAL, (theirs,), external=external)
    behind_tap = addresses.mongodb_port_behind_tap if place.settings.stand.tap else None
    launcher = mongo.MongoLauncher(
        mongo.MongoConfig(
            home=place.state / "mongodb",
            log_path=place.log("mongodb"),
            host=addresses.host,
            port=port,
            port_behind_tap=behind_tap,
            tap_port=port + TAP_OFFSET if behind_tap else None,
            advertised_host=wanted.advertised_host or addresses.name,
            memory_limit_bytes=wanted.memory_limit_mb * _MEGABYTE,
        )
    )
    return Engine(
        "mongodb",
        EngineLabel.EMULATED,
        (EngineAddress("MongoDB", "mongodb", url, port, behind_tap=behind_tap),),
        launcher=launcher,
        product="stend",
        limitations=_shown(mongo.LIMITATIONS),
    )


def _redis(place: _Place) -> Engine:
    addresses = place.addresses
    at = _at("Redis", "redis", addresses.redis_url, addresses.redis_port)
    if url := place.settings.redis.url:
        return Engine("redis", EngineLabel.REAL, (at,), external=ExternalRedis(url))
    launcher = redis.RedisLauncher(
        redis.RedisConfig(
            place.state / "redis", place.log("redis"), addresses.host, addresses.redis_port
        )
    )
    return Engine(
        "redis",
        EngineLabel.REAL if launcher.is_real else EngineLabel.EMULATED,
        (at,),
        launcher=launcher,
        product="Valkey" if launcher.is_real else "fakeredis",
        limitations=_shown(launcher.limitations),
    )


def _rabbitmq(place: _Place) -> Engine:
    addresses, management_url = place.addresses, place.addresses.amqp_management_url
    at = [_at("AMQP", "amqp", addresses.amqp_url, addresses.amqp_port)]
    if management_url:
        port = addresses.amqp_management_port
        at.append(_at("RabbitMQ management", "management", management_url, port))
    if url := place.settings.amqp.url:
        external = ExternalAmqp(url, management_url)
        return Engine("rabbitmq", EngineLabel.REAL, tuple(at), external=external)
    launcher = amqp.AmqpLauncher(
        amqp.AmqpConfig(
            home=place.state / "rabbitmq",
            log_path=place.log("rabbitmq"),
            host=addresses.host,
            port=addresses.amqp_port,
            management_port=addresses.amqp_management_port,
            # `guest` is who every tutorial of RabbitMQ connects as.
            users=tuple(
                amqp.AmqpUser(name, name, ("administrator",)) for name in (LEARNER, "guest")
            ),
            memory_limit_bytes=place.settings.amqp.memory_limit_mb * _MEGABYTE,
            names=place.settings.stand.allowed_hosts,
        )
    )
    return Engine(
        "rabbitmq",
        EngineLabel.EMULATED,
        tuple(at),
        launcher=launcher,
        product="stend",
        limitations=_shown(amqp.LIMITATIONS),
    )


def _kafka(place: _Place) -> Engine:
    addresses, wanted = place.addresses, place.settings.kafka
    if wanted.url:
        # Its brokers tell their own addresses, so a tap would see the first request of a client
        # and nothing after it.
        theirs = tuple(
            EngineAddress(
                "Kafka", "kafka", server, addresses.kafka_ports[0].direct, no_tap=NoTap.LEAVES
            )
            for server in wanted.url
        )
        external = ExternalKafka(wanted.url, addresses.kafka_security)
        return Engine("kafka", EngineLabel.REAL, theirs, external=external)
    has_tap = place.settings.stand.tap
    at = tuple(
        EngineAddress(
            "Kafka" if number == 1 else f"Kafka, broker {number}",
            "kafka",
            server,
            ports.direct,
            behind_tap=ports.behind_tap if has_tap else None,
            behind_tap_of=ports.behind_tap_of if has_tap else {},
        )
        for number, (server, ports) in enumerate(
            zip(addresses.kafka_servers, addresses.kafka_ports, strict=True), 1
        )
    )
    launcher = kafka.KafkaLauncher(
        kafka.KafkaConfig(
            home=place.state / "kafka",
            log_path=place.log("kafka"),
            host=addresses.host,
            advertised_host=wanted.advertised_host or addresses.name,
            brokers=tuple(_listeners(ports, has_tap) for ports in addresses.kafka_ports),
            rebalance_delay_ms=wanted.rebalance_delay_ms,
            default_partitions=wanted.partitions,
            auto_create_topics=wanted.auto_create_topics,
        )
    )
    return Engine(
        "kafka",
        EngineLabel.EMULATED,
        at,
        launcher=launcher,
        product="stend",
        limitations=_shown(kafka.LIMITATIONS),
    )


def _listeners(ports: KafkaPorts, has_tap: bool) -> tuple[kafka.Listener, ...]:
    direct = kafka.Listener(ports.direct, advertised_port=ports.direct)
    if not has_tap:
        return (direct,)
    own = (kafka.Listener(port, ports.tap_of(name)) for name, port in ports.behind_tap_of.items())
    return (direct, kafka.Listener(ports.behind_tap, ports.tap), *own)


def _nginx(place: _Place) -> Engine | None:
    if not place.settings.nginx.gateway:
        return None
    addresses = place.addresses
    at = (
        EngineAddress("NGINX", "http", addresses.gateway_http_url, addresses.gateway_http_port),
        EngineAddress(
            "NGINX with TLS", "https", addresses.gateway_https_url, addresses.gateway_https_port
        ),
    )
    if find_nginx() is None:
        missing = "there is no wheel with NGINX for this machine"
        return Engine("nginx", EngineLabel.REAL, at, missing=missing)
    launcher = nginx.NginxLauncher(
        nginx.NginxConfig(
            home=place.state / "nginx",
            log_path=place.log("nginx"),
            host=addresses.host,
            http_port=addresses.gateway_http_port,
            https_port=addresses.gateway_https_port,
            http_upstream=_upstream(place, "http", addresses.http_port),
            grpc_upstream=_upstream(place, "grpc", addresses.grpc_port),
            delivery_upstream=_upstream(place, "delivery", addresses.delivery_port),
        ),
        SystemClock(),
    )
    limitations = _shown(nginx.LIMITATIONS)
    return Engine("nginx", EngineLabel.REAL, at, launcher=launcher, limitations=limitations)


def _upstream(place: _Place, name: str, port: int) -> str:
    at = place.addresses.gateway_tap(name) if place.settings.stand.tap else port
    return f"{place.addresses.name}:{at}"


def keys_of(engines: Iterable[Engine]) -> Keys | None:
    """Those of the gateway, where the stand runs one; they may not have been made yet."""
    for engine in engines:
        if isinstance(engine.launcher, nginx.NginxLauncher):
            authority = engine.launcher.authority
            return Keys(authority.ca_path, authority.gateway_path, authority.partner_path)
    return None


def _shown(limitations: Iterable[Limitation]) -> tuple[LimitationView, ...]:
    return tuple(LimitationView(one.code, one.text.ru, one.text.en) for one in limitations)
