"""What passes through the gateway, over HTTP/1.1, HTTP/2 and TLS, and what it says itself."""

import base64
import contextlib
import json
import socket
import ssl
from collections.abc import Iterator

import grpc
import httpx
import pytest

from tests.engines.nginx.running import Running, config_in, running
from tests.engines.nginx.upstreams import EchoServer, grpc_server, http_server
from tests.engines.servers import HOST

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def behind() -> Iterator[EchoServer]:
    with http_server() as server:
        yield server


@pytest.fixture(scope="module")
def gateway(behind: EchoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """In a folder with a space and Cyrillic letters in its name."""
    folder = tmp_path_factory.mktemp("стенд с пробелом")
    http_port: int = behind.server_address[1]
    with grpc_server() as grpc_port, running(config_in(folder, http_port, grpc_port)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With nobody behind it."""
    with running(config_in(tmp_path_factory.mktemp("alone"))) as gateway:
        yield gateway


@pytest.fixture
def client(gateway: Running) -> Iterator[httpx.Client]:
    with httpx.Client(verify=gateway.trusting(), trust_env=False) as client:
        yield client


def raw(port: int, sent: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def problem_in(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    problem: dict[str, object] = json.loads(body)
    return problem


def test_who_calls_reaches_the_upstream(gateway: Running, client: httpx.Client) -> None:
    headers = client.get(gateway.url).json()["headers"]
    assert headers["host"] == headers["x-forwarded-host"] == f"{HOST}:{gateway.config.http_port}"
    assert headers["x-forwarded-for"] == HOST
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(gateway.config.http_port)
    assert "connection" not in headers


def test_the_path_is_passed_on_as_it_came(gateway: Running) -> None:
    request = b"GET /a//b/../c%2Fd?q=%20x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    _, _, body = raw(gateway.config.http_port, request).partition(b"\r\n\r\n")
    assert json.loads(body)["path"] == "/a//b/../c%2Fd?q=%20x"


def test_forwarding_headers_of_the_caller_are_not_believed(
    gateway: Running, client: httpx.Client
) -> None:
    lies = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    headers = client.get(gateway.url, headers=lies).json()["headers"]
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"]) == (HOST, "http")


def test_a_request_has_one_identifier(gateway: Running, client: httpx.Client) -> None:
    made = client.get(gateway.url)
    assert len(made.headers["X-Request-ID"]) == 32
    assert made.json()["headers"]["x-request-id"] == made.headers["X-Request-ID"]
    kept = client.get(gateway.url, headers={"X-Request-ID": "order-7.1"})
    assert kept.headers["X-Request-ID"] == kept.json()["headers"]["x-request-id"] == "order-7.1"
    hostile = client.get(gateway.url, headers={"X-Request-ID": "a b\tc" * 100})
    assert len(hostile.headers["X-Request-ID"]) == 32


def test_https_is_verified_against_the_authority(gateway: Running, client: httpx.Client) -> None:
    for name in (HOST, "localhost"):
        told = client.get(f"https://{name}:{gateway.config.https_port}/")
        assert told.json()["headers"]["x-forwarded-proto"] == "https"
    with httpx.Client(trust_env=False) as stranger, pytest.raises(httpx.ConnectError):
        stranger.get(gateway.https_url)


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), ([], None)]
)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_http2_is_agreed_on_in_tls(
    gateway: Running, version: ssl.TLSVersion, offered: list[str], chosen: str | None
) -> None:
    context = gateway.trusting()
    context.minimum_version = context.maximum_version = version
    if offered:
        context.set_alpn_protocols(offered)
    with (
        socket.create_connection((HOST, gateway.config.https_port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == chosen
        assert secure.version() == version.name.replace("_", ".")


@contextlib.contextmanager
def channel_to(gateway: Running, *, secure: bool) -> Iterator[grpc.Channel]:
    options = [("grpc.enable_http_proxy", 0)]
    if secure:
        credentials = grpc.ssl_channel_credentials(gateway.launcher.ca_path.read_bytes())
        target = f"localhost:{gateway.config.https_port}"
        channel = grpc.secure_channel(target, credentials, options)
    else:
        channel = grpc.insecure_channel(f"{HOST}:{gateway.config.http_port}", options)
    with channel:
        yield channel


def _unary(channel: grpc.Channel, method: str) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes]
    call = channel.unary_unary(f"/stand.test.Echo/{method}")
    return call


@pytest.mark.parametrize("secure", [True, False], ids=["tls", "plain"])
def test_grpc(gateway: Running, secure: bool) -> None:
    with channel_to(gateway, secure=secure) as channel:
        answer, call = _unary(channel, "Upper").with_call(b"hello", timeout=10)
        seen = json.loads(dict(call.trailing_metadata())["seen"])
        with pytest.raises(grpc.RpcError) as unknown:
            _unary(channel, "NoSuch")(b"", timeout=10)
    assert answer == b"HELLO"
    assert seen["x-forwarded-proto"] == ("https" if secure else "http")
    assert len(seen["x-request-id"]) == 32
    assert unknown.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("secure", [True, False], ids=["tls", "plain"])
def test_a_stream_of_grpc_may_be_larger_than_any_body(gateway: Running, secure: bool) -> None:
    block = b"x" * 1024 * 1024
    with channel_to(gateway, secure=secure) as channel:
        each: grpc.StreamStreamMultiCallable[bytes, bytes]
        each = channel.stream_stream("/stand.test.Echo/Each")
        sizes = list(each(iter([block] * 12), timeout=20))
    assert sizes == [str(len(block)).encode()] * 12


def test_events_arrive_as_they_are_sent(
    gateway: Running, behind: EchoServer, client: httpx.Client
) -> None:
    with client.stream("GET", f"{gateway.https_url}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "data: one"
        behind.go_on.set()
        assert list(lines) == ["", "data: two", ""]


def test_a_connection_is_upgraded_to_websocket(gateway: Running) -> None:
    key = base64.b64encode(b"sixteen bytes ok")
    request = (
        b"GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key
    )
    answer = raw(gateway.config.http_port, request + b"\r\n\r\nframe")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.endswith(b"\r\n\r\nFRAME")


def test_bodies_pass_up_to_the_limit(gateway: Running, client: httpx.Client) -> None:
    fits = b"x" * (8 * 1024 * 1024)
    assert client.post(gateway.url, content=fits).json()["body_bytes"] == len(fits)
    assert client.post(gateway.url, content=iter([fits])).json()["body_bytes"] == len(fits)
    refused = client.post(gateway.url, content=fits + b"x")
    assert (refused.status_code, refused.json()["code"]) == (413, "message-too-large")


def test_what_the_upstream_answers_is_not_replaced(gateway: Running, client: httpx.Client) -> None:
    answer = client.get(f"{gateway.url}/teapot")
    assert (answer.status_code, answer.text) == (502, "the service's own answer")


def test_without_an_upstream_the_problem_is_told(alone: Running) -> None:
    with httpx.Client(verify=alone.trusting(), trust_env=False) as client:
        for url in (alone.url, alone.https_url):
            answer = client.post(f"{url}/orders", content=b"{}")
            assert answer.status_code == 502
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"] == "1"
            assert len(answer.headers["X-Request-ID"]) == 32
            problem = answer.json()
            assert problem["code"] == "unavailable"
            assert problem["type"] == "/errors/unavailable"
            assert problem["status"] == 502
            assert alone.config.http_upstream in problem["detail"]


@pytest.mark.parametrize("secure", [True, False], ids=["tls", "plain"])
def test_without_an_upstream_grpc_is_unavailable(alone: Running, secure: bool) -> None:
    with channel_to(alone, secure=secure) as channel, pytest.raises(grpc.RpcError) as refused:
        _unary(channel, "Upper")(b"hello", timeout=10)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert refused.value.details() == f"gateway: no answer from {alone.config.grpc_upstream}"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "malformed-message"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "malformed-message"),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "malformed-message"),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 40_000 + b"\r\n\r\n",
            400,
            "malformed-message",
        ),
        (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "message-too-large"),
        (
            b"GET /.gateway/502 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            404,
            "no-such-operation",
        ),
        (b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method-not-allowed"),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method-not-allowed"),
    ],
)
def test_what_cannot_be_passed_on_is_a_problem(
    gateway: Running, sent: bytes, status: int, code: str
) -> None:
    problem = problem_in(raw(gateway.config.http_port, sent))
    assert (problem["status"], problem["code"]) == (status, code)


def test_plain_http_on_the_port_of_https_is_told(gateway: Running) -> None:
    answer = raw(gateway.config.https_port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert str(gateway.config.https_port) in str(problem_in(answer)["detail"])
