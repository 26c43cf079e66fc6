"""Values as mongod writes them into its messages and into the bounds of an explain."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson import Timestamp as BsonTimestamp

from stend.engines.mongo.query.values import MISSING, UNDEFINED, flags_of, millis_of


def rendered(value: Any) -> str:
    """One line, such as `{ a: 1, b: "x" }`."""
    if value is MISSING or value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    for known, render in _RENDERINGS.items():
        if isinstance(value, known):
            return render(value)
    raise TypeError(f"not a value of BSON: {value!r}")


def _float(value: float) -> str:
    # mongod writes at most 16 digits, and `.0` where no point is: also `inf.0`.
    text = f"{value:.16g}"
    return text if "." in text or "e" in text else f"{text}.0"


def _object(value: Mapping[str, Any]) -> str:
    inner = ", ".join(f"{name}: {rendered(item)}" for name, item in value.items())
    return f"{{ {inner} }}" if inner else "{}"


def _array(value: list[Any]) -> str:
    inner = ", ".join(map(rendered, value))
    return f"[ {inner} ]" if inner else "[]"


def _string(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _binary(value: bytes) -> str:
    subtype = value.subtype if isinstance(value, Binary) else 0
    return f"BinData({subtype}, {bytes(value).hex().upper()})"


# The order matters: a bool is an int, a Code is a str, a Binary is bytes.
_RENDERINGS: Final[Mapping[type, Callable[[Any], str]]] = {
    bool: lambda value: str(value).lower(),
    Int64: lambda value: str(int(value)),
    int: str,
    float: _float,
    Decimal128: lambda value: f'NumberDecimal("{value}")',
    Code: str,
    str: _string,
    Mapping: _object,
    list: _array,
    tuple: lambda value: _array(list(value)),
    ObjectId: lambda value: f"ObjectId('{value}')",
    datetime: lambda value: f"new Date({millis_of(value)})",
    DatetimeMS: lambda value: f"new Date({int(value)})",
    BsonTimestamp: lambda value: f"Timestamp({value.time}, {value.inc})",
    Binary: _binary,
    bytes: _binary,
    Regex: lambda value: f"/{value.pattern}/{flags_of(value)}",
    MinKey: lambda _: "MinKey",
    MaxKey: lambda _: "MaxKey",
}
