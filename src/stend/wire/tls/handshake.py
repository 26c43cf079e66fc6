"""Handshake messages that are in the clear (RFC 8446 §4, RFC 5246 §7.4)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from stend.wire.content.cursor import Cursor
from stend.wire.decoding import Undecodable
from stend.wire.tls import codes
from stend.wire.tls.certificates import certificate_line
from stend.wire.tls.extensions import host_of, numbers, protocols_of, read_extensions
from stend.wire.tls.meanings import MEANINGS

PREFIX = 4
# RFC 8446 §4.1.3: the random of a ServerHello that is a HelloRetryRequest.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_SIGNATURE = partial(codes.named, codes.SIGNATURES)


class Hello(NamedTuple):
    """What a hello says, for those who only look for that.

    Attributes:
        version: the one that is chosen, or the highest that is offered.
        cipher_suite: the chosen one; empty in a ClientHello.
        alpn: the protocols, with commas.
    """

    version: str = ""
    cipher_suite: str = ""
    sni: str = ""
    alpn: str = ""


def message_name(number: int) -> str:
    return codes.HANDSHAKE_TYPES.get(number, f"handshake {number}")


def read_message(suite: str, at: Cursor) -> None:
    """One message as a group.

    Args:
        suite: the cipher suite that was chosen before, which some messages depend on.

    Raises:
        Undecodable: its length does not fit.
    """
    head = at.peek(PREFIX, "handshake")
    name = message_name(head[0])
    size = PREFIX + int.from_bytes(head[1:], "big")
    key = name if name in MEANINGS else "handshake"
    at.group(name, size, partial(_message, suite), key=key)


def hello_of(data: bytes) -> Hello:
    """What a ClientHello or ServerHello says; nothing where it is damaged."""
    is_client = data[0] == codes.CLIENT_HELLO
    try:
        return _hello(data, is_client)
    except IndexError:
        return Hello()


def is_retry(data: bytes) -> bool:
    """A ServerHello asks for another ClientHello."""
    return data[0] == codes.SERVER_HELLO and data[6:38] == _RETRY


def _hello(data: bytes, is_client: bool) -> Hello:
    legacy = int.from_bytes(data[4:6], "big")
    at = 38 + 1 + data[38]
    suite = ""
    if is_client:
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        at += 1 + data[at]
    else:
        suite = codes.CIPHER_SUITES.get(
            int.from_bytes(data[at : at + 2], "big"), f"0x{data[at : at + 2].hex()}"
        )
        at += 3
    found = _extensions(data, at + 2)
    if is_client:
        body = found.get(43, b"")[1:]
        offered = [int.from_bytes(body[i : i + 2], "big") for i in range(0, len(body), 2)]
        legacy = max((one for one in offered if not codes.is_grease(one)), default=legacy)
    elif 43 in found:
        legacy = int.from_bytes(found[43], "big")
    return Hello(
        codes.VERSIONS.get(legacy, f"0x{legacy:04x}"),
        suite,
        host_of(found.get(0, b"")),
        ",".join(protocols_of(found.get(16, b""))),
    )


def _extensions(data: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while at + 4 <= len(data):
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        found[int.from_bytes(data[at : at + 2], "big")] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _message(suite: str, at: Cursor) -> None:
    number = at.number("msg_type", 1, lambda one: codes.of_octet(codes.HANDSHAKE_TYPES, one))
    at.number("length", 3, key="handshake length")
    reader = _READERS.get(number)
    if reader is not None:
        at.finish(partial(reader, suite))
    elif at.rest:
        at.octets("body", at.rest)


def _client_hello(suite: str, at: Cursor) -> None:
    del suite
    _hello_start(at)
    at.vector("cipher_suites", 2, partial(numbers, "CipherSuite", 2, codes.suite, "CipherSuite"))
    compression = partial(codes.of_octet, codes.COMPRESSIONS)
    read = partial(numbers, "CompressionMethod", 1, compression, "CompressionMethod")
    at.vector("legacy_compression_methods", 1, read)
    if at.rest:
        read_extensions(at, is_client=True)


def _server_hello(suite: str, at: Cursor) -> None:
    del suite
    _hello_start(at)
    at.number("cipher_suite", 2, codes.suite)
    at.number("legacy_compression_method", 1, partial(codes.of_octet, codes.COMPRESSIONS))
    if at.rest:
        read_extensions(at, is_client=False)


def _hello_start(at: Cursor) -> None:
    at.number("legacy_version", 2, codes.version)
    random = at.peek(32, "random")
    said = "HelloRetryRequest" if random == _RETRY else random
    at.octets("random", 32, "Random", said)
    at.vector("legacy_session_id", 1, partial(_bytes, "session_id"))


def _bytes(key: str, at: Cursor) -> None:
    if at.rest:
        at.octets("opaque", at.rest, key=key)


def _certificates(suite: str, at: Cursor) -> None:
    del suite

    def each(inside: Cursor) -> None:
        while inside.rest:
            inside.vector("Certificate entry", 3, _certificate)

    at.vector("certificate_list", 3, each)


def _certificate(at: Cursor) -> None:
    der = at.peek(at.rest, "ASN.1Cert")
    at.octets("ASN.1Cert", at.rest, "X.509 DER", certificate_line(der))


def _server_keys(suite: str, at: Cursor) -> None:
    if "_ECDHE_" in suite:
        at.number("curve_type", 1, lambda one: f"{'named_curve' if one == 3 else '?'} ({one})")
        at.number("named_curve", 2, partial(codes.named, codes.GROUPS))
        at.vector("public", 1, partial(_bytes, "key_exchange data"))
    elif "_DHE_" in suite:
        for name in ("dh_p", "dh_g", "dh_Ys"):
            at.vector(name, 2, partial(_bytes, "key_exchange data"))
    else:
        raise _unknown_exchange(suite, at)
    at.number("algorithm", 2, _SIGNATURE)
    at.vector("signature", 2, partial(_bytes, "signature data"))


def _client_keys(suite: str, at: Cursor) -> None:
    if "_ECDHE_" in suite:
        at.vector("ecdh_Yc", 1, partial(_bytes, "key_exchange data"))
    elif "_DHE_" in suite:
        at.vector("dh_Yc", 2, partial(_bytes, "key_exchange data"))
    elif suite.startswith("TLS_RSA_"):
        at.vector("EncryptedPreMasterSecret", 2, partial(_bytes, "key_exchange data"))
    else:
        raise _unknown_exchange(suite, at)


def _unknown_exchange(suite: str, at: Cursor) -> Undecodable:
    return Undecodable(
        f"обмен ключами набора «{suite or '?'}» здесь не описан",
        f"the key exchange of the suite {suite or '?'} is not described here",
        at.at,
    )


def _certificate_request(suite: str, at: Cursor) -> None:
    del suite
    kinds = partial(codes.of_octet, codes.CERTIFICATE_TYPES)
    read = partial(numbers, "ClientCertificateType", 1, kinds, "ClientCertificateType")
    at.vector("certificate_types", 1, read)
    read = partial(numbers, "SignatureScheme", 2, _SIGNATURE, "SignatureScheme")
    at.vector("supported_signature_algorithms", 2, read)
    at.vector("certificate_authorities", 2, partial(_bytes, "authorities"))


def _certificate_verify(suite: str, at: Cursor) -> None:
    del suite
    at.number("algorithm", 2, _SIGNATURE)
    at.vector("signature", 2, partial(_bytes, "signature data"))


def _ticket(suite: str, at: Cursor) -> None:
    del suite
    at.number("ticket_lifetime_hint", 4)
    at.vector("ticket", 2, partial(_bytes, "ticket data"))


def _status(suite: str, at: Cursor) -> None:
    del suite
    at.number("status_type", 1, lambda one: f"{'ocsp' if one == 1 else '?'} ({one})")
    at.vector("response", 3, partial(_bytes, "response"))


_READERS: Mapping[int, Callable[[str, Cursor], None]] = {
    codes.CLIENT_HELLO: _client_hello,
    codes.SERVER_HELLO: _server_hello,
    4: _ticket,
    11: _certificates,
    12: _server_keys,
    13: _certificate_request,
    15: _certificate_verify,
    16: _client_keys,
    22: _status,
}
