"""Which keys of an index the documents of a filter can have: intervals for each path.

They may be too wide, never too narrow: whoever reads documents by them tests the whole filter.
Each predicate has intervals of its own, for one document may satisfy each by another element of an
array; only where a path met no array may they be intersected.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bson import Binary, DatetimeMS, MaxKey, MinKey, ObjectId, Regex, Timestamp

from stend.engines.mongo.query.operators import truthy
from stend.engines.mongo.query.paths import split
from stend.engines.mongo.query.values import (
    INT64_MAX,
    INT64_MIN,
    MISSING,
    OrderKey,
    flags_of,
    is_nan,
    is_number,
    order_key,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """From one value to another, in MongoDB's order."""

    low: Any
    high: Any
    includes_low: bool = True
    includes_high: bool = True

    @property
    def low_key(self) -> OrderKey:
        return order_key(self.low)

    @property
    def high_key(self) -> OrderKey:
        return order_key(self.high)

    @property
    def is_point(self) -> bool:
        """Whether it is one value."""
        return self.low_key == self.high_key

    def holds(self, key: OrderKey) -> bool:
        """Whether the value with this key is in it."""
        low, high = self.low_key, self.high_key
        return (low < key or (self.includes_low and low == key)) and (
            key < high or (self.includes_high and key == high)
        )

    def is_within(self, other: "Interval") -> bool:
        """Whether the other one has all of it."""
        low, high = self.low_key, self.high_key
        return (
            other.low_key < low
            or (other.low_key == low and (other.includes_low or not self.includes_low))
        ) and (
            high < other.high_key
            or (other.high_key == high and (other.includes_high or not self.includes_high))
        )


Intervals = tuple[Interval, ...]

EVERYTHING: Final[Intervals] = (Interval(MinKey(), MaxKey()),)
_NULL_KEY: Final = order_key(MISSING)


@dataclass(slots=True)
class PathBounds:
    """What a filter says of one path.

    Attributes:
        predicates: the intervals of each, in order and apart.
        exists: whether a document must have the field.
        is_exact: whether the intervals say all that the filter says of the path.
    """

    predicates: list[Intervals] = field(default_factory=list)
    exists: bool = False
    is_exact: bool = True

    @property
    def excludes_missing(self) -> bool:
        """Whether a document without the field cannot match."""
        return self.exists or any(
            not any(interval.holds(_NULL_KEY) for interval in intervals)
            for intervals in self.predicates
        )


Bounds = dict[str, PathBounds]


def bounds_of(spec: Mapping[str, Any]) -> Bounds:
    """What the top level of a filter, with `$and` and `$elemMatch` in it, says of each path."""
    found: Bounds = {}
    _add(spec, "", found)
    for path, own in found.items():
        if _has_position(path):
            _loosen(own)
    return found


def _has_position(path: str) -> bool:
    return any(part.isdigit() for part in split(path))


def _loosen(own: PathBounds) -> None:
    # To a filter, a position of an array is also a field that its documents do not have; an index
    # has the element alone, and no null for those.
    own.is_exact = False
    own.predicates = [
        intervals
        for intervals in own.predicates
        if not any(interval.holds(_NULL_KEY) for interval in intervals)
    ]


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """The values that are in both."""
    both = [_common(one, other) for one in left for other in right]
    return tuple(interval for interval in both if interval is not None)


def _common(one: Interval, other: Interval) -> Interval | None:
    first = max(one, other, key=lambda each: (each.low_key, not each.includes_low))
    last = min(one, other, key=lambda each: (each.high_key, each.includes_high))
    low, high = first.low_key, last.high_key
    includes_both = first.includes_low and last.includes_high
    if low > high or (low == high and not includes_both):
        return None
    return Interval(first.low, last.high, first.includes_low, last.includes_high)


def _add(spec: Mapping[str, Any], prefix: str, found: Bounds) -> None:
    for name, operand in spec.items():
        if name == "$and":
            for part in operand:
                _add(part, prefix, found)
        elif not name.startswith("$"):
            _add_path(prefix + name, operand, found.setdefault(prefix + name, PathBounds()), found)


def _add_path(path: str, operand: Any, own: PathBounds, found: Bounds) -> None:
    if not _is_operators(operand):
        _add_equality(operand, own)
        return
    if "$elemMatch" in operand:
        _add_element(path, operand["$elemMatch"], own, found)
    _add_operators(operand, own)


def _add_operators(operators: Mapping[str, Any], own: PathBounds) -> None:
    for operator, value in operators.items():
        if operator == "$regex":
            _add_pattern(value, operators.get("$options", ""), own)
        elif operator != "$elemMatch":
            _add_operator(operator, value, own)


def _is_operators(operand: Any) -> bool:
    return isinstance(operand, Mapping) and next(iter(operand), "").startswith("$")


def _add_equality(value: Any, own: PathBounds) -> None:
    intervals = _equal_to(value)
    if intervals is None or value is None or isinstance(value, Regex):
        own.is_exact = False
    if intervals is not None:
        own.predicates.append(intervals)


def _add_operator(operator: str, value: Any, own: PathBounds) -> None:
    if operator == "$exists":
        own.is_exact = False
        if truthy(value):
            own.exists = True
        else:
            own.predicates.append(_point(None))
    elif operator == "$eq":
        _add_equality(value, own)
    elif operator == "$all":
        for item in value:
            if not _is_operators(item):
                _add_equality(item, own)
        own.is_exact = False
    else:
        _add_comparison(operator, value, own)


