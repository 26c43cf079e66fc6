"""The map of the stand as shapes: drawn from the parts that exist, rendered by the template."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from stend.portal import geometry
from stend.portal.geometry import STRAND_PITCH, Box, Point
from stend.portal.layout import CLIENT, FRONT, GATEWAY, HOPS, PLACES, Flow, Hop, neighbours
from stend.portal.parts import Part, ports_of
from stend.portal.stand import PartState
from stend.portal.wires import Wire, wire_of


class Shape(Enum):
    SERVICE = "service"
    ENGINE = "engine"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Node:
    """`part` is None for what stands outside."""

    key: str
    shape: Shape
    box: Box
    part: Part | None


@dataclass(frozen=True, slots=True)
class Strand:
    """One protocol of a hop. `reversed`: the arrow stands at the beginning, as data flows back."""

    wire: Wire
    path: str
    flow: Flow
    reversed: bool
    both: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Marks of the wires around `middle`; `named` when there is room for their names, too.

    Attributes:
        across: so many marks stand in one row.
    """

    middle: Point
    wires: tuple[Wire, ...]
    named: bool = False
    note: str = ""
    across: int = 99

    @property
    def placed(self) -> tuple[tuple[Wire, float], ...]:
        """Wires with the x of their marks, centred around the middle as far as one can tell.

        Nobody knows the width of a text before it is drawn; Inter at 12 px is close to this.
        """
        widths = [_named_width(wire) for wire in self.wires]
        x = self.middle[0] - _named_total(self.wires) / 2
        placed = []
        for wire, width in zip(self.wires, widths, strict=True):
            placed.append((wire, x))
            x += width + _WIRE_GAP
        return tuple(placed)

    @property
    def rows(self) -> tuple[tuple[Wire, ...], ...]:
        """The marks row by row."""
        count = len(self.wires)
        return tuple(self.wires[at : at + self.across] for at in range(0, count, self.across))


def _named_width(wire: Wire) -> float:
    return _MARK_WIDTH + _LETTER_WIDTH * len(wire.name)


def _named_total(wires: Sequence[Wire]) -> float:
    return sum(map(_named_width, wires)) + _WIRE_GAP * (len(wires) - 1)


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    line: tuple[Point, ...]
    halo_width: float
    strands: tuple[Strand, ...]
    label: Label
    state: PartState

    @property
    def halo(self) -> str:
        """Path of the ground under the strands: it makes a bridge where wires cross."""
        return geometry.path(self.line)

    @property
    def bounds(self) -> Box:
        corners = [Box(x, y, 0, 0) for x, y in self.line]
        return geometry.around(corners, self.halo_width / 2)


@dataclass(frozen=True, slots=True)
class Picture:
    """`rowed` tells that a few parts stand in one row, with room for more words."""

    rowed: bool
    frame: Box
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    flows: tuple[Flow, ...]


# Up to so many parts stand in rows of their own, the gateway not counted: a few boxes spread over
# the places of the whole shop would look like a hole.
ROW_SERVICES = 2
ROW_ENGINES = 6
_MARGIN = 6.0
# Width of every place but that of the database.
_COLUMN = 130.0
_MARK_WIDTH = 17.0
_LETTER_WIDTH = 7.4
_WIRE_GAP = 12.0
# From one mark to the next, where they stand without their names.
MARK_PITCH = 15.0
# So many strands may have their marks in the middle of them.
_COVERED_STRANDS = 3
_STREAMING = frozenset({"sse", "websocket", "webhook"})
# Who speaks these connects to the brokers, not to the gateway.
_PAST_GATEWAY = frozenset({"amqp", "kafka"})


def draw(parts: Sequence[Part]) -> Picture:
    """The picture of these parts; a part without a place of its own is left to the table.

    So is a gateway that does not run: clients go past it.
    """
    placed = [part for part in parts if part.name in PLACES and not _is_passed_by(part)]
    services = [part for part in placed if not part.is_engine]
    engines = [part for part in placed if part.is_engine]
    stores = [part for part in engines if part.name != GATEWAY]
    few = len(services) <= ROW_SERVICES and len(stores) <= ROW_ENGINES
    return _row(services, engines) if few else _plan([*services, *engines])


def _is_passed_by(part: Part) -> bool:
    return part.name == GATEWAY and part.state is PartState.STOPPED


# ---- the whole shop ----------------------------------------------------------------------------


def _plan(parts: Sequence[Part]) -> Picture:
    known = {part.name: part for part in parts}
    # Without a gateway the client calls the services itself, from where the gateway would be.
    client_at = FRONT if GATEWAY in known else PLACES[GATEWAY]
    nodes = [Node(CLIENT, Shape.OUTSIDE, client_at, None), *_placed(parts)]
    edges = [_edge(hop, known) for hop in HOPS if _exists(hop, known)]
    return _picture(nodes, edges, rowed=False)


