"""Values of BSON as Python has them: their types, how MongoDB orders them, when two are equal.

A document is a dict that `decode` made: an int64 is an `Int64`, an int32 an `int`, a
date a `DatetimeMS`, which loses nothing, binary data of subtype 0 `bytes`. Code that makes values
keeps to that, and may also give a datetime with a time zone or a plain int of any size in 64 bits.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, TypeGuard

import bson
from bson import (
    Binary,
    Code,
    CodecOptions,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.binary import UuidRepresentation
from bson.codec_options import DatetimeConversion
from bson.errors import InvalidBSON

CODEC: Final[CodecOptions[dict[str, Any]]] = CodecOptions(
    document_class=dict,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
)


class _Sentinel:
    """A value that no document holds, known by its identity."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __copy__(self) -> "_Sentinel":
        return self

    def __deepcopy__(self, memo: object) -> "_Sentinel":
        return self


# The value of a field that is not there.
MISSING: Final = _Sentinel("MISSING")

# What stands for an empty array in a key of an index or a sort: below null.
UNDEFINED: Final = _Sentinel("UNDEFINED")

INT32_MIN: Final = -(2**31)
INT32_MAX: Final = 2**31 - 1
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

# The numbers that BSON and `$type` give to types, and MongoDB's names of them.
ALIASES: Final[Mapping[str, int]] = {
    "double": 1,
    "string": 2,
    "object": 3,
    "array": 4,
    "binData": 5,
    "undefined": 6,
    "objectId": 7,
    "bool": 8,
    "date": 9,
    "null": 10,
    "regex": 11,
    "dbPointer": 12,
    "javascript": 13,
    "symbol": 14,
    "javascriptWithScope": 15,
    "int": 16,
    "timestamp": 17,
    "long": 18,
    "decimal": 19,
    "minKey": -1,
    "maxKey": 127,
}
_NAMES: Final[Mapping[int, str]] = {number: name for name, number in ALIASES.items()}

MISSING_TYPE: Final = 0

_TYPES: Final[dict[type, int]] = {
    float: 1,
    str: 2,
    dict: 3,
    list: 4,
    tuple: 4,
    bytes: 5,
    Binary: 5,
    ObjectId: 7,
    bool: 8,
    datetime: 9,
    DatetimeMS: 9,
    type(None): 10,
    Regex: 11,
    Timestamp: 17,
    Int64: 18,
    Decimal128: 19,
    MinKey: -1,
    MaxKey: 127,
}

NUMERIC_TYPES: Final = frozenset({1, 16, 18, 19})


# Without the head of a document with one field without a name, and without its end.
_ENVELOPE: Final = slice(6, -1)


def decode(data: bytes | memoryview) -> dict[str, Any]:
    """The document that these bytes of BSON are.

    Raises:
        bson.errors.InvalidBSON: they are none.
    """
    document = bson.decode(data, CODEC)
    return document if b"\x02$ref\0" not in bytes(data) else _without_references(document)


def received(data: bytes | memoryview) -> dict[str, Any]:
    """The document that a client sent, where Python has it as it is.

    Raises:
        bson.errors.InvalidBSON: these bytes are no document, or something of it would be lost.
    """
    document = decode(data)
    # Within another one, for at the top `_id` is put first.
    if encode({"": document})[_ENVELOPE] != bytes(data):
        raise InvalidBSON(
            "this server does not keep symbol, undefined and dbPointer, a field that is there "
            "twice, {$ref, $id, $db} in another order, unknown options of a regular expression, "
            "and arrays whose keys are not 0, 1, 2 and so on"
        )
    return document


def encode(document: Mapping[str, Any]) -> bytes:
    """The bytes of a document."""
    return bson.encode(document, codec_options=CODEC)


def _without_references(value: Any) -> Any:
    # bson makes an object of its own of {$ref, $id}; to a server those are fields as any other.
    if isinstance(value, DBRef):
        value = value.as_doc()
    if isinstance(value, Mapping):
        return {name: _without_references(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item) for item in value]
    return value


