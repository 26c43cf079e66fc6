"""Whatever is sent to the AMQP broker, it stays up, keeps its memory and serves the next client.

Ten thousand inputs; with LONG_TESTS=1 a hundred thousand more.
"""

import base64
import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pika
import pytest

from stend.engines.amqp.launcher import AmqpConfig
from stend.engines.amqp.management.routes import ROUTES
from tests.edges.amqp_inputs import USER, VHOST, input_of, odd_things, recording
from tests.edges.fuzzing import Attack, Patient
from tests.edges.raw import sent
from tests.engines.amqp.running import broker_of, config_in, running
from tests.engines.servers import HOST
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_BATCHES = 110 if is_long_run() else 10
_ATTACK = Attack(
    input_of,
    batches=_BATCHES,
    inputs_in_batch=1000,
    warm_after=4,
    may_grow_bytes=8 * 1024 * 1024 * (1 + _BATCHES // 50),
)
_RENEWED_AFTER = 100
_HTTP_REQUESTS = 20_000 if is_long_run() else 1200


class Broker(Patient):
    def __init__(self, config: AmqpConfig) -> None:
        super().__init__(broker_of(config), config.log_path, config.port)
        self.management_port = config.management_port
        self.http = httpx.Client(
            base_url=f"http://{HOST}:{config.management_port}/api", auth=(USER, USER), timeout=10
        )

    def renew_vhost(self) -> None:
        self.http.delete(f"/vhosts/{VHOST}")
        assert self.http.put(f"/vhosts/{VHOST}").status_code == 201

    def forget(self) -> None:
        self.renew_vhost()
        node = self.http.get("/nodes").raise_for_status().json()[0]
        assert node["mem_used"] == 0

    def serve(self) -> None:
        parameters = pika.ConnectionParameters(
            HOST, self.port, VHOST, pika.PlainCredentials(USER, USER)
        )
        connection = pika.BlockingConnection(parameters)
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare("fresh", durable=True)
            properties = pika.BasicProperties(delivery_mode=2)
            channel.basic_publish("", "fresh", b"hello", properties, mandatory=True)
            method, _, body = channel.basic_get("fresh")
            assert body == b"hello"
            channel.basic_ack(method.delivery_tag)
            assert channel.queue_delete("fresh").method.message_count == 0
        finally:
            connection.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    config = config_in(tmp_path)
    with running(config) as launcher:
        broker = Broker(config)
        with broker.http:
            broker.renew_vhost()
            yield broker
        assert launcher.failure() is None


def test_the_recording_is_valid(broker: Broker) -> None:
    """Otherwise its mutations would end in the first frame."""
    answer = sent(broker.port, recording())
    ended = bytes.fromhex("000a0033")
    assert ended in answer, answer
    # Nothing but Connection.CloseOk and Channel.CloseOk has ended anything.
    assert bytes.fromhex("000a0032") not in answer
    assert bytes.fromhex("00140028") not in answer
    broker.check("the recording")


async def test_no_input_ends_or_bloats_the_broker(broker: Broker) -> None:
    await broker.withstand(_ATTACK)


_NAMES = (
    *("%2F", VHOST, VHOST, VHOST, VHOST, "q1", "q1", "odd", "odd", "x1", "x1", "amq.headers"),
    *("amq.direct", "amq.default", "lavka", "lavka", "guest", "e", "q", "~", "k", "order.%23"),
    *("..", "%00", "%FF", "%D0%BF", "%", "n" * 300, ""),
)
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD")
_BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'{"',
    b"\xff\xfe",
    b"[" * 2000,
    b'{"durable":true,"arguments":{"x-message-ttl":1.5}}',
    b'{"durable":"yes"}',
    b'{"arguments":{"a":NaN,"b":Infinity,"c":[{}]}}',
    b'{"arguments":{"x-max-length":99999999999999999999}}',
    b'{"type":"topic"}',
    b'{"type":7,"auto_delete":null}',
    b'{"password":"lavka","tags":"administrator"}',
    b'{"configure":".*","write":".*","read":".*"}',
    b'{"configure":"(","write":"[","read":"*"}',
    b'{"properties":{},"routing_key":"q1","payload":"hi","payload_encoding":"string"}',
    b'{"properties":{"headers":{"a":1}},"routing_key":"q1","payload":"","payload_encoding":"base64"}',
    b'{"properties":{"delivery_mode":2,"expiration":"x"},"routing_key":"","payload":1}',
    b'{"count":2,"ackmode":"ack_requeue_true","encoding":"auto"}',
    b'{"count":-1,"ackmode":"reject_requeue_false","encoding":"base64","truncate":"1"}',
    b'{"routing_key":"\\ud800","arguments":{}}',
    b'{"routing_key":"' + b"k" * 300 + b'","arguments":{}}',
)


