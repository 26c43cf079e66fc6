"""What an OP_COMPRESSED holds, with an output that is bounded."""

import zlib
from types import ModuleType

from stend.wire.mongo.errors import WireError

MAX_OUTPUT_BYTES = 8 * 1024 * 1024
_NOOP, _SNAPPY, _ZLIB, _ZSTD = range(4)


def unpacked(compressor: int, data: bytes, size: int) -> bytes:
    """
    Args:
        size: of the output, as the message tells it.

    Raises:
        WireError: the output is of another size or larger than the bound, or the data are damaged.
    """
    if not 0 <= size <= MAX_OUTPUT_BYTES:
        raise WireError(f"{size} bytes of content, where {MAX_OUTPUT_BYTES} are the most")
    if compressor == _NOOP:
        plain = data
    elif compressor == _ZLIB:
        plain = _inflated(data, size)
    elif compressor in (_SNAPPY, _ZSTD):
        plain = _by_cramjam(compressor, data, size)
    else:
        raise WireError(f"compressor {compressor}")
    if len(plain) != size:
        raise WireError(f"{len(plain)} bytes of content, told are {size}")
    return plain


def _inflated(data: bytes, size: int) -> bytes:
    try:
        # One byte more than told shows that there are more, without making them all.
        return zlib.decompressobj().decompress(data, size + 1)
    except zlib.error as error:
        raise WireError(f"zlib: {error}") from None


def _by_cramjam(compressor: int, data: bytes, size: int) -> bytes:
    module = _cramjam()
    output = bytearray(size)
    try:
        if compressor == _ZSTD:
            written = module.zstd.decompress_into(data, output)
        elif module.snappy.decompress_raw_len(data) == size:
            written = module.snappy.decompress_raw_into(data, output)
        else:
            raise WireError("snappy: another size than told")
    except module.DecompressionError as error:
        raise WireError(str(error)) from None
    return bytes(memoryview(output)[:written])


def _cramjam() -> ModuleType:
    # Hardly a driver compresses with it.
    import cramjam  # noqa: PLC0415

    return cramjam
