"""The compose file: what every container is held to, and that it and the stand agree on addresses.

What Docker makes of it is seen only where there is one.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from stend.runtime.addresses import addresses_of
from stend.runtime.assets import Assets, assets
from stend.runtime.containers import PASSWORDS, Containers, addresses_in_containers
from stend.runtime.rows import SERVICES, VARIABLES
from stend.runtime.services import PLANS
from stend.runtime.settings import Settings, parse

COMPOSE = assets(Assets.DEPLOY) / "compose" / "compose.yaml"
ENGINES = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka")
# ${NAME:-default} (Compose specification, "Interpolation").
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
# A full version somewhere in the tag: `8.4.11`, or `18.6` where there is no third number.
PINNED = re.compile(r":v?\d+\.\d+")


def compose() -> dict[str, Any]:
    # The safe loader knows YAML's merge keys, which Compose takes over.
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


SERVICE = compose()["services"]

# Others do one thing and end.
LASTING = [name for name, held in SERVICE.items() if held["restart"] != "no"]


def by_default(text: str) -> str:
    return VARIABLE.sub(lambda found: found[2], text)


def names_of(text: str) -> set[str]:
    return {found[1] for found in VARIABLE.finditer(text)}


def settings_of(service: str) -> Settings:
    """As the service in the container parses them."""
    environment = {
        name: by_default(str(value)) for name, value in SERVICE[service]["environment"].items()
    }
    return parse({"stand.only": service}, environment, {})


# ---- what every container is held to -----------------------------------------------------------


@pytest.mark.parametrize("name", SERVICE)
def test_no_container_has_more_than_it_needs(name: str) -> None:
    held = SERVICE[name]
    assert held["read_only"] is True
    assert held["cap_drop"] == ["ALL"]
    assert held["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= held.keys()
    assert held["logging"]["options"].keys() == {"max-size", "max-file"}
    assert held["profiles"]
    # Images that switch to a user of their own by themselves would have to begin as root.
    assert held.get("user", "10001") not in ("0", "root")


@pytest.mark.parametrize("name", LASTING)
def test_every_container_is_asked_whether_it_works(name: str) -> None:
    asked = SERVICE[name]["healthcheck"]
    assert asked["test"]
    assert {"interval", "timeout", "retries", "start_period", "start_interval"} <= asked.keys()


@pytest.mark.parametrize("name", SERVICE)
def test_every_image_has_its_whole_version(name: str) -> None:
    assert PINNED.search(by_default(SERVICE[name]["image"])), SERVICE[name]["image"]


@pytest.mark.parametrize("name", SERVICE)
def test_ports_are_published_on_this_machine_only(name: str) -> None:
    for port in SERVICE[name].get("ports", ()):
        assert port.startswith("127.0.0.1:"), port


def test_every_volume_is_used_and_every_used_one_exists() -> None:
    used = {
        mount.partition(":")[0]
        for held in SERVICE.values()
        for mount in held.get("volumes", ())
        if not mount.startswith((".", "/"))
    }
    assert used == compose()["volumes"].keys()


def test_everybody_who_is_waited_for_is_started_by_the_same_profile() -> None:
    for name, held in SERVICE.items():
        for needed in held.get("depends_on", ()):
            assert set(held["profiles"]) <= set(SERVICE[needed]["profiles"]), (name, needed)


# ---- services ----------------------------------------------------------------------------------


def test_the_nine_services_are_there_each_alone() -> None:
    commands = {name: held["command"] for name, held in SERVICE.items() if name in SERVICES}
    assert commands == {name: ["serve", name] for name in SERVICES}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_the_engines_that_it_cannot_do_without(name: str) -> None:
    waited_for = SERVICE[name].get("depends_on", {})
    assert waited_for.keys() == set(PLANS[name].uses)
    assert all(one == {"condition": "service_healthy"} for one in waited_for.values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_addresses_of_containers_and_takes_them(name: str) -> None:
    addresses = addresses_of(settings_of(name))
    told = {
        addresses.postgresql_url: ("postgresql", 5432),
        addresses.mysql_url: ("mysql", 3306),
        addresses.mongodb_url: ("mongodb", 27017),
        addresses.redis_url: ("redis", 6379),
        addresses.amqp_url: ("rabbitmq", 5672),
        str(addresses.amqp_management_url): ("rabbitmq", 15672),
        addresses.orders_rest_url: ("orders", 8000),
        addresses.payments_url: ("payments", 8000),
        addresses.loyalty_url: ("loyalty", 8000),
        addresses.notifications_url: ("notifications", 8000),
        addresses.auth_url: ("identity", 8000),
    }
    for url, (host, port) in told.items():
        assert (urlsplit(url).hostname, urlsplit(url).port) == (host, port)
        assert host in SERVICE
    assert addresses.kafka_servers == ("kafka:9092",)
    assert addresses.orders_grpc_target == f"orders:{addresses.grpc_port}"
    assert addresses.delivery_target == f"delivery:{addresses.delivery_port}"
    # Requests come in under the names of containers, which nobody else may use.
    assert set(SERVICES) <= set(settings_of(name).stand.allowed_hosts)


def test_users_and_passwords_are_those_that_the_services_are_told() -> None:
    addresses = addresses_of(settings_of("orders"))
    made = {
        addresses.postgresql_url: ("postgresql", "POSTGRES_USER", "POSTGRES_PASSWORD"),
        addresses.mysql_url: ("mysql", "MYSQL_USER", "MYSQL_PASSWORD"),
        addresses.amqp_url: ("rabbitmq", "RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"),
    }
    for url, (engine, user, password) in made.items():
        environment = SERVICE[engine]["environment"]
        assert urlsplit(url).username == environment[user]
        assert urlsplit(url).password == by_default(environment[password])
    databases = SERVICE["postgresql"]["environment"], SERVICE["mysql"]["environment"]
    assert urlsplit(addresses.postgresql_url).path == f"/{databases[0]['POSTGRES_DB']}"
    assert urlsplit(addresses.mysql_url).path == f"/{databases[1]['MYSQL_DATABASE']}"


# ---- engines for a stand outside ---------------------------------------------------------------


def published(port_base: int) -> dict[str, int]:
    """The variables that the stand sets for its ports, with their values."""
    settings = parse({"stand.port_base": port_base}, {}, {})
    return Containers(settings, Path("unused")).ports()


def test_the_stand_and_the_compose_file_mean_the_same_ports() -> None:
    ports = [port for name in ENGINES for port in SERVICE[name]["ports"]]
    by_variable = {found[1]: int(found[2]) for port in ports for found in VARIABLE.finditer(port)}
    assert by_variable == published(8000)
    assert published(9000) == {name: port + 1000 for name, port in by_variable.items()}


def test_a_stand_outside_finds_the_engines_where_its_own_would_be() -> None:
    own = addresses_of(parse({}, {}, {}))
    found = addresses_in_containers(parse({}, {}, {}))
    assert found.keys() <= VARIABLES.keys()
    as_environment = {VARIABLES[name]: url for name, url in found.items()}
    there = addresses_of(parse({"stand.engines": "external"}, as_environment, {}))
    assert there.postgresql_url == own.postgresql_url
    assert there.mysql_url == own.mysql_url
    assert there.redis_url == own.redis_url
    assert there.amqp_url == own.amqp_url
    assert there.amqp_management_url == own.amqp_management_url
    assert there.kafka_servers == own.kafka_servers
    # The replica set tells an address that only containers know.
    assert there.mongodb_url == f"{own.mongodb_url}?directConnection=true"


def test_the_stand_tells_every_password_that_an_engine_is_made_with() -> None:
    made_with = {
        name
        for engine in ENGINES
        for value in SERVICE[engine].get("environment", {}).values()
        for name in names_of(str(value))
        if name.endswith("_PASSWORD")
    }
    assert made_with == PASSWORDS.keys()


def test_kafka_tells_each_side_an_address_that_it_can_reach() -> None:
    told = SERVICE["kafka"]["environment"]
    assert not any("zookeeper" in str(one).lower() for one in SERVICE.values())
    assert told["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert by_default(told["KAFKA_ADVERTISED_LISTENERS"]) == (
        "INSIDE://kafka:9092,OUTSIDE://127.0.0.1:8015"
    )
    assert SERVICE["kafka"]["ports"] == ["127.0.0.1:${LAVKA_KAFKA_PORT:-8015}:9094"]


def test_variables_of_the_compose_file_are_no_settings_of_the_stand() -> None:
    # A stand refuses variables that begin as its own and are none; theirs may stand in one shell.
    text = COMPOSE.read_text(encoding="utf-8")
    assert all(name.startswith("LAVKA_") for name in names_of(text))
    example = (COMPOSE.parent / "env.example").read_text(encoding="utf-8")
    told = {line.partition("=")[0].lstrip("# ") for line in example.splitlines() if "=" in line}
    assert told == names_of(text)
