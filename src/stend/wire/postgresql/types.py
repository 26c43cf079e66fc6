"""Types of columns and parameters: their names, and values in their binary format.

Numbers of types are those of pg_type.dat; the binary formats are what each type's send function
writes (§54.1.4 only promises that they are big-endian).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

from stend.kit.fields import Value

NAMES: dict[int, str] = {
    16: "bool", 17: "bytea", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4",
    24: "regproc", 25: "text", 26: "oid", 27: "tid", 28: "xid", 114: "json", 142: "xml",
    600: "point", 650: "cidr", 700: "float4", 701: "float8", 705: "unknown", 790: "money",
    829: "macaddr", 869: "inet", 1000: "bool[]", 1001: "bytea[]", 1002: "char[]", 1003: "name[]",
    1005: "int2[]", 1007: "int4[]", 1009: "text[]", 1014: "bpchar[]", 1015: "varchar[]",
    1016: "int8[]", 1021: "float4[]", 1022: "float8[]", 1028: "oid[]", 1042: "bpchar",
    1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp", 1115: "timestamp[]",
    1182: "date[]", 1184: "timestamptz", 1185: "timestamptz[]", 1186: "interval",
    1231: "numeric[]", 1266: "timetz", 1560: "bit", 1562: "varbit", 1700: "numeric",
    2205: "regclass", 2249: "record", 2278: "void", 2950: "uuid", 2951: "uuid[]", 3220: "pg_lsn",
    3614: "tsvector", 3615: "tsquery", 3802: "jsonb", 3807: "jsonb[]", 3904: "int4range",
    3908: "tsrange", 3910: "tstzrange", 3912: "daterange", 3926: "int8range", 4072: "jsonpath",
}  # fmt: skip
ARRAYS = frozenset(oid for oid, name in NAMES.items() if name.endswith("[]"))
JSON, JSONB = 114, 3802

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NUMERIC = Struct(">HhHH")
_NUMERIC_SPECIAL = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}
_NEGATIVE = 0x4000
# More zeros than this tell nobody anything; eight bytes may ask for 131,072.
_ZEROS = 100
_INFINITE = {(1 << 63) - 1: "infinity", -(1 << 63): "-infinity"}
_INFINITE_DATE = {(1 << 31) - 1: "infinity", -(1 << 31): "-infinity"}


def type_name(oid: int) -> str:
    return NAMES.get(oid, f"oid {oid}")


def binary_value(oid: int, raw: bytes) -> Value:
    """
    Raises:
        ValueError: the bytes are no value of the type.
        KeyError: the type's binary format is not known here.
    """
    return _READERS[oid](raw)


def is_known(oid: int) -> bool:
    return oid in _READERS


def _integer(size: int, *, signed: bool = True) -> Callable[[bytes], Value]:
    def read(raw: bytes) -> Value:
        _demand(raw, size)
        return int.from_bytes(raw, "big", signed=signed)

    return read


def _demand(raw: bytes, size: int) -> None:
    if len(raw) != size:
        raise ValueError(f"{len(raw)} bytes, not {size}")


def _float(layout: Struct) -> Callable[[bytes], Value]:
    def read(raw: bytes) -> Value:
        _demand(raw, layout.size)
        value: float = layout.unpack(raw)[0]
        return value

    return read


def _bool(raw: bytes) -> Value:
    _demand(raw, 1)
    return raw[0] != 0


def _text(raw: bytes) -> Value:
    return raw.decode()


def _uuid(raw: bytes) -> Value:
    _demand(raw, 16)
    return str(UUID(bytes=raw))


def _date(raw: bytes) -> Value:
    _demand(raw, 4)
    days = int.from_bytes(raw, "big", signed=True)
    if days in _INFINITE_DATE:
        return _INFINITE_DATE[days]
    try:
        return (_EPOCH + timedelta(days)).date().isoformat()
    except OverflowError:
        # PostgreSQL has years up to 5,874,897; Python's end with 9999.
        return f"2000-01-01 {days:+d} d"


def _moment(suffix: str) -> Callable[[bytes], Value]:
    def read(raw: bytes) -> Value:
        _demand(raw, 8)
        microseconds = int.from_bytes(raw, "big", signed=True)
        if microseconds in _INFINITE:
            return _INFINITE[microseconds]
        try:
            moment = _EPOCH + timedelta(microseconds=microseconds)
        except OverflowError:
            return f"2000-01-01 {microseconds:+d} us"
        return moment.replace(tzinfo=None).isoformat(" ") + suffix

    return read


def _time(raw: bytes) -> Value:
    _demand(raw, 8)
    microseconds = int.from_bytes(raw, "big", signed=True)
    if not 0 <= microseconds <= 86_400_000_000:
        raise ValueError(f"{microseconds} microseconds are no time of a day")
    seconds, rest = divmod(microseconds, 1_000_000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{clock}.{rest:06d}" if rest else clock


def _interval(raw: bytes) -> Value:
    _demand(raw, 16)
    microseconds = int.from_bytes(raw[:8], "big", signed=True)
    days = int.from_bytes(raw[8:12], "big", signed=True)
    months = int.from_bytes(raw[12:], "big", signed=True)
    return f"{months} mon {days} d {microseconds} us"


def _numeric(raw: bytes) -> Value:
    """Digits to the base of 10,000, how many of them stand before the point, and the scale."""
    if len(raw) < _NUMERIC.size:
        raise ValueError(f"{len(raw)} bytes, not {_NUMERIC.size} or more")
    count, weight, sign, scale = _NUMERIC.unpack_from(raw)
    _demand(raw, _NUMERIC.size + 2 * count)
    if sign in _NUMERIC_SPECIAL:
        return _NUMERIC_SPECIAL[sign]
    digits = "".join(
        f"{int.from_bytes(raw[at : at + 2], 'big'):04d}" for at in range(8, len(raw), 2)
    )
    minus = "-" if sign == _NEGATIVE else ""
    before = (weight + 1) * 4
    if not -_ZEROS < before <= len(digits) + _ZEROS or scale > len(digits) + _ZEROS:
        return f"{minus}0.{digits or '0'}E{before:+d}"
    digits = digits.ljust(before, "0") if before >= 0 else "0" * -before + digits
    whole, fraction = digits[: max(before, 0)], digits[max(before, 0) :]
    fraction = fraction.ljust(scale, "0")[:scale]
    return minus + (whole.lstrip("0") or "0") + (f".{fraction}" if scale else "")


def _raw(raw: bytes) -> Value:
    return raw


_READERS: dict[int, Callable[[bytes], Value]] = {
    16: _bool,
    17: _raw,
    **dict.fromkeys((18, 19, 25, 114, 142, 705, 1042, 1043), _text),
    20: _integer(8),
    21: _integer(2),
    23: _integer(4),
    **dict.fromkeys((24, 26, 28, 2205), _integer(4, signed=False)),
    700: _float(Struct(">f")),
    701: _float(Struct(">d")),
    1082: _date,
    1083: _time,
    1114: _moment(""),
    1184: _moment("+00"),
    1186: _interval,
    1700: _numeric,
    2950: _uuid,
}
