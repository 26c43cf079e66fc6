"""Content codings of HTTP (RFC 9110 §8.4) undone, within a bound."""

import zlib
from typing import NamedTuple

from stend.kit.languages import Text

# So much of the decoded bytes is shown.
MAX_BYTES = 1024 * 1024

# RFC 9659: nobody has to keep a larger window for the content coding zstd.
_ZSTD_WINDOW_LIMIT = 8 * 1024 * 1024
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_TOO_LONG = Text(
    ru=f"показано {MAX_BYTES} байт, дальше не распаковано",
    en=f"{MAX_BYTES} bytes are shown, the rest is not inflated",
)
_DAMAGED = Text(
    ru="сжатые данные повреждены или не окончены",
    en="the compressed data are damaged or not finished",
)
_DAMAGED_OR_LONG = Text(
    ru=f"сжатые данные повреждены или длиннее {MAX_BYTES} байт",
    en=f"the compressed data are damaged, or longer than {MAX_BYTES} bytes",
)


class Decoded(NamedTuple):
    """What a coding holds.

    Attributes:
        data: as much as could be decoded.
        why_not: why that is not all of it.
    """

    data: bytes
    why_not: Text | None = None


def decoded(coding: str, data: bytes) -> Decoded:
    """The bytes before `coding` was applied: `gzip`, `deflate`, `br`, `zstd`."""
    match coding:
        case "gzip" | "x-gzip":
            return _inflated(data, 16 + zlib.MAX_WBITS)
        case "deflate":
            # RFC 9110 §8.4.1.2: some send it without the zlib wrapping.
            wrapped = data[:1] and data[0] & 0x0F == 8
            return _inflated(data, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        case "br" | "zstd":
            return _into_buffer(coding, data)
        case _:
            return Decoded(
                b"",
                Text(ru="кодирование содержимого неизвестно", en="the content coding is unknown"),
            )


def _inflated(data: bytes, window: int) -> Decoded:
    inflater = zlib.decompressobj(window)
    try:
        told = inflater.decompress(data, MAX_BYTES)
    except zlib.error:
        return Decoded(b"", _DAMAGED)
    if inflater.eof:
        return Decoded(told)
    return Decoded(told, _TOO_LONG if len(told) >= MAX_BYTES else _DAMAGED)


def _into_buffer(coding: str, data: bytes) -> Decoded:
    import cramjam

    if coding == "zstd" and _zstd_window(data) > _ZSTD_WINDOW_LIMIT:
        why = Text(
            ru=f"окно zstd больше {_ZSTD_WINDOW_LIMIT} байт",
            en=f"the window of zstd is larger than {_ZSTD_WINDOW_LIMIT} bytes",
        )
        return Decoded(b"", why)
    codec = cramjam.zstd if coding == "zstd" else cramjam.brotli
    room = bytearray(MAX_BYTES)
    try:
        size = codec.decompress_into(data, room)
    except cramjam.DecompressionError:
        return Decoded(b"", _DAMAGED_OR_LONG)
    return Decoded(bytes(room[:size]))


def _zstd_window(data: bytes) -> int:
    """The window that a frame asks for, in bytes (RFC 8878 §3.1.1.1)."""
    if data[:4] != _ZSTD_MAGIC or len(data) < 6:
        return 0
    if data[4] & 0x20:
        # A single segment: the content is its own window.
        width = (1, 2, 4, 8)[data[4] >> 6]
        at = 5 + (0, 1, 2, 4)[data[4] & 3]
        return int.from_bytes(data[at : at + width], "little")
    exponent, mantissa = data[5] >> 3, data[5] & 7
    return int((1 << (10 + exponent)) * (1 + mantissa / 8))
