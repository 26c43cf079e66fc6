"""Paths of partners: open for a certificate of the stand's authority, closed for everybody else."""

import json
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import httpx
import pytest

from stend.engines.nginx.authority import LEAF_LIFE, Authority
from tests.engines.nginx.running import Running, config_in, running
from tests.engines.nginx.upstreams import grpc_server, http_server
from tests.engines.servers import HOST

pytestmark = pytest.mark.slow
_SUBJECT = "CN=Demo partner,O=Partners of Lavka"
_LIE = {"X-Client-Subject": "CN=Somebody else", "X_Client_Subject": "CN=Somebody else"}


@dataclass(frozen=True, slots=True)
class _At:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("partner")
    with http_server() as behind, grpc_server() as delivery:
        config = config_in(folder, behind.server_address[1], delivery_upstream=delivery)
        with running(config) as gateway:
            yield gateway


def asked(context: ssl.SSLContext, url: str, **headers: str) -> httpx.Response:
    with httpx.Client(verify=context, trust_env=False) as client:
        return client.get(url, headers=headers)


def test_a_partner_is_let_in_and_named(gateway: Running) -> None:
    context = gateway.showing(gateway.launcher.partner_path)
    answer = asked(context, f"{gateway.https_url}/partner/api//v1/a%2Fb?q=%20x", **_LIE)
    told = answer.json()
    assert (answer.status_code, told["path"]) == (200, "/api//v1/a%2Fb?q=%20x")
    assert told["headers"]["x-client-subject"] == _SUBJECT
    # Elsewhere he is named as well, and nobody has to be.
    told = asked(context, f"{gateway.https_url}/api").json()
    assert told["headers"]["x-client-subject"] == _SUBJECT


def test_a_subject_of_the_callers_own_is_not_passed_on(gateway: Running) -> None:
    for url in (gateway.url, gateway.https_url):
        told = asked(gateway.trusting(), f"{url}/api", **_LIE).json()
        assert [name for name in told["headers"] if "subject" in name] == []


@pytest.mark.parametrize("path", ["/partner/api", "/partner/", "/partner%2Fapi", "/x/../partner/a"])
def test_who_shows_no_certificate_is_refused(gateway: Running, path: str) -> None:
    for url, verdict in (
        (gateway.url, "there is no TLS"),
        (gateway.https_url, "none was shown"),
    ):
        answer = asked(gateway.trusting(), url + path, **_LIE)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (403, "forbidden")
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["detail"].endswith(f"Verdict on the certificate: {verdict}.")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    other = Authority(tmp_path / "other", (HOST,), _At(datetime.now(UTC)))
    other.ensure()
    return other.partner_path


@pytest.fixture
def expired(gateway: Running, tmp_path: Path) -> Path:
    """Of the same authority, in a folder of its own."""
    folder = tmp_path / "expired"
    folder.mkdir()
    for name in ("ca.pem", "ca.key"):
        shutil.copy(gateway.launcher.ca_path.with_name(name), folder / name)
    then = datetime.now(UTC) - LEAF_LIFE - timedelta(days=1)
    authority = Authority(folder, (HOST,), _At(then))
    authority.ensure()
    assert authority.ca_path.read_bytes() == gateway.launcher.ca_path.read_bytes()
    return authority.partner_path


@pytest.fixture
def of_a_server(gateway: Running) -> Path:
    return gateway.launcher.ca_path.with_name("gateway.pem")


@pytest.mark.parametrize(
    ("certificate", "verdict"),
    [
        ("foreign", "FAILED:"),
        ("expired", "FAILED:certificate has expired"),
        ("of_a_server", "FAILED:unsuitable certificate purpose"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(
    gateway: Running, certificate: str, verdict: str, request: pytest.FixtureRequest
) -> None:
    context = gateway.showing(request.getfixturevalue(certificate))
    answer = asked(context, f"{gateway.https_url}/partner/api")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, "forbidden")
    assert verdict in problem["detail"]


def test_a_path_that_only_becomes_a_partners_is_not_found(gateway: Running) -> None:
    context = gateway.showing(gateway.launcher.partner_path)
    answer = asked(context, f"{gateway.https_url}/partner%2Fapi")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-operation")


def test_grpc_of_delivery_goes_to_its_own_server(gateway: Running) -> None:
    root, own = gateway.launcher.ca_path.read_bytes(), gateway.launcher.partner_path.read_bytes()
    credentials = grpc.ssl_channel_credentials(root, own, own)
    target = f"localhost:{gateway.config.https_port}"
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(target, credentials, options) as channel:
        for path, address in (
            ("/lavka.delivery.v1.Deliveries/Get", None),
            ("/lavka.orders.v1.Orders/Get", gateway.config.grpc_upstream),
        ):
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(path)
            with pytest.raises(grpc.RpcError) as told:
                call(b"", metadata=(("x-client-subject", "CN=Somebody else"),), timeout=10)
            if address is None:
                # A server has answered: it has no such method.
                assert told.value.code() is grpc.StatusCode.UNIMPLEMENTED
            else:
                assert told.value.code() is grpc.StatusCode.UNAVAILABLE
                assert address in str(told.value.details())


def test_grpc_learns_who_has_shown_a_certificate(tmp_path: Path) -> None:
    with grpc_server() as port, running(config_in(tmp_path, grpc_upstream=port)) as gateway:
        root = gateway.launcher.ca_path.read_bytes()
        own = gateway.launcher.partner_path.read_bytes()
        lie = (("x-client-subject", "CN=Somebody else"),)
        subjects = []
        for credentials in (
            grpc.ssl_channel_credentials(root),
            grpc.ssl_channel_credentials(root, own, own),
        ):
            target = f"localhost:{gateway.config.https_port}"
            options = [("grpc.enable_http_proxy", 0)]
            with grpc.secure_channel(target, credentials, options) as channel:
                call: grpc.UnaryUnaryMultiCallable[bytes, bytes]
                call = channel.unary_unary("/stand.test.Echo/Upper")
                _, done = call.with_call(b"", metadata=lie, timeout=10)
                seen = json.loads(dict(done.trailing_metadata())["seen"])
                subjects.append(seen.get("x-client-subject"))
    assert subjects == [None, _SUBJECT]
