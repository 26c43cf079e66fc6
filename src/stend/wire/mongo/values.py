"""How BSON's values are shown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import Struct
from uuid import UUID

from stend.kit.fields import Value
from stend.wire.mongo.frames import OpCode
from stend.wire.mongo.messages import CHECKSUM_PRESENT, EXHAUST_ALLOWED, MORE_TO_COME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALVES = Struct("<QQ")
_DECIMAL_BIAS = 6176
_LONGEST_COEFFICIENT = 10**34
_UUID_SUBTYPES = (3, 4)
_FLAGS = {
    CHECKSUM_PRESENT: "checksumPresent",
    MORE_TO_COME: "moreToCome",
    EXHAUST_ALLOWED: "exhaustAllowed",
}
_QUERY_FLAGS = {
    1 << 1: "TailableCursor",
    1 << 2: "SlaveOk",
    1 << 3: "OplogReplay",
    1 << 4: "NoCursorTimeout",
    1 << 5: "AwaitData",
    1 << 6: "Exhaust",
    1 << 7: "Partial",
}
_REPLY_FLAGS = {
    1 << 0: "CursorNotFound",
    1 << 1: "QueryFailure",
    1 << 2: "ShardConfigStale",
    1 << 3: "AwaitCapable",
}
_COMPRESSORS = {0: "noop", 1: "snappy", 2: "zlib", 3: "zstd"}
_SUBTYPES = {
    0: "generic",
    1: "function",
    2: "binary (old)",
    3: "UUID (old)",
    4: "UUID",
    5: "MD5",
    6: "encrypted",
    7: "compressed column",
    8: "sensitive",
    9: "vector",
}
OP_CODES = {int(one): one.name for one in OpCode}


def number(name: str, value: int) -> Value:
    """A number of a header, with the name that it stands for."""
    match name:
        case "opCode" | "originalOpcode":
            return _named(value, OP_CODES)
        case "flagBits":
            return _bits(value, _FLAGS)
        case "flags":
            return _bits(value, _QUERY_FLAGS)
        case "responseFlags":
            return _bits(value, _REPLY_FLAGS)
        case "compressorId":
            return _named(value, _COMPRESSORS)
        case "subtype":
            return _named(value, _SUBTYPES)
        case "checksum":
            return f"{value:#010x}"
    return value


def object_id(raw: bytes) -> str:
    """Its first four bytes are when it was made."""
    seconds = int.from_bytes(raw[:4], "big")
    return f"{raw.hex()} ({_moment(seconds * 1000)})"


def date(milliseconds: int) -> Value:
    return _moment(milliseconds) or milliseconds


def timestamp(value: int) -> str:
    """Seconds and a counter within the second."""
    return f"{value >> 32}:{value & 0xFFFFFFFF}"


def binary(subtype: int, raw: bytes) -> Value:
    if subtype in _UUID_SUBTYPES and len(raw) == 16:
        return str(UUID(bytes=raw))
    return raw


def decimal128(raw: bytes) -> str:
    """IEEE 754-2008 decimal128, in its binary form."""
    low, high = _HALVES.unpack(raw)
    sign = high >> 63
    if (high >> 58 & 0x1F) == 0x1F:
        return "NaN"
    if (high >> 58 & 0x1F) == 0x1E:
        return "-Infinity" if sign else "Infinity"
    if (high >> 61 & 3) == 3:
        # Such a coefficient is larger than the form allows: the number is zero.
        exponent, coefficient = (high >> 47 & 0x3FFF), 0
    else:
        exponent, coefficient = (high >> 49 & 0x3FFF), (high & (1 << 49) - 1) << 64 | low
    if coefficient >= _LONGEST_COEFFICIENT:
        coefficient = 0
    digits = tuple(map(int, str(coefficient)))
    return str(Decimal((sign, digits, exponent - _DECIMAL_BIAS)))


def _named(value: int, names: dict[int, str]) -> Value:
    return f"{value} {names[value]}" if value in names else value


def _bits(value: int, names: dict[int, str]) -> str:
    """The bits that are set by their names; strangers by their numbers."""
    found = [names.get(1 << bit, f"bit {bit}") for bit in range(32) if value >> bit & 1]
    return f"{value:#010x} {', '.join(found)}".strip()


def _moment(milliseconds: int) -> str:
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
