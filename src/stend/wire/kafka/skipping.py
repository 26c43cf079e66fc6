"""Tagged fields of which nothing is known: walked over (KIP-482)."""

from stend.wire.kafka.errors import WireError
from stend.wire.kafka.varints import Malformed, more


def skip_tags(data: bytes, at: int) -> int:
    """Where the tagged fields end.

    Raises:
        WireError: they are cut off, or out of order.
    """
    begin, before = at, -1
    try:
        count, at = _unsigned(data, at)
        for _ in range(count):
            tag, at = _unsigned(data, at)
            size, at = _unsigned(data, at)
            at += size
            if tag <= before or at > len(data):
                raise Malformed
            before = tag
    except (Malformed, IndexError):
        raise WireError("tagged fields that are cut off or out of order", at=begin) from None
    return at


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    return (first, at + 1) if first < 0x80 else more(data, first, at + 1)