def _add_pattern(value: Any, options: str, own: PathBounds) -> None:
    own.is_exact = False
    regex = value if isinstance(value, Regex) else Regex(value, 0)
    strings = (_STRINGS,) if options else _matching(regex)
    own.predicates.append((*strings, _REGEXES))


def _add_comparison(operator: str, value: Any, own: PathBounds) -> None:
    intervals = None
    if operator == "$in":
        intervals = _any_of(value)
        own.is_exact &= not any(item is None or isinstance(item, Regex) for item in value)
    elif operator in _COMPARISONS:
        intervals = _COMPARISONS[operator](value)
    if intervals is None:
        own.is_exact = False
    else:
        own.predicates.append(intervals)


def _add_element(path: str, spec: Mapping[str, Any], own: PathBounds, found: Bounds) -> None:
    own.is_exact = False
    if not _is_operators(spec):
        inner: Bounds = {}
        _add(spec, f"{path}.", inner)
        for inner_path, bounds in inner.items():
            # An element that is itself an array has its positions for names.
            if not _has_position(inner_path[len(path) :]):
                outer = found.setdefault(inner_path, PathBounds())
                outer.predicates += bounds.predicates
                outer.is_exact = False
        return
    if _has_position(path):
        # An array that a position names is one value to an index.
        return
    value = PathBounds()
    # The elements of an element that is an array are no keys, so that `$elemMatch` in it is not.
    _add_operators(spec, value)
    # One element satisfies all of them, so that they may be intersected.
    together = EVERYTHING
    for intervals in value.predicates:
        together = intersection(together, intervals)
    own.predicates.append(together)


def _point(value: Any) -> Intervals:
    return (Interval(value, value),)


def _equal_to(value: Any) -> Intervals | None:
    if isinstance(value, list):
        # An array is equal as a whole, or as an element, or to one of its elements' arrays.
        return None
    if isinstance(value, Regex):
        return (*_matching(value), Interval(value, value))
    return _point(value)


def _any_of(values: Iterable[Any]) -> Intervals | None:
    intervals: dict[tuple[OrderKey, OrderKey], Interval] = {}
    for value in values:
        own = _equal_to(value)
        if own is None:
            return None
        intervals |= {(interval.low_key, interval.high_key): interval for interval in own}
    return _apart(intervals.values())


def _apart(intervals: Iterable[Interval]) -> Intervals:
    """In order; those that overlap are joined."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: (each.low_key, not each.includes_low)):
        last = joined[-1] if joined else None
        if last is None or interval.low_key > last.high_key:
            joined.append(interval)
        elif interval.high_key > last.high_key:
            joined[-1] = Interval(
                last.low, interval.high, last.includes_low, interval.includes_high
            )
        elif interval.high_key == last.high_key and interval.includes_high:
            joined[-1] = Interval(last.low, last.high, last.includes_low)
    return tuple(joined)


_LITERAL: Final = re.compile(r"\^([\w \-@/:,;=&%#!\"'<>~]+)", re.ASCII)
_STRINGS: Final = Interval("", {}, includes_high=False)
_REGEXES: Final = Interval(Regex("", 0), MaxKey(), includes_high=False)


def _matching(regex: "Regex[Any]") -> Intervals:
    """The strings that a pattern may match: those with its literal beginning, if it has one."""
    pattern = regex.pattern
    if flags_of(regex) or not isinstance(pattern, str) or "|" in pattern:
        return (_STRINGS,)
    found = _LITERAL.match(pattern)
    literal = found[1] if found else ""
    following = pattern[1 + len(literal) : 2 + len(literal)]
    if following and following in "*?{":
        literal = literal[:-1]
    if not literal:
        return (_STRINGS,)
    after = literal[:-1] + chr(ord(literal[-1]) + 1)
    return (Interval(literal, after, includes_high=False),)


# The least and the greatest value of each type that comparisons have bounds for.
_DATES: Final = (DatetimeMS(INT64_MIN), DatetimeMS(INT64_MAX))
_OBJECT_IDS: Final = (ObjectId(b"\0" * 12), ObjectId(b"\xff" * 12))
_RANGES: Final[Mapping[type, Interval]] = {
    str: _STRINGS,
    bool: Interval(False, True),
    ObjectId: Interval(*_OBJECT_IDS),
    datetime: Interval(*_DATES),
    DatetimeMS: Interval(*_DATES),
    Timestamp: Interval(Timestamp(0, 0), Timestamp(2**32 - 1, 2**32 - 1)),
    dict: Interval({}, [], includes_high=False),
    bytes: Interval(b"", _OBJECT_IDS[0], includes_high=False),
    Binary: Interval(b"", _OBJECT_IDS[0], includes_high=False),
}
_NUMBERS: Final = Interval(float("-inf"), float("inf"))


def _whole_type(value: Any) -> Interval | None:
    if is_number(value):
        return _NUMBERS
    return _RANGES.get(type(value))


def _above(value: Any, *, includes: bool) -> Intervals | None:
    if value is None or is_nan(value):
        return _point(value)
    whole = _whole_type(value)
    if whole is None:
        return None
    return (Interval(value, whole.high, includes, whole.includes_high),)


def _below(value: Any, *, includes: bool) -> Intervals | None:
    if value is None or is_nan(value):
        return _point(value)
    whole = _whole_type(value)
    if whole is None:
        return None
    return (Interval(whole.low, value, whole.includes_low, includes),)


_COMPARISONS: Final[Mapping[str, Callable[[Any], Intervals | None]]] = {
    "$gt": lambda value: _above(value, includes=False),
    "$gte": lambda value: _above(value, includes=True),
    "$lt": lambda value: _below(value, includes=False),
    "$lte": lambda value: _below(value, includes=True),
}
