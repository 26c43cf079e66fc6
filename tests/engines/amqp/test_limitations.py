"""What the broker does not do it refuses with the protocol's own error."""

import socket
from collections.abc import Iterator

import httpx
import pika
import pytest
from pamqp import commands
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ConnectionClosedByBroker

from stend.engines.amqp.launcher import AmqpConfig
from stend.engines.amqp.session import MAX_UNREAD_BYTES
from stend.engines.amqp.state import DIRECT_REPLY_TO, Limits
from stend.wire.amqp.frames import PROTOCOL_HEADER
from tests.engines.amqp.peer import FRAME_MAX, Peer, bodies, new_broker
from tests.engines.amqp.running import config_in, running, url_of
from tests.engines.servers import HOST

NOT_IMPLEMENTED, COMMAND_INVALID, NO_ROUTE = 540, 503, 312
NOT_ALLOWED, PRECONDITION_FAILED = 530, 406


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AmqpConfig]:
    config = config_in(tmp_path_factory.mktemp("amqp"))
    with running(config):
        yield config


@pytest.fixture
def channel(config: AmqpConfig) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(url_of(config)))
    yield connection.channel()
    if connection.is_open:
        connection.close()


def refused(channel: BlockingChannel, **arguments: object) -> tuple[int, str]:
    """How the declaration of a queue with these arguments ends the connection."""
    table = {name.replace("_", "-"): value for name, value in arguments.items()}
    with pytest.raises(ConnectionClosedByBroker) as refusal:
        channel.queue_declare("refused", durable=True, arguments=table)
    return refusal.value.reply_code, refusal.value.reply_text


@pytest.mark.limitation("rabbitmq", "streams")
def test_streams_are_refused(channel: BlockingChannel) -> None:
    code, text = refused(channel, x_queue_type="stream")
    assert code == NOT_IMPLEMENTED
    assert "streams (x-queue-type=stream)" in text


@pytest.mark.limitation("rabbitmq", "at-least-once-dead-lettering")
def test_dead_letters_at_least_once_are_refused(channel: BlockingChannel) -> None:
    code, text = refused(channel, x_queue_type="quorum", x_dead_letter_strategy="at-least-once")
    assert code == NOT_IMPLEMENTED
    assert "only at-most-once" in text


@pytest.mark.limitation("rabbitmq", "consumer-timeout")
def test_a_consumer_timeout_is_refused(channel: BlockingChannel) -> None:
    code, text = refused(channel, x_consumer_timeout=60_000)
    assert code == NOT_IMPLEMENTED
    assert "x-consumer-timeout" in text


@pytest.mark.limitation("rabbitmq", "plugin-exchanges")
@pytest.mark.parametrize("kind", ["x-delayed-message", "x-consistent-hash"])
def test_exchanges_of_plugins_are_refused(channel: BlockingChannel, kind: str) -> None:
    with pytest.raises(ConnectionClosedByBroker) as refusal:
        channel.exchange_declare("refused", kind)
    assert refusal.value.reply_code == COMMAND_INVALID
    assert f"unknown exchange type '{kind}'" in refusal.value.reply_text


@pytest.mark.limitation("rabbitmq", "other-protocols")
@pytest.mark.parametrize(
    "hello",
    [b"AMQP\x00\x01\x00\x00", b"\x10\x0c\x00\x04MQTT", b"CONNECT\n\n\x00", b"\x16\x03\x01\x00\xa5"],
    ids=["AMQP 1.0", "MQTT", "STOMP", "TLS"],
)
def test_another_protocol_is_told_which_one_is_spoken(config: AmqpConfig, hello: bytes) -> None:
    with socket.create_connection((HOST, config.port), timeout=5) as client:
        client.sendall(hello)
        answer = b""
        while data := client.recv(100):
            answer += data
    assert answer == PROTOCOL_HEADER


