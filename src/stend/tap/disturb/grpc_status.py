"""gRPC: a call ends with a status, and its handler never gets a message.

The header tables of HPACK belong to the connection, so the server gets the request's header block
and the reset of its stream. The answer is made without the client's table. Between them an empty
SETTINGS frame makes sure that the server has nothing more to say on that stream: its
acknowledgement comes behind all that it had (RFC 9113 §6.5.3). Another one tells when the client
has nothing more to say. Flow control of the connection is given back for whatever is swallowed.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Noted, Send
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Parameter, Strikes
from stend.tap.disturb.messages import DOWN, UP, MessageFault
from stend.wire.content.grpc import STATUS_CODES
from stend.wire.decoding import Direction, Unit
from stend.wire.http2 import codes
from stend.wire.http2.frames import HEADER_SIZE, Header, header_of

_NO_ERROR, _CANCEL = 0, 8
_BLOCK = (codes.HEADERS, codes.PUSH_PROMISE, codes.CONTINUATION)
_MESSAGE = b"a fault of the stand"


@dataclass(slots=True)
class _Call:
    """A call that is struck.

    Attributes:
        is_ended: the client has ended its side, or reset the stream.
        is_answered: the client has the end of the server's side.
    """

    stream_id: int
    is_ended: bool
    is_reset: bool = False
    is_answered: bool = False


class _GrpcStatus(MessageFault):
    holds = frozenset(Direction)

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._calls: dict[int, _Call] = {}
        # SETTINGS that wait for their acknowledgement: whose call, None for those of the peers.
        self._settings: dict[Direction, deque[_Call | None]] = {one: deque() for one in Direction}
        # Nothing may stand inside of a header block (§4.3).
        self._in_block = dict.fromkeys(Direction, False)
        self._own: dict[Direction, list[bytes]] = {one: [] for one in Direction}

    @property
    def is_needed(self) -> bool:
        return bool(self._calls)

    def holds_on(self, direction: Direction) -> bool:
        del direction
        return bool(self._calls)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        header = self._followed(unit, send)
        if header is None:
            yield send
            return
        call = self._calls.get(header.stream_id)
        if header.type == codes.SETTINGS:
            passes = self._settled(unit.direction, header)
        elif call is not None:
            passes = self._of_call(call, unit.direction, header)
        else:
            passes = True
        if passes:
            yield send
        if call is None and unit.direction is UP and self._is_call(unit) and self.is_struck():
            yield Noted(f"ended by the fault: {unit.name}")
            self._strike(header)
        for direction in Direction:
            yield from self._given(direction, send.due_s)

    def begun(self, unit: Unit, send: Send) -> Iterator[Action]:
        del unit
        yield send

    def _followed(self, unit: Unit, send: Send) -> Header | None:
        """The header of a frame; None for the preface."""
        if unit.protocol != "http2" or "frame_type" not in unit.facts:
            return None
        header = header_of(send.data, 0)
        if header.type in _BLOCK:
            self._in_block[unit.direction] = not header.has(codes.END_HEADERS)
        return header

    @staticmethod
    def _is_call(unit: Unit) -> bool:
        # Only the frame that completes the block is named after the request.
        return "grpc_method" in unit.facts and unit.name.startswith("POST ")

    def _strike(self, header: Header) -> None:
        call = _Call(header.stream_id, is_ended=header.has(codes.END_STREAM))
        self._calls[header.stream_id] = call
        self._own[UP] += [_reset(header.stream_id, _CANCEL), _frame(codes.SETTINGS)]
        self._settings[UP].append(call)

    def _of_call(self, call: _Call, direction: Direction, header: Header) -> bool:
        """Whether a frame of a call that is struck goes on."""
        if header.type == codes.DATA and header.length:
            # The sender has less to send on the connection until it is told of more (§5.2.1).
            more = header.length.to_bytes(4, "big")
            self._own[direction.other].append(_frame(codes.WINDOW_UPDATE, more))
        if direction is UP:
            is_last = header.type in (codes.DATA, codes.HEADERS) and header.has(codes.END_STREAM)
            call.is_reset = call.is_reset or header.type == codes.RST_STREAM
            call.is_ended = call.is_ended or is_last or call.is_reset
            return header.type in (codes.HEADERS, codes.CONTINUATION)
        if header.type == codes.HEADERS and header.has(codes.END_STREAM):
            # It had answered before it heard of the reset.
            call.is_answered = True
        return header.type in _BLOCK

    def _settled(self, direction: Direction, header: Header) -> bool:
        """Whether a SETTINGS frame, or the acknowledgement of one, goes on."""
        if not header.has(codes.ACK):
            self._settings[direction].append(None)
            return True
        waiting = self._settings[direction.other]
        call = waiting.popleft() if waiting else None
        if call is None:
            return True
        if direction is UP:
            del self._calls[call.stream_id]
        else:
            self._answer(call)
        return False

    def _answer(self, call: _Call) -> None:
        if not call.is_reset and not call.is_answered:
            flags = codes.END_STREAM | codes.END_HEADERS
            block = _trailers(int(self.strikes.numbers["code"]))
            self._own[DOWN].append(_frame(codes.HEADERS, block, flags, call.stream_id))
            if not call.is_ended:
                # §8.1: the rest of the request is not wanted.
                self._own[DOWN].append(_reset(call.stream_id, _NO_ERROR))
        call.is_answered = True
        self._own[DOWN].append(_frame(codes.SETTINGS))
        self._settings[DOWN].append(call)

    def _given(self, direction: Direction, due_s: float) -> Iterator[Action]:
        own = self._own[direction]
        if own and self.is_between(direction) and not self._in_block[direction]:
            yield Send(direction, b"".join(own), due_s)
            own.clear()


def _frame(kind: int, payload: bytes = b"", flags: int = 0, stream_id: int = 0) -> bytes:
    size = len(payload).to_bytes(HEADER_SIZE - 6, "big")
    return size + bytes((kind, flags)) + stream_id.to_bytes(4, "big") + payload


def _reset(stream_id: int, code: int) -> bytes:
    return _frame(codes.RST_STREAM, code.to_bytes(4, "big"), stream_id=stream_id)


def _trailers(code: int) -> bytes:
    """A header block of Trailers-Only that leaves the dynamic table as it is (RFC 7541 §6.2.2)."""
    message = f"{STATUS_CODES[code]}: ".encode() + _MESSAGE
    return b"".join(
        (
            # Of the static table: `:status: 200`, and the name content-type.
            b"\x88\x0f\x10",
            _string(b"application/grpc"),
            *(b"\0", _string(b"grpc-status"), _string(str(code).encode())),
            *(b"\0", _string(b"grpc-message"), _string(message)),
        )
    )


def _string(text: bytes) -> bytes:
    return bytes((len(text),)) + text


GRPC_STATUS = message_kind(
    "grpc_status",
    Text(ru="Статус gRPC", en="gRPC status"),
    Text(
        ru="Вызов кончается этим статусом; сервер видит только отменённый вызов. Другие вызовы "
        "того же соединения идут дальше.",
        en="The call ends with this status; the server sees a call that was cancelled. Other "
        "calls of the connection go on.",
    ),
    _GrpcStatus,
    "grpc",
    parameters=(
        Parameter(
            "code",
            14,
            1,
            16,
            Text(
                ru="код: 14 — UNAVAILABLE, 8 — RESOURCE_EXHAUSTED, 4 — DEADLINE_EXCEEDED…",
                en="code: 14 is UNAVAILABLE, 8 RESOURCE_EXHAUSTED, 4 DEADLINE_EXCEEDED, ...",
            ),
        ),
    ),
)