def _placed(parts: Sequence[Part]) -> Iterator[Node]:
    # The database stands under everything that uses it; it ends where the others end.
    left = min(PLACES[part.name].x for part in parts if PLACES[part.name].width <= _COLUMN)
    for part in parts:
        box = PLACES[part.name]
        hidden = max(left - box.x, 0) if box.width > _COLUMN else 0
        fitted = Box(box.x + hidden, box.y, box.width - hidden, box.height)
        yield Node(part.name, _shape(part), fitted, part)


def _shape(part: Part) -> Shape:
    return Shape.ENGINE if part.is_engine else Shape.SERVICE


def _exists(hop: Hop, known: Mapping[str, Part]) -> bool:
    if GATEWAY not in known and CLIENT in (hop.source, hop.target):
        return False
    source = CLIENT if hop.source == GATEWAY and GATEWAY not in known else hop.source
    return {source, hop.target} <= {CLIENT, *known}


def _edge(hop: Hop, known: Mapping[str, Part]) -> Edge:
    source = CLIENT if hop.source == GATEWAY and GATEWAY not in known else hop.source
    wires = _wires(hop, known)
    return _drawn(source, hop, wires, Label(hop.label, wires), known)


def _wires(hop: Hop, known: Mapping[str, Part]) -> tuple[Wire, ...]:
    """The hop's own wires, or else what the services behind it answer to."""
    if hop.wires:
        return tuple(wire_of(name) for name in hop.wires)
    behind = _behind_gateway(known) if hop.target == GATEWAY else [known[hop.target]]
    names = dict.fromkeys(one.protocol for service in behind for one in service.endpoints)
    return tuple(wire_of(name) for name in names if name not in _PAST_GATEWAY)


def _behind_gateway(known: Mapping[str, Part]) -> list[Part]:
    fronted = {hop.target for hop in HOPS if hop.source == GATEWAY}
    services = [part for part in known.values() if not part.is_engine]
    return [part for part in services if part.name in fronted] or services


def _drawn(
    source: str, hop: Hop, wires: tuple[Wire, ...], label: Label, known: Mapping[str, Part]
) -> Edge:
    lines = geometry.ribbon(hop.line, len(wires))
    strands = tuple(_strand(wire, line, hop) for wire, line in zip(wires, lines, strict=True))
    width = STRAND_PITCH * (len(wires) - 1) + 9
    states = [known[name].state for name in (source, hop.target) if name in known]
    return Edge(source, hop.target, hop.line, width, strands, label, _worst(states))


def _strand(wire: Wire, line: Sequence[Point], hop: Hop) -> Strand:
    streams = hop.flow is Flow.CALL and wire.key in _STREAMING
    flow = Flow.STREAM if streams else hop.flow
    return Strand(wire, geometry.path(line), flow, reversed=streams, both=hop.both)


def _worst(states: Iterable[PartState]) -> PartState:
    found = set(states)
    for state in (PartState.FAILED, PartState.STOPPED, PartState.STARTING):
        if state in found:
            return state
    return PartState.READY


def _picture(nodes: Sequence[Node], edges: Sequence[Edge], *, rowed: bool) -> Picture:
    flows = {strand.flow for edge in edges for strand in edge.strands}
    return Picture(
        rowed=rowed,
        frame=geometry.around(
            [*(node.box for node in nodes), *(edge.bounds for edge in edges)], _MARGIN
        ),
        nodes=tuple(nodes),
        edges=tuple(edges),
        flows=tuple(flow for flow in Flow if flow in flows),
    )


# ---- a few parts in a row: outside, services, engines ------------------------------------------

_ROW_WIDTH = 886.0
_CLIENT_HEIGHT = 44.0


@dataclass(frozen=True, slots=True)
class _Spacing:
    """Height of a box, and from the top of one to the top of the next."""

    height: float
    pitch: float


_ROOMY = _Spacing(76, 116)
# A column of many boxes shall not push the table below it off the screen.
_DENSE = _Spacing(60, 80)
_ROOMY_UP_TO = 3
# Client, services, engines; and with a gateway behind the client.
_WIDTHS = (128.0, 190.0, 190.0)
_WIDTHS_WITH_GATEWAY = (100.0, 150.0, 150.0, 190.0)
# Room that the names of a ribbon's protocols need beside their marks.
_NAMED_GAP = 150.0


