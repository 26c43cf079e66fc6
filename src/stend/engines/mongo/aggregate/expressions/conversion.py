"""$convert and its short forms."""

import decimal
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bson import Binary, DatetimeMS, Decimal128, Int64, ObjectId, Timestamp
from bson.errors import InvalidId

from stend.engines.mongo.aggregate.date_reading import read_date
from stend.engines.mongo.aggregate.expressions.arguments import Named, operands
from stend.engines.mongo.aggregate.expressions.arithmetic import date_of, nullish
from stend.engines.mongo.aggregate.expressions.binary import bytes_of_text, text_of_bytes
from stend.engines.mongo.aggregate.expressions.compiling import Constant, compile_in
from stend.engines.mongo.aggregate.expressions.dates import millis_of
from stend.engines.mongo.aggregate.expressions.logic import truth
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.expressions.text import iso_text, text_of_double
from stend.engines.mongo.aggregate.numbers import (
    INT_MAX,
    INT_MIN,
    LONG_MAX,
    LONG_MIN,
    decimal128,
    is_integral,
    is_number,
    to_decimal,
    to_long,
)
from stend.engines.mongo.aggregate.timezones import UTC
from stend.engines.mongo.errors import Code, MongoError, conversion_failure
from stend.engines.mongo.query.values import ALIASES, alias_of, type_alias

_NO_ON_ERROR: Final = "in $convert with no onError value"


@dataclass(frozen=True, slots=True)
class Target:
    """What a value is converted to.

    Attributes:
        type: the alias of the type.
        subtype: of binary data.
        format: how binary data stands in a string; None when it is not given.
    """

    type: str
    subtype: int = 0
    format: str | None = None


def _to_integer(value: Any, low: int, high: int) -> int:
    """A number or a string as an integer within bounds."""
    if type(value) is str:
        return _parsed_integer(value, low, high)
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if number != number:
        raise conversion_failure(f"Attempt to convert NaN value to integer type {_NO_ON_ERROR}")
    if not math.isfinite(number):
        raise conversion_failure(
            f"Attempt to convert infinity value to integer type {_NO_ON_ERROR}"
        )
    whole = int(number)
    if not low <= whole <= high or not low <= number <= high:
        raise conversion_failure(f"Conversion would overflow target type {_NO_ON_ERROR}: {number}")
    return whole


def _parsed_integer(text: str, low: int, high: int) -> int:
    _refuse_hexadecimal(text)
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise _unparsed(text, "Did not consume whole string.")
    number = int(text) if len(text) < 64 else high + 1
    if not low <= number <= high:
        raise _unparsed(text, "Overflow")
    return number


def _refuse_hexadecimal(text: str) -> None:
    if text.startswith("0x"):
        raise conversion_failure(f"Illegal hexadecimal input {_NO_ON_ERROR}: {text}")


def _unparsed(text: str, why: str) -> MongoError:
    return conversion_failure(f"Failed to parse number '{text}' {_NO_ON_ERROR}: {why}")


_NUMBER: Final = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)", re.IGNORECASE | re.ASCII
)


def _int(value: Any, target: Target) -> Any:
    return int(value) if isinstance(value, bool) else _to_integer(value, INT_MIN, INT_MAX)


def _long(value: Any, target: Target) -> Any:
    if isinstance(value, DatetimeMS):
        return Int64(int(value))
    return Int64(value if isinstance(value, bool) else _to_integer(value, LONG_MIN, LONG_MAX))


def _double(value: Any, target: Target) -> Any:
    if type(value) is str:
        return _parsed_double(value)
    if isinstance(value, Decimal128):
        number = value.to_decimal()
        double = float(number)
        lost = math.isinf(double) or (double == 0 and number != 0)
        if number.is_finite() and lost:
            raise conversion_failure(
                f"Conversion would overflow target type {_NO_ON_ERROR}: {value}"
            )
        return double
    return float(int(value)) if isinstance(value, DatetimeMS) else float(value)


