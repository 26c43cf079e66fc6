"""Compression: every codec, both forms of snappy, and outputs that are too large."""

import contextlib
from random import Random

import cramjam
import pytest

from stend.wire.kafka.compression import XERIAL_MAGIC, Compression, compress, decompress
from stend.wire.kafka.errors import WireError

CODECS = pytest.mark.parametrize("codec", list(Compression)[1:], ids=lambda one: one.name)
_HEAD = XERIAL_MAGIC + bytes.fromhex("00000001 00000001")


@pytest.mark.parametrize("size", [0, 1, 1000, 32 * 1024, 32 * 1024 + 1, 300_000])
@CODECS
def test_what_is_compressed_comes_back(codec: Compression, size: int) -> None:
    for data in (bytes(size), Random(size).randbytes(size)):
        assert decompress(codec, compress(codec, data), size) == data
        assert decompress(codec, compress(codec, data), 10 * size + 10) == data


def test_nothing_is_done_without_a_codec() -> None:
    assert decompress(Compression.NONE, compress(Compression.NONE, b"abc"), 3) == b"abc"


@CODECS
def test_a_bomb_is_refused(codec: Compression) -> None:
    bomb = compress(codec, bytes(50_000_000))
    for most in (0, 1, 100_000, 49_999_999):
        with pytest.raises(WireError):
            decompress(codec, bomb, most)


@CODECS
def test_wrong_data_are_refused(codec: Compression) -> None:
    whole = compress(codec, Random(1).randbytes(2000) + bytes(2000))
    random = Random(2)
    for _ in range(300):
        data = bytearray(whole)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        with contextlib.suppress(WireError):
            assert len(decompress(codec, bytes(data), 5000)) <= 5000
    for wrong in (b"", whole[:-1], whole[:30], b"no such thing", whole[1:]):
        with pytest.raises(WireError):
            decompress(codec, wrong, 5000)


def test_blocks_of_lz4_depend_on_no_other() -> None:
    frame = compress(Compression.LZ4, bytes(range(256)) * 2000)
    # The flags of the frame's descriptor: clients in Java refuse dependent blocks.
    assert frame[4] & 0x20


def test_snappy_is_written_as_java_does_and_read_in_both_forms() -> None:
    data = b"snappy " * 10_000
    stream = compress(Compression.SNAPPY, data)
    assert stream.startswith(_HEAD)
    raw = bytes(cramjam.snappy.compress_raw(data))
    assert decompress(Compression.SNAPPY, raw, len(data)) == data
    assert decompress(Compression.SNAPPY, stream, len(data)) == data
    assert decompress(Compression.SNAPPY, _HEAD, 0) == b""


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ("0000", "the size of a block is cut off"),
        ("00000000", "a block of 0 bytes"),
        ("ffffffff", "a block of -1 bytes"),
        ("00000005 0161", "a block of 5 bytes, where 2 are left"),
        ("00000005 ffffffff0f", "4294967295 bytes of output, where 100 are the most"),
        ("00000003 050061", "snappy"),
    ],
)
def test_wrong_streams_of_snappy_are_refused(blocks: str, text: str) -> None:
    with pytest.raises(WireError, match=text):
        decompress(Compression.SNAPPY, _HEAD + bytes.fromhex(blocks), 100)


def test_blocks_of_snappy_are_bounded_together() -> None:
    piece = bytes(cramjam.snappy.compress_raw(bytes(60)))
    block = len(piece).to_bytes(4, "big") + piece
    assert len(decompress(Compression.SNAPPY, _HEAD + block, 100)) == 60
    with pytest.raises(WireError, match="60 bytes of output, where 40 are the most"):
        decompress(Compression.SNAPPY, _HEAD + block * 2, 100)