def bson_type(value: Any) -> int:
    """The number of the type of a value as `$type` counts: 16 for an int32, 0 for MISSING."""
    number = _TYPES.get(type(value))
    return number if number is not None else _uncommon_type(value)


def _uncommon_type(value: Any) -> int:
    if isinstance(value, Code):
        return 13 if value.scope is None else 15
    if isinstance(value, int):
        return 16 if INT32_MIN <= value <= INT32_MAX else 18
    if value is MISSING:
        return MISSING_TYPE
    if value is UNDEFINED:
        return 6
    for known, number in _TYPES.items():
        if isinstance(value, known):
            return number
    if isinstance(value, Mapping):
        return 3
    raise TypeError(f"not a value of BSON: {value!r}")


def type_alias(value: Any) -> str:
    """The name of the type of a value: `int` for an int32, `missing` for MISSING."""
    number = bson_type(value)
    return "missing" if number == MISSING_TYPE else _NAMES[number]


def alias_of(number: int) -> str:
    """The name of a type by its number, as of 16 `int`."""
    return _NAMES[number]


def is_number(value: Any) -> bool:
    """Whether it is an int32, an int64, a double or a decimal."""
    return bson_type(value) in NUMERIC_TYPES


def is_string(value: Any) -> TypeGuard[str]:
    """Whether it is a string; the code of a function, which Python has as one too, is none."""
    return isinstance(value, str) and not isinstance(value, Code)


def is_nan(value: Any) -> bool:
    """Whether it is the NaN of a double or of a decimal."""
    if isinstance(value, float):
        return value != value
    return isinstance(value, Decimal128) and value.to_decimal().is_nan()


def millis_of(value: datetime | DatetimeMS) -> int:
    """The milliseconds since 1970 of a date."""
    return int(value if isinstance(value, DatetimeMS) else DatetimeMS(value))


