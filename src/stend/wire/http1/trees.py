"""Trees of messages and of parts of them."""

from collections.abc import Iterable
from typing import NamedTuple

from stend.kit.fields import Field, Inner, Meaning, group, undecoded
from stend.kit.languages import Text
from stend.wire.content.bodies import body_fields, encoded_fields
from stend.wire.content.form import form_fields
from stend.wire.content.headers import header_meaning
from stend.wire.content.http.methods import method_meaning
from stend.wire.content.http.statuses import status_meaning
from stend.wire.content.http.values import value_fields
from stend.wire.content.sse import event_fields
from stend.wire.http1 import meanings
from stend.wire.http1.framing import Body, ChunkLine, chunk_line, chunk_lines, joined
from stend.wire.http1.heads import FieldLine, Head, field_lines, read_head

# More chunks of one message are put together, but not shown one by one.
CHUNKS_SHOWN = 2_000
LINES_SHOWN = 2_000

_JOINED = Text(ru="куски, сложенные вместе", en="the chunks put together")
_NO_HEADER = Text(ru="строка — не заголовок", en="the line is no header")
_MORE_CHUNKS = Text(
    ru=f"кусков больше {CHUNKS_SHOWN}: остальные не показаны по одному",
    en=f"there are more than {CHUNKS_SHOWN} chunks: the others are not shown one by one",
)
_MORE_LINES = Text(
    ru=f"заголовков больше {LINES_SHOWN}",
    en=f"there are more than {LINES_SHOWN} headers",
)


def message_fields(data: bytes, *, is_request: bool, body: Body) -> tuple[Field, ...]:
    """The tree of a whole message.

    Args:
        body: how its end was told.
    """
    head = read_head(data, is_request=is_request)
    fields = _head(data, head)
    if head.end >= len(data):
        return fields
    content_type = head.headers.get("content-type", "")
    codings = head.headers.get("content-encoding", "")
    if body is Body.CHUNKED:
        return (*fields, _chunked(data, head.end, content_type, codings))
    inside = encoded_fields(content_type, codings, data, head.end, len(data))
    return (*fields, group("message body", meanings.BODY, inside))


def head_fields(data: bytes, *, is_request: bool) -> tuple[Field, ...]:
    """The tree of a start line with its headers."""
    return _head(data, read_head(data, is_request=is_request))


def _head(data: bytes, head: Head) -> tuple[Field, ...]:
    fields: list[Field] = []
    if head.begins:
        fields.append(Field("CRLF", "", None, 0, head.begins, meanings.EMPTY_BEFORE))
    fields.append(_request_line(data, head) if head.method else _status_line(data, head))
    section_end = head.lines[-1].end if head.lines else head.lines_start
    if head.lines:
        fields.append(
            group("header section", meanings.HEADER_SECTION, _lines(data, head.lines, section_end))
        )
    if head.end > section_end:
        fields.append(Field("empty line", "CRLF", None, section_end, head.end, meanings.EMPTY_LINE))
    return tuple(fields)


def _request_line(data: bytes, head: Head) -> Field:
    at = head.begins
    method_end = at + len(head.method)
    target_end = method_end + 1 + len(head.target)
    version_end = target_end + 1 + len(head.version)
    return group(
        "request-line",
        meanings.REQUEST_LINE,
        [
            Field("method", "token", head.method, at, method_end, method_meaning(head.method)),
            Field("SP", "", None, method_end, method_end + 1, meanings.SP),
            _target(data, method_end + 1, target_end),
            Field("SP", "", None, target_end, target_end + 1, meanings.SP),
            _text("HTTP-version", data, target_end + 1, version_end, meanings.VERSION),
            Field("CRLF", "", None, version_end, head.lines_start, meanings.CRLF),
        ],
    )


def _target(data: bytes, start: int, end: int) -> Field:
    mark = data.find(b"?", start, end)
    if mark < 0:
        return _text("request-target", data, start, end, meanings.PATH)
    pieces = [_text("absolute-path", data, start, mark, meanings.PATH)] if mark > start else []
    pieces.append(Field("?", "", None, mark, mark + 1, meanings.QUESTION_MARK))
    if mark + 1 < end:
        pieces.append(group("query", meanings.QUERY, form_fields(data, mark + 1, end)))
    return group("request-target", meanings.TARGET, pieces)


def _status_line(data: bytes, head: Head) -> Field:
    at = head.begins
    version_end = at + len(head.version)
    status_end = version_end + 4
    line_end = head.lines_start - (
        2 if data[head.lines_start - 2 : head.lines_start] == b"\r\n" else 1
    )
    about = status_meaning(head.status)
    pieces = [
        _text("HTTP-version", data, at, version_end, meanings.VERSION),
        Field("SP", "", None, version_end, version_end + 1, meanings.SP),
        Field("status-code", "3DIGIT", head.status, version_end + 1, status_end, about),
    ]
    if line_end > status_end:
        pieces.append(Field("SP", "", None, status_end, status_end + 1, meanings.SP))
    if line_end > status_end + 1:
        pieces.append(_text("reason-phrase", data, status_end + 1, line_end, meanings.REASON))
    pieces.append(Field("CRLF", "", None, line_end, head.lines_start, meanings.CRLF))
    return group("status-line", meanings.STATUS_LINE, pieces)


def _lines(data: bytes, lines: Iterable[FieldLine], end: int) -> list[Field]:
    fields: list[Field] = []
    for line in lines:
        if len(fields) >= LINES_SHOWN:
            fields.append(undecoded(line.start, end, _MORE_LINES))
            break
        fields.append(
            _header(data, line) if line.name else undecoded(line.start, line.end, _NO_HEADER)
        )
    return fields


