"""Accumulators that give several values: $firstN, $topN and their like, and percentiles."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.accumulators import Accumulator, Keeping
from stend.engines.mongo.aggregate.numbers import (
    LONG_MAX,
    is_integral,
    is_number,
    number_kind,
    to_double,
    to_long,
)
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, OrderKey, type_alias


def count_of(value: Any) -> int:
    """The `n` of $firstN and its like.

    Raises:
        MongoError: 5787902, 5787903 or 5787908 when it is no positive integer.
    """
    if not is_number(value):
        raise MongoError(
            5787902, f"Value for 'n' must be of integral type, but found {type_alias(value)}"
        )
    if not is_integral(value, -LONG_MAX, LONG_MAX):
        raise MongoError(5787903, f"Value for 'n' must be of integral type, but found {value}")
    count = to_long(value)
    if count <= 0:
        raise MongoError(5787908, f"'n' must be greater than 0, found {count}")
    return count


class FirstN(Keeping):
    """The first n values; a missing one is null."""

    __slots__ = ("count", "values")
    name = "$firstN"

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        if len(self.values) < self.count:
            self.hold(value)
            self.values.append(None if value is MISSING else value)

    @property
    def result(self) -> Any:
        return list(self.values)


class LastN(Keeping):
    """The last n values; a missing one is null."""

    __slots__ = ("count", "values")
    name = "$lastN"

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        self.hold(value)
        self.values.append(None if value is MISSING else value)
        if len(self.values) >= 2 * self.count + 64:
            del self.values[: -self.count]
            self.held_bytes = 0
            for kept in self.values:
                self.hold(kept)

    @property
    def result(self) -> Any:
        return self.values[-self.count :]


class ExtremeN(Keeping):
    """The n least or greatest values, from the most extreme on; nulls are passed over."""

    __slots__ = ("count", "sign", "values")

    def __init__(self, count: int, sign: int) -> None:
        super().__init__()
        self.count = count
        self.sign = sign
        self.values: list[tuple[OrderKey, Any]] = []

    def add(self, value: Any) -> None:
        if value is None or value is MISSING:
            return
        self.hold(value)
        self.values.append((value_key(value), value))
        if len(self.values) >= 2 * self.count + 64:
            self._cut()

    def _cut(self) -> None:
        self.values.sort(key=lambda pair: pair[0], reverse=self.sign > 0)
        del self.values[self.count :]
        self.held_bytes = 0
        for _, kept in self.values:
            self.hold(kept)

    @property
    def result(self) -> Any:
        self._cut()
        return [value for _, value in self.values]


class TopN(Keeping):
    """The outputs of the first or last n documents in an order.

    Args:
        count: how many; None for $top and $bottom, which give one value and no array.
        bottom: whether the last ones are meant.
    """

    __slots__ = ("bottom", "count", "values")
    name = "$topN"

    def __init__(self, count: int | None, *, bottom: bool) -> None:
        super().__init__()
        self.count = count
        self.bottom = bottom
        self.values: list[tuple[Any, Any]] = []

    def add(self, value: Any) -> None:
        """Takes a pair: the key of the order and the output."""
        self.hold(value[1])
        self.values.append(value)
        if len(self.values) >= 2 * (self.count or 1) + 64:
            self._cut()

    def _cut(self) -> None:
        self.values.sort(key=lambda pair: pair[0])
        count = self.count or 1
        self.values = self.values[-count:] if self.bottom else self.values[:count]
        self.held_bytes = 0
        for _, kept in self.values:
            self.hold(kept)

    @property
    def result(self) -> Any:
        self._cut()
        outputs = [None if output is MISSING else output for _, output in self.values]
        if self.count is not None:
            return outputs
        return outputs[0] if outputs else None


class Percentiles(Keeping):
    """The values at given ranks, as doubles.

    MongoDB's one method, "approximate", promises a value near the rank; this one is at the rank.

    Args:
        ranks: each in [0, 1].
        single: whether one value is wanted instead of an array of one: $median.
    """

    __slots__ = ("numbers", "ranks", "single")
    name = "$percentile"

    def __init__(self, ranks: tuple[float, ...], *, single: bool) -> None:
        super().__init__()
        self.ranks = ranks
        self.single = single
        self.numbers: list[float] = []

    def add(self, value: Any) -> None:
        if not number_kind(value):
            return
        number = to_double(value)
        if not math.isnan(number):
            self.hold(None)
            self.numbers.append(number)

    @property
    def result(self) -> Any:
        numbers = sorted(self.numbers)
        if not numbers:
            return None if self.single else [None] * len(self.ranks)
        found = [numbers[self._index(rank, len(numbers))] for rank in self.ranks]
        return found[0] if self.single else found

    @staticmethod
    def _index(rank: float, count: int) -> int:
        if rank >= 1:
            return count - 1
        return max(0, math.ceil(count * rank) - 1)


def percentile_ranks(value: Any) -> tuple[float, ...]:
    """The `p` of $percentile.

    Raises:
        MongoError: 7750301-7750303 when it is no array of numbers in [0, 1].
    """
    if not isinstance(value, list) or not value:
        raise MongoError(
            7750301, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]"
        )
    for rank in value:
        if not is_number(rank):
            raise MongoError(
                7750302, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]"
            )
        if not 0 <= to_double(rank) <= 1:
            raise MongoError(
                7750303, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]"
            )
    return tuple(to_double(rank) for rank in value)


def _check_percentile_method(name: str, given: Mapping[str, Any]) -> None:
    """Raises MongoError when the method is not the one there is."""
    if "method" not in given:
        raise MongoError(40414, f"BSON field '{name}.method' is missing but a required field")
    if type(given["method"]) is not str:
        raise MongoError(
            Code.TypeMismatch, f"BSON field '{name}.method' is the wrong type, expected string"
        )
    if given["method"] != "approximate":
        raise MongoError(
            Code.BadValue, "Currently only 'approximate' can be used as percentile 'method'."
        )


def n_arguments(name: str, argument: Any) -> Mapping[str, Any]:
    """The `{n, input}` of $firstN and its like.

    Raises:
        MongoError: 5787900, 5787901, 5787906 or 5787907.
    """
    if not isinstance(argument, Mapping):
        raise MongoError(5787900, f"specification must be an object; found {name}: {argument!r}")
    for key in argument:
        if key not in ("n", "input"):
            raise MongoError(5787901, f"Unknown argument for 'n' operator: {key}")
    if "n" not in argument:
        raise MongoError(5787906, "Missing value for 'n'")
    if "input" not in argument:
        raise MongoError(5787907, "Missing value for 'input'")
    return argument


def percentile_arguments(name: str, argument: Any) -> tuple[Any, Any]:
    """The input and the `p` of $percentile, 0.5 for $median.

    Raises:
        MongoError: 7436100, 7436200, 40414 or 40415.
    """
    median = name == "$median"
    if not isinstance(argument, Mapping):
        raise MongoError(7436100 if median else 7429703, f"specification must be an object; {name}")
    known = ("input", "method") if median else ("input", "p", "method")
    for key in argument:
        if key not in known:
            raise MongoError(40415, f"BSON field '{name}.{key}' is an unknown field.")
    for key in known[:-1]:
        if key not in argument:
            raise MongoError(40414, f"BSON field '{name}.{key}' is missing but a required field")
    _check_percentile_method(name, argument)
    return argument["input"], [0.5] if median else argument["p"]


N_ARY: Final[Mapping[str, Callable[[int], Accumulator]]] = {
    "$firstN": FirstN,
    "$lastN": LastN,
    "$minN": lambda count: ExtremeN(count, -1),
    "$maxN": lambda count: ExtremeN(count, 1),
}
