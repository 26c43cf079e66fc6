"""HTTP/2 (RFC 9113): both directions of a connection as frames; gRPC in their data."""

from dataclasses import dataclass, replace
from functools import partial

from stend.kit.languages import Text
from stend.wire.content.grpc import Descriptors, summary
from stend.wire.content.trace_context import traceparent
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.http2 import codes, telling
from stend.wire.http2.field_block import BLOCK_LIMIT, FieldBlocks
from stend.wire.http2.frames import (
    HEADER_SIZE,
    PREFACE,
    Fragment,
    Header,
    Messages,
    content_of,
    header_of,
    read_frame,
    read_preface,
)
from stend.wire.http2.header_fields import text_of
from stend.wire.http2.streams import Stream, Streams

_FIELD_FRAMES = (codes.HEADERS, codes.PUSH_PROMISE, codes.CONTINUATION)


@dataclass(slots=True)
class _Pending:
    """A field block whose last frame has not come.

    Attributes:
        opener: the header of the frame that began it.
        about: the stream whose fields it holds.
    """

    opener: Header
    about: int
    pieces: list[bytes]
    parts: int
    size: int


class _Side:
    """What one direction has said so far."""

    def __init__(self) -> None:
        self.blocks = FieldBlocks()
        self.pending: _Pending | None = None
        self.has_begun = False


class Http2Decoder(StreamDecoder):
    """Frames of one connection.

    Args:
        begins: offsets of the streams where it begins, to the server and to the client.
        descriptors: what the methods of gRPC take and give, by their path.
    """

    protocol = "http2"

    def __init__(
        self, begins: tuple[int, int] = (0, 0), descriptors: Descriptors | None = None
    ) -> None:
        super().__init__(begins)
        self._descriptors = descriptors
        self._sides = {direction: _Side() for direction in Direction}
        self._streams = Streams()

    def _cut(self, half: Half) -> Unit | None:
        side = self._sides[half.direction]
        if half.direction is Direction.TO_SERVER and not side.has_begun:
            return self._preface(half, side)
        if half.rest < HEADER_SIZE:
            half.wanted = HEADER_SIZE
            return None
        header = header_of(half.data, half.at)
        if not side.has_begun and header.type != codes.SETTINGS:
            raise Undecodable(
                "сервер HTTP/2 начинает с кадра SETTINGS, а здесь другое",
                "a server of HTTP/2 begins with a SETTINGS frame; this is something else",
            )
        if half.rest < HEADER_SIZE + header.length:
            half.wanted = HEADER_SIZE + header.length
            return None
        side.has_begun = True
        return self._frame(half, side, header, half.take(HEADER_SIZE + header.length))

    def _preface(self, half: Half, side: _Side) -> Unit | None:
        found = half.take(len(PREFACE))
        if not PREFACE.startswith(found):
            raise Undecodable(
                "клиент HTTP/2 начинает с преамбулы PRI * HTTP/2.0, а здесь другое",
                "a client of HTTP/2 begins with the preface PRI * HTTP/2.0; this is something else",
            )
        if len(found) < len(PREFACE):
            return None
        side.has_begun = True
        return Unit(
            protocol=self.protocol,
            name="connection preface",
            direction=half.direction,
            start=half.start,
            end=half.start + len(PREFACE),
            role=Role.CONTROL,
            read=read_preface,
            summary="PRI * HTTP/2.0",
        )

    def _frame(self, half: Half, side: _Side, header: Header, data: bytes) -> Unit:
        unit = Unit(
            protocol=self.protocol,
            name=codes.type_name(header.type),
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=Role.CONTROL,
            read=partial(read_frame, header, None, None),
            facts={
                "frame_type": codes.type_name(header.type),
                "stream_id": str(header.stream_id),
            },
        )
        if side.pending is not None and not _goes_on(side.pending, header):
            side.pending = None
            side.blocks.lose(_INTERRUPTED)
        if header.type in _FIELD_FRAMES:
            return self._field_frame(unit, side, header, data)
        if header.type == codes.DATA:
            return self._data(unit, header, data)
        return self._other(unit, header, data)

    def _field_frame(self, unit: Unit, side: _Side, header: Header, data: bytes) -> Unit:
        if header.type != codes.CONTINUATION:
            about = header.stream_id
            if header.type == codes.PUSH_PROMISE:
                about = telling.promised(header, data)
            side.pending = _Pending(header, about, [], 0, 0)
        pending = side.pending
        span = content_of(header, data)
        if pending is None or span is None:
            side.pending = None
            side.blocks.lose(_INTERRUPTED)
            # The tree tells what does not fit.
            fragment = Fragment(1) if pending is not None else None
            return replace(unit, read=partial(read_frame, header, fragment, None))
        pending.parts += 1
        pending.size += span.end - span.start
        pending.pieces.append(data[span.start : span.end])
        if pending.size > BLOCK_LIMIT:
            pending.pieces.clear()
            side.blocks.lose(_TOO_LONG)
        stream = self._streams.begin(pending.about)
        if not header.has(codes.END_HEADERS):
            fragment = Fragment(pending.parts)
            return replace(
                unit,
                role=_role(header, unit.direction),
                exchange=stream.exchange,
                summary=f"part {fragment.part} of a field block",
                read=partial(read_frame, header, fragment, None),
            )
        side.pending = None
        block = side.blocks.decode(b"".join(pending.pieces))
        fragment = Fragment(pending.parts, tuple(pending.pieces[:-1]), block)
        unit = replace(unit, read=partial(read_frame, header, fragment, None))
        fields = {text_of(name): text_of(value) for name, value in block.fields()}
        return self._with_fields(unit, pending, stream, fields)

    def _with_fields(
        self, unit: Unit, pending: _Pending, stream: Stream, fields: dict[str, str]
    ) -> Unit:
        is_promise = pending.opener.type == codes.PUSH_PROMISE
        if ":method" in fields and not stream.has_request:
            stream.requested(fields)
        if not is_promise:
            stream.expects(unit.direction, fields, self._descriptors)
        told = telling.tell(fields)
        ends = pending.opener.has(codes.END_STREAM) and not is_promise
        unit = replace(
            unit,
            name=told.name or unit.name,
            role=_role(pending.opener, unit.direction),
            exchange=stream.exchange,
            is_last=ends,
            summary=told.summary,
            error=told.error,
            context=traceparent(fields.get("traceparent")),
            facts={**unit.facts, **stream.facts, **told.facts},
        )
        if ends:
            self._ended(stream, pending.about, unit.direction)
        return unit

    def _data(self, unit: Unit, header: Header, data: bytes) -> Unit:
        stream = self._streams.get(header.stream_id)
        span = content_of(header, data)
        size = span.end - span.start if span is not None else header.length
        unit = replace(unit, role=_role(header, unit.direction), summary=f"{size} B")
        if stream is None:
            return unit
        unit = replace(unit, exchange=stream.exchange, facts={**unit.facts, **stream.facts})
        if span is not None:
            unit = _with_content(unit, stream, header, data[span.start : span.end])
        if header.has(codes.END_STREAM):
            unit = replace(unit, is_last=True)
            self._ended(stream, header.stream_id, unit.direction)
        return unit

    def _other(self, unit: Unit, header: Header, data: bytes) -> Unit:
        payload = data[HEADER_SIZE:]
        unit = replace(
            unit, summary=telling.line(header, payload), error=telling.failure(header, payload)
        )
        stream = self._streams.get(header.stream_id) if header.stream_id else None
        if stream is None:
            return unit
        unit = replace(unit, exchange=stream.exchange, facts={**unit.facts, **stream.facts})
        if header.type == codes.RST_STREAM:
            unit = replace(unit, is_last=True)
            stream.is_answered = True
            self._streams.forget(header.stream_id)
        return unit

    def _ended(self, stream: Stream, stream_id: int, direction: Direction) -> None:
        both = stream.ended(direction)
        if direction is Direction.TO_CLIENT:
            stream.is_answered = True
        # Only the server speaks on a stream that it has opened itself (§8.4).
        if both or (stream.is_answered and stream_id % 2 == 0):
            self._streams.forget(stream_id)


