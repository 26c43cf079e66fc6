"""Handshakes of OpenSSL in memory: real bytes without sockets."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stend.wire.decoding import Direction

Said = list[tuple[Direction, bytes]]
Setting = Callable[[ssl.SSLContext], object]
HOST = "orders.lavka.example"


@cache
def certificate() -> tuple[bytes, bytes]:
    """A certificate of `HOST` and its key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    one = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return one.public_bytes(pem), private


def handshake(client: Setting | None = None, server: Setting | None = None) -> Said:
    """What both say until each has sent a little data, or one of them refuses."""
    ours, theirs = _contexts()
    for setting, context in ((client, ours), (server, theirs)):
        if setting is not None:
            setting(context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = ours.wrap_bio(to_client, to_server, server_hostname=HOST)
    answering = theirs.wrap_bio(to_server, to_client, server_side=True)
    said: Said = []
    for _ in range(6):
        for end, out, direction in (
            (asking, to_server, Direction.TO_SERVER),
            (answering, to_client, Direction.TO_CLIENT),
        ):
            _step(end)
            data = out.read()
            if data:
                said.append((direction, data))
                out.write(data)
    return said


def _step(end: ssl.SSLObject) -> None:
    try:
        end.do_handshake()
        end.write(b"hello")
        end.read(100)
    # It wants more of the other, or refuses; what it says of that is in the bytes.
    except ssl.SSLError:
        return


def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    chain, key = certificate()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(key + chain)
        theirs.load_cert_chain(path)
    theirs.set_alpn_protocols(["h2"])
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_verify_locations(cadata=chain.decode())
    ours.set_alpn_protocols(["h2", "http/1.1"])
    return ours, theirs
