"""What stands where: frames of Kafka's protocol and record batches as pieces of bytes.

The pieces of a frame tile it: each begins where another ends, and what was not understood is a
piece too, whose value is the reason.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from crc32c import crc32c

from stend.kit.languages import Text
from stend.kit.nesting import Span
from stend.wire.kafka import schema
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.batches import ATTRIBUTES_AT
from stend.wire.kafka.errors import TooManyError, UnknownMessageError, WireError
from stend.wire.kafka.records import BatchHeader, Compression, batches
from stend.wire.kafka.schema import Message
from stend.wire.kafka.varints import Malformed, more_signed
from stend.wire.kafka.walking import Walker

NOT_DECODED = "not decoded"
# A tree of more is looked at by nobody, and costs a hundred times the bytes.
MAX_PIECES = 100_000
_SIZE = 4
_BATCH = (
    ("base_offset", "int64"),
    ("length", "int32"),
    ("leader_epoch", "int32"),
    ("magic", "int8"),
    ("crc", "uint32"),
    ("attributes", "int16"),
    ("last_offset_delta", "int32"),
    ("base_timestamp", "int64"),
    ("max_timestamp", "int64"),
    ("producer_id", "int64"),
    ("producer_epoch", "int16"),
    ("base_sequence", "int32"),
    ("count", "int32"),
)
# Fields of the old group protocol that hold messages of the consumers themselves.
_OF_CONSUMERS = {
    "metadata": "ConsumerProtocolSubscription",
    "member_metadata": "ConsumerProtocolSubscription",
    "assignment": "ConsumerProtocolAssignment",
    "member_assignment": "ConsumerProtocolAssignment",
}
_VERSION = 2


class _Bound:
    """How many pieces may still be made of a frame."""

    def __init__(self) -> None:
        self.left = MAX_PIECES


def request_spans(frame: bytes) -> list[Span]:
    """Header and message.

    Args:
        frame: with its length. Where the bytes are not what they should be, the rest is one piece.
    """
    header = Walker(frame, 0, is_flexible=False)
    try:
        header.number("int32", "length", "length")
        key, version, _ = (
            header.number(kind, f"header.{name}", name)
            for kind, name in (
                ("int16", "request_api_key"),
                ("int16", "request_api_version"),
                ("int32", "correlation_id"),
            )
        )
        header.text("string", "header.client_id", "client_id", is_nullable=True)
        message = schema.request(key, version)
    except WireError as error:
        return [*header.spans, *_rest(frame, header.at, error)]
    return _framed(frame, header, message, has_tags=message.is_flexible)


def response_spans(frame: bytes, api_key: int, version: int) -> list[Span]:
    """The same for a response; what it answers stands in the request only."""
    header = Walker(frame, 0, is_flexible=False)
    try:
        header.number("int32", "length", "length")
        header.number("int32", "header.correlation_id", "correlation_id")
        message = schema.response(api_key, version)
    except WireError as error:
        return [*header.spans, *_rest(frame, header.at, error)]
    # KIP-511: whoever asks for versions may not know of tagged fields.
    has_tags = message.is_flexible and api_key != ApiKey.API_VERSIONS
    return _framed(frame, header, message, has_tags=has_tags)


def message_spans(message: Message, data: bytes, at: int = 0, path: str = "") -> list[Span]:
    """The pieces of a message and of the record batches in it, to the end of `data`."""
    walker = Walker(data, at, is_flexible=message.is_flexible, most=MAX_PIECES)
    wrong: WireError | None = None
    try:
        walker.struct(message.fields, path)
    except WireError as error:
        wrong = error
    bound = _Bound()
    found = [piece for span in walker.spans for piece in _opened(data, span, bound)]
    if wrong:
        found += _rest(data, walker.at, wrong)
    elif walker.at < len(data):
        found.append(
            Span("", "behind the message", "bytes", data[walker.at :], walker.at, len(data))
        )
    return found


def record_spans(data: bytes, count: int) -> list[Span]:
    """Records that were compressed; what is not whole is one piece."""
    walk = _Records(data, 0, len(data), _Bound())
    return walk.spans(count, "")


class _Batch(NamedTuple):
    header: BatchHeader
    at: int
    path: str


def _batches(data: bytes, begin: int, stop: int, path: str, bound: _Bound) -> list[Span]:
    found: list[Span] = []
    content = data[begin:stop]
    reached = begin
    for index, (header, at) in enumerate(batches(content, allow_partial=True)):
        if bound.left <= 0:
            break
        inner = f"{path}.batches[{index}]".strip(".")
        found += _batch(data, _Batch(header, begin + at, inner), bound)
        reached = begin + at + header.size_bytes
    if reached < stop:
        rest = data[reached:stop]
        if bound.left <= 0:
            found += _rest(data, reached, TooManyError("", path=path), stop)
        else:
            found.append(Span(path, "batch that is cut off", "bytes", rest, reached, stop))
    return found


def _framed(frame: bytes, header: Walker, message: Message, *, has_tags: bool) -> list[Span]:
    found = list(header.spans)
    at = header.at
    if has_tags:
        tags = Walker(frame, at, is_flexible=True)
        try:
            tags.struct((), "header")
        except WireError as error:
            return found + tags.spans + _rest(frame, tags.at, error)
        found += tags.spans
        at = tags.at
    return found + message_spans(message, frame, at)


def _opened(data: bytes, span: Span, bound: _Bound) -> list[Span]:
    """Records as batches, and what consumers tell each other, where they can be read."""
    bound.left -= 1
    if span.type == "records":
        try:
            return _batches(data, span.start, span.end, span.path, bound)
        except WireError as error:
            return _rest(data, span.start, error, span.end, span.path)
    if span.type == "bytes" and span.name in _OF_CONSUMERS and span.end - span.start > _VERSION:
        return _of_consumers(data, span) or [span]
    return [span]


def _of_consumers(data: bytes, span: Span) -> list[Span]:
    """Nothing where it is of another protocol: Connect's, Streams'."""
    inside = data[span.start : span.end]
    head = Walker(inside, 0, is_flexible=False)
    path = f"{span.path}.content"
    try:
        version = head.number("int16", f"{path}.version", "version")
        message = schema.data_message(_OF_CONSUMERS[span.name], version)
        walker = Walker(inside, head.at, is_flexible=message.is_flexible, most=MAX_PIECES)
        walker.struct(message.fields, path)
    except WireError:
        return []
    if walker.at < len(inside):
        return []
    return [
        one._replace(start=one.start + span.start, end=one.end + span.start)
        for one in head.spans + walker.spans
    ]


def _batch(data: bytes, batch: _Batch, bound: _Bound) -> Iterator[Span]:
    header, at, path = batch
    walker = Walker(data, at, is_flexible=False)
    for name, kind in _BATCH:
        walker.number(kind, f"{path}.{name}", name)
    for one in walker.spans:
        yield one._replace(value=_checked(data, at, header)) if one.name == "crc" else one
    bound.left -= len(walker.spans)
    end = at + header.size_bytes
    if header.compression is not Compression.NONE:
        name = f"records in {header.compression.name.lower()}"
        if walker.at < end:
            yield Span(f"{path}.records", name, "bytes", data[walker.at : end], walker.at, end)
        return
    yield from _Records(data, walker.at, end, bound).spans(header.count, path)


def _checked(data: bytes, at: int, header: BatchHeader) -> str:
    end = at + header.size_bytes
    found = crc32c(memoryview(data)[at + ATTRIBUTES_AT : end])
    return f"{header.crc:#010x} " + ("✓" if found == header.crc else f"≠ {found:#010x}")


def _rest(
    data: bytes, at: int, error: WireError, end: int | None = None, path: str = ""
) -> list[Span]:
    """The bytes from where something was wrong, as one piece with the reason."""
    stop = len(data) if end is None else end
    return [Span(path, NOT_DECODED, "bytes", _why(error), at, stop)] if at < stop else []


def _why(error: WireError) -> Text:
    if isinstance(error, UnknownMessageError):
        return Text(
            ru="такого API или такой его версии нет в схемах стенда",
            en="the schemas of the stand have no such API, or not in this version",
        )
    if isinstance(error, TooManyError):
        return Text(
            ru=f"в сообщении больше {MAX_PIECES} полей: остальные не разбираются",
            en=f"the message has more than {MAX_PIECES} fields: the others are not taken apart",
        )
    return Text(
        ru=f"байты не соответствуют схеме начиная с поля {error.path or 'сообщения'}",
        en=f"the bytes differ from the schema: {error.path or 'the message'}, {error.text}",
    )


class _Records:
    """Walks over records that are not compressed."""

    def __init__(self, data: bytes, at: int, end: int, bound: _Bound) -> None:
        self._data = data
        self._at = at
        self._end = end
        self._bound = bound
        self.found: list[Span] = []

    def spans(self, count: int, path: str) -> list[Span]:
        try:
            for index in range(count):
                self.one(f"{path}.records[{index}]".strip("."))
            if self._at != self._end:
                raise WireError("bytes behind the last record", path=path, at=self._at)
        except WireError as error:
            self.found += _rest(self._data, self._at, error, self._end, path)
        self._bound.left -= len(self.found)
        return self.found

    def one(self, path: str) -> None:
        end = self._varint(path, "length") + self._at
        self._bytes(path, "attributes", 1)
        for name in ("timestamp_delta", "offset_delta"):
            self._varint(f"{path}.{name}", name)
        self._sized(f"{path}.key", "key", -1)
        self._sized(f"{path}.value", "value", -1)
        count = self._varint(f"{path}.headers", "count")
        self._check(count, 0, f"{path}.headers")
        for index in range(count):
            self._sized(f"{path}.headers[{index}].key", "key", 0)
            self._sized(f"{path}.headers[{index}].value", "value", -1)
        if self._at != end:
            raise WireError("a record of another length than it tells", path=path, at=self._at)

    def _sized(self, path: str, name: str, least: int) -> None:
        size = self._varint(path, "length")
        self._check(size, least, path)
        if size > 0:
            self._bytes(path, name, size)

    def _check(self, size: int, least: int, path: str) -> None:
        if size < least:
            raise WireError(f"the length {size}", path=path, at=self._at)

    def _bytes(self, path: str, name: str, size: int) -> None:
        end = self._at + size
        if end > self._end:
            raise WireError(f"{size} bytes, which are not there", path=path, at=self._at)
        begin, self._at = self._at, end
        self._add(path, name, "bytes", self._data[begin:end], begin)

    def _varint(self, path: str, name: str) -> int:
        begin = self._at
        try:
            first = self._data[begin]
            value, end = (first >> 1) ^ -(first & 1), begin + 1
            if first >= 0x80:
                value, end = more_signed(self._data, first, begin + 1)
        except (Malformed, IndexError):
            raise WireError("no varint", path=path, at=begin) from None
        # What follows the records is no part of them.
        if end > self._end:
            raise WireError("a varint that is cut off", path=path, at=begin)
        self._at = end
        self._add(path, name, "varint", value, begin)
        return value

    def _add(self, path: str, name: str, kind: str, value: Any, begin: int) -> None:
        if len(self.found) >= self._bound.left:
            self._at = begin
            raise TooManyError("", path=path, at=begin)
        self.found.append(Span(path, name, kind, value, begin, self._at))


def first_headers(data: bytes) -> list[tuple[bytes, bytes]]:
    """Headers of the first record; those without a value are left out."""
    walk = _Records(data, 0, len(data), _Bound())
    walk.one("records[0]")
    found: list[tuple[bytes, bytes]] = []
    key = b""
    for span in walk.found:
        if ".headers[" in span.path and span.type == "bytes":
            if span.name == "value":
                found.append((key, span.value))
            key = span.value
    return found
