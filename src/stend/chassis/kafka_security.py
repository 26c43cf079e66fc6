"""How a connection to Kafka is secured: TLS, and SASL PLAIN inside it.

librdkafka is told so by its settings; who asks a broker over a socket of its own opens it here.
Sources: kafka.apache.org/protocol (SaslHandshake, SaslAuthenticate); RFC 4616 (PLAIN);
librdkafka's CONFIGURATION.md.
"""

import socket
from dataclasses import dataclass, field
from enum import StrEnum
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_SASL_HANDSHAKE, _SASL_AUTHENTICATE = 17, 36
_VERSION = 1
_MECHANISM = "PLAIN"
_CLIENT_ID = b"stend"
_SIZE = Struct(">i")
# request_api_key, request_api_version, correlation_id, length of client_id (request header v1).
_HEADER = Struct(">hhih")
_SHORT = Struct(">h")
_MOST_BYTES = 64 * 1024


class SecurityProtocol(StrEnum):
    """Kafka's `security.protocol`; a password without TLS (SASL_PLAINTEXT) is not offered."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_SSL = "SASL_SSL"


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """
    Attributes:
        username, password: of SASL PLAIN.
        ca_path: file in PEM with the authorities that are believed; empty means the system's.
    """

    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    username: str = ""
    password: str = field(default="", repr=False)
    ca_path: str = ""

    @property
    def has_tls(self) -> bool:
        return self.protocol is not SecurityProtocol.PLAINTEXT

    def config(self) -> dict[str, str]:
        """In librdkafka's words; nothing where the connection is plain."""
        if not self.has_tls:
            return {}
        config = {"security.protocol": self.protocol.value}
        if self.ca_path:
            config["ssl.ca.location"] = self.ca_path
        if self.protocol is SecurityProtocol.SASL_SSL:
            config["sasl.mechanisms"] = _MECHANISM
            config["sasl.username"] = self.username
            config["sasl.password"] = self.password
        return config

    def connected(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """A connection on which the first request may be sent.

        Raises:
            OSError: nobody answers, the certificate is not believed, or the password is refused.
        """
        plain = socket.create_connection((host, port), timeout=timeout_s)
        if not self.has_tls:
            return plain
        try:
            secured = self._context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
        if self.protocol is SecurityProtocol.SASL_SSL:
            try:
                self._authenticate(secured)
            except BaseException:
                secured.close()
                raise
        return secured

    def _context(self) -> "ssl.SSLContext":
        # Every command reads settings, and few of them need TLS.
        import ssl

        try:
            return ssl.create_default_context(cafile=self.ca_path or None)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{self.ca_path}: {error.strerror}") from None

    def _authenticate(self, connection: socket.socket) -> None:
        """
        Raises:
            PermissionError: the broker refuses.
        """
        mechanism = _MECHANISM.encode()
        answer = _ask(connection, _SASL_HANDSHAKE, _SHORT.pack(len(mechanism)) + mechanism)
        if _SHORT.unpack_from(answer)[0]:
            raise PermissionError(f"Kafka does not take SASL {_MECHANISM}")
        given = f"\0{self.username}\0{self.password}".encode()
        answer = _ask(connection, _SASL_AUTHENTICATE, _SIZE.pack(len(given)) + given)
        if _SHORT.unpack_from(answer)[0]:
            length = max(0, _SHORT.unpack_from(answer, 2)[0])
            said = answer[4 : 4 + length].decode("utf-8", "replace")
            raise PermissionError(f"SASL authentication failed: {said or 'no reason was given'}")


PLAINTEXT = KafkaSecurity()


def _ask(connection: socket.socket, api_key: int, body: bytes) -> bytes:
    """The body of the answer; both requests have flexible versions only later."""
    header = _HEADER.pack(api_key, _VERSION, api_key, len(_CLIENT_ID)) + _CLIENT_ID
    connection.sendall(_SIZE.pack(len(header) + len(body)) + header + body)
    (size,) = _SIZE.unpack(_exactly(connection, _SIZE.size))
    if not 0 < size <= _MOST_BYTES:
        raise ConnectionError(f"what answers is no Kafka: a message of {size} bytes")
    return _exactly(connection, size)[_SIZE.size :]


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("the broker closed the connection while it was authenticated")
        data += more
    return data
