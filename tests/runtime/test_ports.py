"""Taken ports are told with their holder, all of them at once."""

import os
import socket
from pathlib import Path

import pytest

from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.ports import check_free, holder_of
from stend.runtime.refusals import PortTakenError
from stend.runtime.settings import parse

HOST = "127.0.0.1"


def test_a_free_port_is_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    check_free(HOST, {"HTTP": port})


def test_every_taken_port_is_told_with_name_process_and_way_out() -> None:
    with socket.create_server((HOST, 0)) as first, socket.create_server((HOST, 0)) as second:
        ports = {"HTTP": first.getsockname()[1], "gRPC": second.getsockname()[1]}
        with pytest.raises(PortTakenError) as caught:
            check_free(HOST, ports)
        told = str(caught.value)
        for name, port in ports.items():
            assert f"port {port} ({name}) is taken by" in told
        assert told.count(f"(process {os.getpid()})") == 2
        assert "--port-base" in told


def test_a_port_of_nobody_has_no_name() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    assert holder_of(port).en == "a process that this user may not see"


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(PortTakenError, match=r"cannot listen on 192\.0\.2\.1:8000"):
        check_free("192.0.2.1", {"HTTP": 8000})


def test_the_block_is_laid_out_from_its_base() -> None:
    addresses = addresses_of(parse({"stand.port_base": 9000}, {}, {}))
    assert (addresses.http_port, addresses.grpc_port, addresses.postgresql_port) == (
        9000,
        9001,
        9010,
    )
    assert addresses.postgresql_url == "postgresql://lavka:lavka@127.0.0.1:9010/lavka"
    assert addresses.orders_database_url == "postgresql://orders:orders@127.0.0.1:9010/lavka"
    assert addresses.mysql_url == "mysql://lavka:lavka@127.0.0.1:9011/lavka"
    assert addresses.mysql_storage_port == 9021
    assert addresses.mongodb_url == "mongodb://127.0.0.1:9012/lavka"
    assert addresses.mongodb_port_behind_tap == 9022
    assert addresses.redis_url == "redis://127.0.0.1:9013/0"
    assert addresses.amqp_url == "amqp://lavka:lavka@127.0.0.1:9014/"
    assert addresses.amqp_management_url == "http://127.0.0.1:9018"
    assert addresses.kafka_servers == ("127.0.0.1:9015",)
    assert addresses.gateway_http_url == "http://127.0.0.1:9080"
    assert addresses.gateway_https_url == "https://127.0.0.1:9443"
    assert addresses.orders_rest_url == "http://127.0.0.1:9000"
    assert addresses.orders_grpc_target == "127.0.0.1:9001"


@pytest.mark.parametrize(
    ("host", "name"),
    [("0.0.0.0", "127.0.0.1"), ("::", "localhost"), ("127.0.0.2", "127.0.0.2")],  # noqa: S104
)
def test_what_listens_everywhere_is_found_somewhere(host: str, name: str) -> None:
    addresses = addresses_of(parse({"stand.host": host}, {}, {}))
    assert (addresses.host, addresses.name) == (host, name)
    assert addresses.http_url == addresses.orders_rest_url == f"http://{name}:8000"
    assert addresses.redis_url == f"redis://{name}:8013/0"
    assert addresses.kafka_servers == (f"{name}:8015",)


def test_three_brokers_stand_side_by_side_with_their_taps() -> None:
    addresses = addresses_of(parse({"stand.port_base": 9000}, {"STEND_KAFKA_BROKERS": "3"}, {}))
    assert addresses.kafka_servers == ("127.0.0.1:9015", "127.0.0.1:9016", "127.0.0.1:9017")
    assert [ports.tap for ports in addresses.kafka_ports] == [9115, 9116, 9117]
    assert [ports.behind_tap for ports in addresses.kafka_ports] == [9025, 9026, 9027]


def test_an_engine_is_where_its_setting_says() -> None:
    url = "postgresql://u:p@db:5432/shop"
    addresses = addresses_of(parse({}, {"STEND_POSTGRESQL_URL": url}, {}))
    assert addresses.postgresql_url == addresses.orders_database_url == url
    assert addresses.redis_url == "redis://127.0.0.1:8013/0"
    given = {"STEND_KAFKA_URL": "log-1:9092,log-2:9092"}
    assert addresses_of(parse({}, given, {})).kafka_servers == ("log-1:9092", "log-2:9092")


def test_management_of_an_external_broker_is_where_it_was_told_to_be_or_nowhere() -> None:
    given = {"STEND_AMQP_URL": "amqp://mq"}
    assert addresses_of(parse({}, given, {})).amqp_management_url is None
    given["STEND_AMQP_MANAGEMENT_URL"] = "http://mq:15672"
    assert addresses_of(parse({}, given, {})).amqp_management_url == "http://mq:15672"


def test_each_port_base_has_a_folder_of_its_own() -> None:
    settings = parse({"stand.port_base": 9000, "stand.state_dir": "s"}, {}, {})
    assert state_of(settings, Path("/p")) == Path("/p/s/9000")
