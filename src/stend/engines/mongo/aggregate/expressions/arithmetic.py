"""Arithmetic: $add $subtract $multiply $divide $mod $abs $pow, roots, logarithms, bits."""

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from bson import DatetimeMS, Decimal128, Int64

from stend.engines.mongo.aggregate.expressions.arguments import fixed, named_by, variadic
from stend.engines.mongo.aggregate.expressions.scope import Builder
from stend.engines.mongo.aggregate.numbers import (
    CONTEXT,
    DECIMAL,
    DOUBLE,
    INT,
    LONG,
    LONG_MIN,
    decimal128,
    fits_long,
    int_or_long,
    integer_of,
    is_number,
    number_kind,
    to_decimal,
    to_double,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, type_alias


def nullish(value: Any) -> bool:
    return value is None or value is MISSING


def is_date(value: Any) -> bool:
    return isinstance(value, DatetimeMS)


def date_of(millis: int) -> DatetimeMS:
    """The date so many milliseconds from 1970.

    Raises:
        MongoError: Overflow beyond 64 bits.
    """
    if not fits_long(millis):
        raise MongoError(Code.Overflow, "date overflow")
    return DatetimeMS(millis)


def plus(left: Any, right: Any) -> Any:
    """The sum of two numbers of any kind."""
    kind = max(number_kind(left), number_kind(right))
    if kind <= LONG:
        return integer_of(int(left) + int(right), kind)
    if kind == DOUBLE:
        return float(left) + float(right)
    return decimal128(CONTEXT.add(to_decimal(left), to_decimal(right)))


def minus(left: Any, right: Any) -> Any:
    """The difference of two numbers of any kind."""
    kind = max(number_kind(left), number_kind(right))
    if kind <= LONG:
        return integer_of(int(left) - int(right), kind)
    if kind == DOUBLE:
        return float(left) - float(right)
    return decimal128(CONTEXT.subtract(to_decimal(left), to_decimal(right)))


def times(left: Any, right: Any) -> Any:
    """The product of two numbers of any kind."""
    kind = max(number_kind(left), number_kind(right))
    if kind <= LONG:
        product = int(left) * int(right)
        return integer_of(product, kind) if fits_long(product) else float(left) * float(right)
    if kind == DOUBLE:
        return float(left) * float(right)
    return decimal128(CONTEXT.multiply(to_decimal(left), to_decimal(right)))


def _millis(number: Any) -> int:
    """A number that is added to a date, rounded half away from zero."""
    if isinstance(number, int):
        return int(number)
    value = to_decimal(number) if isinstance(number, Decimal128) else number
    if not math.isfinite(value):
        raise MongoError(Code.Overflow, "date overflow")
    if isinstance(value, Decimal):
        return int(value.to_integral_value("ROUND_HALF_EVEN"))
    whole = math.floor(abs(value) + 0.5) if abs(value) < 2**52 else int(abs(value))
    return -whole if value < 0 else whole


def add_values(values: Iterator[Any]) -> Any:
    """The sum of numbers, to which one date may belong; null with a null among them."""
    total: Any = 0
    date: int | None = None
    for value in values:
        if value is None or value is MISSING:
            return None
        if is_number(value):
            if date is None:
                total = plus(total, value)
            else:
                date = int(date_of(date + _millis(value)))
        elif is_date(value):
            if date is not None:
                raise MongoError(16612, "only one date allowed in an $add expression")
            date = int(date_of(_millis(total) + int(value)))
        else:
            raise MongoError(
                Code.TypeMismatch,
                f"$add only supports numeric or date types, not {type_alias(value)}",
            )
    return total if date is None else date_of(date)


def subtract(left: Any, right: Any) -> Any:
    """The difference of numbers, or of a date and a number or date."""
    if is_number(left) and is_number(right):
        return minus(left, right)
    if nullish(left) or nullish(right):
        return None
    if is_date(left):
        if is_date(right):
            return Int64(int(left) - int(right))
        if is_number(right):
            return date_of(int(left) - _millis(right))
        raise MongoError(Code.TypeMismatch, f"can't $subtract {type_alias(right)} from Date")
    raise MongoError(
        Code.TypeMismatch, f"can't $subtract {type_alias(right)} from {type_alias(left)}"
    )


def _multiply(values: Iterator[Any]) -> Any:
    product: Any = 1
    # An integer product that has left 64 bits is a double for good, computed in doubles from
    # the start.
    double = 1.0
    for value in values:
        if nullish(value):
            return None
        if not is_number(value):
            raise MongoError(
                Code.TypeMismatch,
                f"$multiply only supports numeric types, not {type_alias(value)}",
            )
        kind = number_kind(value)
        if kind != DECIMAL:
            double *= float(value)
        product = times(product, value)
        if isinstance(product, float):
            product = double
    return product


def divide(left: Any, right: Any) -> Any:
    """The quotient of numbers: a double or a decimal."""
    if is_number(left) and is_number(right):
        if max(number_kind(left), number_kind(right)) < DECIMAL:
            if right == 0:
                raise MongoError(Code.BadValue, "can't $divide by zero")
            return float(left) / float(right)
        divisor = to_decimal(right)
        if divisor.is_zero():
            raise MongoError(Code.BadValue, "can't $divide by zero")
        return decimal128(CONTEXT.divide(to_decimal(left), divisor))
    if nullish(left) or nullish(right):
        return None
    raise MongoError(
        Code.TypeMismatch,
        f"$divide only supports numeric types, not {type_alias(left)} and {type_alias(right)}",
    )


def _mod(left: Any, right: Any) -> Any:
    if is_number(left) and is_number(right):
        return _remainder(left, right, max(number_kind(left), number_kind(right)))
    if nullish(left) or nullish(right):
        return None
    raise MongoError(
        16611,
        f"$mod only supports numeric types, not {type_alias(left)} and {type_alias(right)}",
    )


def _remainder(left: Any, right: Any, kind: int) -> Any:
    """With the sign of the dividend."""
    if kind == DECIMAL:
        divisor = to_decimal(right)
        if divisor.is_zero():
            raise MongoError(5733415, "can't $mod by zero")
        return decimal128(exact_remainder(to_decimal(left), divisor))
    if right == 0:
        raise MongoError(16610, "can't $mod by zero")
    if kind == DOUBLE:
        if math.isinf(left):
            return math.nan
        return math.fmod(left, right)
    rest = abs(int(left)) % abs(int(right))
    rest = -rest if left < 0 else rest
    return Int64(rest) if kind == LONG else rest


def exact_remainder(left: Decimal, right: Decimal) -> Decimal:
    """Of decimals however far apart, where one division has more digits than the context holds."""
    if not (left.is_finite() and right.is_finite()):
        return CONTEXT.remainder(left, right)
    exponent = min(int(left.as_tuple().exponent), int(right.as_tuple().exponent))
    dividend, divisor = _scaled(left, exponent), _scaled(right, exponent)
    rest = Decimal((int(left.is_signed()), _digits(dividend % divisor), exponent))
    return CONTEXT.plus(rest) if rest else rest


def _scaled(value: Decimal, exponent: int) -> int:
    _, digits, own = value.as_tuple()
    scale: int = 10 ** (int(own) - exponent)
    return int("".join(map(str, digits))) * scale


def _digits(value: int) -> tuple[int, ...]:
    return tuple(int(digit) for digit in str(value))


Numeric = Callable[[Any], Any]


def numeric(function: Numeric) -> Builder:
    """An operator of one number; null and what is missing give null."""

    def call(name: str, value: Any) -> Any:
        if nullish(value):
            return None
        if not is_number(value):
            raise MongoError(28765, f"{name} only supports numeric types, not {type_alias(value)}")
        return function(value)

    return named_by(call, 1)


def _abs(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return decimal128(value.to_decimal().copy_abs())
    if isinstance(value, float):
        return abs(value)
    if value == LONG_MIN:
        raise MongoError(28680, "can't take $abs of long long min")
    return integer_of(abs(int(value)), number_kind(value))


def _exp(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return decimal128(CONTEXT.exp(value.to_decimal()))
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _sqrt(value: Any) -> Any:
    if value != value or to_double(value) >= 0:
        if isinstance(value, Decimal128):
            return decimal128(CONTEXT.sqrt(value.to_decimal()))
        return math.sqrt(value)
    raise MongoError(28714, "$sqrt's argument must be greater than or equal to 0")


def _check_positive(value: Any, code: int, name: str) -> None:
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if number <= 0:
        raise MongoError(code, f"{name}'s argument must be a positive number, but is {number}")


def _ln(value: Any) -> Any:
    if _is_nan(value):
        return math.nan
    _check_positive(value, 28766, "$ln")
    if isinstance(value, Decimal128):
        return decimal128(CONTEXT.ln(value.to_decimal()))
    return math.log(value)


def _log10(value: Any) -> Any:
    if _is_nan(value):
        return math.nan
    _check_positive(value, 28761, "$log10")
    if isinstance(value, Decimal128):
        return decimal128(CONTEXT.log10(value.to_decimal()))
    return math.log10(value)


def _is_nan(value: Any) -> bool:
    return math.isnan(value.to_decimal() if isinstance(value, Decimal128) else value)


def _log(value: Any, base: Any) -> Any:
    if nullish(value) or nullish(base):
        return None
    for given, code, role in ((value, 28756, "argument"), (base, 28757, "base")):
        if not is_number(given):
            raise MongoError(code, f"$log's {role} must be numeric, not {type_alias(given)}")
    if not _is_nan(value):
        _check_positive(value, 28758, "$log")
    if not _is_nan(base) and (to_decimal(base) <= 0 or to_decimal(base) == 1):
        raise MongoError(
            28759, f"$log's base must be a positive number not equal to 1, but is {base}"
        )
    if _is_nan(value) or _is_nan(base):
        return math.nan
    if max(number_kind(value), number_kind(base)) == DECIMAL:
        over, under = CONTEXT.ln(to_decimal(value)), CONTEXT.ln(to_decimal(base))
        return decimal128(CONTEXT.divide(over, under))
    return math.log(value) / math.log(base)


def _pow(base: Any, exponent: Any) -> Any:
    if nullish(base) or nullish(exponent):
        return None
    if not is_number(base):
        raise MongoError(28762, f"$pow's base must be numeric, not {type_alias(base)}")
    if not is_number(exponent):
        raise MongoError(28763, f"$pow's exponent must be numeric, not {type_alias(exponent)}")
    kind = max(number_kind(base), number_kind(exponent))
    if to_double(base) == 0 and to_double(exponent) < 0:
        raise MongoError(28764, "$pow cannot take a base of 0 and a negative exponent")
    if kind == DECIMAL:
        return decimal128(_decimal_power(to_decimal(base), to_decimal(exponent)))
    if kind == DOUBLE:
        return double_power(float(base), float(exponent))
    return _integer_power(int(base), int(exponent), kind)


def _decimal_power(base: Decimal, exponent: Decimal) -> Decimal:
    # Unlike Python's decimals, x to the 0 is 1 for any x, as IEEE 754 has it.
    return Decimal(1) if exponent.is_zero() else CONTEXT.power(base, exponent)


def double_power(base: float, exponent: float) -> float:
    """As C's pow(): infinities and NaN instead of errors."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.nan


def _integer_power(base: int, exponent: int, kind: int) -> Any:
    if base in (-1, 0, 1):
        result = base if exponent % 2 else base * base
        return integer_of(1 if exponent == 0 else result, kind)
    if 0 <= exponent <= 63 and fits_long(base**exponent):
        return integer_of(base**exponent, kind)
    return double_power(float(base), float(exponent))


def _bitwise(operator: Callable[[int, int], int], start: int) -> Builder:
    def build(name: str, argument: Any, scope: Any) -> Any:
        return variadic(lambda values: combine(name, values))(name, argument, scope)

    def combine(name: str, values: Iterator[Any]) -> Any:
        result, kind, seen_null = start, INT, False
        for value in values:
            if nullish(value):
                seen_null = True
            elif number_kind(value) not in (INT, LONG):
                raise MongoError(
                    Code.TypeMismatch,
                    f"{name} only supports int and long, not: {type_alias(value)}.",
                )
            else:
                result, kind = operator(result, int(value)), max(kind, number_kind(value))
        if seen_null:
            return None
        return Int64(result) if kind == LONG else int_or_long(result)

    return build


def _bit_not(value: Any) -> Any:
    if number_kind(value) not in (INT, LONG):
        raise MongoError(
            Code.TypeMismatch, f"$bitNot only supports int and long, not: {type_alias(value)}."
        )
    return integer_of(~int(value), number_kind(value))


OPERATORS: Final[Mapping[str, Builder]] = {
    "$add": variadic(add_values),
    "$subtract": fixed(subtract, 2),
    "$multiply": variadic(_multiply),
    "$divide": fixed(divide, 2),
    "$mod": fixed(_mod, 2),
    "$abs": numeric(_abs),
    "$exp": numeric(_exp),
    "$sqrt": numeric(_sqrt),
    "$ln": numeric(_ln),
    "$log10": numeric(_log10),
    "$log": fixed(_log, 2),
    "$pow": fixed(_pow, 2),
    "$bitAnd": _bitwise(int.__and__, -1),
    "$bitOr": _bitwise(int.__or__, 0),
    "$bitXor": _bitwise(int.__xor__, 0),
    "$bitNot": numeric(_bit_not),
}
