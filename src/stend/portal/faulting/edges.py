"""Which taps stand on which edge of the map. Several edges may share one tap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stend.portal.layout import CLIENT, GATEWAY
from stend.portal.map import Edge as DrawnEdge
from stend.portal.map import Picture
from stend.portal.wire import TapView
from stend.portal.wires import Wire, wire_of
from stend.tap.faults import Edge

# The taps at the one HTTP port of all services carry the name of the shop, not of a service.
SHOP = "shop"


@dataclass(frozen=True, slots=True)
class TappedEdge:
    """An edge that a fault can be set on.

    Attributes:
        protocols: what its taps understand, such as `http`.
        drawn: the edges of the map that its bytes belong to: none for what is not drawn.
        wires: what is spoken on these.
    """

    edge: Edge
    protocols: tuple[str, ...]
    drawn: tuple[tuple[str, str], ...]
    wires: tuple[Wire, ...]

    @property
    def key(self) -> str:
        return f"{self.edge.source}:{self.edge.target}"

    @property
    def is_shared(self) -> bool:
        return len(self.drawn) > 1

    @property
    def spoken(self) -> tuple[Wire, ...]:
        """What is spoken there: by the map, or else as far as the tap knows."""
        return self.wires or tuple(wire_of(name) for name in self.protocols)


def edges_of(taps: Iterable[TapView], picture: Picture | None) -> tuple[TappedEdge, ...]:
    """Each edge of the taps once, those that the map draws first."""
    protocols: dict[tuple[str, str], dict[str, None]] = {}
    for tap in taps:
        ends = tap.place.source, tap.place.target
        protocols.setdefault(ends, {})[tap.place.protocol] = None
    drawn = picture.edges if picture else ()
    found = [_edge(ends, tuple(spoken), drawn) for ends, spoken in protocols.items()]
    return tuple(sorted(found, key=lambda one: (not one.drawn, one.key)))


def on_drawn(edges: Iterable[TappedEdge], source: str, target: str) -> tuple[TappedEdge, ...]:
    """The edges of the taps behind an edge of the map, its very own before a shared one."""
    found = [one for one in edges if (source, target) in one.drawn]
    return tuple(sorted(found, key=lambda one: one.is_shared))


def _edge(
    ends: tuple[str, str], protocols: tuple[str, ...], drawn: Sequence[DrawnEdge]
) -> TappedEdge:
    here = [one for one in drawn if _carries(ends, protocols, one)]
    wires = dict.fromkeys(strand.wire for one in here for strand in one.strands)
    fitting = tuple(wire for wire in wires if _carries_wire(ends, protocols, wire))
    return TappedEdge(
        Edge(*ends), protocols, tuple((one.source, one.target) for one in here), fitting
    )


def _carries(ends: tuple[str, str], protocols: tuple[str, ...], drawn: DrawnEdge) -> bool:
    if not any(_carries_wire(ends, protocols, strand.wire) for strand in drawn.strands):
        return False
    source, target = ends
    # Whoever consumes connects to the broker: against the way its messages go.
    if ends in ((drawn.source, drawn.target), (drawn.target, drawn.source)):
        return True
    if target != SHOP or source not in (CLIENT, GATEWAY):
        return False
    # What a service streams to clients comes through the door that they have called.
    streams = (source, drawn.target) == (CLIENT, CLIENT)
    return streams or (drawn.source == source and drawn.target != GATEWAY)


# Spoken over a connection that the tap knows as something else.
_OVER: dict[str, frozenset[str]] = {
    "http": frozenset(
        {"rest", "jsonrpc", "soap", "graphql", "websocket", "sse", "mcp", "plain", "webhook"}
    ),
    "tls": frozenset({"rest", "jsonrpc", "soap", "graphql", "websocket", "sse", "mcp", "grpc"}),
    "amqp": frozenset({"amqp"}),
}


def _carries_wire(ends: tuple[str, str], protocols: tuple[str, ...], wire: Wire) -> bool:
    # A webhook is the only call that leads to a client.
    return _fits(wire, protocols) and (wire.key == "webhook") is (ends[1] == CLIENT)


def _fits(wire: Wire, protocols: tuple[str, ...]) -> bool:
    return any(wire.key in _OVER.get(one, frozenset({one})) for one in protocols)
