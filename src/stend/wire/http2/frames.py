"""Trees of frames (RFC 9113 §4 and §6)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from stend.kit.fields import Field, Inner, Value
from stend.kit.languages import Text
from stend.wire.content.bodies import encoded_fields
from stend.wire.content.cursor import Cursor, read_all
from stend.wire.content.grpc import Subject, piece_field
from stend.wire.content.pieces import Piece
from stend.wire.decoding import Undecodable
from stend.wire.http2 import codes
from stend.wire.http2.field_block import FieldBlock
from stend.wire.http2.header_fields import block_fields
from stend.wire.http2.meanings import MEANINGS
from stend.wire.http2.streams import Part

HEADER_SIZE = 9
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Header(NamedTuple):
    """The nine octets before every payload."""

    length: int
    type: int
    flags: int
    stream_id: int

    def has(self, flag: int) -> bool:
        return bool(self.flags & flag)


class Span(NamedTuple):
    """Where the content of a frame stands: behind what leads it in, before the padding."""

    start: int
    end: int


class Fragment(NamedTuple):
    """A frame's piece of a field block.

    Attributes:
        part: which piece of the block it is, from 1.
        before: the earlier pieces, where this is the last.
        block: what the whole block says, where this is the last piece.
    """

    part: int
    before: tuple[bytes, ...] = ()
    block: FieldBlock | None = None


class Messages(NamedTuple):
    """What the bytes of a DATA frame are for gRPC."""

    subject: Subject
    pieces: tuple[Piece, ...]


Content = Messages | Part | None


def header_of(data: bytes | bytearray, at: int) -> Header:
    """The header that begins at `at`."""
    return Header(
        int.from_bytes(data[at : at + 3], "big"),
        data[at + 3],
        data[at + 4],
        int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF,
    )


def content_of(header: Header, data: bytes) -> Span | None:
    """Where data or the field block stands in a frame; None where the lengths do not fit."""
    start, end = HEADER_SIZE, len(data)
    if header.type in (codes.DATA, codes.HEADERS, codes.PUSH_PROMISE) and header.has(codes.PADDED):
        if start == end:
            return None
        end -= data[start]
        start += 1
    if header.type == codes.HEADERS and header.has(codes.PRIORITY_FLAG):
        start += 5
    if header.type == codes.PUSH_PROMISE:
        start += 4
    return Span(start, end) if start <= end else None


def read_preface(data: bytes) -> tuple[Field, ...]:
    """The tree of the 24 octets with which a client begins."""
    return read_all(
        data,
        MEANINGS,
        lambda at: at.add("connection_preface", "octets", data.decode("latin-1"), len(data)),
    )


def read_frame(
    header: Header, fragment: Fragment | None, content: Content, data: bytes
) -> tuple[Field, ...]:
    """The tree of one frame.

    Args:
        fragment: of a frame that carries a piece of a field block.
        content: what the bytes of a DATA frame are; None where nobody knows.
    """

    def whole(at: Cursor) -> None:
        at.group("frame_header", HEADER_SIZE, partial(_header, header.type))
        at.finish(partial(_payload(header, fragment, content), header))

    return read_all(data, MEANINGS, whole)


_Body = Callable[[Header, Cursor], None]


def _payload(header: Header, fragment: Fragment | None, content: Content) -> _Body:
    if fragment is not None:
        return partial(_with_field_block, fragment)
    if header.type == codes.DATA:
        return partial(_data, content)
    return _BODIES.get(header.type, _opaque)


def _header(frame_type: int, at: Cursor) -> None:
    at.number("length", 3, key="frame length")
    at.number("type", 1, lambda number: f"{codes.type_name(number)} ({number})", key="frame type")
    at.number("flags", 1, lambda flags: codes.flag_names(frame_type, flags))
    _stream_id(at, "stream_identifier", "reserved")


def _stream_id(at: Cursor, name: str, bit: str, key: str = "") -> None:
    """31 bits behind one that is `bit`."""

    def shown(number: int) -> Value:
        return f"{bit}, {number & 0x7FFFFFFF}" if number >> 31 else number & 0x7FFFFFFF

    at.number(name, 4, shown, kind="1 + 31 bits", key=key)


def _padded(header: Header, at: Cursor, read: Callable[[Cursor, int], None]) -> None:
    """What may be padded: `read` is told how many octets stand before the padding."""
    padding = at.number("pad_length", 1) if header.has(codes.PADDED) else 0
    if padding > at.rest:
        raise Undecodable(
            f"заполнение в {padding} байт не помещается в кадр (PROTOCOL_ERROR)",
            f"padding of {padding} octets does not fit into the frame (PROTOCOL_ERROR)",
            at.at,
        )
    read(at, at.rest - padding)
    if padding:
        at.octets("padding", padding)


def _with_field_block(fragment: Fragment, header: Header, at: Cursor) -> None:
    def read(inside: Cursor, size: int) -> None:
        end = inside.at + size
        if header.type == codes.HEADERS and header.has(codes.PRIORITY_FLAG):
            _priority(header, inside)
        if header.type == codes.PUSH_PROMISE:
            _stream_id(inside, "promised_stream_id", "reserved")
        _fragment(fragment, inside, end - inside.at)

    if header.type == codes.CONTINUATION:
        read(at, at.rest)
    else:
        _padded(header, at, read)


def _fragment(fragment: Fragment, at: Cursor, size: int) -> None:
    block = fragment.block
    if block is None:
        said = f"part {fragment.part} of a field block"
        at.octets("field_block_fragment", size, "octets", said, key="field block part")
    elif not fragment.before:
        at.group("field_block", size, lambda inside: block_fields(block, inside))
    else:
        data = b"".join((*fragment.before, at.peek(size, "field_block_fragment")))
        fields = read_all(data, MEANINGS, lambda inside: block_fields(block, inside))
        how = Text(
            ru=f"блок полей собран из кадров: {fragment.part}",
            en=f"the field block put together from {fragment.part} frames",
        )
        said = f"part {fragment.part} of a field block, the last"
        at.octets("field_block_fragment", size, "octets", said, inner=Inner(how, data, fields))


def _data(content: Content, header: Header, at: Cursor) -> None:
    def read(inside: Cursor, size: int) -> None:
        if isinstance(content, Messages):
            shift = inside.at
            for piece in content.pieces:
                inside.put(piece_field(piece, content.subject, inside.data, shift))
                inside.at = shift + piece.end
        elif size or (content is not None and content.before):
            _body(content, inside, size)

    _padded(header, at, read)


def _body(part: Part | None, at: Cursor, size: int) -> None:
    if part is None or not part.is_last:
        at.octets("data", size)
    elif part.before:
        data = b"".join((*part.before, at.peek(size, "data")))
        how = Text(
            ru=f"тело собрано из кадров DATA: {len(part.before) + 1}",
            en=f"the body put together from {len(part.before) + 1} DATA frames",
        )
        fields = encoded_fields(part.media_type, part.codings, data)
        at.octets("data", size, inner=Inner(how, data, fields))
    else:
        end = at.at + size
        for field in encoded_fields(part.media_type, part.codings, at.data, at.at, end):
            at.put(field)
            at.at = field.end


def _priority(header: Header, at: Cursor) -> None:
    del header
    _stream_id(at, "stream_dependency", "exclusive")
    at.number("weight", 1, lambda weight: weight + 1)


def _rst_stream(header: Header, at: Cursor) -> None:
    del header
    _error_code(at)


def _error_code(at: Cursor) -> None:
    at.number("error_code", 4, lambda number: f"{codes.error_name(number)} ({number})")


def _settings(header: Header, at: Cursor) -> None:
    del header
    while at.rest:
        both = at.peek(6, "setting")
        number = int.from_bytes(both[:2], "big")
        name = codes.setting_name(number)
        key = name if name in MEANINGS else "setting"
        at.group(name, 6, _setting, key=key, value=int.from_bytes(both[2:], "big"))


def _setting(at: Cursor) -> None:
    at.number("identifier", 2, lambda number: f"{codes.setting_name(number)} ({number})")
    at.number("value", 4, key="setting value")


def _ping(header: Header, at: Cursor) -> None:
    del header
    at.octets("opaque_data", 8)


def _goaway(header: Header, at: Cursor) -> None:
    del header
    _stream_id(at, "last_stream_id", "reserved")
    _error_code(at)
    if at.rest:
        text = at.peek(at.rest, "additional_debug_data").decode("utf-8", "replace")
        at.octets("additional_debug_data", at.rest, "octets", text)


def _window_update(header: Header, at: Cursor) -> None:
    del header
    _stream_id(at, "window_size_increment", "reserved")


def _opaque(header: Header, at: Cursor) -> None:
    if at.rest:
        key = codes.type_name(header.type)
        at.octets("payload", at.rest, key=key if key in MEANINGS else "unknown payload")


def _continues_nothing(header: Header, at: Cursor) -> None:
    del header
    raise Undecodable(
        "кадр продолжает блок полей, которого нет (PROTOCOL_ERROR)",
        "the frame goes on with a field block that is not there (PROTOCOL_ERROR)",
        at.at,
    )


_BODIES: Mapping[int, _Body] = {
    codes.CONTINUATION: _continues_nothing,
    codes.PRIORITY: _priority,
    codes.RST_STREAM: _rst_stream,
    codes.SETTINGS: _settings,
    codes.PING: _ping,
    codes.GOAWAY: _goaway,
    codes.WINDOW_UPDATE: _window_update,
}