def _parsed_double(text: str) -> float:
    _refuse_hexadecimal(text)
    if not _NUMBER.fullmatch(text):
        raise _unparsed(text, "Did not consume whole string.")
    number = float(text)
    exact = decimal.Decimal(text)
    if exact.is_finite() and (math.isinf(number) or (number == 0 and exact != 0)):
        raise _unparsed(text, "Out of range")
    return number


def _decimal(value: Any, target: Target) -> Any:
    if type(value) is str:
        return _parsed_decimal(value)
    if isinstance(value, DatetimeMS):
        return Decimal128(str(int(value)))
    if isinstance(value, bool):
        return Decimal128(str(int(value)))
    return value if isinstance(value, Decimal128) else decimal128(to_decimal(value))


def _parsed_decimal(text: str) -> Decimal128:
    _refuse_hexadecimal(text)
    if not _NUMBER.fullmatch(text):
        raise _unparsed(text, "Failed to parse string to decimal")
    given = decimal.Decimal(text)
    made = decimal128(given)
    kept = made.to_decimal()
    if given.is_finite() and (kept.is_infinite() or (kept.is_zero() and not given.is_zero())):
        raise _unparsed(text, "Conversion from string to decimal would overflow")
    return made


def _string(value: Any, target: Target) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return text_of_double(value)
    if isinstance(value, DatetimeMS):
        return iso_text(int(value))
    if isinstance(value, bytes):
        return text_of_bytes(value, target.format)
    return str(int(value)) if isinstance(value, int) else str(value)


def _date(value: Any, target: Target) -> Any:
    if type(value) is str:
        return date_of(read_date(value, UTC))
    if isinstance(value, DatetimeMS | Timestamp | ObjectId):
        return date_of(millis_of(value))
    return date_of(_to_integer(value, LONG_MIN, LONG_MAX))


def _object_id(value: Any, target: Target) -> Any:
    if isinstance(value, ObjectId):
        return value
    try:
        return ObjectId(value)
    except InvalidId as error:
        raise conversion_failure(
            f"Failed to parse objectId '{value}' {_NO_ON_ERROR}: {error}"
        ) from None


def _binary(value: Any, target: Target) -> Any:
    if type(value) is str:
        return bytes_of_text(value, target.format, target.subtype)
    subtype = value.subtype if isinstance(value, Binary) else 0
    if subtype != target.subtype:
        raise conversion_failure("Conversions between different BinData subtypes are not supported")
    return value


Conversion = Callable[[Any, Target], Any]
_NUMBERS: Final = frozenset({"int", "long", "double", "decimal"})
# The target: how it is made, and of which types.
_CONVERSIONS: Final[Mapping[str, tuple[Conversion, frozenset[str]]]] = {
    "int": (_int, _NUMBERS | {"string", "bool"}),
    "long": (_long, _NUMBERS | {"string", "bool", "date"}),
    "double": (_double, _NUMBERS | {"string", "bool", "date"}),
    "decimal": (_decimal, _NUMBERS | {"string", "bool", "date"}),
    "string": (_string, _NUMBERS | {"string", "bool", "date", "objectId", "binData"}),
    "date": (
        _date,
        frozenset({"long", "double", "decimal", "string", "date", "objectId", "timestamp"}),
    ),
    "objectId": (_object_id, frozenset({"string", "objectId"})),
    "binData": (_binary, frozenset({"string", "binData"})),
}


def converted(value: Any, target: Target) -> Any:
    """A value that is not null, converted.

    Raises:
        MongoError: ConversionFailure when it cannot be.
    """
    if target.type == "bool":
        return truth(value)
    kind = type_alias(value)
    conversion = _CONVERSIONS.get(target.type)
    if conversion is None or kind not in conversion[1]:
        raise conversion_failure(
            f"Unsupported conversion from {kind} to {target.type} {_NO_ON_ERROR}"
        )
    return conversion[0](value, target)


