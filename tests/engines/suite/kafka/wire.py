"""Kafka's protocol without a client's opinions: one request, one answer, on a socket.

The messages are kafka-python's classes of them, in any version.
"""

import socket
from types import TracebackType
from typing import Any, Self

from kafka.protocol.api_header import ResponseClassRegistry

_TIMEOUT_S = 20
_CLIENT_ID = "suite"


class ClosedError(Exception):
    """The broker has closed the connection."""


class Wire:
    def __init__(self, bootstrap: str) -> None:
        host, _, port = bootstrap.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), _TIMEOUT_S)
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(self, kind: Any, version: int, **fields: Any) -> Any:
        """
        Args:
            kind: class of the request.
            fields: as the class names them.
        """
        self.send(kind, version, **fields)
        return self.answer(kind, version)

    def send(self, kind: Any, version: int, **fields: Any) -> None:
        self._sent += 1
        request = kind[version](**fields)
        request.with_header(correlation_id=self._sent, client_id=_CLIENT_ID)
        self.send_raw(request.encode(framed=True, header=True))

    def answer(self, kind: Any, version: int) -> Any:
        """The next answer, which must be to a request of that kind."""
        return response_class(kind)[version].decode(self.frame(), header=True)

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def frame(self) -> bytes:
        """
        Raises:
            ClosedError: instead of it the connection came to its end.
        """
        size = int.from_bytes(self._exactly(4), "big")
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                # MSG_WAITALL does not wait on a socket with a timeout.
                piece = self._socket.recv(size - len(data))
            except ConnectionResetError:
                piece = b""
            if not piece:
                raise ClosedError
            data += piece
        return data


def response_class(kind: Any) -> Any:
    """Of the answer to that request."""
    return ResponseClassRegistry._response_class_registry[kind.API_KEY]


def request_frame(api_key: int, version: int, body: bytes = b"", correlation_id: int = 1) -> bytes:
    """A request in the header that is not flexible, without a client id; as broken as wanted."""
    head = api_key.to_bytes(2, "big") + version.to_bytes(2, "big")
    head += correlation_id.to_bytes(4, "big") + b"\xff\xff"
    return (len(head) + len(body)).to_bytes(4, "big") + head + body
