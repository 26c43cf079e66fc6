"""One connection: handshake, channels, content, the end (sections 2.2 and 4). Pure.

Bytes go in through `receive`, bytes come out of `output`; the server moves both, and tells the time
and when the journal is safe.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from pamqp import base, commands

from stend.engines.amqp.channel import Channel
from stend.engines.amqp.errors import AmqpError, ReplyCode
from stend.engines.amqp.handshake import Handshake
from stend.engines.amqp.operations import OPERATIONS
from stend.engines.amqp.publishing import Incoming
from stend.engines.amqp.state import Broker
from stend.engines.amqp.users import User
from stend.engines.amqp.vhost import VHost
from stend.wire.amqp.frames import (
    HEARTBEAT,
    MIN_FRAME_SIZE,
    PROTOCOL_HEADER,
    AmqpSyntaxError,
    Frame,
    FrameReader,
    FrameType,
)
from stend.wire.amqp.methods import decode_method, encode_method

# As much as may lie ready for one client before its consumers are passed over.
ROOM_BYTES = 256 * 1024
# Who leaves more than this unread is not listened to any more. Consumers alone never get as far:
# they are passed over at ROOM_BYTES, and the largest message has 16 MB.
MAX_UNREAD_BYTES = 20 * 1024 * 1024
# Unfinished content of all channels of a connection together.
_MAX_UNFINISHED_BYTES = 64 * 1024 * 1024
_BASIC_PUBLISH = b"\x00\x3c\x00\x28"
_CLASS_OF_INDEX, _METHOD_OF_INDEX = 16, 0xFFFF


class Phase(Enum):
    HEADER = "header"
    HANDSHAKE = "handshake"
    RUNNING = "running"
    # Connection.Close is sent; only its answer is awaited.
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(slots=True)
class Output:
    """What is to be sent.

    Attributes:
        gate: nothing may be sent before the journal is safe up to this position.
    """

    parts: list[bytes] = field(default_factory=list)
    size_bytes: int = 0
    gate: int = 0


class Session:
    """Implements the `Line` of its channels.

    Args:
        wake: called when there is something to send or to confirm.
    """

    def __init__(self, name: str, broker: Broker, wake: Callable[["Session"], None]) -> None:
        self.name = name
        self.broker = broker
        self.phase = Phase.HEADER
        self.frame_max = MIN_FRAME_SIZE
        self.heartbeat_s = 0
        self.output = Output()
        self.channels: dict[int, Channel] = {}
        self.handshake = Handshake(broker)
        self.has_published = False
        self.is_blocked = False
        self.is_writable = True
        # What the server could not hand to the client's socket yet.
        self.unread_bytes = 0
        self.opened_at_ms = broker.now_ms
        self.received_bytes = self.sent_bytes = 0
        self._wake = wake
        self._reader = FrameReader()
        self._head = b""
        self._frames: deque[Frame] = deque()
        self._incoming: dict[int, Incoming] = {}
        self._unfinished_bytes = 0
        self._closing_channels: set[int] = set()
        self._confirming: set[Channel] = set()
        self._waiting: set[Channel] = set()
        self._method = 0

    # Line

    @property
    def vhost(self) -> VHost:
        return self.handshake.opened[1]

    @property
    def user(self) -> User:
        return self.handshake.opened[0]

    @property
    def is_roomy(self) -> bool:
        return self.is_writable and self.output.size_bytes < ROOM_BYTES

    @property
    def is_stuffed(self) -> bool:
        return self.output.size_bytes + self.unread_bytes > MAX_UNREAD_BYTES

    def write(self, data: bytes) -> None:
        output = self.output
        if not output.parts:
            self._wake(self)
        output.parts.append(data)
        output.size_bytes += len(data)

    def confirms_ready(self, channel: Channel) -> None:
        if not self._confirming:
            self._wake(self)
        self._confirming.add(channel)

    def tells_cancels(self) -> bool:
        return self.handshake.can("consumer_cancel_notify")

    # Server

    def receive(self, data: bytes) -> None:
        """Takes what the client has sent, and changes the broker and the output."""
        self.received_bytes += len(data)
        if self.phase is Phase.HEADER:
            data = self._receive_header(data)
        try:
            self._frames.extend(self._reader.feed(data))
        except AmqpSyntaxError as error:
            self._frames.clear()
            self._fail(AmqpError(ReplyCode(error.code), error.text))
        self.go_on()

    def go_on(self) -> None:
        """Does what the client has asked for, for as long as it reads the answers."""
        frames = self._frames
        while frames and not self.is_stuffed:
            self._frame(frames.popleft())

    @property
    def is_listening(self) -> bool:
        """Whether the client should be read from."""
        return not (self._frames or self.is_stuffed or self.is_blocked)

    def take_output(self) -> list[bytes]:
        """What may be sent now."""
        for channel in self._confirming:
            confirms = channel.confirms
            if confirms is None or channel.number not in self.channels:
                continue
            if frames := confirms.take(channel.number):
                self.output.parts.append(frames)
            if confirms.is_waiting:
                self._waiting.add(channel)
        self._confirming.clear()
        parts, self.output = self.output.parts, Output()
        self.sent_bytes += sum(map(len, parts))
        return parts

    @property
    def is_waiting(self) -> bool:
        """Whether a confirm waits for the journal."""
        return bool(self._waiting)

    def synced(self, position: int) -> None:
        """The journal is safe up to this position."""
        for channel in tuple(self._waiting):
            if channel.confirms is None:
                continue
            channel.confirms.synced(position)
            self.confirms_ready(channel)
            if not channel.confirms.is_waiting:
                self._waiting.discard(channel)

    def set_writable(self, writable: bool) -> None:
        self.is_writable = writable

    def resume(self) -> None:
        """The client has read: its consumers may get more."""
        if self.phase is Phase.RUNNING and self.is_roomy:
            for channel in tuple(self.channels.values()):
                channel.resume()

    def send_heartbeat(self) -> None:
        if self.phase in (Phase.RUNNING, Phase.CLOSING):
            self.write(HEARTBEAT)

    def see_alarm(self) -> None:
        """Blocks a client that publishes while the broker is full, and lets it go on after."""
        blocked = self.broker.alarmed and self.has_published and self.phase is Phase.RUNNING
        if blocked is self.is_blocked:
            return
        self.is_blocked = blocked
        if not self.handshake.can("connection.blocked"):
            return
        if blocked:
            reason = "low on memory"
            self.write(encode_method(0, commands.Connection.Blocked, reason=reason))
        else:
            self.write(encode_method(0, commands.Connection.Unblocked))

    def close(self, text: str) -> None:
        """Ends the connection from this side: CONNECTION_FORCED (320)."""
        if self.phase in (Phase.RUNNING, Phase.HANDSHAKE):
            self._fail(AmqpError(ReplyCode.CONNECTION_FORCED, text))

    def lost(self) -> None:
        """The socket is closed: gives back what the client held, ends what was its own."""
        self.phase = Phase.CLOSED
        self._frames.clear()
        self._end_channels()
        if self.handshake.is_open:
            self.broker.connections -= 1
            vhost = self.vhost
            for queue in [one for one in vhost.queues.values() if one.owner is self]:
                vhost.delete_queue(queue)

    # Frames

    def _receive_header(self, data: bytes) -> bytes:
        self._head += data
        head, rest = self._head[:8], self._head[8:]
        if head != PROTOCOL_HEADER[: len(head)]:
            # Section 4.2.2: whoever speaks another protocol is told which one is spoken here.
            self.write(PROTOCOL_HEADER)
            self.phase = Phase.CLOSED
            return b""
        if len(head) < len(PROTOCOL_HEADER):
            return b""
        self.phase = Phase.HANDSHAKE
        self.write(self.handshake.start())
        return rest

    def _frame(self, frame: Frame) -> None:
        kind, number, payload = frame
        if self.phase is Phase.CLOSED:
            return
        self._method = 0
        try:
            if kind > FrameType.BODY or kind == 0:
                _demand_heartbeat(frame)
                return
            if number == 0:
                self._connection_frame(kind, payload)
            elif self.phase is Phase.RUNNING:
                self._channel_frame(kind, number, payload)
            elif self.phase is not Phase.CLOSING:
                raise AmqpError(
                    ReplyCode.CHANNEL_ERROR, f"channel {number} before connection.open-ok"
                )
        except AmqpSyntaxError as error:
            self._fail(AmqpError(ReplyCode(error.code), error.text))
        except AmqpError as error:
            if error.code.ends_connection or number not in self.channels:
                self._fail(error)
            else:
                self._fail_channel(number, error)

    def _connection_frame(self, kind: int, payload: bytes) -> None:
        if kind != FrameType.METHOD:
            text = f"type {kind} on channel 0, where only methods are"
            raise AmqpError(ReplyCode.UNEXPECTED_FRAME, text)
        method = decode_method(payload)
        self._method = method.index
        if isinstance(method, commands.Connection.CloseOk):
            self.phase = Phase.CLOSED
        elif isinstance(method, commands.Connection.Close):
            self._end_channels()
            self.write(encode_method(0, commands.Connection.CloseOk))
            self.phase = Phase.CLOSED
        elif self.phase is Phase.HANDSHAKE:
            self._shake_hands(method)
        elif self.phase is Phase.RUNNING:
            if not isinstance(method, commands.Connection.UpdateSecret):
                text = "unexpected method in connection state running"
                raise AmqpError(ReplyCode.CHANNEL_ERROR, text)
            # A password does not run out, so there is nothing to update (as in RabbitMQ).
            self.write(encode_method(0, commands.Connection.UpdateSecretOk))

    def _shake_hands(self, method: base.Frame) -> None:
        handshake = self.handshake
        self.write(handshake.answer(method))
        if handshake.is_refused:
            self.phase = Phase.CLOSING if self.output.parts[-1] else Phase.CLOSED
        elif handshake.is_tuned:
            self.frame_max = self._reader.frame_max = handshake.frame_max
            self.heartbeat_s = handshake.heartbeat_s
        if handshake.is_open:
            self.phase = Phase.RUNNING

    def _channel_frame(self, kind: int, number: int, payload: bytes) -> None:
        if number in self._closing_channels:
            self._closing_frame(kind, number, payload)
            return
        channel = self.channels.get(number)
        if channel is None:
            self._open_channel(kind, number, payload)
            return
        incoming = self._incoming.get(number)
        if incoming is not None:
            self._content(channel, incoming, kind, payload)
        elif kind != FrameType.METHOD:
            raise _no_method_frame()
        elif payload.startswith(_BASIC_PUBLISH):
            self._method = commands.Basic.Publish.index
            self._incoming[number] = Incoming(payload)
        else:
            self._operate(channel, decode_method(payload))

    def _operate(self, channel: Channel, method: base.Frame) -> None:
        self._method = method.index
        operation = OPERATIONS.get(type(method))
        if operation is not None:
            records = len(self.broker.journal.records)
            operation(channel, method)
            # What was promised must be safe before the promise is sent.
            if len(self.broker.journal.records) != records and method.synchronous:
                self.output.gate = self.broker.journal.position
        elif isinstance(method, commands.Channel.Close):
            # The answer goes before what others are delivered again.
            self.write(encode_method(channel.number, commands.Channel.CloseOk))
            self._end_channel(channel)
        elif isinstance(method, commands.Channel.Open):
            raise AmqpError(ReplyCode.CHANNEL_ERROR, "second 'channel.open' seen")
        elif not isinstance(method, commands.Channel.FlowOk | commands.Channel.CloseOk):
            raise AmqpError(ReplyCode.COMMAND_INVALID, "unimplemented method")

    def _content(self, channel: Channel, incoming: Incoming, kind: int, payload: bytes) -> None:
        self._method = commands.Basic.Publish.index
        if kind == FrameType.HEADER:
            incoming.take_header(payload, self.broker.limits.message_bytes)
        elif kind == FrameType.BODY:
            incoming.take_body(payload)
            self._unfinished_bytes += len(payload)
        else:
            incoming.refuse()
        if self._unfinished_bytes > _MAX_UNFINISHED_BYTES:
            text = f"more than {_MAX_UNFINISHED_BYTES} bytes of unfinished content"
            raise AmqpError(ReplyCode.RESOURCE_ERROR, text)
        if incoming.is_complete:
            self._unfinished_bytes -= incoming.received_bytes
            del self._incoming[channel.number]
            self.has_published = True
            incoming.publish(channel)

    # Channels

    def _open_channel(self, kind: int, number: int, payload: bytes) -> None:
        if kind != FrameType.METHOD:
            raise _no_method_frame()
        method = decode_method(payload)
        self._method = method.index
        if not isinstance(method, commands.Channel.Open):
            raise AmqpError(ReplyCode.CHANNEL_ERROR, "expected 'channel.open'")
        most = self.handshake.channel_max
        if len(self.channels) >= most:
            text = f"number of channels opened ({most}) has reached the negotiated channel_max"
            raise AmqpError(ReplyCode.NOT_ALLOWED, f"{text} ({most})")
        self.channels[number] = Channel(number, self)
        self.write(encode_method(number, commands.Channel.OpenOk, channel_id=b""))

    def _closing_frame(self, kind: int, number: int, payload: bytes) -> None:
        """Section 1.5.2.5: everything but the end of the channel is ignored."""
        if kind != FrameType.METHOD:
            return
        method = decode_method(payload)
        if isinstance(method, commands.Channel.CloseOk):
            self._closing_channels.discard(number)
        elif isinstance(method, commands.Channel.Close):
            self._closing_channels.discard(number)
            self.write(encode_method(number, commands.Channel.CloseOk))

    def _end_channel(self, channel: Channel) -> None:
        del self.channels[channel.number]
        incoming = self._incoming.pop(channel.number, None)
        if incoming is not None:
            self._unfinished_bytes -= incoming.received_bytes
        self._waiting.discard(channel)
        self._confirming.discard(channel)
        channel.close()

    def _end_channels(self) -> None:
        for channel in tuple(self.channels.values()):
            self._end_channel(channel)

    # Errors

    def _fail_channel(self, number: int, error: AmqpError) -> None:
        self._end_channel(self.channels[number])
        self._closing_channels.add(number)
        self.write(self._close_frame(number, commands.Channel.Close, error))

    def _fail(self, error: AmqpError) -> None:
        if self.phase in (Phase.CLOSING, Phase.CLOSED):
            self.phase = Phase.CLOSED
            return
        self._end_channels()
        self.write(self._close_frame(0, commands.Connection.Close, error))
        self.phase = Phase.CLOSING

    def _close_frame(self, number: int, kind: type[base.Frame], error: AmqpError) -> bytes:
        told = error.reply_text.encode()[:255].decode(errors="ignore")
        return encode_method(
            number,
            kind,
            reply_code=error.code,
            reply_text=told,
            class_id=self._method >> _CLASS_OF_INDEX,
            method_id=self._method & _METHOD_OF_INDEX,
        )


def _no_method_frame() -> AmqpError:
    text = "expected method frame, got non method frame instead"
    return AmqpError(ReplyCode.UNEXPECTED_FRAME, text)


def _demand_heartbeat(frame: Frame) -> None:
    """A heartbeat is the one frame with no channel and no payload (section 4.2.7)."""
    if frame.kind != FrameType.HEARTBEAT or frame.payload:
        text = f"type {frame.kind} with {len(frame.payload)} bytes: unknown_frame"
        raise AmqpError(ReplyCode.FRAME_ERROR, text)
    if frame.channel:
        text = f"type {frame.kind} on channel {frame.channel}, where no heartbeats are"
        raise AmqpError(ReplyCode.UNEXPECTED_FRAME, text)
