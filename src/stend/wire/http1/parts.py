"""Cuts the body of a message that is not waited for: a stream, or a long one."""

import re
from functools import partial
from typing import NamedTuple

from stend.kit.languages import Text
from stend.wire.decoding import Half, Read
from stend.wire.http1.framing import Body, chunk_line, demand_line_break, trailers_end
from stend.wire.http1.messages import EVENTS, STREAMS, Message
from stend.wire.http1.trees import PartOf, chunk_fields, chunk_rest_fields, part_fields

# A longer message goes out in parts, each of at most so many bytes.
PART_BYTES = 1024 * 1024

_EVENT_ENDS = re.compile(rb"\n\r?\n|\r\r")

_PART_OF_MORE = Text(
    ru="часть длинного тела: смысл имеет только целое",
    en="a part of a long body: only the whole has a sense",
)
_COMPRESSED = Text(
    ru="сжато одним потоком на всё тело: кусок отдельно не распаковать",
    en="compressed as one stream over the whole body: a piece of it cannot be inflated",
)


class Part(NamedTuple):
    """A piece of a body that becomes a unit.

    Attributes:
        inside: bytes of the content in it, without those of chunks.
        is_last: the message ends with it.
    """

    name: str
    size: int
    read: Read
    inside: bytes
    is_last: bool


def next_part(half: Half, message: Message) -> Part | None:
    """The part that begins at `half.at`; None until more bytes have come.

    Raises:
        Undecodable: the body is not chunked as it should be.
    """
    body = message.framing.body
    if body is Body.CHUNKED:
        return _rest_of_chunk(half, message) if message.chunk_left else _chunk(half, message)
    if body is Body.UNTIL_CLOSE and message.media_type == EVENTS:
        return _event(half, message)
    size = min(PART_BYTES, message.left) if body is Body.LENGTH else PART_BYTES
    if half.rest < size:
        half.wanted = size
        return None
    message.left -= size
    return plain_part(half, message, size, is_last=body is Body.LENGTH and message.left == 0)


def plain_part(half: Half, message: Message, size: int, *, is_last: bool) -> Part:
    """A part that stands on the wire as it is."""
    inside = half.take(size)
    read = partial(part_fields, part=_part_of(message, inside, is_whole=True))
    _note_line(message, inside)
    return Part("body part", size, read, inside, is_last)


def _event(half: Half, message: Message) -> Part | None:
    """An event of a stream that ends with the connection."""
    begin = half.at + max(0, message.searched - 3)
    found = _EVENT_ENDS.search(half.data, begin, half.at + PART_BYTES)
    if found is None and half.rest < PART_BYTES:
        message.searched = half.rest
        return None
    message.searched = 0
    size = PART_BYTES if found is None else found.end() - half.at
    return plain_part(half, message, size, is_last=False)


def _chunk(half: Half, message: Message) -> Part | None:
    line = chunk_line(half.data, half.at)
    if line is None:
        return None
    if line.size == 0:
        return _last_chunk(half, message, line.end)
    before = line.end - half.at
    shown = min(line.size, PART_BYTES)
    is_whole = shown == line.size
    size = before + shown + (2 if is_whole else 0)
    if half.rest < size:
        half.wanted = size
        return None
    if is_whole:
        demand_line_break(half.data, half.at + size - 2)
    message.chunk_left = line.size - shown
    inside = half.take(before + shown)[before:]
    read = partial(chunk_fields, part=_part_of(message, inside, is_whole=is_whole))
    _note_line(message, inside)
    return Part("chunk", size, read, inside, is_last=False)


def _last_chunk(half: Half, message: Message, trailers: int) -> Part | None:
    end = trailers_end(half.data, trailers, message.searched)
    if end is None:
        message.searched = len(half.data) - trailers
        return None
    message.searched = 0
    read = partial(chunk_fields, part=_part_of(message, b"", is_whole=True))
    return Part("last-chunk", end - half.at, read, b"", is_last=True)


def _rest_of_chunk(half: Half, message: Message) -> Part | None:
    shown = min(message.chunk_left, PART_BYTES)
    ends = shown == message.chunk_left
    size = shown + (2 if ends else 0)
    if half.rest < size:
        half.wanted = size
        return None
    if ends:
        demand_line_break(half.data, half.at + shown)
    message.chunk_left -= shown
    read = partial(chunk_rest_fields, ends=ends, why_not=_PART_OF_MORE)
    return Part("body part", size, read, b"", is_last=False)


def _part_of(message: Message, inside: bytes, *, is_whole: bool) -> PartOf:
    why_not = None if is_whole and message.media_type in STREAMS else _PART_OF_MORE
    if message.codings.lower() not in ("", "identity"):
        why_not = _COMPRESSED
    # A CRLF may be torn apart between two chunks.
    torn = message.after_cr and inside[:1] == b"\n"
    return PartOf(message.media_type, why_not, message.in_line or torn)


def _note_line(message: Message, inside: bytes) -> None:
    is_event = message.media_type == EVENTS
    message.in_line = is_event and inside[-1:] not in (b"\n", b"\r")
    message.after_cr = is_event and inside[-1:] == b"\r"