@pytest.mark.limitation("rabbitmq", "mechanisms")
def test_another_mechanism_is_refused() -> None:
    peer = Peer(new_broker())
    peer.send_bytes(PROTOCOL_HEADER)
    peer.start_ok("EXTERNAL", b"")
    refusal = peer.read()[-1]
    assert isinstance(refusal, commands.Connection.Close)
    assert refusal.reply_code == COMMAND_INVALID
    assert "unknown authentication mechanism 'EXTERNAL'" in refusal.reply_text


@pytest.mark.limitation("rabbitmq", "memory")
def test_what_does_not_fit_into_the_memory_makes_publishers_wait() -> None:
    broker = new_broker(Limits(memory_bytes=5_000))
    publisher = Peer(broker).connect()
    publisher.declare("q")
    for _ in range(5):
        publisher.publish("q", bytes(1000))
    publisher.session.see_alarm()
    (blocked,) = publisher.read()
    assert isinstance(blocked, commands.Connection.Blocked)
    assert publisher.session.is_blocked


@pytest.mark.limitation("rabbitmq", "sizes")
def test_one_connection_too_many_and_a_message_too_large_are_refused() -> None:
    broker = new_broker(Limits(connections=1, message_bytes=1000))
    only = Peer(broker).connect()
    second = Peer(broker)
    second.send_bytes(PROTOCOL_HEADER)
    second.start_ok()
    second.send(0, commands.Connection.TuneOk, channel_max=1, frame_max=FRAME_MAX, heartbeat=0)
    second.send(0, commands.Connection.Open, virtual_host="/", capabilities="", insist=False)
    refusal = second.read()[-1]
    assert isinstance(refusal, commands.Connection.Close)
    assert refusal.reply_code == NOT_ALLOWED
    assert "node connection limit (1) is reached" in refusal.reply_text
    only.publish("q", bytes(1001))
    (too_large,) = only.read()
    assert isinstance(too_large, commands.Channel.Close)
    assert too_large.reply_code == PRECONDITION_FAILED
    only.session.lost()
    assert Peer(broker).connect().session.handshake.is_open


@pytest.mark.limitation("rabbitmq", "unread")
def test_replies_do_not_reach_who_does_not_read() -> None:
    broker = new_broker()
    asker, replier = Peer(broker).connect(), Peer(broker).connect()
    asker.send(
        1,
        commands.Basic.Consume,
        ticket=0,
        queue=DIRECT_REPLY_TO,
        consumer_tag="",
        no_local=False,
        no_ack=True,
        exclusive=False,
        nowait=True,
        arguments={},
    )
    (address,) = broker.reply_takers
    body = bytes(100_000)
    sent = MAX_UNREAD_BYTES // len(body) + 2
    for _ in range(sent):
        replier.publish(address, body)
    assert not asker.session.is_listening
    assert 0 < len(bodies(asker.read())) < sent
    replier.publish(address, body)
    assert bodies(asker.read()) == [body]


@pytest.mark.limitation("rabbitmq", "policies")
@pytest.mark.parametrize(
    "what", ["policies", "parameters/shovel", "parameters/federation-upstream"]
)
def test_there_are_no_policies_and_none_can_be_made(config: AmqpConfig, what: str) -> None:
    with httpx.Client(base_url=management_of(config), auth=("lavka", "lavka")) as client:
        assert client.get(f"/{what}").json() == []
        told = client.put(f"/{what}/%2F/mine", json={"pattern": ".*", "definition": {}})
    assert (told.status_code, told.json()["error"]) == (501, "not_implemented")


@pytest.mark.limitation("rabbitmq", "one-node")
def test_there_is_no_cluster_to_rebalance(config: AmqpConfig) -> None:
    with httpx.Client(base_url=management_of(config), auth=("lavka", "lavka")) as client:
        assert [node["name"] for node in client.get("/nodes").json()] == ["stend@localhost"]
        told = client.post("/rebalance/queues")
    assert (told.status_code, told.json()["error"]) == (501, "not_implemented")


def management_of(config: AmqpConfig) -> str:
    return f"http://{HOST}:{config.management_port}/api"
