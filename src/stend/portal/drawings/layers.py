"""Places of the nodes of a directed graph, in layers, as Sugiyama has it. Pure.

Along is the way of the arrows, across is the other one: a drawing from left to right and one from
above are the same here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 8
_ACROSS_GAP = 20.0
_DUMMY = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """Middle and size."""

    along: float
    across: float
    length: float
    breadth: float


@dataclass(slots=True)
class Layout:
    """
    Attributes:
        ways: for each edge, in order, the points that it passes, from its start to its end.
    """

    boxes: dict[str, Box] = field(default_factory=dict)
    ways: list[list[tuple[float, float]]] = field(default_factory=list)
    length: float = 0.0
    breadth: float = 0.0


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    gaps: Sequence[float],
    groups: Mapping[str, str],
) -> Layout:
    """
    Args:
        sizes: length along and breadth across of each node.
        gaps: for each edge, the least room along that its label takes.
        groups: of nodes that stay beside each other.
    """
    return _Laying(sizes, edges, gaps, groups).layout()


class _Laying:
    def __init__(
        self,
        sizes: Mapping[str, tuple[float, float]],
        edges: Sequence[tuple[str, str]],
        gaps: Sequence[float],
        groups: Mapping[str, str],
    ) -> None:
        self._sizes = dict(sizes)
        self._edges = edges
        self._gaps = gaps
        self._groups = groups
        self._forward = _without_cycles(list(sizes), edges)
        self._layer = _layers(list(sizes), [one for one in self._forward if one[0] != one[1]])
        self._chains = self._with_dummies()
        self._order = self._ordered()

    def layout(self) -> Layout:
        across = self._across()
        along, thick, length = self._along()
        found = Layout(length=length)
        for name in self._sizes:
            if name[0] == "\0":
                continue
            size = self._sizes[name]
            found.boxes[name] = Box(along[self._layer[name]], across[name], *size)
        lowest = min(across[one] - self._sizes[one][1] / 2 for one in across)
        found.breadth = max(across[one] + self._sizes[one][1] / 2 for one in across) - lowest
        found.boxes = {
            name: Box(one.along, one.across - lowest, one.length, one.breadth)
            for name, one in found.boxes.items()
        }
        for edge, chain in zip(self._edges, self._chains, strict=True):
            found.ways.append(self._way(edge, chain, found, across, along, thick, lowest))
        return found

    def _way(
        self,
        edge: tuple[str, str],
        chain: list[str],
        found: Layout,
        across: Mapping[str, float],
        along: Sequence[float],
        thick: Sequence[float],
        lowest: float,
    ) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for name in chain:
            if name[0] == "\0":
                at, half = along[self._layer[name]], thick[self._layer[name]] / 2
                side = across[name] - lowest
                points += [(at - half, side), (at + half, side)]
        first, last = found.boxes[chain[0]], found.boxes[chain[-1]]
        begin = (first.along + first.length / 2, first.across)
        points = [begin, *points, (last.along - last.length / 2, last.across)]
        return points if chain[0] == edge[0] else points[::-1]

    def _with_dummies(self) -> list[list[str]]:
        """Each edge as a chain of neighbours: where it passes a layer, it takes a place there."""
        chains: list[list[str]] = []
        for number, (start, end) in enumerate(self._forward):
            between = range(self._layer[start] + 1, self._layer[end])
            chain = [start]
            for layer in between:
                name = f"\0{number}.{layer}"
                self._sizes[name] = (0.0, _DUMMY)
                self._layer[name] = layer
                chain.append(name)
            chains.append([*chain, end])
        return chains

    def _ordered(self) -> list[list[str]]:
        layers: list[list[str]] = [[] for _ in range(max(self._layer.values(), default=0) + 1)]
        for name in self._sizes:
            layers[self._layer[name]].append(name)
        before, after = self._neighbours()
        for sweep in range(_SWEEPS):
            steps = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
            beside = before if sweep % 2 == 0 else after
            for number in steps:
                places = {one: place for layer in layers for place, one in enumerate(layer)}
                layers[number] = self._sorted(layers[number], places, beside)
        return layers

    def _sorted(
        self, layer: list[str], places: Mapping[str, int], beside: Mapping[str, list[str]]
    ) -> list[str]:
        def middle(name: str) -> float:
            found = [places[one] for one in beside[name]]
            return sum(found) / len(found) if found else float(places[name])

        by_group: dict[str, list[float]] = {}
        for name in layer:
            by_group.setdefault(self._groups.get(name, name), []).append(middle(name))
        mean = {name: sum(all_of) / len(all_of) for name, all_of in by_group.items()}
        keys = {one: self._groups.get(one, one) for one in layer}
        return sorted(layer, key=lambda one: (mean[keys[one]], keys[one], middle(one)))

    def _neighbours(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        before: dict[str, list[str]] = {one: [] for one in self._sizes}
        after: dict[str, list[str]] = {one: [] for one in self._sizes}
        for chain in self._chains:
            for start, end in pairwise(chain):
                if start != end:
                    before[end].append(start)
                    after[start].append(end)
        return before, after

    def _across(self) -> dict[str, float]:
        """Middles: each where its neighbours are, as far as those beside it leave room."""
        before, after = self._neighbours()
        places: dict[str, float] = {}
        for layer in self._order:
            at = 0.0
            for name in layer:
                places[name] = at + self._sizes[name][1] / 2
                at += self._sizes[name][1] + _ACROSS_GAP
        for sweep in range(_SWEEPS * 2):
            layers = self._order if sweep % 2 == 0 else self._order[::-1]
            beside = before if sweep % 2 == 0 else after
            for layer in layers:
                wanted = {
                    one: _mean([places[other] for other in beside[one]], places[one])
                    for one in layer
                }
                self._settle(layer, wanted, places)
        return places

    def _settle(
        self, layer: list[str], wanted: Mapping[str, float], places: dict[str, float]
    ) -> None:
        """As near to what is wanted as the order allows: pushed apart, then back as a whole."""
        at = float("-inf")
        for name in layer:
            half = self._sizes[name][1] / 2
            places[name] = max(wanted[name], at + half)
            at = places[name] + half + _ACROSS_GAP
        drift = _mean([places[one] - wanted[one] for one in layer], 0.0)
        for name in layer:
            places[name] -= drift

    def _along(self) -> tuple[list[float], list[float], float]:
        thick = [max((self._sizes[one][0] for one in layer), default=0.0) for layer in self._order]
        room = [0.0] * len(thick)
        for (start, end), gap in zip(self._forward, self._gaps, strict=True):
            # The label stands in the first gap that its edge crosses.
            if start != end:
                room[self._layer[start]] = max(room[self._layer[start]], gap)
        middles: list[float] = []
        at = 0.0
        for number, width in enumerate(thick):
            middles.append(at + width / 2)
            at += width + (room[number] if number < len(thick) - 1 else 0.0)
        return middles, thick, at


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _without_cycles(
    names: Sequence[str], edges: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The edges, those that lead back turned round."""
    after: dict[str, list[str]] = {one: [] for one in names}
    for start, end in edges:
        after[start].append(end)
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        state[name] = 1
        for other in after[name]:
            if state.get(other) == 1:
                back.add((name, other))
            elif other not in state:
                visit(other)
        state[name] = 2

    for name in names:
        if name not in state:
            visit(name)
    return [(end, start) if (start, end) in back else (start, end) for start, end in edges]


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each as far along as the longest way to it."""
    layer = dict.fromkeys(names, 0)
    for _ in names:
        is_settled = True
        for start, end in edges:
            if layer[end] < layer[start] + 1:
                layer[end] = layer[start] + 1
                is_settled = False
        if is_settled:
            break
    return layer
