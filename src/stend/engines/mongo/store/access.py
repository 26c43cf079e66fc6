"""How one index can serve a filter and a sort: which of its keys, and in which direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NamedTuple

from stend.engines.mongo.query.bounds import (
    EVERYTHING,
    Bounds,
    Interval,
    Intervals,
    PathBounds,
    intersection,
)
from stend.engines.mongo.query.sorting import Descending
from stend.engines.mongo.store.implying import implies
from stend.engines.mongo.store.indexes import Index
from stend.engines.mongo.store.ordering import TOP, Key
from stend.engines.mongo.store.rendering import rendered

# So many single keys are looked up one by one; beyond, what is between them is read too.
_MOST_POINTS: Final = 2000


class Range(NamedTuple):
    """The keys from `low` on and below `high`; a point is one whole key, `low`."""

    low: Key
    high: Key
    is_point: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """
    Attributes:
        intervals: for each path of the index.
        bounded: the positions of paths that the filter bounds.
        ranges: the keys to read, in the order of the index and apart.
        checked: positions whose intervals the ranges do not make sure of.
        estimate: about how many keys that are.
    """

    index: Index
    intervals: tuple[Intervals, ...]
    bounded: frozenset[int]
    ranges: tuple[Range, ...]
    checked: tuple[int, ...]
    estimate: int

    def holds(self, key: Key) -> bool:
        """Whether a key of the ranges is in the intervals."""
        for at in self.checked:
            part = key[at]
            plain = part.key if isinstance(part, Descending) else part
            if not any(interval.holds(plain) for interval in self.intervals[at]):
                return False
        return True

    def direction_for(self, sort: Mapping[str, int]) -> int:
        """In which direction the index gives documents in the order of a sort; 0 for in none."""
        multikey = self.index.multikey
        sorted_at: list[int] = []
        direction = 0
        at = 0
        paths = self.index.spec.paths
        for path, wanted in sort.items():
            if self._is_constant(path):
                continue
            while at < len(paths) and paths[at] != path and self._is_one_point(at):
                at += 1
            if at == len(paths) or paths[at] != path:
                return 0
            own = wanted * self.index.spec.directions[at]
            if direction and own != direction:
                return 0
            direction = own
            sorted_at.append(at)
            at += 1
        # The least element of an array decides, also where it is out of the bounds.
        if multikey.intersection(sorted_at) and multikey & self.bounded:
            return 0
        return direction or 1

    def _is_constant(self, path: str) -> bool:
        paths = self.index.spec.paths
        if path not in paths:
            return False
        at = paths.index(path)
        return self._is_one_point(at) and at not in self.index.multikey

    def _is_one_point(self, at: int) -> bool:
        intervals = self.intervals[at]
        return len(intervals) == 1 and intervals[0].is_point

    def shown_bounds(self, direction: int) -> dict[str, list[str]]:
        """As an explain has them: in the direction of the scan."""
        shown = {}
        for at, path in enumerate(self.index.spec.paths):
            is_up = direction * self.index.spec.directions[at] > 0
            intervals = self.intervals[at] if is_up else tuple(reversed(self.intervals[at]))
            shown[path] = [_shown(interval, is_up=is_up) for interval in intervals]
        return shown


def _shown(interval: Interval, *, is_up: bool) -> str:
    low = ("[" if interval.includes_low else "(", interval.low)
    high = ("]" if interval.includes_high else ")", interval.high)
    if is_up:
        return f"{low[0]}{rendered(low[1])}, {rendered(high[1])}{high[0]}"
    first = "[" if interval.includes_high else "("
    last = "]" if interval.includes_low else ")"
    return f"{first}{rendered(interval.high)}, {rendered(interval.low)}{last}"


def access(index: Index, bounds: Bounds) -> Access:
    """What of an index a filter needs; all of it where it says nothing of its paths."""
    intervals: list[Intervals] = []
    bounded: set[int] = set()
    for at, path in enumerate(index.spec.paths):
        own = bounds.get(path)
        if own is None or not own.predicates or _is_taken(at, index, bounded):
            intervals.append(EVERYTHING)
        else:
            intervals.append(_chosen(own, is_multikey=at in index.multikey))
            bounded.add(at)
    ranges, checked = _ranges(index, intervals)
    return Access(
        index, tuple(intervals), frozenset(bounded), ranges, checked, _estimate(index, ranges)
    )


def _is_taken(at: int, index: Index, bounded: set[int]) -> bool:
    # Another element of the same array may satisfy the other predicate.
    return at in index.multikey and bool(index.multikey & bounded)


def _chosen(own: PathBounds, *, is_multikey: bool) -> Intervals:
    if not is_multikey:
        together = EVERYTHING
        for intervals in own.predicates:
            together = intersection(together, intervals)
        return together
    points = [each for each in own.predicates if all(interval.is_point for interval in each)]
    return points[0] if points else own.predicates[0]


def _ranges(
    index: Index, intervals: Sequence[Intervals]
) -> tuple[tuple[Range, ...], tuple[int, ...]]:
    """Points of the first paths, each with the intervals of the path after them."""
    prefixes: list[Key] = [()]
    for at, own in enumerate(intervals):
        ordered = _in_index_order(index, at, own)
        if not all(low == high for low, high, _, _ in ordered) or (
            len(prefixes) * len(own) > _MOST_POINTS
        ):
            ends = [_ends(prefix, each) for prefix in prefixes for each in ordered]
            return tuple(ends), _unsure(intervals, at + 1)
        prefixes = [(*prefix, each[0]) for prefix, each in product(prefixes, ordered)]
    return tuple(Range(prefix, (*prefix, TOP), is_point=True) for prefix in prefixes), ()


def _unsure(intervals: Sequence[Intervals], start: int) -> tuple[int, ...]:
    return tuple(at for at in range(start, len(intervals)) if intervals[at] != EVERYTHING)


_Part = Any


def _in_index_order(
    index: Index, at: int, intervals: Intervals
) -> list[tuple[_Part, _Part, bool, bool]]:
    """Low and high ends as parts of a key, and whether each is included."""
    if at not in index.turned:
        return [
            (each.low_key, each.high_key, each.includes_low, each.includes_high)
            for each in intervals
        ]
    return [
        (
            Descending(each.high_key),
            Descending(each.low_key),
            each.includes_high,
            each.includes_low,
        )
        for each in reversed(intervals)
    ]


def _ends(prefix: Key, interval: tuple[_Part, _Part, bool, bool]) -> Range:
    # A longer key is above a shorter one that it begins with, and TOP is above every part.
    low, high, includes_low, includes_high = interval
    first = (*prefix, low) if includes_low else (*prefix, low, TOP)
    last = (*prefix, high, TOP) if includes_high else (*prefix, high)
    return Range(first, last)


def _estimate(index: Index, ranges: tuple[Range, ...]) -> int:
    if all(each.is_point for each in ranges):
        return sum(index.count_at(each.low) for each in ranges)
    keys = sum(index.count(each.low, each.high) for each in ranges)
    return keys * index.key_count // max(1, index.distinct_count)


def can_serve(index: Index, bounds: Bounds, filter_spec: Mapping[str, Any]) -> bool:
    """Whether the index has all documents that a filter can match."""
    if index.spec.sparse:
        return any(path in bounds and bounds[path].excludes_missing for path in index.spec.paths)
    return index.spec.partial is None or implies(filter_spec, bounds, index.spec.partial)