def _header(data: bytes, line: FieldLine) -> Field:
    about = header_meaning(line.name)
    pieces = [
        Field("field-name", "token", line.name, line.start, line.colon, meanings.FIELD_NAME),
        Field(":", "", None, line.colon, line.colon + 1, meanings.COLON),
    ]
    if line.value_start > line.colon + 1:
        pieces.append(Field("OWS", "", None, line.colon + 1, line.value_start, meanings.OWS))
    if line.value_end > line.value_start:
        pieces.append(_value(data, line, about))
    if line.line_end > line.value_end:
        pieces.append(Field("OWS", "", None, line.value_end, line.line_end, meanings.OWS))
    pieces.append(Field("CRLF", "", None, line.line_end, line.end, meanings.CRLF))
    return group(line.name.lower(), about, pieces)._replace(value=line.value)


def _value(data: bytes, line: FieldLine, about: Meaning) -> Field:
    pieces = value_fields(line.name.lower(), data, line.value_start, line.value_end)
    if pieces:
        return group("field-value", about, pieces)
    return Field("field-value", "", line.value, line.value_start, line.value_end, about)


def _text(name: str, data: bytes, start: int, end: int, meaning: Meaning) -> Field:
    return Field(name, "", data[start:end].decode("utf-8", "backslashreplace"), start, end, meaning)


def _chunked(data: bytes, at: int, content_type: str, codings: str) -> Field:
    pieces: list[Field] = []
    inside = joined(data, at)
    for line in chunk_lines(data, at):
        if len(pieces) >= CHUNKS_SHOWN:
            pieces.append(undecoded(at, len(data), _MORE_CHUNKS))
            break
        if line.size == 0:
            pieces += _last_chunk(data, at, line)
            break
        stop = line.end + line.size
        data_leaf = Field("chunk-data", "bytes", None, line.end, stop, meanings.CHUNK_DATA)
        pieces.append(group("chunk", meanings.CHUNK, _chunk(data, at, line, (data_leaf,))))
        at = stop + 2
    body = group("message body", meanings.BODY, pieces)
    if not inside:
        return body
    return body._replace(
        inner=Inner(_JOINED, inside, encoded_fields(content_type, codings, inside))
    )


def _size_line(data: bytes, at: int, line: ChunkLine) -> list[Field]:
    pieces = [Field("chunk-size", "1*HEXDIG", line.size, at, line.digits_end, meanings.CHUNK_SIZE)]
    if line.text_end > line.digits_end:
        pieces.append(_text("chunk-ext", data, line.digits_end, line.text_end, meanings.CHUNK_EXT))
    pieces.append(Field("CRLF", "", None, line.text_end, line.end, meanings.CRLF))
    return pieces


def _chunk(data: bytes, at: int, line: ChunkLine, inside: Iterable[Field]) -> list[Field]:
    pieces = [*_size_line(data, at, line), *inside]
    stop = line.end + line.size
    if stop + 2 <= len(data):
        pieces.append(Field("CRLF", "", None, stop, stop + 2, meanings.CHUNK_CRLF))
    return pieces


def _last_chunk(data: bytes, at: int, line: ChunkLine) -> list[Field]:
    pieces = [group("last-chunk", meanings.LAST_CHUNK, _size_line(data, at, line))]
    lines, end = field_lines(data, line.end)
    section_end = lines[-1].end if lines else line.end
    if lines:
        pieces.append(group("trailer section", meanings.TRAILERS, _lines(data, lines, section_end)))
    pieces.append(Field("CRLF", "", None, section_end, end, meanings.CHUNK_CRLF))
    return pieces


class PartOf(NamedTuple):
    """What the tree of a part needs to know of its message.

    Attributes:
        why_not: why the part says nothing by itself; None where it does.
        continues: it begins in the middle of a line of an event stream.
    """

    media_type: str
    why_not: Text | None
    continues: bool


def part_fields(data: bytes, part: PartOf) -> tuple[Field, ...]:
    """The tree of a part of a body that stands on the wire as it is."""
    inside = _part(data, 0, len(data), part)
    return (group("body part", meanings.BODY_PART, inside),) if inside else ()


def chunk_fields(data: bytes, part: PartOf) -> tuple[Field, ...]:
    """The tree of one chunk, or of its beginning, or of the last one with the trailers."""
    line = chunk_line(data, 0)
    if line is None:
        return ()
    if line.size == 0:
        return tuple(_last_chunk(data, 0, line))
    stop = min(line.end + line.size, len(data))
    inside = group("chunk-data", meanings.CHUNK_DATA, _part(data, line.end, stop, part))
    return (group("chunk", meanings.CHUNK, _chunk(data, 0, line, (inside,))),)


def chunk_rest_fields(data: bytes, *, ends: bool, why_not: Text) -> tuple[Field, ...]:
    """The tree of a later part of a chunk that is too long for one unit.

    Args:
        ends: the chunk's CRLF stands at its end.
    """
    stop = len(data) - (2 if ends else 0)
    fields = [undecoded(0, stop, why_not)] if stop else []
    if ends:
        fields.append(Field("CRLF", "", None, stop, stop + 2, meanings.CHUNK_CRLF))
    return tuple(fields)


def _part(data: bytes, start: int, end: int, part: PartOf) -> tuple[Field, ...]:
    if part.why_not is not None and end > start:
        return (undecoded(start, end, part.why_not),)
    if part.continues:
        return event_fields(data, start, end, continues=True)
    return body_fields(part.media_type, data, start, end)
