"""Which engines a stand has, by its settings: launched here or asked elsewhere, and their ports."""

from pathlib import Path

import pytest

from stend.portal.stand import EngineLabel
from stend.runtime.addresses import addresses_of
from stend.runtime.engines import Engine, addresses_of_engines, engines_of
from stend.runtime.hops import endpoint_of, hops_of
from stend.runtime.settings import Settings, parse
from tests.conftest import STAND_PORTS

URLS = {
    "STEND_POSTGRESQL_URL": "postgresql://u:p@db/shop",
    "STEND_REDIS_URL": "rediss://:p@cache/1",
    "STEND_AMQP_URL": "amqps://u:p@mq/",
    "STEND_AMQP_MANAGEMENT_URL": "https://mq",
}


def settings_of(**environment: str) -> Settings:
    return parse({"stand.port_base": 20_000}, environment, {})


def engines(settings: Settings, state: Path) -> dict[str, Engine]:
    return {engine.name: engine for engine in engines_of(settings, addresses_of(settings), state)}


def test_every_port_of_the_block_has_one_user(tmp_path: Path) -> None:
    settings = settings_of()
    addresses = addresses_of(settings)
    made = engines(settings, tmp_path).values()
    ports = list(addresses.listening_ports.values())
    for engine in made:
        ports += engine.listening_ports.values()
    ports += [hop.port for hop in hops_of(settings, addresses, addresses_of_engines(made))]
    assert sorted(ports) == sorted(20_000 + offset for offset in STAND_PORTS)


def test_looking_at_the_engines_leaves_nothing_behind(tmp_path: Path) -> None:
    engines(settings_of(), tmp_path / "state")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("postgresql", "STEND_POSTGRESQL_URL"),
        ("redis", "STEND_REDIS_URL"),
        ("rabbitmq", "STEND_AMQP_URL"),
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
    assert external.addresses[0].url == URLS[variable]
    assert external.listening_ports == {}
    assert all(engine.external is None for engine in found.values())


def test_taps_lead_to_the_external_servers(tmp_path: Path) -> None:
    settings = settings_of(**URLS)
    made = engines(settings, tmp_path).values()
    hops = hops_of(settings, addresses_of(settings), addresses_of_engines(made))
    led = {hop.port: (hop.target_host, hop.target_port) for hop in hops}
    assert led[20_110] == ("db", 5432)
    assert led[20_113] == ("cache", 6379)
    assert led[20_114] == ("mq", 5671)
    assert led[20_118] == ("mq", 443)
    tapped = [endpoint_of(settings, one).tapped_url for one in addresses_of_engines(made)]
    assert tapped[:4] == [
        "postgresql://u:p@127.0.0.1:20110/shop",
        "rediss://:p@127.0.0.1:20113/1",
        "amqps://u:p@127.0.0.1:20114/",
        "https://127.0.0.1:20118",
    ]


def test_without_a_tap_there_is_no_second_address(tmp_path: Path) -> None:
    settings = settings_of(STEND_TAP="no")
    made = engines(settings, tmp_path).values()
    assert hops_of(settings, addresses_of(settings), addresses_of_engines(made)) == ()
    assert all(endpoint_of(settings, one).tapped_url is None for one in addresses_of_engines(made))


def test_gateway_can_be_left_out(tmp_path: Path) -> None:
    assert "nginx" not in engines(settings_of(STEND_NGINX_GATEWAY="no"), tmp_path)


@pytest.mark.parametrize("name", ["postgresql", "redis", "rabbitmq", "nginx"])
def test_limits_have_codes_of_their_own(tmp_path: Path, name: str) -> None:
    codes = [one.code for one in engines(settings_of(), tmp_path)[name].limitations]
    assert codes
    assert len(set(codes)) == len(codes)
