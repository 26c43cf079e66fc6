"""The operators of a filter that look at one value at a time."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from bson import Binary, Decimal128, MaxKey, MinKey, Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.regexes import regex_of
from stend.engines.mongo.query.values import (
    ALIASES,
    INT32_MAX,
    INT32_MIN,
    INT64_MAX,
    INT64_MIN,
    MISSING,
    NUMERIC_TYPES,
    bson_type,
    exact,
    flags_of,
    is_nan,
    is_number,
    is_string,
    order_class,
    order_key,
)

Test = Callable[[Any], bool]


def equals(operand: Any) -> Test:
    """`$eq`: null is equal to a missing field too."""
    if type(operand) is str:
        return lambda value: value.__class__ is str and value == operand
    if operand is None:
        return lambda value: value is None or value is MISSING
    key = order_key(operand)
    return lambda value: order_key(value) == key


_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "$lt": lambda left, right: left < right,
    "$lte": lambda left, right: left <= right,
    "$gt": lambda left, right: left > right,
    "$gte": lambda left, right: left >= right,
}


def ordered(operator: str, operand: Any) -> Test:
    """`$lt`, `$lte`, `$gt`, `$gte`: only values of the operand's class are compared at all."""
    test = _ORDERS[operator]
    or_equal = operator.endswith("e")
    key = order_key(operand)
    if isinstance(operand, MinKey | MaxKey):
        everything = isinstance(operand, MaxKey) == operator.startswith("$lt")
        return lambda value: (
            (order_key(value) == key and or_equal) or (order_key(value) != key and everything)
        )
    if is_nan(operand):
        return lambda value: or_equal and order_key(value) == key
    bracket = order_class(operand)

    def single(value: Any) -> bool:
        # A key of one part is that of NaN, which is neither less nor more than a number, or of
        # null, whose bracket is its own.
        found = order_key(value)
        return found[0] == bracket and test(found, key)

    return single


def one_of(operand: Sequence[Any]) -> Test:
    """`$in`: one of the values, or a match of one of the regular expressions."""
    patterns = [regex_test(item) for item in operand if isinstance(item, Regex)]
    keys = {order_key(item) for item in operand if not isinstance(item, Regex)}
    if not patterns:
        return lambda value: order_key(value) in keys
    return lambda value: order_key(value) in keys or any(test(value) for test in patterns)


def regex_test(operand: "Regex[str]") -> Test:
    """A string that the pattern is found in, or the same regular expression as a value."""
    found_in = regex_of(operand)
    same = order_key(operand)
    return lambda value: found_in(value) if value.__class__ is str else order_key(value) == same


def exists(value: Any) -> bool:
    """`$exists: true`."""
    return value is not MISSING


def modulo(operand: Any) -> Test:
    """`$mod`: both are cut to whole numbers, and the remainder has the sign of the value."""
    if not isinstance(operand, list):
        raise MongoError(Code.BadValue, "malformed mod, needs to be an array")
    if len(operand) < 2:
        raise MongoError(Code.BadValue, "malformed mod, not enough elements")
    if len(operand) > 2:
        raise MongoError(Code.BadValue, "malformed mod, too many elements")
    divisor, remainder = (
        _whole(number, name) for number, name in zip(operand, ("divisor", "remainder"), strict=True)
    )
    if divisor == 0:
        raise MongoError(Code.BadValue, "divisor cannot be 0")

    def single(value: Any) -> bool:
        number = truncated(value)
        if number is None:
            return False
        left = abs(number) % abs(divisor)
        return (left if number >= 0 else -left) == remainder

    return single


def _whole(number: Any, name: str) -> int:
    if not is_number(number):
        raise MongoError(Code.BadValue, f"malformed mod, {name} not a number")
    whole = truncated(number)
    if whole is None:
        raise MongoError(
            Code.BadValue,
            f"malformed mod, {name} value is invalid :: caused by :: Unable to coerce NaN/Inf or a "
            "number out of bounds to integral type",
        )
    return whole


def truncated(value: Any) -> int | None:
    """A number cut to an int64; None for what is no number or does not fit."""
    if not is_number(value):
        return None
    number = exact(value)
    if isinstance(number, float) and (number != number or number in (float("inf"), -float("inf"))):
        return None
    if isinstance(number, Decimal) and not (number.is_finite() and number.adjusted() < 20):
        return None
    whole = int(number)
    return whole if INT64_MIN <= whole <= INT64_MAX else None


def integer(value: Any, what: str, code: int = Code.FailedToParse) -> int:
    """An int64 that a number stands for exactly.

    Raises:
        MongoError: it is no number, or has a fraction, or is out of bounds.
    """
    if not is_number(value):
        raise MongoError(code, f"Expected a number in: {what}")
    if is_nan(value):
        raise MongoError(code, f"Expected an integer, but found NaN in: {what}")
    whole = truncated(value)
    if whole is None:
        raise MongoError(code, f"Cannot represent as a 64-bit integer: {what}")
    if whole != exact(value):
        raise MongoError(code, f"Expected an integer: {what}")
    return whole


def size_operand(operand: Any) -> int:
    """The length that `$size` asks for."""
    what = f"$size: {shown(operand)}"
    try:
        size = integer(operand, what, Code.BadValue)
    except MongoError as error:
        raise MongoError(error.code, f"Failed to parse $size. {error.message}") from None
    if not INT32_MIN <= size <= INT32_MAX:
        raise MongoError(
            Code.BadValue, f"Failed to parse $size. Cannot represent in an int: {what}"
        )
    if size < 0:
        raise MongoError(
            Code.BadValue, f"Failed to parse $size. Expected a non-negative number in: {what}"
        )
    return size


