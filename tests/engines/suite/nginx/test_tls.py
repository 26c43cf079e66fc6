"""The gateway over TLS: its certificate, versions, and what is agreed upon inside."""

import socket
import ssl

import httpx
import pytest

from tests.edges.raw import sent
from tests.engines.suite.checks import check
from tests.engines.suite.nginx.conftest import Gateway

ORDERS = "/api/v1/orders?limit=1"


def connected(gateway: Gateway, trust: ssl.SSLContext, name: str = "localhost") -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", gateway.https_port), timeout=10)
    try:
        return trust.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


@check(
    ru="Сертификат выдан центром стенда и годится для localhost и 127.0.0.1",
    en="The certificate is from the stand's authority and good for localhost and 127.0.0.1",
)
def test_certificate(gateway: Gateway) -> None:
    for name in ("localhost", "127.0.0.1"):
        url = f"https://{name}:{gateway.https_port}{ORDERS}"
        assert httpx.get(url, verify=gateway.trust, trust_env=False).status_code == 200


@check(
    ru="Без доверия к центру стенда и для чужого имени соединения нет",
    en="There is no connection without trust in the authority or under a foreign name",
)
def test_certificate_is_not_good_for_all(gateway: Gateway) -> None:
    for trust, name in (
        (ssl.create_default_context(), "localhost"),
        (gateway.trust, "shop.example"),
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            connected(gateway, trust, name)


@check(
    ru="TLS 1.3 и 1.2 принимаются, 1.1 отвергается",
    en="TLS 1.3 and 1.2 are taken, 1.1 is refused",
)
def test_versions(gateway: Gateway) -> None:
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        trust = gateway.trust
        trust.minimum_version = trust.maximum_version = version
        with connected(gateway, trust) as connection:
            assert connection.version() == version.name.replace("_", ".")
    # No version that this client may still offer: the server has to say no.
    old = gateway.trust
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match=r"TLSv1\b"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match=r"TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connected(gateway, old)


@check(
    ru="ALPN выбирает HTTP/2, а для клиента без него — HTTP/1.1",
    en="ALPN chooses HTTP/2, and HTTP/1.1 for a client without it",
)
@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (["spdy/1"], None)],
    ids=["h2", "http/1.1", "unknown"],
)
def test_alpn(gateway: Gateway, offered: list[str], chosen: str | None) -> None:
    trust = gateway.trust
    trust.set_alpn_protocols(offered)
    if chosen is None:
        # RFC 7301, section 3.2: no_application_protocol.
        with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
            connected(gateway, trust)
        return
    with connected(gateway, trust) as connection:
        assert connection.selected_alpn_protocol() == chosen


@check(
    ru="HTTP/2 внутри TLS: сервер отвечает своими настройками",
    en="HTTP/2 inside TLS: the server answers with its settings",
)
def test_http_2_settings(gateway: Gateway) -> None:
    trust = gateway.trust
    trust.set_alpn_protocols(["h2"])
    with connected(gateway, trust) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        head = b""
        while len(head) < 9:
            head += connection.recv(9 - len(head))
    # The first frame of a server is SETTINGS, type 4, on stream 0 (RFC 9113, section 3.4).
    assert (head[3], head[5:9]) == (4, bytes(4))


@check(
    ru="Незашифрованный запрос на порт TLS отвергается с 400",
    en="A plain request to the TLS port is refused with 400",
)
def test_plain_request_to_tls(gateway: Gateway) -> None:
    answer = sent(gateway.https_port, [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
    assert answer.split(b" ", 2)[1] == b"400"
