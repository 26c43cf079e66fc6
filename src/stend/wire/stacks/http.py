"""A connection of HTTP, of the version that its first bytes show, with WebSocket behind 101."""

from collections.abc import Callable
from functools import partial

from stend.wire.content.grpc import Descriptors
from stend.wire.decoding import Direction, Half, StreamDecoder, Unit
from stend.wire.http1.decoder import Http1Decoder
from stend.wire.http1.messages import Agreed
from stend.wire.http2.decoder import Http2Decoder
from stend.wire.http2.frames import PREFACE
from stend.wire.websocket.decoder import WebSocketDecoder

_ANSWER = b"HTTP/1."
# A server of HTTP/2 may speak first, but not for so long.
_HELD_BYTES = 64 * 1024

Offsets = tuple[int, int]


class HttpStack(StreamDecoder):
    """Holds what comes until the first bytes to the server tell the version.

    Args:
        descriptors: what the methods of gRPC take and give, by their path.
    """

    protocol = "http"

    def __init__(
        self,
        begins: Offsets = (0, 0),
        descriptors: Descriptors | None = None,
    ) -> None:
        super().__init__(begins)
        self._http2 = partial(Http2Decoder, descriptors=descriptors)
        self._chosen: StreamDecoder | None = None

    def feed(self, direction: Direction, data: bytes) -> list[Unit]:
        if self._chosen is not None:
            return self._chosen.feed(direction, data)
        self._halves[direction].data += data
        make = self._choice()
        return [] if make is None else self._begin(make)[0]

    def end(self, direction: Direction) -> list[Unit]:
        return super().end(direction) if self._chosen is None else self._chosen.end(direction)

    def skip(self, direction: Direction, count: int) -> list[Unit]:
        if self._chosen is not None:
            return self._chosen.skip(direction, count)
        # HTTP/2 cannot be read without its beginning; HTTP/1.1 can from the next message on.
        begun, chosen = self._begin(http1)
        return begun + chosen.skip(direction, count)

    def awaited(self) -> tuple[str, ...]:
        return () if self._chosen is None else self._chosen.awaited()

    def withdraw(self, exchange: str) -> None:
        if self._chosen is not None:
            self._chosen.withdraw(exchange)

    def reached(self, direction: Direction) -> int:
        chosen = self._chosen
        return super().reached(direction) if chosen is None else chosen.reached(direction)

    def unfinished(self, direction: Direction) -> int:
        chosen = self._chosen
        return super().unfinished(direction) if chosen is None else chosen.unfinished(direction)

    def _choice(self) -> Callable[[Offsets], StreamDecoder] | None:
        """Makes the decoder; None while nobody can know which."""
        asked = self._halves[Direction.TO_SERVER].data
        told = self._halves[Direction.TO_CLIENT].data
        if asked:
            # RFC 9113 §3.4: no request of HTTP/1.1 begins like it.
            if not PREFACE.startswith(asked[: len(PREFACE)]):
                return http1
            return self._http2 if len(asked) >= len(PREFACE) else None
        if told.startswith(_ANSWER):
            return http1
        return self._http2 if len(told) > _HELD_BYTES else None

    def _begin(self, make: Callable[[Offsets], StreamDecoder]) -> tuple[list[Unit], StreamDecoder]:
        """The units of what was held, and the decoder that goes on."""
        to_server, to_client = (self._halves[one] for one in Direction)
        chosen = self._chosen = make((to_server.start, to_client.start))
        found = [
            unit
            for half in (to_server, to_client)
            for unit in chosen.feed(half.direction, half.take(half.rest))
        ]
        return found, chosen

    def _cut(self, half: Half) -> Unit | None:
        # What is held is cut by the decoder that is chosen.
        del half
        return None


def http1(begins: Offsets) -> StreamDecoder:
    """The decoder of HTTP/1.1 that goes on with WebSocket where both sides agree to."""
    return Http1Decoder(begins, _websocket)


def _websocket(begins: Offsets, agreed: Agreed) -> StreamDecoder:
    return WebSocketDecoder(begins, extensions=agreed.extensions, subprotocol=agreed.subprotocol)
