"""Flowcharts of Mermaid: the part of the language that lessons are drawn in, read strictly."""

import re
from dataclasses import dataclass, field

from stend.course.texts.drawn import DrawingError, statements

_HEADER = re.compile(r"^(?:flowchart|graph)\s+(TB|TD|BT|LR|RL)$")
_DIRECTION = re.compile(r"^direction\s+(TB|TD|BT|LR|RL)$")
_GROUP = re.compile(r'^subgraph\s+([A-Za-z]\w*)(?:\s*\["([^"\n]+)"\]|\s*\[([^\[\](){}|"<>]+)\])?$')
_ID = re.compile(r"[A-Za-z]\w*")
# The longer ones first: `((` begins with `(`.
_SHAPES = (
    ("([", "])"),
    ("[[", "]]"),
    ("[(", ")]"),
    ("((", "))"),
    ("{{", "}}"),
    ("[", "]"),
    ("(", ")"),
    ("{", "}"),
)
# Without quotes Mermaid takes brackets and bars for its own, and slashes at an edge for a shape.
_BARE = re.compile(r'(?![/\\])[^\[\](){}|"<>@]*[^\[\](){}|"<>@/\\\s]')
_QUOTED = re.compile(r'"([^"\n]+)"')
# A space before the next node: `---order` is a line with a circle at its end, and then `rder`.
_ARROW = re.compile(
    r"\s+(<-->|<-\.->|<==>|-->|---|-\.->|-\.-|==>|===)"
    r'(?:\s*\|(?:"([^"|\n]+)"|([^\[\](){}|"<>\n]+))\|\s*|\s+)'
)
_AND = re.compile(r"\s*&\s*")
# Mermaid takes a node of this name for a statement, or for the end of a group.
_NO_ID = frozenset(
    {
        "call",
        "class",
        "classDef",
        "click",
        "direction",
        "end",
        "flowchart",
        "graph",
        "href",
        "interpolate",
        "linkStyle",
        "style",
        "subgraph",
    }
)


@dataclass(frozen=True, slots=True)
class Edge:
    start: str
    end: str
    arrow: str
    label: str


@dataclass(slots=True)
class Flowchart:
    """
    Attributes:
        nodes: labels by id; one without a label is called by its id.
        shapes: how the label is opened, by the node's id: `[`, `([`, `{`.
        groups: titles by id.
        members: the group that a node is in, by the node's id.
    """

    direction: str
    nodes: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)


def read_flowchart(source: str) -> Flowchart:
    """
    Raises:
        DrawingError: a line is not understood.
    """
    lines = list(statements(source))
    header = _HEADER.match(lines[0][1]) if lines else None
    if header is None:
        raise DrawingError(1, "`flowchart LR` or another direction", lines[0][1] if lines else "")
    chart = Flowchart(header[1])
    open_groups: list[tuple[int, str]] = []
    for number, text in lines[1:]:
        if found := _GROUP.match(text):
            chart.groups[found[1]] = found[2] or found[3] or found[1]
            open_groups.append((number, found[1]))
        elif text == "end" and open_groups:
            open_groups.pop()
        elif not (open_groups and _DIRECTION.match(text)):
            named = _Line(chart, number, text).read()
            if open_groups:
                for name in named:
                    chart.members.setdefault(name, open_groups[-1][1])
    if open_groups:
        raise DrawingError(
            open_groups[-1][0], "an `end` for this subgraph", "the end of the drawing"
        )
    return chart


class _Line:
    """Nodes with arrows between them: `A[Client] -->|asks| B & C --> D`."""

    def __init__(self, chart: Flowchart, number: int, text: str) -> None:
        self._chart = chart
        self._number = number
        self._text = text
        self._at = 0

    def read(self) -> list[str]:
        """The ids of its nodes."""
        before = self._nodes()
        named = list(before)
        while self._at < len(self._text):
            arrow = self._take(_ARROW, "an arrow such as `-->` or `-->|label|`")
            after = self._nodes()
            self._chart.edges += [
                Edge(start, end, arrow[1], arrow[2] or arrow[3] or "")
                for start in before
                for end in after
            ]
            before = after
            named += after
        return named

    def _nodes(self) -> list[str]:
        found = [self._node()]
        while joined := _AND.match(self._text, self._at):
            self._at = joined.end()
            found.append(self._node())
        return found

    def _node(self) -> str:
        name = self._take(_ID, "the id of a node: a Latin letter, then letters and digits")[0]
        if name in _NO_ID:
            raise DrawingError(
                self._number, f"an id that is no word of Mermaid, as {name} is", name
            )
        for opening, closing in _SHAPES:
            if self._text.startswith(opening, self._at):
                self._at += len(opening)
                self._label(name, closing)
                self._chart.shapes[name] = opening
                return name
        self._chart.nodes.setdefault(name, name)
        return name

    def _label(self, name: str, closing: str) -> None:
        quoted = _QUOTED.match(self._text, self._at)
        found = quoted or self._take(
            _BARE, 'a label; with brackets or slashes in it, in quotes: `A["f(x)"]`'
        )
        self._at = found.end()
        if not self._text.startswith(closing, self._at):
            raise DrawingError(self._number, f"`{closing}` after the label", self._rest())
        self._at += len(closing)
        label = found[1] if quoted else found[0].strip()
        if self._chart.nodes.get(name, name) not in {name, label}:
            raise DrawingError(self._number, f"one label for {name}", self._text)
        self._chart.nodes[name] = label

    def _take(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise DrawingError(self._number, expected, self._rest())
        self._at = found.end()
        return found

    def _rest(self) -> str:
        return self._text[self._at :] or "the end of the line"