def _row(services: Sequence[Part], engines: Sequence[Part]) -> Picture:
    known = {part.name: part for part in (*services, *engines)}
    has_gateway = GATEWAY in known
    stores, used = _stores(known)
    spacing = _ROOMY if len(stores) <= _ROOMY_UP_TO else _DENSE
    columns = [[CLIENT], *([[GATEWAY]] if has_gateway else []), [part.name for part in services]]
    places = _columns([*columns, stores], spacing)
    if used:
        # What the services use stands on their level: most wires are straight then.
        off = sum(places[name].middle[1] for name in used) / len(used)
        places |= {name: replace(places[name], y=places[name].y - off) for name in stores}
    nodes = [Node(CLIENT, Shape.OUTSIDE, places[CLIENT], None)]
    nodes += [Node(name, _shape(part), places[name], part) for name, part in known.items()]
    hops = [_front_hop(CLIENT, GATEWAY)] if has_gateway and services else []
    hops += [_front_hop(GATEWAY if has_gateway else CLIENT, service.name) for service in services]
    hops += [
        hop for hop in HOPS if hop.source != GATEWAY and {hop.source, hop.target} <= set(known)
    ]
    edges = [_row_edge(hop, places, known) for hop in hops]
    return _picture(nodes, edges, rowed=True)


def _stores(known: Mapping[str, Part]) -> tuple[list[str], list[str]]:
    """The engines of the last column, and those of them that the services use: its middle."""
    names = [name for name, part in known.items() if part.is_engine and name != GATEWAY]
    used = [name for name in names if neighbours(name) & set(known)]
    others = [name for name in names if name not in used]
    half = len(others) // 2
    return [*others[:half], *used, *others[half:]], used


def _columns(columns: Sequence[Sequence[str]], spacing: _Spacing) -> dict[str, Box]:
    """Boxes in columns from left to right, each column around the line y = 0."""
    widths = _WIDTHS if len(columns) == len(_WIDTHS) else _WIDTHS_WITH_GATEWAY
    gap = (_ROW_WIDTH - sum(widths)) / (len(widths) - 1)
    places: dict[str, Box] = {}
    x = 0.0
    for names, width in zip(columns, widths, strict=True):
        places |= _column(names, x, width, spacing)
        x += width + gap
    return places


def _column(names: Sequence[str], x: float, width: float, spacing: _Spacing) -> dict[str, Box]:
    first = -spacing.pitch * (len(names) - 1) / 2
    places = {}
    for place, name in enumerate(names):
        height = _CLIENT_HEIGHT if name == CLIENT else spacing.height
        places[name] = Box(x, first + place * spacing.pitch - height / 2, width, height)
    return places


def _front_hop(source: str, target: str) -> Hop:
    return Hop(source, target, (), Flow.CALL, (), (0, 0))


def _row_edge(hop: Hop, places: Mapping[str, Box], known: Mapping[str, Part]) -> Edge:
    source, target = places[hop.source], places[hop.target]
    line = _line_between(source, target)
    drawn = Hop(hop.source, hop.target, hop.wires, hop.flow, line, hop.label, hop.both)
    wires = _wires(drawn, known)
    return _drawn(hop.source, drawn, wires, _row_label(line, wires, known[hop.target]), known)


def _line_between(source: Box, target: Box) -> tuple[Point, ...]:
    if source.x == target.x:
        down = source.y < target.y
        start, end = (source.bottom, target.y) if down else (source.y, target.bottom)
        return (source.middle[0], start), (target.middle[0], end)
    forth = source.x < target.x
    start_x, end_x = (source.right, target.x) if forth else (source.x, target.right)
    start_y, end_y = source.middle[1], target.middle[1]
    if start_y == end_y:
        return (start_x, start_y), (end_x, end_y)
    turn = (start_x + end_x) / 2
    return (start_x, start_y), (turn, start_y), (turn, end_y), (end_x, end_y)


def _row_label(line: Sequence[Point], wires: tuple[Wire, ...], target: Part) -> Label:
    (start_x, start_y), (end_x, end_y) = line[-2], line[-1]
    middle = (start_x + end_x) / 2, (start_y + end_y) / 2
    room = abs(end_x - start_x)
    if room >= max(_NAMED_GAP, _named_total(wires)):
        return Label(middle, wires, named=True, note="  ".join(f":{at}" for at in ports_of(target)))
    if len(wires) <= _COVERED_STRANDS:
        return Label(middle, wires)
    # The marks of many wires would cover them: they stand above, as wide as the gap allows.
    across = max(1, int(room / MARK_PITCH) - 1)
    rows = -(-len(wires) // across)
    height = STRAND_PITCH * len(wires) / 2 + MARK_PITCH * rows / 2 + 6
    return Label((middle[0], middle[1] - height), wires, across=across)
