"""Compression of record batches, with an output that is bounded.

cramjam has all the codecs. It is imported when something is compressed: most batches are never
looked into.
"""

from collections.abc import Callable
from enum import IntEnum
from struct import Struct
from types import ModuleType

from stend.wire.kafka.errors import WireError

# snappy-java's stream, which Java's clients write: magic, version, oldest version that reads it,
# then blocks, each a size and a raw piece.
XERIAL_MAGIC = b"\x82SNAPPY\x00"
_XERIAL_HEAD = XERIAL_MAGIC + b"\x00\x00\x00\x01\x00\x00\x00\x01"
_XERIAL_BLOCK = 32 * 1024
_SIZE = Struct(">i")
# The output is tried to be this large at first, then larger: its size is not told beforehand.
_FIRST_OUTPUT = 64 * 1024
_FIRST_RATIO = 4


class Compression(IntEnum):
    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


def compress(compression: Compression, data: bytes) -> bytes:
    """Snappy becomes snappy-java's stream, which every client reads."""
    if compression is Compression.NONE:
        return data
    if compression is Compression.SNAPPY:
        return _snappy_stream(data)
    if compression is Compression.LZ4:
        # Kafka's clients in Java read no frames whose blocks depend on each other.
        independent = _module(compression).Compressor(block_linked=False)
        independent.compress(data)
        return bytes(independent.finish())
    return bytes(_module(compression).compress(data))


def decompress(compression: Compression, data: bytes, max_bytes: int) -> bytes:
    """
    Args:
        max_bytes: of the output.

    Raises:
        WireError: the data are not compressed like that, or their output is larger.
    """
    if compression is Compression.NONE:
        return data
    if compression is Compression.SNAPPY:
        return _read_snappy(data, max_bytes)
    module = _module(compression)
    size = min(max_bytes, max(_FIRST_OUTPUT, _FIRST_RATIO * len(data)))
    while True:
        try:
            return _into(module.decompress_into, data, size)
        except _cramjam().DecompressionError as error:
            if size >= max_bytes:
                raise WireError(
                    f"{compression.name.lower()} of {len(data)} bytes does not become "
                    f"{max_bytes} bytes or fewer: {error}"
                ) from None
        size = min(max_bytes, _FIRST_RATIO * size)


def _snappy_stream(data: bytes) -> bytes:
    module = _module(Compression.SNAPPY)
    parts = [_XERIAL_HEAD]
    for at in range(0, len(data), _XERIAL_BLOCK):
        piece = bytes(module.compress_raw(data[at : at + _XERIAL_BLOCK]))
        parts += (_SIZE.pack(len(piece)), piece)
    return b"".join(parts)


def _read_snappy(data: bytes, max_bytes: int) -> bytes:
    """Both forms are around: librdkafka writes a raw piece without a stream."""
    if not data.startswith(XERIAL_MAGIC):
        return _raw_snappy(data, max_bytes)
    parts: list[bytes] = []
    at, left = len(_XERIAL_HEAD), max_bytes
    while at < len(data):
        if len(data) - at < _SIZE.size:
            raise WireError("snappy: the size of a block is cut off")
        (size,) = _SIZE.unpack_from(data, at)
        at += _SIZE.size
        if not 0 < size <= len(data) - at:
            raise WireError(f"snappy: a block of {size} bytes, where {len(data) - at} are left")
        parts.append(_raw_snappy(data[at : at + size], left))
        left -= len(parts[-1])
        at += size
    return b"".join(parts)


def _raw_snappy(data: bytes, max_bytes: int) -> bytes:
    module = _module(Compression.SNAPPY)
    try:
        size = module.decompress_raw_len(data)
        if size > max_bytes:
            raise WireError(f"snappy: {size} bytes of output, where {max_bytes} are the most")
        return _into(module.decompress_raw_into, data, size)
    except _cramjam().DecompressionError as error:
        raise WireError(str(error)) from None


def _into(function: Callable[[bytes, bytearray], int], data: bytes, size: int) -> bytes:
    output = bytearray(size)
    return bytes(memoryview(output)[: function(data, output)])


def _module(compression: Compression) -> ModuleType:
    found: ModuleType = getattr(_cramjam(), compression.name.lower())
    return found


def _cramjam() -> ModuleType:
    import cramjam  # noqa: PLC0415 - see above

    return cramjam