def shown(value: Any) -> str:
    """A value in the message of an error."""
    if is_string(value):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{name}: {shown(item)}" for name, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        inside = ", ".join(shown(item) for item in value)
        return f"[ {inside} ]" if inside else "[]"
    return str(value)


def types_of(operand: Any, keyword: str) -> frozenset[int]:
    """The numbers of types that `$type` or `bsonType` names.

    Raises:
        MongoError: a name or number is none of a type.
    """
    items = operand if isinstance(operand, list) else [operand]
    if not items:
        raise MongoError(Code.FailedToParse, f"{keyword} must match at least one type")
    found: set[int] = set()
    for item in items:
        found |= _types_of_one(item)
    return frozenset(found)


_NUMBERS: Final = frozenset(ALIASES.values())


def _types_of_one(item: Any) -> frozenset[int]:
    if is_string(item):
        if item == "number":
            return NUMERIC_TYPES
        if item == "missing" or item not in ALIASES:
            raise MongoError(Code.BadValue, f"Unknown type name alias: {item}")
        return frozenset({ALIASES[item]})
    if not is_number(item):
        raise MongoError(Code.TypeMismatch, "type must be represented as a number or a string")
    number = truncated(item)
    if number is None or number != exact(item) or number not in _NUMBERS:
        raise MongoError(Code.BadValue, f"Invalid numerical type code: {shown(item)}")
    return frozenset({number})


def of_type(numbers: frozenset[int]) -> Test:
    """`$type`."""
    return lambda value: value is not MISSING and bson_type(value) in numbers


def truthy(value: Any) -> bool:
    """What MongoDB takes for true: all but false, null, a number of zero and what is missing."""
    if is_number(value):
        return exact(value) != 0
    return not (value is None or value is False or value is MISSING)


def regex_operand(operators: Mapping[str, Any]) -> "Regex[str]":
    """The regular expression of `$regex` and `$options` beside it."""
    pattern = operators["$regex"]
    flags = ""
    if isinstance(pattern, Regex):
        flags, pattern = flags_of(pattern), pattern.pattern
    elif not is_string(pattern):
        raise MongoError(Code.BadValue, "$regex has to be a string")
    if "$options" in operators:
        options = operators["$options"]
        if not is_string(options):
            raise MongoError(Code.BadValue, "$options has to be a string")
        if flags:
            names = list(operators)
            code = 51075 if names.index("$regex") < names.index("$options") else 51074
            raise MongoError(code, "options set in both $regex and $options")
        flags = options
    return regex_from(pattern, flags)


_BITS: Final = {"i": 2, "l": 4, "m": 8, "s": 16, "u": 32, "x": 64}


def regex_from(pattern: str, options: str) -> "Regex[str]":
    """A regular expression as a value of BSON.

    Raises:
        MongoError: an option is none.
    """
    flags = 0
    for letter in options:
        if letter not in "imsux":
            raise MongoError(51108, f"invalid flag in regex options: {letter}")
        flags |= _BITS[letter]
    return Regex(pattern, flags)


def bits(operator: str, operand: Any) -> Test:
    """`$bitsAllSet`, `$bitsAllClear`, `$bitsAnySet`, `$bitsAnyClear`."""
    positions = _positions(operator, operand)
    every, wanted = "All" in operator, operator.endswith("Set")

    def single(value: Any) -> bool:
        has = _bit_reader(value)
        if has is None:
            return False
        found = (has(position) == wanted for position in positions)
        return all(found) if every else any(found)

    return single


def _bit_reader(value: Any) -> Callable[[int], bool] | None:
    if isinstance(value, bytes | Binary):
        data = bytes(value)
        return lambda at: at // 8 < len(data) and bool(data[at // 8] >> (at % 8) & 1)
    number = truncated(value)
    if number is None or number != exact(value):
        return None
    whole = number
    # A position past the sign bit has the sign: the number goes on for ever in two's complement.
    return lambda at: bool(whole >> at & 1)


def _positions(operator: str, operand: Any) -> list[int]:
    if isinstance(operand, list):
        return [_position(item) for item in operand]
    if isinstance(operand, bytes | Binary):
        data = bytes(operand)
        return [at for at in range(len(data) * 8) if data[at // 8] >> (at % 8) & 1]
    if is_number(operand):
        mask = integer(operand, f"{operator}: {shown(operand)}")
        if mask < 0:
            raise MongoError(
                Code.FailedToParse,
                f"Expected a non-negative number in: {operator}: {shown(operand)}",
            )
        return [at for at in range(64) if mask >> at & 1]
    raise MongoError(
        Code.BadValue, f"{operator} takes an Array, a number, or a BinData but received: {operand}"
    )


def _position(item: Any) -> int:
    if not is_number(item) or (isinstance(item, Decimal128) and is_nan(item)):
        raise MongoError(Code.BadValue, f"bit positions must be an integer but got: {shown(item)}")
    position = integer(item, shown(item), Code.BadValue)
    if position < 0:
        raise MongoError(Code.BadValue, f"bit positions must be >= 0 but got: {shown(item)}")
    if position > INT32_MAX:
        raise MongoError(
            Code.BadValue,
            f"bit positions cannot be represented as a 32-bit signed integer: {shown(item)}",
        )
    return position