def exact(value: Any) -> int | float | Decimal:
    """A number as Python compares it exactly with others of any numeric type."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    number: int | float = value
    return number


def decimal_of_double(value: float) -> Decimal:
    """A double as Decimal128 arithmetic takes it: rounded to 15 significant digits."""
    number = Decimal(value)
    if not number.is_finite() or number.is_zero():
        return number
    rounded = _with_digits(number, 15)
    # Of 9.99…, one digit more has come in front.
    return rounded if len(rounded.as_tuple().digits) == 15 else _with_digits(number, 14)


def _with_digits(number: Decimal, count: int) -> Decimal:
    quantum = Decimal((0, (1,), number.adjusted() - count + 1))
    return number.quantize(quantum, ROUND_HALF_EVEN)


# The classes of values in MongoDB's order. A number that is not a number is below all that are.
_CLASS_MIN_KEY: Final = -1
_CLASS_UNDEFINED: Final = 0
_CLASS_NULL: Final = 5
_CLASS_NAN: Final = 9
_CLASS_NUMBER: Final = 10
_CLASS_STRING: Final = 15
_CLASS_OBJECT: Final = 20
_CLASS_ARRAY: Final = 25
_CLASS_BINARY: Final = 30
_CLASS_OBJECT_ID: Final = 35
_CLASS_BOOLEAN: Final = 40
_CLASS_DATE: Final = 45
_CLASS_TIMESTAMP: Final = 47
_CLASS_REGEX: Final = 50
_CLASS_CODE: Final = 60
_CLASS_CODE_WITH_SCOPE: Final = 65
_CLASS_MAX_KEY: Final = 127

OrderKey = tuple[Any, ...]


def _key_of_float(value: float) -> OrderKey:
    return (_CLASS_NUMBER, value) if value == value else (_CLASS_NAN,)


def _key_of_decimal(value: Decimal128) -> OrderKey:
    number = value.to_decimal()
    return (_CLASS_NAN,) if number.is_nan() else (_CLASS_NUMBER, number)


def _key_of_object(value: Mapping[str, Any]) -> OrderKey:
    # Objects are compared field by field: by type, then by name, then by value.
    fields = []
    for name, item in value.items():
        key = order_key(item)
        # Of the type of all numbers here: being shorter, it is below those of the same name.
        kind = _CLASS_NUMBER if key[0] == _CLASS_NAN else key[0]
        fields.append((kind, name, *key[1:]))
    return (_CLASS_OBJECT, tuple(fields))


def _key_of_binary(value: bytes) -> OrderKey:
    subtype = value.subtype if isinstance(value, Binary) else 0
    return (_CLASS_BINARY, len(value), subtype, bytes(value))


def _key_of_code(value: Code) -> OrderKey:
    if value.scope is None:
        return (_CLASS_CODE, str(value))
    return (_CLASS_CODE_WITH_SCOPE, str(value), _key_of_object(value.scope))


_KEYS: Final[dict[type, Callable[[Any], OrderKey]]] = {
    int: lambda value: (_CLASS_NUMBER, value),
    Int64: lambda value: (_CLASS_NUMBER, int(value)),
    float: _key_of_float,
    Decimal128: _key_of_decimal,
    str: lambda value: (_CLASS_STRING, value),
    type(None): lambda _: (_CLASS_NULL,),
    bool: lambda value: (_CLASS_BOOLEAN, value),
    dict: _key_of_object,
    list: lambda value: (_CLASS_ARRAY, tuple([order_key(item) for item in value])),
    bytes: _key_of_binary,
    Binary: _key_of_binary,
    ObjectId: lambda value: (_CLASS_OBJECT_ID, value.binary),
    datetime: lambda value: (_CLASS_DATE, millis_of(value)),
    DatetimeMS: lambda value: (_CLASS_DATE, int(value)),
    Timestamp: lambda value: (_CLASS_TIMESTAMP, value.time, value.inc),
    Regex: lambda value: (_CLASS_REGEX, value.pattern, flags_of(value)),
    Code: _key_of_code,
    MinKey: lambda _: (_CLASS_MIN_KEY,),
    MaxKey: lambda _: (_CLASS_MAX_KEY,),
    _Sentinel: lambda value: (_CLASS_NULL if value is MISSING else _CLASS_UNDEFINED,),
}


def order_key(value: Any) -> OrderKey:
    """What orders values as MongoDB does and is equal where they are; it can be hashed.

    In a sort and in an index a missing field is a null, so MISSING has the key of null.
    """
    make = _KEYS.get(type(value))
    return make(value) if make is not None else _uncommon_key(value)


def _uncommon_key(value: Any) -> OrderKey:
    for known, make in _KEYS.items():
        if isinstance(value, known):
            return make(value)
    if isinstance(value, Mapping):
        return _key_of_object(value)
    if isinstance(value, tuple):
        return order_key(list(value))
    raise TypeError(f"not a value of BSON: {value!r}")


def order_class(value: Any) -> int:
    """The place of a value's type in the order; comparisons of a filter never leave it."""
    kind: int = order_key(value)[0]
    return _CLASS_NUMBER if kind == _CLASS_NAN else kind


_FLAGS: Final = ((2, "i"), (4, "l"), (8, "m"), (16, "s"), (32, "u"), (64, "x"))


def flags_of(value: "Regex[Any]") -> str:
    """The options of a regular expression as BSON writes them, such as `im`."""
    return "".join(letter for bit, letter in _FLAGS if value.flags & bit)


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1 in MongoDB's order; MISSING is below null, as in the expressions of a pipeline."""
    if left is MISSING or right is MISSING:
        return (left is not MISSING) - (right is not MISSING)
    first, second = order_key(left), order_key(right)
    return (first > second) - (first < second)


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same to MongoDB: 1 and 1.0 are, null and MISSING are not."""
    if left is MISSING or right is MISSING:
        return left is right
    return order_key(left) == order_key(right)


def identical(left: Any, right: Any) -> bool:
    """Whether two values are the same byte for byte: 1 and 1.0 are not, nor 0.0 and -0.0."""
    return encode({"": left}) == encode({"": right})