def _target_of(value: Any, written_format: Any) -> Target | None:
    """What the `to` of a $convert asks for; None of null."""
    subtype: Any = 0
    if isinstance(value, Mapping):
        for key in value:
            if key not in ("type", "subtype"):
                raise MongoError(
                    Code.FailedToParse, f"In $convert, unrecognized argument '{key}' in 'to'"
                )
        if "type" not in value:
            raise MongoError(Code.FailedToParse, "In $convert, missing 'type' in 'to'")
        subtype = value.get("subtype", 0)
        value = value["type"]
    if nullish(value):
        return None
    return Target(_type_named(value), _subtype(subtype), _binary_format(written_format))


def _type_named(value: Any) -> str:
    if type(value) is str:
        if value not in ALIASES:
            raise MongoError(Code.BadValue, f"Unknown type name: {value}")
        return value
    if not is_number(value):
        raise MongoError(
            Code.FailedToParse,
            f"$convert's 'to' argument must be a string or number, but is {type_alias(value)}",
        )
    if not is_integral(value):
        raise MongoError(Code.FailedToParse, "In $convert, numeric 'to' argument is not an integer")
    if to_long(value) not in ALIASES.values():
        raise MongoError(
            Code.FailedToParse,
            f"In $convert, numeric value for 'to' does not correspond to a BSON type: {value}",
        )
    return alias_of(to_long(value))


def _subtype(value: Any) -> int:
    if not is_number(value):
        raise MongoError(
            4341108,
            "For BinData, $convert's 'subtype' argument must be a number, but is "
            f"{type_alias(value)}",
        )
    if not is_integral(value):
        raise MongoError(4341106, "In $convert, numeric 'subtype' argument is not an integer")
    number = to_long(value)
    if not (0 <= number <= 8 or 128 <= number <= 255):
        raise MongoError(
            4341107,
            "In $convert, numeric value for 'subtype' does not correspond to a BinData type: "
            f"{number}",
        )
    return number


_FORMATS: Final = frozenset({"auto", "base64", "base64url", "hex", "utf8", "uuid"})


def _binary_format(value: Any) -> str | None:
    if nullish(value):
        return None
    if type(value) is not str:
        raise MongoError(
            4341114, f"$convert requires that 'format' be a string, found: {type_alias(value)}"
        )
    if value not in _FORMATS:
        raise MongoError(4341125, f"Invalid 'format' argument for $convert: {value}")
    return value


def _convert(name: str, argument: Any, scope: Scope) -> Expression:
    parse = int(Code.FailedToParse)
    named = Named(
        name, argument, ("input", "to"), ("onError", "onNull", "format"), codes=(parse,) * 3
    )
    to, source = named.compiled("to", scope), named.compiled("input", scope)
    written_format = named.maybe("format", scope) or Constant(None)
    on_error, on_null = named.maybe("onError", scope), named.maybe("onNull", scope)

    def call(env: Env) -> Any:
        kind, value = to(env), source(env)
        target = _target_of(kind, written_format(env))
        if nullish(value):
            return on_null(env) if on_null is not None else None
        if target is None:
            return None
        try:
            return converted(value, target)
        except MongoError as error:
            if error.code != Code.ConversionFailure or on_error is None:
                raise
            return on_error(env)

    return call


def _short(target: Target) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        given = operands(argument)
        if len(given) != 1:
            raise MongoError(50723, f"{name} requires a single argument, got {len(given)}")
        source = compile_in(given[0], scope)

        def call(env: Env) -> Any:
            value = source(env)
            return None if nullish(value) else converted(value, target)

        return call

    return build


OPERATORS: Final[Mapping[str, Builder]] = {
    "$convert": _convert,
    "$toBool": _short(Target("bool")),
    "$toDate": _short(Target("date")),
    "$toDecimal": _short(Target("decimal")),
    "$toDouble": _short(Target("double")),
    "$toInt": _short(Target("int")),
    "$toLong": _short(Target("long")),
    "$toObjectId": _short(Target("objectId")),
    "$toString": _short(Target("string", format="auto")),
    "$toUUID": _short(Target("binData", 4, "uuid")),
}
