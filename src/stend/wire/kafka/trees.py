"""The trees of fields of frames: pieces nested by their paths, with what each is for."""

from collections.abc import Iterable
from functools import partial

from stend.kit.fields import UNDECODED, Field, Inner, leaves, undecoded
from stend.kit.languages import Text
from stend.kit.nesting import Span, Steps, nested
from stend.wire.content.bodies import body_fields
from stend.wire.kafka import meanings
from stend.wire.kafka.batches import COMPRESSION_MASK, HEAD, read_batch_header
from stend.wire.kafka.compression import Compression, decompress
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.spans import (
    NOT_DECODED,
    record_spans,
    request_spans,
    response_spans,
)
from stend.wire.kafka.values import api_name, batch_attributes, shown

# What a compressed batch may become, and how much of that is shown.
_MAX_OUTPUT = 8 * 1024 * 1024
_MAX_SHOWN = 1024 * 1024
# So many bytes of JSON are taken apart in one message: its fields cost a hundred times the bytes.
_MAX_CONTENT = 256 * 1024


def request_tree(frame: bytes, api_key: int) -> tuple[Field, ...]:
    """
    Args:
        frame: with its length.
    """
    return _tree(request_spans(frame), frame, api_name(api_key))


def response_tree(frame: bytes, api_key: int, version: int) -> tuple[Field, ...]:
    """The same for a response."""
    return _tree(response_spans(frame, api_key, version), frame, api_name(api_key))


def raw_tree(frame: bytes, why: Text) -> tuple[Field, ...]:
    """A frame of which only the length is understood."""
    length = Span("length", "length", "int32", len(frame) - 4, 0, 4)
    return (_Leaves(frame, "").of(("length",), length), *_unread(4, len(frame), why))


def _unread(start: int, end: int, why: Text) -> Iterable[Field]:
    return (undecoded(start, end, why),) if start < end else ()


def _tree(spans: Iterable[Span], data: bytes, api: str) -> tuple[Field, ...]:
    return nested(spans, _Leaves(data, api).of, partial(meanings.around, api))


class _Leaves:
    """Makes fields of pieces.

    Args:
        data: what the pieces are of.
    """

    def __init__(self, data: bytes, api: str) -> None:
        self._data = data
        self._api = api
        self._opened = 0

    def of(self, steps: Steps, span: Span) -> Field:
        if span.name == NOT_DECODED:
            return undecoded(span.start, span.end, span.value)
        if span.name.startswith("records in "):
            return _compressed(self._api, self._data, steps, span)
        value = shown(span.name, span.value)
        if span.name == "attributes" and isinstance(span.value, int):
            value = batch_attributes(span.value)
        meaning = meanings.piece(self._api, steps, span.name)
        inside = self._content(span) if "records" in steps else ()
        return Field(span.name, span.type, value, span.start, span.end, meaning, inside)

    def _content(self, span: Span) -> tuple[Field, ...]:
        """The fields of a key or a value that is JSON."""
        value = span.value
        if span.name not in ("key", "value") or not isinstance(value, bytes):
            return ()
        if not value.startswith((b"{", b"[")) or self._opened + len(value) > _MAX_CONTENT:
            return ()
        self._opened += len(value)
        found = body_fields("application/json", self._data, span.start, span.end)
        return () if any(one.why_not for one in leaves(found)) else found


def _compressed(api: str, data: bytes, steps: Steps, span: Span) -> Field:
    meaning = meanings.piece(api, steps, span.name)
    field = Field(span.name, "bytes", None, span.start, span.end, meaning)
    header = read_batch_header(data, span.start - HEAD.size)
    compression = Compression(header.attributes & COMPRESSION_MASK)
    try:
        plain = decompress(compression, data[span.start : span.end], _MAX_OUTPUT)
    except WireError:
        why = Text(
            ru=f"{compression.name.lower()}: данные повреждены или разворачиваются больше чем в "
            f"{_MAX_OUTPUT} байт",
            en=f"{compression.name.lower()}: the data are damaged, or become more than "
            f"{_MAX_OUTPUT} bytes",
        )
        return field._replace(why_not=why, meaning=UNDECODED, name=NOT_DECODED)
    how = Text(
        ru=f"записи после распаковки {compression.name.lower()}",
        en=f"the records after decompression with {compression.name.lower()}",
    )
    return field._replace(inner=Inner(how, plain, _records(api, plain, header.count)))


def _records(api: str, plain: bytes, count: int) -> tuple[Field, ...]:
    whole = plain[:_MAX_SHOWN]
    pieces = record_spans(whole, count)
    if len(plain) <= _MAX_SHOWN:
        return _tree(pieces, whole, api)
    last = pieces[-1]
    begin = last.start if last.name == NOT_DECODED else last.end
    why = Text(
        ru=f"показан первый мегабайт из {len(plain)} байт",
        en=f"the first megabyte of {len(plain)} bytes is shown",
    )
    shown_pieces = [one for one in pieces if one.name != NOT_DECODED]
    return (*_tree(shown_pieces, whole, api), *_unread(begin, len(plain), why))
