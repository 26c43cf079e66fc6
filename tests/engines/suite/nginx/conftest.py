"""Gateways under test: the stand's own, and others with one configuration before other servers.

The real NGINX is started here, on the configuration that the stand writes for its own.
"""

import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stend.engines.nginx import config, launcher
from stend.engines.nginx.authority import Authority
from stend.engines.nginx.binaries import nginx_binary, version_of
from stend.runtime.system import SystemClock
from tests.conftest import LiveStand
from tests.engines.servers import HOST, free_port, launched
from tests.engines.suite.checks import Engines
from tests.engines.suite.conftest import environment
from tests.engines.suite.nginx.upstream import echo
from tests.waiting import until

# Since this version `http2` is a directive, and a plain port speaks HTTP/1.1 and HTTP/2.
_HTTP2_DIRECTIVE = (1, 25, 1)


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    Attributes:
        ca: the certificate of the authority that clients must trust.
    """

    http_port: int
    https_port: int
    ca: Path
    version: str

    @property
    def http_url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def https_url(self) -> str:
        return f"https://{HOST}:{self.https_port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """A context of its own each time, so that a check may change it."""
        return ssl.create_default_context(cafile=str(self.ca))


@pytest.fixture(scope="session")
def gateway(
    live_stand: LiveStand, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """In front of the session's stand."""
    if engines is Engines.EMBEDDED:
        yield gateway_of(live_stand)
        return
    home = tmp_path_factory.mktemp("gateway")
    upstream = f"{HOST}:{live_stand.port_base}"
    delivery = f"{HOST}:{live_stand.port_base + 2}"
    with real_gateway(home, upstream, live_stand.grpc_target, delivery) as running:
        yield running


@pytest.fixture(scope="session")
def echo_gateway(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """In front of a server that tells what has reached it."""
    home = tmp_path_factory.mktemp("echo-gateway")
    with echo() as port, new_gateway(engines, home, f"{HOST}:{port}") as running:
        yield running


@pytest.fixture(scope="session")
def dead_gateway(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """In front of ports that nobody listens on."""
    home = tmp_path_factory.mktemp("dead-gateway")
    with new_gateway(engines, home, f"{HOST}:{free_port()}") as running:
        yield running


def gateway_of(stand: LiveStand) -> Gateway:
    facts = next(one for one in stand.status()["engines"] if one["name"] == "nginx")
    ports = [int(one["url"].rpartition(":")[2].strip("/")) for one in (facts, *facts["also_at"])]
    ca = stand.state / "nginx" / config.CERTIFICATES / "ca.pem"
    return Gateway(ports[0], ports[1], ca, f"NGINX {facts['version']}")


def new_gateway(
    engines: Engines, home: Path, upstream: str
) -> contextlib.AbstractContextManager[Gateway]:
    start = embedded_gateway if engines is Engines.EMBEDDED else real_gateway
    return start(home, upstream, upstream, upstream)


@contextlib.contextmanager
def embedded_gateway(
    home: Path, upstream: str, grpc_upstream: str, delivery_upstream: str
) -> Iterator[Gateway]:
    http_port, https_port = free_port(), free_port()
    own = launcher.NginxLauncher(
        launcher.NginxConfig(
            home=home,
            log_path=home / "nginx.log",
            host=HOST,
            http_port=http_port,
            https_port=https_port,
            http_upstream=upstream,
            grpc_upstream=grpc_upstream,
            delivery_upstream=delivery_upstream,
        ),
        SystemClock(),
    )
    with launched(own):
        version = version_of(nginx_binary())
        yield Gateway(http_port, https_port, own.ca_path, f"NGINX {version}")


@contextlib.contextmanager
def real_gateway(
    home: Path, upstream: str, grpc_upstream: str, delivery_upstream: str
) -> Iterator[Gateway]:
    binary = Path(environment("REAL_NGINX"))
    version = version_of(binary)
    wanted = config.Gateway(
        host=HOST,
        http_port=free_port(),
        https_port=free_port(),
        http_upstream=upstream,
        grpc_upstream=grpc_upstream,
        delivery_upstream=delivery_upstream,
        run_as=launcher._root(),
    )
    authority = Authority(home / config.CERTIFICATES, (HOST,), SystemClock())
    authority.ensure()
    (home / "temporary").mkdir()
    text = understood_by(version, config.nginx_conf(wanted))
    (home / "nginx.conf").write_text(text, encoding="utf-8")
    with (home / "nginx.log").open("wb") as log:
        process = subprocess.Popen(
            [binary, "-p", home, "-c", "nginx.conf", "-e", "stderr"], stdout=log, stderr=log
        )
        try:
            # It is written when every port is bound.
            until(lambda: (home / config.PID_FILE).exists() or process.poll() is not None)
            assert process.poll() is None, (home / "nginx.log").read_text(encoding="utf-8")
            ca = authority.ca_path
            yield Gateway(wanted.http_port, wanted.https_port, ca, f"NGINX {version}")
        finally:
            process.terminate()
            process.wait()


def understood_by(version: str, text: str) -> str:
    """The configuration in the words of an older NGINX, as near as it gets."""
    if tuple(int(part) for part in version.split(".")) >= _HTTP2_DIRECTIVE:
        return text
    # On a plain port, the old `http2` would refuse HTTP/1.1: it is left out there. The versions of
    # TLS are those that a newer one takes unasked.
    text = text.replace(" ssl default_server;", " ssl http2 default_server;")
    return text.replace("http2 on;", "ssl_protocols TLSv1.2 TLSv1.3;")
