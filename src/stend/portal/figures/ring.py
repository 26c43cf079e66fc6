"""Points of time with the figures of each, bounded in every direction."""

import math
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stend.portal.figures.computing import Values

KEPT_S = 15 * 60
# One a second for as long as points are kept.
MOST_POINTS = KEPT_S
# Many times what a stand has; each takes eight bytes a point.
MOST_SERIES = 500
_NOTHING = math.nan


@dataclass(frozen=True, slots=True)
class Point:
    """
    Attributes:
        at_s: since the epoch.
        figures: rows by the key of a figure.
    """

    at_s: float
    figures: Mapping[str, Values]


class Ring:
    """The newest points.

    Attributes:
        dropped: series that came when there was no place for one more.
    """

    def __init__(self, most_points: int = MOST_POINTS, most_series: int = MOST_SERIES) -> None:
        self._most_points = most_points
        self._most_series = most_series
        self._times = array("d")
        self._columns: dict[tuple[str, str], array[float]] = {}
        self._refused: set[tuple[str, str]] = set()

    @property
    def dropped(self) -> int:
        return len(self._refused)

    @property
    def series(self) -> int:
        return len(self._columns)

    @property
    def size_bytes(self) -> int:
        """What the figures themselves take."""
        return self._times.itemsize * len(self._times) * (1 + len(self._columns))

    def __len__(self) -> int:
        return len(self._times)

    def add(self, point: Point) -> None:
        """A point that is not later than the one before makes all that came before worthless."""
        if self._times and point.at_s <= self._times[-1]:
            self._forget(len(self._times))
        for figure, values in point.figures.items():
            for row in values:
                self._make_place((figure, row))
        self._times.append(point.at_s)
        for (figure, row), column in self._columns.items():
            value = point.figures.get(figure, {}).get(row)
            column.append(_NOTHING if value is None else value)
        old = sum(1 for at_s in self._times if at_s <= point.at_s - KEPT_S)
        self._forget(max(old, len(self._times) - self._most_points))

    def times(self) -> list[float]:
        return list(self._times)

    def columns(self) -> Mapping[str, Mapping[str, list[float | None]]]:
        """All values by figure and row, as many as there are times."""
        told: dict[str, dict[str, list[float | None]]] = {}
        for (figure, row), column in self._columns.items():
            told.setdefault(figure, {})[row] = [_told(value) for value in column]
        return told

    def since(self, at_s: float) -> Iterator[Point]:
        """Points later than that."""
        first = len(self._times)
        while first and self._times[first - 1] > at_s:
            first -= 1
        for index in range(first, len(self._times)):
            yield self._point(index)

    def last(self) -> Point | None:
        return self._point(len(self._times) - 1) if self._times else None

    def _point(self, index: int) -> Point:
        figures: dict[str, dict[str, float | None]] = {}
        for (figure, row), column in self._columns.items():
            figures.setdefault(figure, {})[row] = _told(column[index])
        return Point(self._times[index], figures)

    def _make_place(self, series: tuple[str, str]) -> None:
        if series in self._columns:
            return
        if len(self._columns) < self._most_series:
            self._columns[series] = array("d", [_NOTHING]) * len(self._times)
        elif len(self._refused) < self._most_series:
            self._refused.add(series)

    def _forget(self, count: int) -> None:
        if count > 0:
            del self._times[:count]
            for column in self._columns.values():
                del column[:count]


def _told(value: float) -> float | None:
    return None if math.isnan(value) else value
