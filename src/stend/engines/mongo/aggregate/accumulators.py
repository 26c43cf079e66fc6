"""Accumulators of one value each: sums, averages, extremes, deviations, sets and merges."""

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol

from bson import Int64

from stend.engines.mongo.aggregate.memory import STAGE_LIMIT_BYTES, weight
from stend.engines.mongo.aggregate.numbers import (
    CONTEXT,
    DECIMAL,
    DOUBLE,
    INT,
    DoubleSum,
    decimal128,
    fits_long,
    int_or_long,
    number_kind,
    to_double,
)
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, OrderKey, type_alias


class Accumulator(Protocol):
    """Takes values one by one and tells what they make."""

    def add(self, value: Any) -> None: ...

    @property
    def result(self) -> Any: ...

    @property
    def held_bytes(self) -> int:
        """About how much it keeps besides a few numbers."""
        ...


class Simple:
    """The base of accumulators that keep next to nothing."""

    __slots__ = ()
    held_bytes = 0


class Sum(Simple):
    """Of numbers of any kind; what is no number is passed over."""

    __slots__ = ("decimals", "doubles", "integers", "kind")

    def __init__(self) -> None:
        self.kind = INT
        self.integers = 0
        self.doubles: DoubleSum | None = None
        self.decimals = Decimal(0)

    def add(self, value: Any) -> None:
        kind = number_kind(value)
        if not kind:
            return
        self.kind = max(self.kind, kind)
        if kind == DECIMAL:
            self.decimals = CONTEXT.add(self.decimals, value.to_decimal())
        elif kind == DOUBLE:
            self._in_doubles().add(value)
        elif self.doubles is None:
            self.integers += int(value)
        else:
            self.doubles.add_integer(int(value))

    def _in_doubles(self) -> DoubleSum:
        if self.doubles is None:
            self.doubles = DoubleSum()
            _add_exactly(self.doubles, self.integers)
        return self.doubles

    @property
    def double(self) -> float:
        """Of all but the decimals."""
        return float(self.integers) if self.doubles is None else self.doubles.double

    @property
    def decimal(self) -> Decimal:
        """Of all."""
        other = Decimal(self.integers) if self.doubles is None else self.doubles.decimal
        return CONTEXT.add(self.decimals, other)

    @property
    def result(self) -> Any:
        if self.kind == DECIMAL:
            return decimal128(self.decimal)
        if self.kind == DOUBLE or not fits_long(self.integers):
            return self.double
        return int_or_long(self.integers) if self.kind == INT else Int64(self.integers)


def _add_exactly(doubles: DoubleSum, number: int) -> None:
    high = float(number)
    doubles.add(high)
    if number != int(high):
        doubles.add(float(number - int(high)))


class Average(Simple):
    """A double, or a decimal when one of the numbers is; null of none."""

    __slots__ = ("count", "sum")

    def __init__(self) -> None:
        self.sum = Sum()
        self.count = 0

    def add(self, value: Any) -> None:
        if number_kind(value):
            self.count += 1
            self.sum.add(value)

    @property
    def result(self) -> Any:
        if not self.count:
            return None
        if self.sum.kind == DECIMAL:
            return decimal128(CONTEXT.divide(self.sum.decimal, Decimal(self.count)))
        return self.sum.double / self.count


class Count(Simple):
    """How many documents there are."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def add(self, value: Any) -> None:
        self.count += 1

    @property
    def result(self) -> Any:
        return int_or_long(self.count)


class Extreme(Simple):
    """The least or the greatest value; null and what is missing are passed over."""

    __slots__ = ("best", "key", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.key: OrderKey | None = None
        self.best: Any = None

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        key = value_key(value)
        if self.key is None or (key > self.key if self.sign > 0 else key < self.key):
            self.key, self.best = key, value

    @property
    def result(self) -> Any:
        return self.best


class First(Simple):
    """The first value, null when it is missing there."""

    __slots__ = ("seen", "value")

    def __init__(self) -> None:
        self.seen = False
        self.value: Any = None

    def add(self, value: Any) -> None:
        if not self.seen:
            self.seen, self.value = True, value

    @property
    def result(self) -> Any:
        return None if self.value is MISSING else self.value


class Last(Simple):
    """The last value, null when it is missing there."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None

    def add(self, value: Any) -> None:
        self.value = value

    @property
    def result(self) -> Any:
        return None if self.value is MISSING else self.value


class Deviation(Simple):
    """The standard deviation by Welford's method: of a whole population or of a sample."""

    __slots__ = ("count", "less", "mean", "squares")

    def __init__(self, less: int) -> None:
        self.less = less
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0

    def add(self, value: Any) -> None:
        if not number_kind(value):
            return
        number = to_double(value)
        self.count += 1
        delta = number - self.mean
        self.mean += delta / self.count
        self.squares += delta * (number - self.mean)

    @property
    def result(self) -> Any:
        divisor = self.count - self.less
        if divisor <= 0:
            return None
        ratio = self.squares / divisor
        return math.nan if math.isnan(ratio) else math.sqrt(ratio)


class Keeping:
    """The base of accumulators that keep values: they have a bound each."""

    __slots__ = ("held_bytes", "limit_bytes")
    name = ""

    def __init__(self) -> None:
        self.held_bytes = 0
        self.limit_bytes = STAGE_LIMIT_BYTES

    def hold(self, value: Any) -> None:
        self.held_bytes += weight(value)
        if self.held_bytes > self.limit_bytes:
            raise MongoError(
                Code.ExceededMemoryLimit,
                f"{self.name} used too much memory and cannot spill to disk. Memory limit: "
                f"{self.limit_bytes} bytes",
            )


class Push(Keeping):
    """All values in an array, but the missing ones."""

    __slots__ = ("values",)
    name = "$push"

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        if value is not MISSING:
            self.hold(value)
            self.values.append(value)

    @property
    def result(self) -> Any:
        return list(self.values)


class AddToSet(Keeping):
    """Each different value once."""

    __slots__ = ("values",)
    name = "$addToSet"

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[OrderKey, Any] = {}

    def add(self, value: Any) -> None:
        if value is MISSING:
            return
        key = value_key(value)
        if key not in self.values:
            self.hold(value)
            self.values[key] = value

    @property
    def result(self) -> Any:
        return list(self.values.values())


class MergeObjects(Keeping):
    """The fields of all documents; those of later ones win."""

    __slots__ = ("merged",)
    name = "$mergeObjects"

    def __init__(self) -> None:
        super().__init__()
        self.merged: dict[str, Any] = {}

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        if not isinstance(value, Mapping):
            raise MongoError(
                40400,
                f"$mergeObjects requires object inputs, but input is of type {type_alias(value)}",
            )
        self.hold(value)
        self.merged.update(value)

    @property
    def result(self) -> Any:
        return dict(self.merged)


PLAIN: Final[Mapping[str, Callable[[], Accumulator]]] = {
    "$sum": Sum,
    "$avg": Average,
    "$min": lambda: Extreme(-1),
    "$max": lambda: Extreme(1),
    "$first": First,
    "$last": Last,
    "$push": Push,
    "$addToSet": AddToSet,
    "$stdDevPop": lambda: Deviation(0),
    "$stdDevSamp": lambda: Deviation(1),
    "$mergeObjects": MergeObjects,
}
