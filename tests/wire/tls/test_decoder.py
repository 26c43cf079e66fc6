"""Connections of TLS: real handshakes of OpenSSL, and records that were made by hand."""

import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from stend.kit.fields import every
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.tls.codes import CIPHER_SUITES, named
from stend.wire.tls.decoder import TlsDecoder
from tests.wire.checking import Heard, check, cuts_of, demand_survival, find, hear
from tests.wire.tls.talking import HOST, certificate, handshake


def _old(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def _named(heard: Heard, name: str) -> Unit:
    return next(one for one in heard.units if name in one.name.split(", "))


def _record(kind: int, fragment: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(fragment).to_bytes(2, "big") + fragment


def test_a_handshake_of_tls_1_3() -> None:
    heard = check(TlsDecoder, handshake())
    asked, answered = _named(heard, "ClientHello"), _named(heard, "ServerHello")
    assert (asked.direction, asked.role) == (Direction.TO_SERVER, Role.CONTROL)
    assert asked.facts == {
        "content_type": "handshake",
        "version": "TLS 1.3",
        "sni": HOST,
        "alpn": "h2,http/1.1",
    }
    assert answered.facts["version"] == "TLS 1.3"
    assert answered.facts["cipher_suite"].startswith("TLS_AES_256_GCM")
    sealed = [one for one in heard.units if one.name == "application_data"]
    assert sealed
    assert {one.role for one in sealed} == {Role.MESSAGE}
    tree = heard.tree(sealed[0])
    assert [one.why_not for one in every(tree) if one.why_not] == []
    assert "whoever holds the keys" in find(tree, "encrypted_record").meaning.text.en


def test_every_part_of_a_client_hello() -> None:
    heard = check(TlsDecoder, handshake())
    tree = heard.tree(_named(heard, "ClientHello"))
    assert [one.why_not for one in every(tree) if one.why_not] == []
    assert find(tree, "legacy_version").value == "TLS 1.2 (0x0303)"
    suites = find(tree, "cipher_suites").children
    assert "TLS_AES_128_GCM_SHA256 (0x1301)" in [one.value for one in suites]
    assert find(tree, "legacy_compression_methods", "[0]").value == "null (0)"
    assert find(tree, "server_name", "host_name").value == HOST
    protocols = find(tree, "application_layer_protocol_negotiation")
    names = [one.value for one in every((protocols,)) if one.name == "protocol_name"]
    assert names == ["h2", "http/1.1"]
    assert "TLS 1.3 (0x0304)" in [one.value for one in find(tree, "versions").children]
    assert find(tree, "key_share", "group").type == "uint16"
    assert find(tree, "ke_modes", "[0]").value == "psk_dhe_ke (1)"
    assert len(find(tree, "supported_signature_algorithms").children) > 5


def test_a_server_hello_of_tls_1_3() -> None:
    heard = check(TlsDecoder, handshake())
    tree = heard.tree(_named(heard, "ServerHello"))
    assert find(tree, "selected_version").value == "TLS 1.3 (0x0304)"
    assert find(tree, "key_share", "group").value is not None


def test_a_handshake_of_tls_1_2() -> None:
    heard = check(TlsDecoder, handshake(_old))
    answered = _named(heard, "ServerHello")
    assert answered.facts["version"] == "TLS 1.2"
    assert answered.facts["alpn"] == "h2"
    assert "ECDHE_ECDSA" in answered.facts["cipher_suite"]
    tree = heard.tree(_named(heard, "Certificate"))
    assert str(find(tree, "ASN.1Cert").value).startswith(f"CN={HOST}; issuer CN={HOST}; until 2035")
    tree = heard.tree(_named(heard, "ServerKeyExchange"))
    assert find(tree, "curve_type").value == "named_curve (3)"
    assert find(tree, "ServerKeyExchange", "algorithm").value == "ecdsa_secp256r1_sha256 (0x0403)"
    assert find(heard.tree(_named(heard, "ClientKeyExchange")), "ecdh_Yc").children
    assert _named(heard, "ServerHelloDone").role is Role.CONTROL
    finished = [
        one for one in heard.units if one.name == "handshake" and "encrypted" in one.summary
    ]
    assert len(finished) == 2
    why = [one.why_not for unit in heard.units for one in every(heard.tree(unit)) if one.why_not]
    assert why == []


def test_a_handshake_with_another_group() -> None:
    """The server wants a key of a group that the client has not sent one of."""

    def only_p521(context: ssl.SSLContext) -> None:
        context.set_ecdh_curve("secp521r1")

    heard = check(TlsDecoder, handshake(server=only_p521))
    names = [one.name for one in heard.units]
    if "HelloRetryRequest" not in names:
        pytest.skip("this OpenSSL sends a key of that group at once")
    assert names.count("ClientHello") == 2
    tree = heard.tree(_named(heard, "HelloRetryRequest"))
    assert find(tree, "random").value == "HelloRetryRequest"
    assert find(tree, "key_share", "group").value == "secp521r1 (0x0019)"


def test_a_refusal() -> None:
    def other(context: ssl.SSLContext) -> None:
        context.minimum_version = ssl.TLSVersion.TLSv1_3

    heard = check(TlsDecoder, handshake(_old, other))
    alert = _named(heard, "alert")
    assert (alert.error, alert.summary) == ("protocol_version", "fatal protocol_version")
    tree = heard.tree(alert)
    assert find(tree, "level").value == "fatal (2)"
    assert find(tree, "description").value == "protocol_version (70)"


def test_a_regular_end_is_no_error() -> None:
    heard = check(TlsDecoder, [(Direction.TO_SERVER, _record(21, b"\x01\x00"))])
    assert (heard.units[0].error, heard.units[0].summary) == (None, "warning close_notify")


@pytest.mark.parametrize("size", [1, 3, 5, 100])
def test_a_message_over_several_records(size: int) -> None:
    _, hello = handshake()[0]
    message = hello[5:]
    records = b"".join(_record(22, message[at : at + size]) for at in range(0, len(message), size))
    heard = check(TlsDecoder, [(Direction.TO_SERVER, records)])
    assert {one.name for one in heard.units[:-1]} == {"handshake"}
    last = heard.units[-1]
    assert (last.name, last.facts["sni"]) == ("ClientHello", HOST)
    assert find(heard.tree(heard.units[0]), "handshake_part").value == "part 1 of a message"
    joined = find(heard.tree(last), "handshake_part")
    assert joined.inner is not None
    assert joined.inner.data == message
    assert find(joined.inner.fields, "ClientHello", "host_name").value == HOST


def test_several_messages_in_one_record() -> None:
    heard = check(TlsDecoder, [(Direction.TO_CLIENT, _record(22, b"\x0e\0\0\0" * 2))])
    assert [one.name for one in heard.tree(heard.units[0])[3:]] == ["ServerHelloDone"] * 2


def test_grease_has_its_name() -> None:
    assert named(CIPHER_SUITES, 0x3A3A) == "GREASE (0x3a3a)"
    assert named(CIPHER_SUITES, 0x1234) == "0x1234"


def _of_version_90() -> bytes:
    der = x509.load_pem_x509_certificate(certificate()[0]).public_bytes(Encoding.DER)
    return der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x5a", 1)


@pytest.mark.parametrize("der", [b"abc", _of_version_90()])
def test_a_certificate_that_is_none(der: bytes) -> None:
    entry = len(der).to_bytes(3, "big") + der
    body = len(entry).to_bytes(3, "big") + entry
    message = b"\x0b" + len(body).to_bytes(3, "big") + body
    heard = check(TlsDecoder, [(Direction.TO_CLIENT, _record(22, message))])
    (why,) = [one.why_not for one in every(heard.tree(heard.units[0])) if one.why_not]
    assert "no X.509 certificate" in why.en


def test_what_is_no_tls() -> None:
    heard = hear(TlsDecoder(), [(Direction.TO_SERVER, b"GET / HTTP/1.1\r\n\r\n")])
    assert [one.role for one in heard.units] == [Role.BROKEN]


def test_damaged_bytes() -> None:
    demand_survival(TlsDecoder, handshake(), rounds=150)
    demand_survival(TlsDecoder, handshake(_old), rounds=150, seed=2)


def test_work_grows_with_the_bytes() -> None:
    """A record that comes in small pieces is looked at when it is whole."""
    talk = [(Direction.TO_SERVER, _record(23, bytes(16_000)) * 3)]
    assert cuts_of(TlsDecoder(), talk) < 20
