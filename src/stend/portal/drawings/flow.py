"""A flowchart of a lesson, drawn: layers along the way of its arrows."""

from collections.abc import Mapping
from dataclasses import replace

from stend.course.texts.flowcharts import Edge, Flowchart, read_flowchart
from stend.portal.drawings.layers import Box, Layout, lay_out
from stend.portal.drawings.shapes import (
    LINE,
    Point,
    curve,
    head,
    label,
    line,
    lines_of,
    rect,
    svg,
    text,
    width_of,
)

_LABEL = 24
_EDGE_LABEL = 20
_PAD_X, _PAD_Y = 12.0, 8.0
_LEAST_GAP = 36.0
_MARGIN = 12.0
_GROUP_PAD, _GROUP_TITLE = 12.0, 18.0
# As wide as prose is: what is wider is drawn from above, where that is narrower.
_WIDE = 620.0
# How far along a curve a label stands, and how far across the curve is there.
_NEAR_START, _HALF, _NEAR_END = (0.34, 0.22), (0.5, 0.5), (0.66, 0.78)
_SIDEWAYS = frozenset({"LR", "RL"})


def draw_flowchart(source: str) -> str:
    """
    Raises:
        DrawingError: a line is not understood.
    """
    chart = read_flowchart(source)
    drawn = _Drawing(chart)
    if chart.direction in _SIDEWAYS and drawn.width > _WIDE:
        upright = _Drawing(replace(chart, direction="TB"))
        drawn = upright if upright.width < drawn.width else drawn
    return drawn.svg()


