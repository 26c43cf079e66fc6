"""Ends TLS at the tap where the stand owns the key: what is inside can be seen, and disturbed.

Two sessions stand in the place of one: the client's with the tap, the tap's with the server. The
same application protocol (ALPN) is agreed on in both, and a client's certificate is shown to the
server only where the stand owns its key as well. Bytes in, bytes out: no sockets here.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# One TLS record holds so much at most (RFC 8446 §5.1).
_READ_BYTES = 16 * 1024
_PROTOCOLS = ["h2", "http/1.1"]


@dataclass(frozen=True, slots=True)
class Keys:
    """Files of the stand's own authority, in PEM.

    Attributes:
        authority: its certificate, which clients and servers are checked with.
        server: key and certificates of the server behind the tap.
        client: key and certificate that a client may show; shown to the server in its name.
    """

    authority: Path
    server: Path
    client: Path

    def are_there(self) -> bool:
        """They are made when the server first starts."""
        return all(path.is_file() for path in (self.authority, self.server, self.client))

    def for_clients(self) -> ssl.SSLContext:
        """What the tap is to a client: the server itself."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        context.load_verify_locations(self.authority)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(_PROTOCOLS)
        return context

    def for_server(self, protocol: str | None, *, shows_client: bool) -> ssl.SSLContext:
        """What the tap is to the server: a client that speaks what its own client speaks."""
        context = ssl.create_default_context(cafile=str(self.authority))
        # The server's certificate is checked by the authority; its address is this machine's.
        context.check_hostname = False
        if protocol:
            context.set_alpn_protocols([protocol])
        if shows_client:
            context.load_cert_chain(self.client)
        return context

    def is_client(self, certificate: bytes | None) -> bool:
        """Whether it is the client's certificate whose key the stand has (DER)."""
        if certificate is None:
            return False
        own = _first_certificate(self.client.read_text(encoding="utf-8"))
        return ssl.PEM_cert_to_DER_cert(own) == certificate


def _first_certificate(pem: str) -> str:
    begin = pem.index("-----BEGIN CERTIFICATE-----")
    end = pem.index("-----END CERTIFICATE-----", begin)
    return pem[begin : end + len("-----END CERTIFICATE-----\n")]


class TlsSession:
    """One side of TLS: raw bytes of the socket on one end, the plain ones on the other.

    Args:
        send: takes raw bytes for the socket.
        established: called once, when the handshake is over.

    Attributes:
        waiting_bytes: of what was written before that; its writer is to be stopped in time.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        is_server: bool,
        send: Callable[[bytes], None],
        established: Callable[["TlsSession"], None],
    ) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_side=is_server, server_hostname=None
        )
        self._send = send
        self._established = established
        self._is_established = False
        self._waiting: list[bytes] = []
        self.waiting_bytes = 0
        self.has_ended = False

    @property
    def protocol(self) -> str | None:
        """The application protocol that both agreed on (RFC 7301)."""
        return self._tls.selected_alpn_protocol()

    @property
    def certificate(self) -> bytes | None:
        """The other side's (DER); None where it has shown none."""
        return self._tls.getpeercert(binary_form=True)

    def begin(self) -> None:
        """Speaks first, as a client does."""
        self._advance()
        self._flush()

    def received(self, raw: bytes) -> bytes:
        """Raw bytes from the socket; returns the plain ones that they complete.

        Raises:
            ssl.SSLError: the handshake failed, or the bytes are no TLS.
        """
        self._incoming.write(raw)
        try:
            if not self._advance():
                return b""
            return self._read()
        finally:
            # An alert, too, says why (RFC 8446 §6).
            self._flush()

    def write(self, plain: bytes) -> None:
        """Plain bytes for the other side; those that come before the handshake is over wait."""
        if not self._is_established:
            self._waiting.append(plain)
            self.waiting_bytes += len(plain)
            return
        self._tls.write(plain)
        self._flush()

    def end(self) -> None:
        """Says that nothing more follows (close_notify)."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            # The other side has not answered it; it need not.
            pass
        finally:
            self._flush()

    def _advance(self) -> bool:
        if self._is_established:
            return True
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self._is_established = True
        self._flush()
        self._established(self)
        for plain in self._waiting:
            self._tls.write(plain)
        self._waiting.clear()
        self.waiting_bytes = 0
        return True

    def _read(self) -> bytes:
        parts: list[bytes] = []
        try:
            while part := self._tls.read(_READ_BYTES):
                parts.append(part)
            self.has_ended = True
        except ssl.SSLWantReadError:
            return b"".join(parts)
        except ssl.SSLZeroReturnError:
            self.has_ended = True
        return b"".join(parts)

    def _flush(self) -> None:
        if raw := self._outgoing.read():
            self._send(raw)
