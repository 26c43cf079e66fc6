"""Orthogonal lines with rounded corners, alone and side by side as a ribbon."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

CORNER_RADIUS = 8.0
# Between the middles of two strands of a ribbon.
STRAND_PITCH = 5.0


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


def around(boxes: Sequence[Box], margin: float) -> Box:
    """The smallest box that holds all of these, with a margin on every side."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin)


def shifted(line: Sequence[Point], offset: float) -> tuple[Point, ...]:
    """The line `offset` to its right-hand side, as a strand of a ribbon runs beside the middle.

    A vertical part moves sideways, a horizontal one up or down; a corner belongs to both.
    """
    moved = []
    for place, (x, y) in enumerate(line):
        beside = [_direction(*part) for part in pairwise(line[max(place - 1, 0) : place + 2])]
        dx = next((dx for dx, _ in beside if dx), 0)
        dy = next((dy for _, dy in beside if dy), 0)
        moved.append((x - dy * offset, y + dx * offset))
    return tuple(moved)


def ribbon(line: Sequence[Point], count: int) -> tuple[tuple[Point, ...], ...]:
    middle = (count - 1) / 2
    return tuple(shifted(line, (place - middle) * STRAND_PITCH) for place in range(count))


def path(line: Sequence[Point]) -> str:
    """The `d` of an SVG path."""
    steps = [f"M{_text(line[0])}"]
    for before, corner, after in zip(line, line[1:], line[2:], strict=False):
        radius = min(CORNER_RADIUS, _length(before, corner) / 2, _length(corner, after) / 2)
        steps.append(f"L{_text(_toward(corner, before, radius))}")
        steps.append(f"Q{_text(corner)} {_text(_toward(corner, after, radius))}")
    return "".join([*steps, f"L{_text(line[-1])}"])


def _direction(start: Point, end: Point) -> Point:
    return _sign(end[0] - start[0]), _sign(end[1] - start[1])


def _sign(value: float) -> float:
    return (value > 0) - (value < 0)


def _length(start: Point, end: Point) -> float:
    return abs(end[0] - start[0]) + abs(end[1] - start[1])


def _toward(start: Point, end: Point, distance: float) -> Point:
    dx, dy = _direction(start, end)
    return start[0] + dx * distance, start[1] + dy * distance


def _text(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"