class _Drawing:
    def __init__(self, chart: Flowchart) -> None:
        self._chart = chart
        self._is_sideways = chart.direction in _SIDEWAYS
        self._is_back = chart.direction in {"RL", "BT"}
        self._labels = {name: lines_of(told, _LABEL) for name, told in chart.nodes.items()}
        self._told = [lines_of(one.label, _EDGE_LABEL) if one.label else [] for one in chart.edges]
        self._layout = self._laid_out()
        extra = _GROUP_PAD + _GROUP_TITLE if chart.groups else 0.0
        self._margin = _MARGIN + extra
        across, along = self._layout.breadth, self._layout.length
        size = (along, across) if self._is_sideways else (across, along)
        self.width, self._height = (one + 2 * self._margin for one in size)

    def svg(self) -> str:
        boxes = {name: self._placed(one) for name, one in self._layout.boxes.items()}
        groups = "".join(self._group(name, boxes) for name in self._chart.groups)
        ways = zip(self._chart.edges, self._layout.ways, self._told, strict=True)
        drawn = [self._edge(one, way, told) for one, way, told in ways]
        lines, labels = "".join(one for one, _ in drawn), "".join(one for _, one in drawn)
        nodes = "".join(self._node(name, box) for name, box in boxes.items())
        title = ", ".join(self._chart.nodes.values())
        return svg(self.width, self._height, title, groups + lines + nodes + labels)

    def _laid_out(self) -> Layout:
        sizes = {name: self._size(name) for name in self._chart.nodes}
        edges = [(one.start, one.end) for one in self._chart.edges]
        gaps = [self._gap(told) for told in self._told]
        groups = self._chart.members
        if not self._is_sideways:
            sizes = {name: (height, width) for name, (width, height) in sizes.items()}
        return lay_out(sizes, edges, gaps, groups)

    def _size(self, name: str) -> tuple[float, float]:
        rows = self._labels[name]
        width = max(width_of(rows) + 2 * _PAD_X, 48.0)
        height = LINE * len(rows) + 2 * _PAD_Y
        shape = self._chart.shapes.get(name, "[")
        if shape == "{":
            return width + 36, height + 20
        return (width + 12, height + 8) if shape in {"((", "[(", "{{"} else (width, height)

    def _gap(self, told: list[str]) -> float:
        if not told:
            return _LEAST_GAP
        return width_of(told) + 60 if self._is_sideways else LINE * len(told) + 32

    def _placed(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, width and height."""
        if self._is_sideways:
            x, y, width, height = box.along, box.across, box.length, box.breadth
        else:
            x, y, width, height = box.across, box.along, box.breadth, box.length
        middle = self._point((x, y) if self._is_sideways else (y, x))
        return middle[0] - width / 2, middle[1] - height / 2, width, height

    def _point(self, at: Point) -> Point:
        """Of a place along and across."""
        along = self._layout.length - at[0] if self._is_back else at[0]
        x, y = (along, at[1]) if self._is_sideways else (at[1], along)
        return x + self._margin, y + self._margin

    def _edge(self, edge: Edge, way: list[Point], told: list[str]) -> tuple[str, str]:
        points = [self._point(one) for one in way]
        css = (
            "arrow dashed" if "." in edge.arrow else "arrow thick" if "=" in edge.arrow else "arrow"
        )
        if edge.start == edge.end:
            return "", ""
        body = f'<path d="{curve(points, self._is_sideways)}" class="{css}"/>'
        if edge.arrow.endswith(">"):
            body += head(*points[-1], _way_at(points[-2], points[-1], self._is_sideways))
        if edge.arrow.startswith("<"):
            body += head(*points[0], _way_at(points[1], points[0], self._is_sideways))
        return body, label(told, *self._label_at(edge, points))

    def _label_at(self, edge: Edge, points: list[Point]) -> Point:
        """In the gap behind its start, and away from the end where arrows meet."""
        (x1, y1), (x2, y2) = points[:2]
        if not self._is_sideways:
            return (x1 + x2) / 2, (y1 + y2) / 2
        leaving = sum(one.start == edge.start for one in self._chart.edges)
        coming = sum(one.end == edge.end for one in self._chart.edges)
        along, across = _NEAR_END if leaving > 1 else _NEAR_START if coming > 1 else _HALF
        return x1 + (x2 - x1) * along, y1 + (y2 - y1) * across

    def _node(self, name: str, box: tuple[float, float, float, float]) -> str:
        left, top, width, height = box
        x, y = left + width / 2, top + height / 2
        shape = self._chart.shapes.get(name, "[")
        if shape == "{":
            corners = [(x, top), (left + width, y), (x, top + height), (left, y), (x, top)]
            body = line(corners, "node")
        elif shape == "[(":
            body = (
                f'<path d="M{left:.1f} {top + 6:.1f}a{width / 2:.1f} 6 0 0 1 {width:.1f} 0'
                f"v{height - 12:.1f}a{width / 2:.1f} 6 0 0 1 {-width:.1f} 0z"
                f'M{left:.1f} {top + 6:.1f}a{width / 2:.1f} 6 0 0 0 {width:.1f} 0" class="node"/>'
            )
        else:
            radius = {"(": 8.0, "([": height / 2, "((": height / 2}.get(shape, 0.0)
            body = rect(left, top, width, height, "node", radius)
        return body + text(self._labels[name], x, y, "nm")

    def _group(self, name: str, boxes: Mapping[str, tuple[float, float, float, float]]) -> str:
        inside = [boxes[one] for one, group in self._chart.members.items() if group == name]
        if not inside:
            return ""
        left = min(one[0] for one in inside) - _GROUP_PAD
        top = min(one[1] for one in inside) - _GROUP_PAD - _GROUP_TITLE
        right = max(one[0] + one[2] for one in inside) + _GROUP_PAD
        bottom = max(one[1] + one[3] for one in inside) + _GROUP_PAD
        title = text([self._chart.groups[name]], left + 8, top + 14, "fr", "start")
        return rect(left, top, right - left, bottom - top, "group", 4) + title


def _way_at(before: Point, at: Point, is_sideways: bool) -> Point:
    """Curves arrive along the way of the layers."""
    if is_sideways:
        return (1.0 if at[0] >= before[0] else -1.0, 0.0)
    return (0.0, 1.0 if at[1] >= before[1] else -1.0)
