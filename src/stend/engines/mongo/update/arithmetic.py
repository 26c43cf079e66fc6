"""The modifiers of numbers: `$inc`, `$mul` and `$bit`."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from bson import Decimal128, Int64

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query import context as command
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.values import (
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    bson_type,
    decimal_of_double,
    identical,
    is_number,
    type_alias,
)
from stend.engines.mongo.update.tree import Modifier, Place, Run

_INT32: Final = 16
_INT64: Final = 18

# The arithmetic of a decimal of 128 bits.
_DECIMAL: Final = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[]
)


def increment(path: str, operand: Any, _context: command.Context) -> Modifier:
    """`$inc`."""
    return _arithmetic("$inc", "increment", path, operand)


def multiply(path: str, operand: Any, _context: command.Context) -> Modifier:
    """`$mul`; of a missing field the product is zero."""
    return _arithmetic("$mul", "multiply", path, operand)


def _arithmetic(operator: str, verb: str, path: str, operand: Any) -> Modifier:
    if not is_number(operand):
        raise MongoError(
            Code.TypeMismatch,
            f"Cannot {verb} with non-numeric argument: {{{path}: {shown(operand)}}}",
        )
    combine = add if operator == "$inc" else product

    def change(value: Any, place: Place, run: Run) -> Any:
        if not is_number(value):
            raise MongoError(
                Code.TypeMismatch,
                f"Cannot apply {operator} to a value of non-numeric type. {run.name} has the field "
                f"'{place.taken[-1]}' of non-numeric type {type_alias(value)}",
            )
        result = combine(value, operand)
        if result is None:
            kind = "NumberInt" if bson_type(value) == _INT32 else "NumberLong"
            raise MongoError(
                Code.BadValue,
                f"Failed to apply {operator} operations to current value (({kind}){value}) for "
                f"document {run.name}",
            )
        return value if identical(result, value) else result

    return Modifier(change=change, create=lambda _: combine(0, operand))


def add(left: Any, right: Any) -> Any:
    """The sum of two numbers in the wider of their types; None where it is no int64."""
    return _combine(left, right, lambda a, b: a + b, _DECIMAL.add)


def product(left: Any, right: Any) -> Any:
    """The product of two numbers in the wider of their types; None where it is no int64."""
    return _combine(left, right, lambda a, b: a * b, _DECIMAL.multiply)


def _combine(
    left: Any,
    right: Any,
    plain: Callable[[Any, Any], Any],
    decimal: Callable[[Decimal, Decimal], Decimal],
) -> Any:
    if isinstance(left, Decimal128) or isinstance(right, Decimal128):
        return Decimal128(decimal(_decimal(left), _decimal(right)))
    if isinstance(left, float) or isinstance(right, float):
        return plain(float(left), float(right))
    wide = _INT64 in (bson_type(left), bson_type(right))
    return _integer(plain(int(left), int(right)), wide)


def _integer(number: int, wide: bool) -> Any:
    if not INT64_MIN <= number <= INT64_MAX:
        return None
    return number if not wide and INT32_MIN <= number <= INT32_MAX else Int64(number)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return decimal_of_double(value) if isinstance(value, float) else Decimal(int(value))


_BITWISE: Final[Mapping[str, Callable[[int, int], int]]] = {
    "and": lambda left, right: left & right,
    "or": lambda left, right: left | right,
    "xor": lambda left, right: left ^ right,
}


def bit(_path: str, operand: Any, _context: command.Context) -> Modifier:
    """`$bit`."""
    steps = _bit_steps(operand)

    def change(value: Any, place: Place, run: Run) -> Any:
        if bson_type(value) not in (_INT32, _INT64):
            raise MongoError(
                Code.BadValue,
                f"Cannot apply $bit to a value of non-integral type.{run.name} has the field "
                f"{place.taken[-1]} of non-integer type {type_alias(value)}",
            )
        result = _bits(value, steps)
        return value if identical(result, value) else result

    return Modifier(change=change, create=lambda _: _bits(0, steps))


def _bits(value: Any, steps: list[tuple[Callable[[int, int], int], Any]]) -> Any:
    for operate, other in steps:
        wide = _INT64 in (bson_type(value), bson_type(other))
        value = _integer(operate(int(value), int(other)), wide)
    return value


def _bit_steps(operand: Any) -> list[tuple[Callable[[int, int], int], Any]]:
    if not isinstance(operand, Mapping):
        raise MongoError(
            Code.BadValue,
            f"The $bit modifier is not compatible with a {type_alias(operand)}. You must pass in "
            "an embedded document: {$bit: {field: {and/or/xor: #}}",
        )
    for name, number in operand.items():
        if name not in _BITWISE:
            raise MongoError(
                Code.BadValue,
                f"The $bit modifier only supports 'and', 'or', and 'xor', not '{name}' which is an "
                f"unknown operator: {{{name}: {shown(number)}}}",
            )
        if bson_type(number) not in (_INT32, _INT64):
            raise MongoError(
                Code.BadValue,
                "The $bit modifier field must be an Integer(32/64 bit); a "
                f"'{type_alias(number)}' is not supported here: {{{name}: {shown(number)}}}",
            )
    if not operand:
        raise MongoError(
            Code.BadValue,
            "You must pass in at least one bitwise operation. The format is: "
            "{$bit: {field: {and/or/xor: #}}",
        )
    return [(_BITWISE[name], number) for name, number in operand.items()]
