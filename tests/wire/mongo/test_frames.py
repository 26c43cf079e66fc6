"""Streams of MongoDB messages are cut right, however they arrive."""

import struct

import pytest

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import FrameReader, Header, OpCode, framed, read_header

_MESSAGES = [
    framed(OpCode.OP_MSG, 1, 0, b"abc"),
    framed(OpCode.OP_MSG, 2, 0),
    framed(OpCode.OP_QUERY, 3, 7, b"x" * 500),
]


@pytest.mark.parametrize("step", [1, 3, 15, 16, 17, 10_000])
def test_pieces_of_any_size_make_the_same_messages(step: int) -> None:
    data = b"".join(_MESSAGES)
    reader = FrameReader()
    found = [one for at in range(0, len(data), step) for one in reader.feed(data[at : at + step])]
    assert found == _MESSAGES


@pytest.mark.parametrize("length", [0, 15, -1, -(2**31), 48_000_001, 2**31 - 1])
def test_a_length_that_no_message_has(length: int) -> None:
    with pytest.raises(WireError, match="a message of"):
        FrameReader().feed(struct.pack("<i", length) + bytes(20))


def test_header() -> None:
    assert read_header(_MESSAGES[2]) == Header(516, 3, 7, OpCode.OP_QUERY)
    with pytest.raises(WireError, match="where a header has 16"):
        read_header(b"123")
