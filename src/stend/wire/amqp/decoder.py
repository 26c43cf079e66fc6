"""Decodes both directions of a connection of AMQP 0-9-1: a unit is a frame."""

from functools import partial

from pamqp import base

from stend.wire.amqp import spans, telling
from stend.wire.amqp.conversation import Channel
from stend.wire.amqp.frames import (
    FRAME,
    FRAME_END,
    FRAME_OVERHEAD,
    PROTOCOL_HEADER,
    AmqpSyntaxError,
    FrameType,
)
from stend.wire.amqp.methods import decode_method, method_name
from stend.wire.decoding import (
    HELD_BYTES_LIMIT,
    Direction,
    Half,
    Role,
    StreamDecoder,
    Undecodable,
    Unit,
)
from stend.wire.told import Told, shortened

_HEAD = b"AMQP"
_KINDS = frozenset(int(one) for one in FrameType)


class AmqpDecoder(StreamDecoder):
    """One connection, from its first byte."""

    protocol = "amqp"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._channels: dict[int, Channel] = {}
        self._version = PROTOCOL_HEADER[4:]

    def is_in_content(self, direction: Direction, channel: int) -> bool:
        """A message has begun there: its frames are not to be interrupted (§4.2.6)."""
        known = self._channels.get(channel)
        return known is not None and direction in known.contents

    def _cut(self, half: Half) -> Unit | None:
        if half.take(1) == _HEAD[:1]:
            return self._protocol_header(half)
        if self._version != PROTOCOL_HEADER[4:]:
            shown = ".".join(str(octet) for octet in self._version)
            raise Undecodable(
                f"клиент выбрал версию {shown}: у неё другие кадры, их здесь не читают",
                f"the client chose version {shown}: its frames are others, nobody reads them here",
            )
        head = half.take(FRAME.size)
        if head[0] not in _KINDS:
            raise Undecodable(
                f"кадров с типом {head[0]} не бывает: либо это не AMQP 0-9-1, либо поток сбился",
                f"no frame has the type {head[0]}: not AMQP 0-9-1, or the stream is out of step",
            )
        if len(head) < FRAME.size:
            half.wanted = FRAME.size
            return None
        kind, number, size = FRAME.unpack(head)
        if size > HELD_BYTES_LIMIT:
            raise Undecodable(
                f"кадр в {size} байт: больше {HELD_BYTES_LIMIT} не читают",
                f"a frame of {size} bytes: no more than {HELD_BYTES_LIMIT} are read",
            )
        if half.rest < size + FRAME_OVERHEAD:
            half.wanted = size + FRAME_OVERHEAD
            return None
        return self._frame(half, kind, number, half.take(size + FRAME_OVERHEAD))

    def _begins_unit(self, half: Half) -> bool:
        """A whole frame, with its end octet where its size says."""
        if self._version != PROTOCOL_HEADER[4:]:
            return False
        head = half.take(FRAME.size)
        if len(head) < FRAME.size or head[0] not in _KINDS:
            return False
        end = half.at + FRAME.size + FRAME.unpack(head)[2]
        return bytes(half.data[end : end + 1]) == FRAME_END

    def _forget(self, direction: Direction) -> None:
        for channel in self._channels.values():
            channel.forget()

    def _protocol_header(self, half: Half) -> Unit | None:
        data = half.take(len(PROTOCOL_HEADER))
        if data[: len(_HEAD)] != _HEAD[: len(data)]:
            raise Undecodable(
                "начинается как AMQP, но дальше не то", "it begins like AMQP, and goes on otherwise"
            )
        if len(data) < len(PROTOCOL_HEADER):
            half.wanted = len(PROTOCOL_HEADER)
            return None
        version = ".".join(str(octet) for octet in data[4:])
        is_refusal = half.direction is Direction.TO_CLIENT
        if not is_refusal:
            self._version = data[4:]
        one = Told(
            "protocol-header",
            Role.CONTROL,
            None,
            is_last=True,
            summary=version,
            # The broker sends its own version before it closes (section 4.2.2).
            error=version if is_refusal else None,
        )
        return one.unit(self.protocol, half, len(data), spans.protocol_header)

    def _frame(self, half: Half, kind: int, number: int, data: bytes) -> Unit:
        if data[-1:] != FRAME_END:
            raise Undecodable(
                f"последний октет кадра {data[-1]:#04x}, а не 0xce: поток сбился",
                f"the last octet of the frame is {data[-1]:#04x}, not 0xce: it is out of step",
            )
        one = self._told(half.direction, kind, number, data[FRAME.size : -1])
        return one.unit(self.protocol, half, len(data), partial(spans.frame_tree, one.body))

    def _told(self, direction: Direction, kind: int, number: int, payload: bytes) -> Told:
        if kind == FrameType.HEARTBEAT:
            return Told("heartbeat", Role.CONTROL, None, is_last=True)
        channel = self._channels.get(number)
        if channel is None:
            channel = self._channels[number] = Channel(number)
        if kind == FrameType.HEADER:
            return telling.header(channel, direction, payload)
        if kind == FrameType.BODY:
            return telling.body(channel, direction, len(payload))
        index = int.from_bytes(payload[:4], "big")
        one = _read(payload)
        if isinstance(one, Told):
            return one
        told = telling.told(channel, direction, index, one)
        if not self._hears(direction.other):
            channel.unheard(direction)
        return told


def _read(payload: bytes) -> base.Frame | Told:
    """A method, or what is said of one that cannot be read."""
    try:
        return decode_method(payload)
    except AmqpSyntaxError as error:
        name = method_name(int.from_bytes(payload[:4], "big")) if len(payload) >= 4 else None
        return Told(
            name or "not decoded",
            Role.BROKEN,
            None,
            spans.method,
            summary=shortened(error.text),
        )
