"""A virtual host for the run, clients of it, and the management API around it."""

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pika
import pytest
from amqpstorm.management.api import ManagementApi

from tests.engines.suite.rabbitmq.blocking import Channel, Connection
from tests.engines.suite.rabbitmq.wire import Wire

_TIMEOUT_S = 20

Connect = Callable[[], Connection]
OpenWire = Callable[..., Wire]


@dataclass(frozen=True, slots=True)
class Answer:
    """`json` is None when there is no body."""

    status: int
    headers: dict[str, str]
    json: Any


class Management:
    """The HTTP API as it is, errors included."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._credentials = f"{place.username}:{place.password}"
        self._base = place._replace(netloc=f"{place.hostname}:{place.port}").geturl() + "/api"

    def __call__(
        self,
        method: str,
        path: str,
        content: object = None,
        *,
        credentials: str | None = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """
        Args:
            content: goes as JSON; bytes go as they are.
            credentials: `name:password`; the suite's user by default, None for nobody.
        """
        data = content if isinstance(content, bytes) or content is None else _json(content)
        request = urllib.request.Request(self._base + path, data, headers or {}, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if credentials is not None:
            known = base64.b64encode((credentials or self._credentials).encode()).decode()
            request.add_header("Authorization", f"Basic {known}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as reply:
                return _answer(reply.status, reply)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _answer(refusal.code, refusal)


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _answer(status: int, reply: Any) -> Answer:
    content = reply.read()
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Answer(status, headers, json.loads(content) if content else None)


@pytest.fixture(scope="session")
def management(amqp_management_url: str) -> Management:
    return Management(amqp_management_url)


@pytest.fixture(scope="session")
def vhost(management: Management) -> Iterator[str]:
    """A virtual host that goes with everything that the checks have left in it."""
    name = f"suite-{uuid.uuid4().hex[:12]}"
    assert management("PUT", f"/vhosts/{name}", {}).status == 201
    yield name
    assert management("DELETE", f"/vhosts/{name}").status == 204


@pytest.fixture(scope="session")
def url(amqp_url: str, vhost: str) -> str:
    """The address of the virtual host."""
    return urlsplit(amqp_url)._replace(path="/" + quote(vhost, safe="")).geturl()


@pytest.fixture
def api(amqp_management_url: str) -> ManagementApi:
    place = urlsplit(amqp_management_url)
    address = place._replace(netloc=f"{place.hostname}:{place.port}").geturl()
    return ManagementApi(address, str(place.username), str(place.password))


@pytest.fixture
def connect(url: str) -> Iterator[Connect]:
    """Opens pika connections, which end with the check."""
    with ExitStack() as stack:

        def connected() -> Connection:
            connection = pika.BlockingConnection(pika.URLParameters(url))
            stack.callback(lambda: connection.is_open and connection.close())
            return connection

        yield connected


@pytest.fixture
def connection(connect: Connect) -> Connection:
    return connect()


@pytest.fixture
def channel(connection: Connection) -> Channel:
    return connection.channel()


@pytest.fixture
def queue(channel: Channel, name: str) -> str:
    """A plain classic queue."""
    channel.queue_declare(name)
    return name


@pytest.fixture
def open_wire(url: str) -> Iterator[OpenWire]:
    with ExitStack() as stack:

        def opened(**capabilities: bool) -> Wire:
            return stack.enter_context(Wire.open(url, capabilities))

        yield opened


@pytest.fixture
def wire(open_wire: OpenWire) -> Wire:
    return open_wire()
