"""Two ends of h2 that talk, and what they said."""

from collections.abc import Iterable

from h2.config import H2Configuration
from h2.connection import H2Connection

from stend.wire.decoding import Direction

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

Header = tuple[str, str]


class Talk:
    """A client and a server of h2.

    Attributes:
        said: the bytes of both, in their order.
    """

    def __init__(self) -> None:
        self.client = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.server = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.said: list[tuple[Direction, bytes]] = []
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.pass_on()

    def pass_on(self) -> None:
        """What each wants to say reaches the other."""
        while True:
            to_server = self.client.data_to_send()
            to_client = self.server.data_to_send()
            if not to_server and not to_client:
                return
            if to_server:
                self.said.append((Direction.TO_SERVER, to_server))
                self.server.receive_data(to_server)
            if to_client:
                self.said.append((Direction.TO_CLIENT, to_client))
                self.client.receive_data(to_client)

    def ask(self, stream: int, path: str, *more: Header, ends: bool = True) -> None:
        self.client.send_headers(stream, request("GET", path, more), end_stream=ends)
        self.pass_on()

    def answer(self, stream: int, status: str, *more: Header, body: bytes = b"") -> None:
        self.server.send_headers(stream, [(":status", status), *more], end_stream=not body)
        if body:
            self.server.send_data(stream, body, end_stream=True)
        self.pass_on()


def request(method: str, path: str, more: Iterable[Header] = ()) -> list[Header]:
    return [
        (":method", method),
        (":scheme", "http"),
        (":authority", "127.0.0.1:8001"),
        (":path", path),
        *more,
    ]


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Any frame, also one that h2 would not send."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload
