"""Frames: whole, byte by byte, with bytes after them, and no frames at all."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.wire.amqp.frames import (
    FRAME_OVERHEAD,
    HEARTBEAT,
    MIN_FRAME_SIZE,
    AmqpSyntaxError,
    Frame,
    FrameReader,
    frame,
)

FRAMES = (
    Frame(1, 0, b"\x00\x0a\x00\x33"),
    Frame(2, 7, b"\x00\x3c" + bytes(12)),
    Frame(3, 65_535, b"hello"),
    Frame(8, 0, b""),
    Frame(200, 1, b"unknown types are the connection's affair"),
)
STREAM = b"".join(frame(*one) for one in FRAMES)


def test_a_stream_is_cut_into_its_frames() -> None:
    assert FrameReader().feed(STREAM) == list(FRAMES)


def test_a_stream_may_come_byte_by_byte() -> None:
    reader = FrameReader()
    found = [one for byte in STREAM for one in reader.feed(bytes((byte,)))]
    assert found == list(FRAMES)


def test_what_follows_a_frame_waits_for_the_rest() -> None:
    reader = FrameReader()
    assert reader.feed(STREAM + HEARTBEAT[:3]) == list(FRAMES)
    assert reader.feed(HEARTBEAT[3:]) == [Frame(8, 0, b"")]


def test_the_largest_frame_is_the_negotiated_one() -> None:
    largest = frame(3, 1, bytes(MIN_FRAME_SIZE - FRAME_OVERHEAD))
    assert len(largest) == MIN_FRAME_SIZE
    assert len(FrameReader().feed(largest)) == 1


def test_a_larger_frame_is_refused_by_its_head() -> None:
    head = frame(3, 1, bytes(MIN_FRAME_SIZE - FRAME_OVERHEAD + 1))[:8]
    with pytest.raises(AmqpSyntaxError, match="4089 bytes is too large") as refusal:
        FrameReader().feed(head)
    assert refusal.value.code == 501


def test_a_wrong_end_octet_is_refused() -> None:
    with pytest.raises(AmqpSyntaxError, match="end octet 0x00") as refusal:
        FrameReader().feed(STREAM[:-1] + b"\x00")
    assert refusal.value.code == 501


@given(st.binary(max_size=200), st.lists(st.integers(1, 40), max_size=20))
def test_only_the_declared_error_escapes(data: bytes, cuts: list[int]) -> None:
    reader = FrameReader()
    with contextlib.suppress(AmqpSyntaxError):
        at = 0
        for cut in cuts:
            reader.feed(data[at : at + cut])
            at += cut
        reader.feed(data[at:])


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 65_535), st.binary(max_size=50))),
    st.data(),
)
def test_any_cut_of_a_stream_gives_the_same_frames(
    frames: list[tuple[int, int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(frame(*one) for one in frames)
    cut = data.draw(st.integers(0, len(stream)))
    reader = FrameReader()
    assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) == [Frame(*one) for one in frames]
