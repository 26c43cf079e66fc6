"""What stands where: frames of Kafka's protocol and record batches as pieces of bytes.

The pieces of a frame tile it: each begins where another ends, and what was not understood is a
piece too.
"""

from collections.abc import Iterator

from stend.wire.kafka import schema
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import BatchHeader, Compression, batches
from stend.wire.kafka.schema import Message
from stend.wire.kafka.varints import Malformed, more_signed
from stend.wire.kafka.walking import Span, Walker

__all__ = ["Span", "batch_spans", "message_spans", "request_spans", "response_spans"]

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


def request_spans(frame: bytes) -> list[Span]:
    """Header and message.

    Args:
        frame: without its length.

    Raises:
        WireError: it is no request that is known.
    """
    header = Walker(frame, 0, is_flexible=False)
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
    return _framed(frame, header, message, has_tags=message.is_flexible)


def response_spans(frame: bytes, api_key: int, version: int) -> list[Span]:
    """The same for a response; what it answers stands in the request only."""
    message = schema.response(api_key, version)
    header = Walker(frame, 0, is_flexible=False)
    header.number("int32", "header.correlation_id", "correlation_id")
    # KIP-511: whoever asks for versions may not know of tagged fields.
    has_tags = message.is_flexible and api_key != ApiKey.API_VERSIONS
    return _framed(frame, header, message, has_tags=has_tags)


def message_spans(message: Message, data: bytes, at: int = 0) -> list[Span]:
    """The pieces of a message and of the record batches in it.

    Raises:
        WireError: it is no such message.
    """
    walker = Walker(data, at, is_flexible=message.is_flexible)
    walker.struct(message.fields, "")
    return [piece for span in walker.spans for piece in _opened(data, span)]


def batch_spans(data: bytes, begin: int = 0, end: int | None = None, path: str = "") -> list[Span]:
    """Record batches that stand one after another; records that are not compressed, too.

    Args:
        path: of the field that they are in.

    Raises:
        WireError: they are wrong. A last one that is cut off is one piece.
    """
    stop = len(data) if end is None else end
    found: list[Span] = []
    content = data[begin:stop]
    reached = begin
    for index, (header, at) in enumerate(batches(content, allow_partial=True)):
        inner = f"{path}.batches[{index}]".strip(".")
        found += _batch(data, begin + at, header, inner)
        reached = begin + at + header.size_bytes
    if reached < stop:
        rest = data[reached:stop]
        found.append(Span(path, "batch that is cut off", "bytes", rest, reached, stop))
    return found


def _framed(frame: bytes, header: Walker, message: Message, *, has_tags: bool) -> list[Span]:
    found = list(header.spans)
    if has_tags:
        tags = Walker(frame, header.at, is_flexible=True)
        tags.struct((), "header")
        found += tags.spans
    found += message_spans(message, frame, found[-1].end)
    end = found[-1].end
    if end < len(frame):
        found.append(Span("", "behind the message", "bytes", frame[end:], end, len(frame)))
    return found


def _opened(data: bytes, span: Span) -> list[Span]:
    """Records as batches, where they can be read."""
    if span.type != "records":
        return [span]
    try:
        return batch_spans(data, span.start, span.end, span.path)
    except WireError:
        return [span]


def _batch(data: bytes, at: int, header: BatchHeader, path: str) -> Iterator[Span]:
    walker = Walker(data, at, is_flexible=False)
    for name, kind in _BATCH:
        walker.number(kind, f"{path}.{name}", name)
    yield from walker.spans
    end = at + header.size_bytes
    if header.compression is not Compression.NONE:
        name = f"records in {header.compression.name.lower()}"
        if walker.at < end:
            yield Span(f"{path}.records", name, "bytes", data[walker.at : end], walker.at, end)
        return
    yield from _Records(data, walker.at, end).spans(header.count, path)


class _Records:
    """Walks over records that are not compressed."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data = data
        self._at = at
        self._end = end
        self._found: list[Span] = []

    def spans(self, count: int, path: str) -> list[Span]:
        if count > self._end - self._at:
            raise WireError(f"{count} records", path=path, at=self._at)
        for index in range(count):
            self._record(f"{path}.records[{index}]")
        if self._at != self._end:
            raise WireError("bytes behind the last record", path=path, at=self._at)
        return self._found

    def _record(self, path: str) -> None:
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
        self._found.append(Span(path, name, "bytes", self._data[self._at : end], self._at, end))
        self._at = end

    def _varint(self, path: str, name: str) -> int:
        begin = self._at
        try:
            first = self._data[begin]
            value, self._at = (first >> 1) ^ -(first & 1), begin + 1
            if first >= 0x80:
                value, self._at = more_signed(self._data, first, begin + 1)
        except (Malformed, IndexError):
            raise WireError("no varint", path=path, at=begin) from None
        self._found.append(Span(path, name, "varint", value, begin, self._at))
        return value
