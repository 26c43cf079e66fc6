"""The gateway of compose beside the stand's own, before one server: a client sees no difference."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from stend.engines.nginx.binaries import nginx_binary
from tests.deploy.gateway_files import FOLDER, TEMPLATES, environment
from tests.engines.nginx.running import Running, config_in, running
from tests.engines.nginx.upstreams import grpc_server, http_server
from tests.engines.servers import HOST, free_port
from tests.waiting import until

pytestmark = pytest.mark.slow
ORDERS = b"/api/v1/orders"
LIES = (
    b"X-Client-Subject: CN=Somebody\r\nX_Client_Subject: CN=Somebody\r\nX-Forwarded-For: 192.0.2.1"
)
# What each gateway makes for itself, or has of its own.
OWN = re.compile(
    rb"[0-9a-f]{32}|(?<=Date: )[^\n]+|(?<=Content-Length: )\d+"
    rb'|(?<="x-forwarded-port": ")\d+|(?<="detail": ")[^"]+'
)
REQUESTS = {
    "as it came": b"GET " + ORDERS + b"//b/../c%2Fd?q=%20x HTTP/1.1",
    "lies": b"GET " + ORDERS + b" HTTP/1.1\r\n" + LIES,
    "an identifier": b"GET " + ORDERS + b" HTTP/1.1\r\nX-Request-ID: order-7.1",
    "a hostile identifier": b"GET " + ORDERS + b' HTTP/1.1\r\nX-Request-ID: a"b',
    "HTTP/1.0": b"GET " + ORDERS + b" HTTP/1.0",
    "another method": b"DELETE " + ORDERS + b" HTTP/1.1",
    "TRACE": b"TRACE " + ORDERS + b" HTTP/1.1",
    "an unknown version": b"GET / HTTP/9.9",
    "a long header": b"GET / HTTP/1.1\r\nX: " + b"x" * 9_000,
    "a long address": b"GET /" + b"x" * 9_000 + b" HTTP/1.1",
    "a zero byte": b"GET /\x00 HTTP/1.1",
    "too large": b"POST " + ORDERS + b" HTTP/1.1\r\nContent-Length: 9000000",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    "a partner's path": b"GET /partner" + ORDERS + b"//a%2Fb?q HTTP/1.1\r\n" + LIES,
    "a partner's path in disguise": b"GET /x/../partner" + ORDERS + b" HTTP/1.1",
    "a path of the gateway": b"GET /.gateway/404 HTTP/1.1",
    "gRPC-Web": b"POST " + ORDERS + b" HTTP/1.1\r\nContent-Type: application/grpc-web\r\n"
    b"Content-Length: 0",
}


@dataclass(frozen=True, slots=True)
class Both:
    own: Running
    composed_http: int
    composed_https: int

    def ports(self, *, secure: bool) -> tuple[int, int]:
        """The stand's own, and that of compose."""
        if secure:
            return self.own.config.https_port, self.composed_https
        return self.own.config.http_port, self.composed_http


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    with http_server() as behind, grpc_server() as orders, grpc_server() as delivery:
        http_port: int = behind.server_address[1]
        with running(config_in(folder, http_port, orders, delivery)) as own:
            ports = free_port(), free_port()
            given = environment() | {
                name: f"{HOST}:{http_port}" for name in environment() if name.endswith("_HTTP")
            }
            given |= {
                "ORDERS_GRPC": f"{HOST}:{orders}",
                "DELIVERY_GRPC": f"{HOST}:{delivery}",
                "NGINX_LOCAL_RESOLVERS": HOST,
                "GATEWAY_HTTP_PORT": str(ports[0]),
                "GATEWAY_HTTPS_PORT": str(ports[1]),
                "GATEWAY_TLS": str(own.launcher.ca_path.parent),
                "GATEWAY_CACHE": str(folder / "cache"),
            }
            process = composed(folder / "composed", given)
            try:
                yield Both(own, *ports)
            finally:
                process.terminate()
                process.wait()


def composed(home: Path, given: dict[str, str]) -> "subprocess.Popen[bytes]":
    """NGINX on the templates, filled in as by envsubst."""
    for name, text in TEMPLATES.items():
        path = home / "conf.d" / name.removesuffix(".template")
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub(r"\$\{([A-Z_]+)\}", lambda found: given[found[1]], text)
        path.write_text(filled, encoding="utf-8")
    (home / "nginx.conf").write_bytes((FOLDER / "nginx.conf").read_bytes())
    main = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
    log = home / "nginx.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [nginx_binary(), "-p", home, "-c", home / "nginx.conf", "-e", "stderr", "-g", main],
            stdout=output,
            stderr=output,
        )
    until(lambda: (home / "nginx.pid").exists() or process.poll() is not None)
    assert process.poll() is None, log.read_text(encoding="utf-8")
    return process


def told(port: int, request: bytes, trust: ssl.SSLContext | None) -> bytes:
    """The answer, without what each gateway makes for itself."""
    connection = socket.create_connection((HOST, port), timeout=10)
    if trust:
        connection = trust.wrap_socket(connection, server_hostname="localhost")
    with connection:
        connection.sendall(request + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        # As long as it says that it is: after a refusal NGINX waits for the rest of the request.
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read()
    head = f"{answer.version} {answer.status} {answer.reason}\n{answer.headers}".encode()
    return OWN.sub(b"", head + body)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("name", REQUESTS)
def test_every_answer_is_the_same(both: Both, name: str, secure: bool) -> None:
    trust = both.own.trusting() if secure else None
    answers = [told(port, REQUESTS[name], trust) for port in both.ports(secure=secure)]
    assert answers[1] == answers[0]


@pytest.mark.parametrize("certificate", ["partner.pem", "gateway.pem"])
@pytest.mark.parametrize("name", ["a partner's path", "a partner's path in disguise", "lies"])
def test_who_shows_a_certificate_is_answered_the_same(
    both: Both, name: str, certificate: str
) -> None:
    trust = both.own.showing(both.own.launcher.ca_path.with_name(certificate))
    answers = [told(port, REQUESTS[name], trust) for port in both.ports(secure=True)]
    assert answers[1] == answers[0]
    assert (b"O=Partners of Lavka" in answers[1]) == (
        certificate == "partner.pem" and "disguise" not in name
    )


def test_plain_http_on_the_port_of_tls_is_answered_the_same(both: Both) -> None:
    answers = [told(port, REQUESTS["as it came"], None) for port in both.ports(secure=True)]
    assert answers[0].startswith(b"11 400 ")
    assert answers[1] == answers[0]


@pytest.mark.parametrize("path", ["/stand.test.Echo/Upper", "/lavka.delivery.Any/Upper"])
@pytest.mark.parametrize("size_bytes", [5, 12 * 1024 * 1024])
def test_a_call_of_grpc_has_the_same_end(both: Both, path: str, size_bytes: int) -> None:
    ends = []
    for port in both.ports(secure=False):
        options = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(f"{HOST}:{port}", options) as channel:
            call: Any = channel.unary_unary(path)
            try:
                ends.append((grpc.StatusCode.OK, len(call(b"x" * size_bytes, timeout=20))))
            except grpc.RpcError as error:
                ends.append((error.code(), 0))
    assert ends[1] == ends[0]


def test_a_problem_says_whose_path_it_is_not(both: Both) -> None:
    answer = told(both.composed_http, b"GET /metrics HTTP/1.1", None)
    problem = json.loads(answer.partition(b"\n\n")[2])
    assert (problem["status"], problem["code"]) == (404, "no-such-operation")
