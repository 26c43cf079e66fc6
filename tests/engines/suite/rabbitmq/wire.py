"""A client that shows every frame: what the server sends, in its order, with all its bytes."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pamqp import base, body, commands, frame, header, heartbeat
from pamqp.constants import FRAME_END

TIMEOUT_S = 10
# So short that a check may wait for silence, so long that an answer on this machine is not late.
SILENCE_S = 0.15
_HEAD_BYTES = 7

_Frame = TypeVar("_Frame", bound=frame.FrameTypes)
Message = tuple[base.Frame, Mapping[str, object], bytes]


class Closed(Exception):  # noqa: N818
    """The server has closed the socket."""


class Wire:
    """One socket. Opened by `Wire.open` with the handshake done, or by `Wire(url)` without."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.user = unquote(place.username or "guest")
        self.password = unquote(place.password or "guest")
        self.vhost = unquote(place.path[1:]) or "/"
        self.socket = socket.create_connection((place.hostname, place.port), timeout=TIMEOUT_S)
        self._buffer = b""

    @classmethod
    def open(cls, url: str, capabilities: dict[str, bool] | None = None) -> "Wire":
        """With channel 1 open."""
        wire = cls(url)
        wire.send_raw(header.ProtocolHeader().marshal())
        wire.expect(commands.Connection.Start)
        wire.log_in(capabilities=capabilities)
        wire.tune_as_told()
        wire.send(commands.Connection.Open(wire.vhost), 0)
        wire.expect(commands.Connection.OpenOk)
        wire.call(commands.Channel.Open(), commands.Channel.OpenOk)
        return wire

    def log_in(
        self, *, mechanism: str = "PLAIN", capabilities: dict[str, bool] | None = None
    ) -> None:
        self.send(
            commands.Connection.StartOk(
                {"product": "suite", "capabilities": dict(capabilities or {})},
                mechanism,
                f"\0{self.user}\0{self.password}",
                "en_US",
            ),
            0,
        )

    def tune_as_told(self) -> commands.Connection.Tune:
        tune = self.expect(commands.Connection.Tune)
        self.send(commands.Connection.TuneOk(tune.channel_max, tune.frame_max, 0), 0)
        return tune

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    # Out

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, method: base.Frame, channel: int = 1) -> None:
        self.send_raw(frame.marshal(method, channel))

    def publish(
        self,
        exchange: str,
        key: str,
        content: bytes = b"",
        *,
        mandatory: bool = False,
        channel: int = 1,
        **properties: object,
    ) -> None:
        self.send_raw(
            published(exchange, key, content, mandatory=mandatory, channel=channel, **properties)
        )

    def publish_content(self, content: bytes, channel: int = 1) -> None:
        """The header and the body of a message whose method is already sent."""
        self.send_raw(marshalled(content, commands.Basic.Properties(), channel))

    # In

    def receive(self, timeout_s: float = TIMEOUT_S) -> tuple[int, frame.FrameTypes]:
        """
        Raises:
            Closed: instead of a frame.
            TimeoutError: nothing came.
        """
        self.socket.settimeout(timeout_s)
        head = self._read(_HEAD_BYTES)
        if head == b"AMQP\x00\x00\x09":
            self._read(1)
            return 0, header.ProtocolHeader()
        data = head + self._read(int.from_bytes(head[3:], "big") + 1)
        assert data[-1] == FRAME_END, data
        _, channel, told = frame.unmarshal(data)
        return channel, told

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                more = self.socket.recv(65_536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Closed
            self._buffer += more
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def expect(self, kind: type[_Frame]) -> _Frame:
        """The next frame, which must be of this kind."""
        _, told = self.receive()
        assert isinstance(told, kind), shown(told)
        return told

    def call(self, method: base.Frame, answer: type[_Frame], channel: int = 1) -> _Frame:
        self.send(method, channel)
        return self.expect(answer)

    def refusal(self, method: base.Frame, channel: int = 1) -> tuple[int, str]:
        """The code and the text of the channel's end, which the method must bring about."""
        self.send(method, channel)
        return self.channel_end(channel)

    def channel_end(self, channel: int = 1) -> tuple[int, str]:
        told = self.expect(commands.Channel.Close)
        self.send(commands.Channel.CloseOk(), channel)
        return int(told.reply_code or 0), told.reply_text

    def reopen(self, channel: int = 1) -> None:
        self.call(commands.Channel.Open(), commands.Channel.OpenOk, channel)

    def connection_end(self) -> tuple[int, str]:
        """The code and the text of the connection's end; the server closes the socket after it."""
        told = self.expect(commands.Connection.Close)
        self.send(commands.Connection.CloseOk(), 0)
        with suppress(Closed):
            raise AssertionError(shown(self.receive()[1]))
        return int(told.reply_code or 0), told.reply_text

    def message(self, kind: type[base.Frame]) -> Message:
        """A method that carries content, its properties and its body."""
        method = self.expect(kind)
        _, head = self.receive()
        assert isinstance(head, header.ContentHeader), shown(head)
        content = b""
        while len(content) < head.body_size:
            _, part = self.receive()
            assert isinstance(part, body.ContentBody), shown(part)
            content += part.value
        properties = {name: value for name, value in head.properties if value is not None}
        return method, properties, content

    def silent(self) -> None:
        """Nothing comes."""
        with suppress(TimeoutError):
            raise AssertionError(shown(self.receive(SILENCE_S)[1]))


def published(
    exchange: str,
    key: str,
    content: bytes = b"",
    *,
    mandatory: bool = False,
    channel: int = 1,
    **properties: object,
) -> bytes:
    """The bytes of Basic.Publish with its content in one frame."""
    method = commands.Basic.Publish(exchange=exchange, routing_key=key, mandatory=mandatory)
    told = commands.Basic.Properties(**properties)  # type: ignore[arg-type]
    return frame.marshal(method, channel) + marshalled(content, told, channel)


def marshalled(content: bytes, properties: commands.Basic.Properties, channel: int) -> bytes:
    data = frame.marshal(header.ContentHeader(0, len(content), properties), channel)
    return data + (frame.marshal(body.ContentBody(content), channel) if content else b"")


def raw_frame(kind: int, channel: int, payload: bytes, end: int = FRAME_END) -> bytes:
    head = bytes([kind]) + channel.to_bytes(2, "big") + len(payload).to_bytes(4, "big")
    return head + payload + bytes([end])


def shown(told: frame.FrameTypes) -> str:
    if isinstance(told, heartbeat.Heartbeat | header.ProtocolHeader | body.ContentBody):
        return type(told).__name__
    if isinstance(told, header.ContentHeader):
        return f"ContentHeader {dict(told.properties)}"
    return f"{told.name} {dict(told)}"
