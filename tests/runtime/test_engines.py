"""Which engines a stand has, by its settings: launched here or asked elsewhere, and their ports."""

from pathlib import Path

import pytest

from stend.engines.kafka.launcher import KafkaConfig, KafkaLauncher, Listener
from stend.engines.mongo.launcher import MongoLauncher
from stend.portal.stand import EngineLabel, NoTap
from stend.runtime.addresses import addresses_of
from stend.runtime.engines import Engine, addresses_of_engines, engines_of
from stend.runtime.hops import endpoint_of, hops_of
from stend.runtime.rows import SERVICES
from stend.runtime.services import ports_of
from stend.runtime.settings import Settings, parse
from tests.conftest import MORE_BROKERS, STAND_PORTS

ANYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound
URLS = {
    "STEND_POSTGRESQL_URL": "postgresql://u:p@db/shop",
    "STEND_MYSQL_URL": "mysql://u:p@sql/shop",
    "STEND_MONGODB_URL": "mongodb://docs-1,docs-2:27018/shop?replicaSet=rs0",
    "STEND_REDIS_URL": "rediss://:p@cache/1",
    "STEND_AMQP_URL": "amqps://u:p@mq/",
    "STEND_AMQP_MANAGEMENT_URL": "https://mq",
    "STEND_KAFKA_URL": "log-1:9092,log-2:9093",
}
# Of services, by what they are for.
_OWN = {"HTTP": 20_000, "gRPC": 20_001}


def settings_of(**environment: str) -> Settings:
    return parse({"stand.port_base": 20_000}, environment, {})


def engines(settings: Settings, state: Path) -> dict[str, Engine]:
    return {engine.name: engine for engine in engines_of(settings, addresses_of(settings), state)}


@pytest.mark.parametrize(
    ("brokers", "offsets"), [("1", STAND_PORTS), ("3", (*STAND_PORTS, *MORE_BROKERS))]
)
def test_every_port_of_the_block_has_one_user(
    tmp_path: Path, brokers: str, offsets: tuple[int, ...]
) -> None:
    settings = settings_of(STEND_KAFKA_BROKERS=brokers)
    addresses = addresses_of(settings)
    made = engines(settings, tmp_path).values()
    own = ports_of(SERVICES, addresses)
    # Left free: a learner's receivers of webhooks listen there.
    ports = [*own.values(), *addresses.receiver_ports]
    for engine in made:
        ports += engine.listening_ports.values()
    ports += [hop.port for hop in hops_of(settings, addresses, own, addresses_of_engines(made))]
    assert sorted(ports) == sorted(20_000 + offset for offset in offsets)


def test_looking_at_the_engines_leaves_nothing_behind(tmp_path: Path) -> None:
    engines(settings_of(), tmp_path / "state")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("postgresql", "STEND_POSTGRESQL_URL"),
        ("mysql", "STEND_MYSQL_URL"),
        ("mongodb", "STEND_MONGODB_URL"),
        ("redis", "STEND_REDIS_URL"),
        ("rabbitmq", "STEND_AMQP_URL"),
        ("kafka", "STEND_KAFKA_URL"),
    ],
)
def test_one_external_engine_leaves_the_others_embedded(
    tmp_path: Path, name: str, variable: str
) -> None:
    found = engines(settings_of(**{variable: URLS[variable]}), tmp_path)
    external = found.pop(name)
    assert external.launcher is None
    assert external.external is not None
    assert (external.label, external.limitations) == (EngineLabel.REAL, ())
    assert (
        ",".join(one.url for one in external.addresses if one.protocol != "management")
        == (URLS[variable])
    )
    assert external.listening_ports == {}
    assert all(engine.external is None for engine in found.values())


def test_taps_lead_to_the_external_servers(tmp_path: Path) -> None:
    settings = settings_of(**URLS)
    made = engines(settings, tmp_path).values()
    hops = hops_of(settings, addresses_of(settings), _OWN, addresses_of_engines(made))
    led = {hop.port: (hop.target_host, hop.target_port) for hop in hops}
    assert led[20_110] == ("db", 5432)
    assert led[20_111] == ("sql", 3306)
    # A certificate would hold for the server's own name, and not for the tap's.
    assert not {20_113, 20_114, 20_118} & set(led)
    shown = [
        endpoint_of(settings, addresses_of(settings), one) for one in addresses_of_engines(made)
    ]
    assert [(one.tapped_url, one.no_tap) for one in shown[:6]] == [
        ("postgresql://u:p@127.0.0.1:20110/shop", None),
        ("mysql://u:p@127.0.0.1:20111/shop", None),
        (None, NoTap.LEAVES),
        (None, NoTap.TLS),
        (None, NoTap.TLS),
        (None, NoTap.TLS),
    ]


@pytest.mark.parametrize("name", ["kafka", "mongodb"])
def test_an_external_server_that_tells_addresses_has_no_tap(tmp_path: Path, name: str) -> None:
    """Its clients would leave it for the addresses that they are told."""
    settings = settings_of(**URLS)
    engine = engines(settings, tmp_path)[name]
    names = {hop.name for hop in hops_of(settings, addresses_of(settings), _OWN, engine.addresses)}
    assert names == set(_OWN)
    shown = [endpoint_of(settings, addresses_of(settings), one) for one in engine.addresses]
    assert {one.tapped_url for one in shown} == {None}