def _with_content(unit: Unit, stream: Stream, header: Header, data: bytes) -> Unit:
    """DATA whose bytes are messages of gRPC, or a part of a body."""
    known = stream.messages(unit.direction)
    if known is not None:
        subject, cutter = known
        pieces = cutter.cut(data)
        read = partial(read_frame, header, None, Messages(subject, pieces))
        whole = sum(one.is_last for one in pieces)
        facts = {**unit.facts, "messages": str(whole)} if whole else unit.facts
        told = summary(pieces, subject) or unit.summary
        return replace(unit, read=read, summary=told, facts=facts)
    body = stream.body(unit.direction)
    if body is None:
        return unit
    part = body.part(data, ends=header.has(codes.END_STREAM))
    return replace(unit, read=partial(read_frame, header, None, part))


def _goes_on(pending: _Pending, header: Header) -> bool:
    """No other frame may come inside a field block (§6.10)."""
    return header.type == codes.CONTINUATION and header.stream_id == pending.opener.stream_id


def _role(header: Header, direction: Direction) -> Role:
    if header.type == codes.PUSH_PROMISE or direction is Direction.TO_SERVER:
        return Role.REQUEST
    return Role.RESPONSE


_INTERRUPTED = Text(
    ru="блок полей прерван или не помещается в кадр",
    en="a field block was interrupted, or does not fit into its frame",
)
_TOO_LONG = Text(
    ru=f"блок полей длиннее {BLOCK_LIMIT} байт",
    en=f"a field block of more than {BLOCK_LIMIT} bytes",
)
