"""Frames: whole, byte by byte, with bytes after them, and no frames at all."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.wire.kafka.errors import WireError
from stend.wire.kafka.frames import FrameReader, frame

FRAMES = (b"", b"a", b"hello", bytes(300), b"last")
STREAM = b"".join(frame(one) for one in FRAMES)


def test_a_frame_may_be_given_in_parts() -> None:
    assert frame(b"ab", b"", b"c") == b"\0\0\0\3abc"
    assert frame() == bytes(4)


def test_a_stream_is_cut_into_its_frames() -> None:
    assert FrameReader(300).feed(STREAM) == list(FRAMES)


def test_a_stream_may_come_byte_by_byte() -> None:
    reader = FrameReader(300)
    assert [one for byte in STREAM for one in reader.feed(bytes((byte,)))] == list(FRAMES)


def test_what_follows_a_frame_waits_for_the_rest() -> None:
    reader = FrameReader(300)
    more = frame(b"more")
    assert reader.feed(STREAM + more[:2]) == list(FRAMES)
    assert reader.feed(more[2:6]) == []
    assert reader.feed(more[6:]) == [b"more"]


@pytest.mark.parametrize("length", ["ffffffff", "80000000", "0000012d", "7fffffff", "47455420"])
def test_a_wrong_length_is_refused_by_its_head(length: str) -> None:
    """The last one is `GET `: somebody took the port for a web server."""
    reader = FrameReader(300)
    reader.feed(frame(b"one before"))
    with pytest.raises(WireError, match="300 are the most"):
        reader.feed(bytes.fromhex(length))


@given(st.lists(st.binary(max_size=50)), st.lists(st.integers(0, 60)))
def test_any_cut_of_a_stream_gives_the_same_frames(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(one) for one in frames)
    reader = FrameReader(50)
    found: list[bytes] = []
    at = 0
    for cut in cuts:
        found += reader.feed(stream[at : at + cut])
        at += cut
    assert found + reader.feed(stream[at:]) == frames


@given(st.lists(st.binary(max_size=12), max_size=20))
def test_only_the_declared_error_escapes(pieces: list[bytes]) -> None:
    reader = FrameReader(40)
    with contextlib.suppress(WireError):
        for piece in pieces:
            for one in reader.feed(piece):
                assert len(one) <= 40