def test_the_tap_of_mongodb_leads_to_a_listener_that_tells_the_taps_address(
    tmp_path: Path,
) -> None:
    settings = settings_of(STEND_MONGODB_ADVERTISED_HOST="lavka.example")
    engine = engines(settings, tmp_path)["mongodb"]
    assert isinstance(engine.launcher, MongoLauncher)
    config = engine.launcher._config
    (hop,) = (
        one
        for one in hops_of(settings, addresses_of(settings), _OWN, engine.addresses)
        if one.name == "MongoDB"
    )
    assert (hop.port, hop.target_port) == (config.tap_port, config.port_behind_tap)
    assert (hop.port, config.advertised_host) == (20_112, "lavka.example")
    (shown,) = [endpoint_of(settings, addresses_of(settings), one) for one in engine.addresses]
    assert (shown.url, shown.tapped_url) == (
        "mongodb://127.0.0.1:20012/lavka",
        "mongodb://127.0.0.1:20112/lavka",
    )


def test_without_a_tap_mongodb_has_one_listener(tmp_path: Path) -> None:
    engine = engines(settings_of(STEND_TAP="no"), tmp_path)["mongodb"]
    assert isinstance(engine.launcher, MongoLauncher)
    assert (engine.launcher._config.port_behind_tap, engine.launcher._config.tap_port) == (
        None,
        None,
    )


def test_the_tap_of_a_broker_leads_to_a_listener_that_tells_the_taps_address(
    tmp_path: Path,
) -> None:
    settings = settings_of(STEND_KAFKA_BROKERS="3")
    kafka = engines(settings, tmp_path)["kafka"]
    told = {
        listener.port: listener.advertised_port
        for broker in config_of(kafka).brokers
        for listener in broker
    }
    hops = hops_of(settings, addresses_of(settings), _OWN, kafka.addresses)
    led = {hop.port: hop.target_port for hop in hops if hop.name.startswith("Kafka")}
    for port in (20_115, 20_116, 20_117):
        assert told[led[port]] == port
    for port in (20_015, 20_016, 20_017):
        assert told[port] == port
    shown = [endpoint_of(settings, addresses_of(settings), one) for one in kafka.addresses]
    assert [(one.url, one.tapped_url) for one in shown] == [
        ("127.0.0.1:20015", "127.0.0.1:20115"),
        ("127.0.0.1:20016", "127.0.0.1:20116"),
        ("127.0.0.1:20017", "127.0.0.1:20117"),
    ]


def test_without_a_tap_a_broker_has_one_listener(tmp_path: Path) -> None:
    (broker,) = config_of(engines(settings_of(STEND_TAP="no"), tmp_path)["kafka"]).brokers
    assert broker == (Listener(20_015, advertised_port=20_015),)


@pytest.mark.parametrize(
    ("host", "given", "told"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        (ANYWHERE, "", "127.0.0.1"),
        ("::", "", "localhost"),
        (ANYWHERE, "lavka.example", "lavka.example"),
    ],
)
def test_clients_are_told_a_name_that_they_can_go_to(
    tmp_path: Path, host: str, given: str, told: str
) -> None:
    settings = settings_of(STEND_HOST=host, STEND_KAFKA_ADVERTISED_HOST=given)
    config = config_of(engines(settings, tmp_path)["kafka"])
    assert (config.host, config.advertised_host) == (host, told)


def test_settings_of_kafka_reach_its_launcher(tmp_path: Path) -> None:
    given = {
        "STEND_KAFKA_PARTITIONS": "6",
        "STEND_KAFKA_AUTO_CREATE_TOPICS": "no",
        "STEND_KAFKA_REBALANCE_DELAY_MS": "3000",
    }
    config = config_of(engines(settings_of(**given), tmp_path)["kafka"])
    told = (config.default_partitions, config.auto_create_topics, config.rebalance_delay_ms)
    assert told == (6, False, 3000)


def config_of(kafka: Engine) -> KafkaConfig:
    assert isinstance(kafka.launcher, KafkaLauncher)
    return kafka.launcher._config


def test_without_a_tap_there_is_no_second_address(tmp_path: Path) -> None:
    settings = settings_of(STEND_TAP="no")
    made = engines(settings, tmp_path).values()
    assert hops_of(settings, addresses_of(settings), _OWN, addresses_of_engines(made)) == ()
    assert all(
        endpoint_of(settings, addresses_of(settings), one).tapped_url is None
        for one in addresses_of_engines(made)
    )


def test_gateway_can_be_left_out(tmp_path: Path) -> None:
    assert "nginx" not in engines(settings_of(STEND_NGINX_GATEWAY="no"), tmp_path)


@pytest.mark.parametrize(
    "name", ["postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka", "nginx"]
)
def test_limits_have_codes_of_their_own(tmp_path: Path, name: str) -> None:
    codes = [one.code for one in engines(settings_of(), tmp_path)[name].limitations]
    assert codes
    assert len(set(codes)) == len(codes)
