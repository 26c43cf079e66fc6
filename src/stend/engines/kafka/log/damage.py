"""What a crash leaves behind, and what it cannot have been. Pure."""

from struct import Struct

from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import check_crc, read_batch_header

_LENGTH = Struct(">8xi")
_HEAD_BYTES = _LENGTH.size
_MAGIC_AT = 16
_MAGIC = b"\x02"
_LEAST_BATCH_BYTES = 61
_SECTOR_BYTES = 512


class DamagedLogError(Exception):
    """A file holds something else than was written to it.

    Attributes:
        position: the first byte of what cannot be trusted.
    """

    def __init__(self, name: str, position: int, what: str) -> None:
        super().__init__(
            f"{name} is damaged at byte {position}: {what}. Restore the folder of this partition "
            "from a copy, or remove it to begin anew without its records."
        )
        self.name = name
        self.position = position


def is_torn(rest: bytes, position: int) -> bool:
    """Whether what begins there was never written whole, and so promised to nobody.

    A kill leaves the beginning of a batch. A power loss may leave sectors of zeros, or the tail of
    the file as zeros. A batch that is all there with another content was changed by somebody else,
    and so was the length of one that is followed by others.

    Args:
        rest: the file from the bad batch on.
        position: of that in the file.
    """
    if len(rest) < _HEAD_BYTES or not any(rest[:_HEAD_BYTES]):
        return True
    end = _HEAD_BYTES + _LENGTH.unpack_from(rest)[0]
    first = -position % _SECTOR_BYTES
    sectors = range(first, min(end, len(rest)), _SECTOR_BYTES)
    if any(not any(rest[sector : sector + _SECTOR_BYTES]) for sector in sectors):
        return True
    return end > len(rest) and not _has_batch(rest)


def _has_batch(rest: bytes) -> bool:
    """Whether a whole batch stands somewhere behind the first one."""
    at = rest.find(_MAGIC, _MAGIC_AT + 1)
    while at >= 0:
        begin = at - _MAGIC_AT
        size = _HEAD_BYTES + _LENGTH.unpack_from(rest, begin)[0]
        if _LEAST_BATCH_BYTES <= size <= len(rest) - begin and _is_batch(rest, begin):
            return True
        at = rest.find(_MAGIC, at + 1)
    return False


def _is_batch(data: bytes, at: int) -> bool:
    try:
        check_crc(data, at, read_batch_header(data, at))
    except WireError:
        return False
    return True
