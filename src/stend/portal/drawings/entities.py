"""An entity-relationship diagram of a lesson, drawn with crow's feet."""

from stend.course.texts.entities import EntityDiagram, Relation, read_entities
from stend.portal.drawings.layers import lay_out
from stend.portal.drawings.shapes import Point, curve, label, line, lines_of, rect, svg, text
from stend.portal.story.picture import text_width

_ROW, _HEAD = 20.0, 26.0
_PAD = 10.0
_COLUMN = 12.0
_MARGIN = 12.0
_GAP = 72.0


def draw_entities(source: str) -> str:
    """
    Raises:
        DrawingError: a line is not understood.
    """
    return _Drawing(read_entities(source)).svg()


class _Drawing:
    def __init__(self, diagram: EntityDiagram) -> None:
        self._diagram = diagram
        self._columns = {name: self._widths(name) for name in diagram.entities}
        sizes = {name: self._size(name) for name in diagram.entities}
        edges = [(one.left, one.right) for one in diagram.relations]
        gaps = [_GAP + 16 * len(lines_of(one.label, 24)) for one in diagram.relations]
        # From above: along is the height.
        upright = {name: (height, width) for name, (width, height) in sizes.items()}
        self._layout = lay_out(upright, edges, gaps, {})

    def svg(self) -> str:
        layout = self._layout
        ways = zip(self._diagram.relations, self._apart(), strict=True)
        relations = "".join(self._relation(one, way) for one, way in ways)
        boxes = "".join(self._entity(name) for name in self._diagram.entities)
        size = (layout.breadth + 2 * _MARGIN, layout.length + 2 * _MARGIN)
        return svg(*size, ", ".join(self._diagram.entities), relations + boxes)

    def _apart(self) -> list[list[Point]]:
        """The ways of the relations, those at one side of an entity beside each other there."""
        ways = [list(one) for one in self._layout.ways]
        sides: dict[tuple[str, float], list[tuple[float, int, int]]] = {}
        for number, one in enumerate(self._diagram.relations):
            for end, name, beside in ((0, one.left, 1), (-1, one.right, -2)):
                side = (name, ways[number][end][0])
                sides.setdefault(side, []).append((ways[number][beside][1], number, end))
        for (name, along), ends in sides.items():
            box = self._layout.boxes[name]
            step = box.breadth / (len(ends) + 1)
            for place, (_, number, end) in enumerate(sorted(ends), 1):
                ways[number][end] = (along, box.across - box.breadth / 2 + step * place)
        return ways

    def _widths(self, name: str) -> tuple[float, float, float]:
        rows = self._diagram.entities[name]
        return (
            max((text_width(one.type) for one in rows), default=0.0),
            max((text_width(one.name) for one in rows), default=0.0),
            max((text_width(", ".join(one.keys)) for one in rows), default=0.0),
        )

    def _size(self, name: str) -> tuple[float, float]:
        inside = sum(self._columns[name]) + 2 * _COLUMN
        width = max(text_width(name) * 1.1, inside) + 2 * _PAD
        return width, _HEAD + _ROW * len(self._diagram.entities[name]) + 4

    def _entity(self, name: str) -> str:
        box = self._layout.boxes[name]
        width, height = box.breadth, box.length
        left, top = box.across - width / 2 + _MARGIN, box.along - height / 2 + _MARGIN
        body = rect(left, top, width, height, "node", 2)
        body += text([name], left + width / 2, top + _HEAD / 2 + 1, "nm")
        rows = self._diagram.entities[name]
        if rows:
            body += line([(left, top + _HEAD), (left + width, top + _HEAD)], "part")
        types, names, _ = self._columns[name]
        for number, one in enumerate(rows):
            y = top + _HEAD + _ROW * number + _ROW / 2 + 1
            x = left + _PAD
            body += text([one.type], x, y, "fr", "start")
            body += text([one.name], x + types + _COLUMN, y, "lb", "start")
            body += text([", ".join(one.keys)], x + types + names + 2 * _COLUMN, y, "fr", "start")
        return body

    def _relation(self, one: Relation, way: list[Point]) -> str:
        points = [(across + _MARGIN, along + _MARGIN) for along, across in way]
        if one.left == one.right:
            return ""
        css = "arrow dashed" if ".." in one.sign else "arrow"
        body = f'<path d="{curve(points, is_sideways=False)}" class="{css}"/>'
        body += _foot(points[0], points[1], one.sign[:2])
        body += _foot(points[-1], points[-2], one.sign[-2:][::-1].translate(_MIRRORED))
        x = (points[0][0] + points[1][0]) / 2
        y = (points[0][1] + points[1][1]) / 2
        return body + label(lines_of(one.label, 24), x, y)


_MIRRORED = str.maketrans("{", "}")


def _foot(at: Point, toward: Point, sign: str) -> str:
    """How many there are at an end: `||` one, `o|` or `|o` at most one, `}o` any, `}|` some."""
    way = 1.0 if toward[1] >= at[1] else -1.0
    x, y = at

    def bar(distance: float) -> str:
        return line([(x - 6, y + way * distance), (x + 6, y + way * distance)], "arrow")

    crow = line([(x - 6, y), (x, y + way * 10), (x + 6, y)], "arrow")
    foot = crow if "}" in sign else bar(6)
    if "o" in sign:
        return foot + f'<circle cx="{x:.1f}" cy="{y + way * 15:.1f}" r="4" class="ring-o"/>'
    return foot + bar(12)
