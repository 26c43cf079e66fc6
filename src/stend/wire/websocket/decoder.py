"""WebSocket as units: a frame each."""

from dataclasses import dataclass, field
from functools import partial

from stend.kit.languages import Text
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Unit
from stend.wire.websocket.frames import Frame, Opcode, header_size, payload_of, read_frame
from stend.wire.websocket.inflating import SHOWN_BYTES, Inflater, negotiated
from stend.wire.websocket.telling import Said, said_in
from stend.wire.websocket.trees import Message, frame_fields

# Close codes that are no error: all was said, or one side goes away.
_GOOD_ENDS = frozenset({1000, 1001})

_NOT_BEGUN = Text(
    ru="продолжение сообщения, начала которого не было",
    en="the rest of a message that has not begun",
)


@dataclass(slots=True)
class _Side:
    """What was sent in one direction so far.

    Attributes:
        inflater: None where messages are not compressed.
        opcode: of the message that is not finished; None between messages.
        kept: what is known of it, up to a bound.
        is_cut: it is longer than that.
        frames: how many frames it has so far.
    """

    inflater: Inflater | None
    opcode: int | None = None
    is_compressed: bool = False
    kept: bytearray = field(default_factory=bytearray)
    is_cut: bool = False
    frames: int = 0
    count: int = 0

    def add(self, payload: bytes, *, is_end: bool) -> Text | None:
        """Takes the payload of one more frame; tells why it cannot be inflated."""
        self.frames += 1
        why_not = None
        if self.is_compressed and self.inflater is not None:
            payload, why_not = self.inflater.inflate(payload, is_end=is_end)
        room = SHOWN_BYTES - len(self.kept)
        self.is_cut = self.is_cut or len(payload) >= room + 1
        self.kept += payload[:room]
        return why_not


class WebSocketDecoder(StreamDecoder):
    """Decodes the frames behind a handshake.

    Args:
        extensions: value of Sec-WebSocket-Extensions in the response: what was agreed on.
        subprotocol: value of Sec-WebSocket-Protocol in the response.
    """

    protocol = "websocket"

    def __init__(
        self, begins: tuple[int, int] = (0, 0), *, extensions: str = "", subprotocol: str = ""
    ) -> None:
        super().__init__(begins)
        self._subprotocol = subprotocol
        self._sides = {
            Direction.TO_SERVER: _Side(negotiated(extensions, "client")),
            Direction.TO_CLIENT: _Side(negotiated(extensions, "server")),
        }
        self._closing: set[Direction] = set()

    def _cut(self, half: Half) -> Unit | None:
        if half.rest < 2:
            half.wanted = 2
            return None
        size = header_size(half.data, half.at)
        if half.rest < size:
            half.wanted = size
            return None
        frame = read_frame(half.data, half.at)
        size += frame.length
        if half.rest < size:
            half.wanted = size
            return None
        data = half.take(size)
        if frame.is_control:
            return self._control(half, frame, data)
        return self._data(half, frame, data)

    def _control(self, half: Half, frame: Frame, data: bytes) -> Unit:
        payload = payload_of(frame, data)
        facts = {"api": "websocket", "opcode": frame.name}
        name, key, is_last, error, summary = frame.name, None, True, None, ""
        if frame.opcode == Opcode.CLOSE:
            key = "close"
            is_last = half.direction.other in self._closing
            self._closing.add(half.direction)
            if len(payload) >= 2:
                code = int.from_bytes(payload[:2], "big")
                name, facts["code"] = f"close {code}", str(code)
                summary = payload[2:].decode("utf-8", "replace")
                error = None if code in _GOOD_ENDS else str(code)
        elif frame.opcode in (Opcode.PING, Opcode.PONG):
            is_last = frame.opcode == Opcode.PONG
            asks = half.direction.other if is_last else half.direction
            key = f"ping {asks} {payload[:125].hex()}"
        read = partial(frame_fields, message=Message(frame.opcode))
        return Unit(
            protocol=self.protocol,
            name=name,
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=Role.CONTROL,
            read=read,
            exchange=key,
            is_last=is_last,
            summary=summary,
            error=error,
            facts=facts,
        )

    def _data(self, half: Half, frame: Frame, data: bytes) -> Unit:
        side = self._sides[half.direction]
        self._begin(side, frame)
        why_not: Text | None = _NOT_BEGUN
        if side.opcode is not None:
            lost = side.add(payload_of(frame, data), is_end=frame.fin)
            why_not = lost if frame.fin else None
        is_fragment = not frame.fin or side.frames > 1
        is_made = frame.fin and (is_fragment or side.is_compressed) and why_not is None
        message = Message(
            opcode=frame.opcode if side.opcode is None else side.opcode,
            is_compressed=side.is_compressed,
            is_fragment=is_fragment,
            whole=bytes(side.kept) if is_made else None,
            is_cut=side.is_cut,
            why_not=why_not,
        )
        said = Said()
        if frame.fin and side.opcode == Opcode.TEXT and why_not is None and not side.is_cut:
            said = said_in(bytes(side.kept), half.direction)
        unit = self._unit(half, frame, data, message, said, side.count)
        if frame.fin:
            side.opcode = None
            side.kept = bytearray()
        return unit

    @staticmethod
    def _begin(side: _Side, frame: Frame) -> None:
        if frame.opcode == Opcode.CONTINUATION:
            if side.opcode is None:
                side.is_compressed = False
                side.frames = 0
            return
        side.opcode = frame.opcode
        side.is_compressed = bool(frame.rsv & 4) and side.inflater is not None
        side.kept = bytearray()
        side.is_cut = False
        side.frames = 0
        side.count += 1

    def _unit(
        self, half: Half, frame: Frame, data: bytes, message: Message, said: Said, count: int
    ) -> Unit:
        facts = {"opcode": frame.name, **said.facts}
        if self._subprotocol:
            facts["subprotocol"] = self._subprotocol
        size = len(data) if message.whole is None else len(message.whole)
        own = f"{half.direction} message {count}"
        # The fragments of a message belong together, whatever it says.
        in_parts = message.is_fragment
        return Unit(
            protocol=self.protocol,
            name=frame.name if frame.fin else f"{frame.name} fragment",
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=Role.MESSAGE if in_parts else said.role,
            read=partial(frame_fields, message=message),
            exchange=own if in_parts or said.key is None else said.key,
            is_last=frame.fin if in_parts else said.is_last,
            summary=", ".join(one for one in (said.summary, f"{size} B") if one),
            error=said.error,
            context=said.context,
            facts=facts,
        )
