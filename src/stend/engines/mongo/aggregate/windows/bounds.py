"""Bounds of windows: by documents, or by a range of the values that documents are sorted by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import DatetimeMS

from stend.engines.mongo.aggregate.date_units import add, check_unit
from stend.engines.mongo.aggregate.expressions.arithmetic import plus
from stend.engines.mongo.aggregate.numbers import is_integral, is_number, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.timezones import UTC
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import OrderKey, type_alias

UNBOUNDED: Final = "unbounded"
CURRENT: Final = "current"

# A window of a document: the first position and the one after the last.
Span = tuple[int, int]
Locate = Callable[[int], Span]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The window of every document of a partition.

    Attributes:
        lower: a number, None without a bound, "current" in a range for the document itself.
        upper: likewise.
        ranged: whether they are of the values sorted by, and not of positions.
        unit: of time, for a range of dates.
    """

    lower: Any = None
    upper: Any = None
    ranged: bool = False
    unit: str | None = None

    def locating(self, values: Sequence[Any]) -> Locate:
        """What tells the window of a position.

        Args:
            values: of the field that the documents are sorted by, one of each.

        Raises:
            MongoError: 5429413-5429415 for a value that has no range of this kind.
        """
        if self.ranged:
            return _Ranges(self, values).span
        count = len(values)

        def span(position: int) -> Span:
            start = 0 if self.lower is None else max(0, position + self.lower)
            end = count if self.upper is None else min(count, position + self.upper + 1)
            return (start, end) if start < end else (0, 0)

        return span


class _Ranges:
    """Windows by values: both ends only go forward, as the bounds do."""

    def __init__(self, bounds: Bounds, values: Sequence[Any]) -> None:
        self.bounds = bounds
        self.values = values
        self.keys: list[OrderKey] = [value_key(value) for value in values]
        # What is of no type for the range stands before and after, and is in no window.
        fitting = [at for at, value in enumerate(values) if self._fits(value)]
        self.first = fitting[0] if fitting else 0
        self.last = fitting[-1] + 1 if fitting else 0
        self.start = 0
        self.end = 0

    def _fits(self, value: Any) -> bool:
        return is_number(value) if self.bounds.unit is None else isinstance(value, DatetimeMS)

    def span(self, position: int) -> Span:
        value = self.values[position]
        self._check(value)
        start, end = self._start(position, value), self._end(position, value)
        return (start, end) if start < end else (0, 0)

    def _start(self, position: int, value: Any) -> int:
        if self.bounds.lower is None:
            return self.first
        if self.bounds.lower == CURRENT:
            return position
        low = self._bound(value, self.bounds.lower)
        while self.start < len(self.keys) and self.keys[self.start] < low:
            self.start += 1
        return self.start

    def _end(self, position: int, value: Any) -> int:
        if self.bounds.upper is None:
            return self.last
        if self.bounds.upper == CURRENT:
            return position + 1
        high = self._bound(value, self.bounds.upper)
        while self.end < len(self.keys) and self.keys[self.end] <= high:
            self.end += 1
        return self.end

    def _check(self, value: Any) -> None:
        if self.bounds.unit is not None:
            if not isinstance(value, DatetimeMS):
                raise MongoError(
                    5429513,
                    "PartitionIterator with a 'unit' expects the sortBy to be a Date, but it was "
                    f"{type_alias(value)}",
                )
        elif isinstance(value, DatetimeMS):
            raise MongoError(
                5429413,
                "Invalid range: For windows that involve date or time ranges, a unit must be "
                "provided.",
            )
        elif not is_number(value):
            raise MongoError(
                5429414,
                f"Invalid range: Expected the sortBy field to be a number, but it was "
                f"{type_alias(value)}",
            )

    def _bound(self, value: Any, distance: Any) -> OrderKey:
        if self.bounds.unit is None:
            return value_key(plus(value, distance))
        return value_key(DatetimeMS(add(int(value), self.bounds.unit, to_long(distance), UTC)))


def parse_error(message: str) -> MongoError:
    """The error of a window function that is written wrong."""
    return MongoError(Code.FailedToParse, message)


def read_bounds(window: Any, sort_fields: Mapping[str, Any] | None) -> Bounds:
    """The `window` of a window function.

    Args:
        window: as written.
        sort_fields: the `sortBy` of the stage.

    Raises:
        MongoError: FailedToParse, 5339900-5339902 or 8947401 as MongoDB refuses it.
    """
    if not isinstance(window, Mapping):
        raise parse_error("'window' field must be an object")
    if "documents" in window and "range" in window:
        raise parse_error("Window bounds can specify either 'documents' or 'unit', not both.")
    if "unit" in window and "range" not in window:
        raise parse_error("Window bounds can only specify 'unit' with range-based bounds.")
    for key in window:
        if key not in ("documents", "range", "unit"):
            raise parse_error(
                "'window' field can only contain 'documents' as the only argument or 'range' with "
                f"an optional 'unit' field, not '{key}'"
            )
    if "range" in window:
        return _range_bounds(window, sort_fields)
    return _document_bounds(window, sort_fields) if "documents" in window else Bounds()


def _pair(written: Any) -> tuple[Any, Any]:
    if not isinstance(written, list) or len(written) != 2:
        raise parse_error(f"Window bounds must be a 2-element array: {written!r}")
    return written[0], written[1]


def _bound(written: Any, check: Callable[[Any], Any]) -> Any:
    if type(written) is str:
        if written == UNBOUNDED:
            return None
        if written == CURRENT:
            return CURRENT
        raise parse_error("Window bounds must be 'unbounded', 'current', or a number.")
    return check(written)


def _as_number(bound: Any) -> Any:
    return 0 if bound == CURRENT else bound


def _check_forward(lower: Any, upper: Any) -> None:
    lower, upper = _as_number(lower), _as_number(upper)
    if lower is not None and upper is not None and value_key(lower) > value_key(upper):
        raise MongoError(5339900, f"Lower bound must not exceed upper bound: [{lower}, {upper}]")


def _document_bounds(window: Mapping[str, Any], sort_fields: Mapping[str, Any] | None) -> Bounds:
    def whole(value: Any) -> int:
        if not is_integral(value):
            raise parse_error("Numeric document-based bounds must be an integer")
        return to_long(value)

    lower, upper = (_bound(written, whole) for written in _pair(window["documents"]))
    _check_forward(lower, upper)
    if sort_fields is None and not (lower is None and upper is None):
        raise MongoError(5339901, "Document-based bounds require a sortBy")
    return Bounds(_as_number(lower), _as_number(upper))


def _range_bounds(window: Mapping[str, Any], sort_fields: Mapping[str, Any] | None) -> Bounds:
    unit = window.get("unit")
    if "unit" in window and type(unit) is not str:
        raise parse_error("'unit' must be a string")

    def number(value: Any) -> Any:
        if unit is not None and not is_integral(value):
            raise parse_error("With 'unit', range-based bounds must be an integer")
        if not is_number(value):
            raise parse_error("Range-based bounds expression must be a number")
        return value

    lower, upper = (_bound(written, number) for written in _pair(window["range"]))
    _check_forward(lower, upper)
    if unit is not None:
        check_unit(unit)
    if sort_fields is None or len(sort_fields) != 1:
        raise MongoError(5339902, "Range-based bounds require sortBy a single field")
    (direction,) = sort_fields.values()
    if not is_number(direction) or to_long(direction) != 1:
        raise MongoError(8947401, "Range-based bounds require an ascending sortBy")
    return Bounds(lower, upper, ranged=True, unit=unit)