def test_no_http_request_ends_the_management_api(broker: Broker) -> None:
    for seed in range(_HTTP_REQUESTS):
        choice = random.Random(seed)
        # The last request may have taken the rights away, or the virtual host.
        rights = broker.http.put(f"/permissions/{VHOST}/{USER}", json=_ALL_RIGHTS)
        if rights.is_error or seed % _RENEWED_AFTER == 0:
            broker.renew_vhost()
            _leave(broker.port, recording()[:20])
        with _odd_client(broker.port):
            asked = _method_and_path(choice)
            answer = _asked(broker.management_port, choice, *asked)
        assert answer.startswith(b"HTTP/1.1 "), (seed, asked, answer)
        assert not answer.startswith(b"HTTP/1.1 500"), (seed, asked, answer)
    broker.renew_vhost()
    broker.check(f"{_HTTP_REQUESTS} HTTP requests")


def _leave(port: int, frames: list[bytes]) -> None:
    """A client that is gone without a word."""
    with socket.create_connection((HOST, port)) as client:
        client.sendall(b"".join(frames))
        client.shutdown(socket.SHUT_WR)
        while client.recv(65_536):
            pass


@contextlib.contextmanager
def _odd_client(port: int) -> Iterator[None]:
    """Is there for one request, and holds a message while another one is ready."""
    with socket.create_connection((HOST, port), timeout=_ATTACK.ends_within_s) as client:
        client.sendall(odd_things())
        answered = b""
        while _DELIVER not in answered:
            part = client.recv(65_536)
            assert part, answered
            answered += part
        yield


def _method_and_path(choice: random.Random) -> tuple[str, str]:
    route = choice.choice(tuple(ROUTES))
    method = choice.choice(tuple(ROUTES[route]) if choice.random() < 0.8 else _METHODS)
    parts = route.split("/")
    if choice.random() < 0.1:
        parts[choice.randrange(len(parts))] = choice.choice(_NAMES)
    if choice.random() < 0.1:
        parts.append(choice.choice(_NAMES))
    named = (choice.choice(_NAMES) if part == "*" else part for part in parts)
    return method, "/api/" + "/".join(named)


_DELIVER = bytes.fromhex("003c003c")
_LOGINS = ("Basic", "Basic !!", "Basic /w==", "Bearer x", "Basic bGF2a2E6bm8=")
_ALL_RIGHTS = {"configure": ".*", "write": ".*", "read": ".*"}


def _asked(port: int, choice: random.Random, method: str, path: str) -> bytes:
    body = choice.choice(_BODIES)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
    if choice.random() < 0.95:
        told = base64.b64encode(f"{USER}:{USER}".encode()).decode()
        lines.append(f"Authorization: Basic {told}")
    else:
        lines.append(f"Authorization: {choice.choice(_LOGINS)}")
    if choice.random() < 0.9:
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append(choice.choice(("Transfer-Encoding: chunked", "Content-Length: -1", "X: \x01")))
    return sent(port, ["\r\n".join([*lines, "", ""]).encode("latin-1"), body, b"\r\n"])
