"""MongoDB's four kinds of numbers: widening, narrowing and exact sums."""

import decimal
import math
from typing import Any, Final

from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64

from stend.engines.mongo.query.values import decimal_of_double

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1
LONG_MIN: Final = -(2**63)
LONG_MAX: Final = 2**63 - 1
# The rank of a kind among numbers: the wider operand decides the kind of a result.
INT, LONG, DOUBLE, DECIMAL = 1, 2, 3, 4

CONTEXT: Final = create_decimal128_context()
CONTEXT.traps = dict.fromkeys(CONTEXT.traps, False)

_KINDS: Final[dict[type, int]] = {int: INT, Int64: LONG, float: DOUBLE, Decimal128: DECIMAL}


def number_kind(value: Any) -> int:
    """INT, LONG, DOUBLE or DECIMAL; 0 for what is no number."""
    return _KINDS.get(type(value), 0)


def is_number(value: Any) -> bool:
    return type(value) in _KINDS


def int_or_long(value: int) -> Any:
    """The narrowest integer that holds the value, which must fit in 64 bits."""
    return int(value) if INT_MIN <= value <= INT_MAX else Int64(value)


def fits_long(value: int) -> bool:
    return LONG_MIN <= value <= LONG_MAX


def integer_of(value: int, kind: int) -> Any:
    """A sum or product of integers: a double when 64 bits do not hold it."""
    if not fits_long(value):
        return float(value)
    return Int64(value) if kind == LONG else int_or_long(value)


def to_decimal(value: Any) -> decimal.Decimal:
    """A number for arithmetic with Decimal128."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return decimal_of_double(value) if isinstance(value, float) else decimal.Decimal(int(value))


def exact_decimal(value: Any) -> decimal.Decimal:
    """A number as the decimal nearest to it with 34 digits."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return CONTEXT.create_decimal(value if isinstance(value, float) else int(value))


def decimal128(value: decimal.Decimal) -> Decimal128:
    """A result of decimal arithmetic, rounded to 34 digits; its NaN has no sign and no payload."""
    if value.is_nan():
        return Decimal128("NaN")
    return Decimal128(CONTEXT.create_decimal(value))


def to_double(value: Any) -> float:
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    return float(value)


def to_long(value: Any) -> int:
    """Any number as a 64-bit integer, held within bounds: doubles are cut, decimals rounded."""
    if isinstance(value, int):
        return int(value)
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if number != number:
        return 0
    if number >= LONG_MAX:
        return LONG_MAX
    if number <= LONG_MIN:
        return LONG_MIN
    if isinstance(number, decimal.Decimal):
        number = number.to_integral_value(decimal.ROUND_HALF_EVEN)
    return int(number)


def is_integral(value: Any, low: int = INT_MIN, high: int = INT_MAX) -> bool:
    """Whether a number is whole and within bounds, whatever its kind."""
    if not is_number(value):
        return False
    if isinstance(value, int):
        return low <= value <= high
    number = to_decimal(value) if isinstance(value, Decimal128) else value
    if isinstance(number, decimal.Decimal):
        return number.is_finite() and low <= number <= high and number == number.to_integral_value()
    return math.isfinite(number) and low <= number <= high and number.is_integer()


def is_integral_long(value: Any) -> bool:
    return is_integral(value, LONG_MIN, LONG_MAX)


class DoubleSum:
    """A compensated sum of doubles: about 106 bits, as MongoDB sums.

    Two halves, `total` the double nearest to the sum and `rest` what is left; `plain` is what a
    simple sum gives, told when infinities have made the compensated one NaN.
    """

    __slots__ = ("plain", "rest", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.rest = 0.0
        self.plain = 0.0

    def add(self, number: float) -> None:
        self.plain += number
        low = number + self.rest
        rest = self.rest - (low - number)
        total = self.total + low
        first = total - low
        second = total - first
        error = (self.total - first) + (low - second)
        self.total = total
        self.rest = rest + error

    def add_integer(self, number: int) -> None:
        """Exactly: a 64-bit integer is the sum of two doubles."""
        high = float(number)
        self.add(high)
        low = number - int(high)
        if low:
            self.add(float(low))

    @property
    def double(self) -> float:
        return self.plain if math.isnan(self.total) else self.total

    @property
    def decimal(self) -> decimal.Decimal:
        if not math.isfinite(self.total):
            return exact_decimal(self.plain)
        return CONTEXT.add(exact_decimal(self.total), exact_decimal(self.rest))

    @property
    def whole(self) -> int | None:
        """The exact sum, when it is of integers only and no double was rounded away."""
        if not (math.isfinite(self.total) and math.isfinite(self.rest)):
            return None
        return int(self.total) + int(self.rest)
