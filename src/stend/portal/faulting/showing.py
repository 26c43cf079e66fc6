"""The faults that are set, as the banner, the map and the table show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from stend.kit.clock import Clock
from stend.kit.languages import Text
from stend.portal.faulting.edges import TappedEdge
from stend.portal.numbers import clock_time
from stend.tap.faults import Fault, Faults


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault that is set.

    Attributes:
        on: `source:target`.
        numbers: names with what they are set to, and what each means.
        left_s: until it reverts by itself.
        again: query of the form that sets the same once more.
    """

    id: str
    kind: str
    title: Text
    source: str
    target: str
    numbers: tuple[tuple[str, str, Text], ...]
    probability: float
    is_per_message: bool
    seed: int
    struck: int
    left_s: float
    again: str

    @property
    def left(self) -> str:
        return clock_time(self.left_s)


@dataclass(frozen=True, slots=True)
class BannerOf:
    """What the banner tells: made anew for each page."""

    faults: Faults
    clock: Clock

    def __call__(self) -> tuple[ShownFault, ...]:
        now = self.clock.now()
        return tuple(
            _shown(one, max((one.ends_at - now).total_seconds(), 0)) for one in self.faults.active()
        )


def struck_edges(faults: Faults, edges: Iterable[TappedEdge]) -> Mapping[str, tuple[Fault, ...]]:
    """The faults that stand on each edge of the taps, by its key."""
    found = {}
    for edge in edges:
        here = tuple(one for one in faults.active() if _stands_on(one, edge))
        if here:
            found[edge.key] = here
    return found


def marks_of(
    faults: Faults, edges: Iterable[TappedEdge]
) -> Mapping[tuple[str, str], tuple[Fault, ...]]:
    """The faults that stand on each edge of the map."""
    edges = tuple(edges)
    struck = struck_edges(faults, edges)
    found: dict[tuple[str, str], dict[str, Fault]] = {}
    for edge in edges:
        for ends in edge.drawn:
            here = {one.id: one for one in struck.get(edge.key, ())}
            if here:
                found.setdefault(ends, {}).update(here)
    return {ends: tuple(here.values()) for ends, here in found.items()}


def _stands_on(fault: Fault, edge: TappedEdge) -> bool:
    speaks = any(fault.kind.speaks(one) for one in edge.protocols)
    return speaks and fault.edge.holds_between(edge.edge.source, edge.edge.target)


def _shown(fault: Fault, left_s: float) -> ShownFault:
    numbers = tuple(
        (one.name, f"{fault.numbers[one.name]:g}", one.text) for one in fault.kind.parameters
    )
    seconds = (fault.ends_at - fault.set_at).total_seconds()
    again = {
        "on": f"{fault.edge.source}:{fault.edge.target}",
        "kind": fault.kind.name,
        **{name: value for name, value, _ in numbers},
        "probability": f"{fault.probability:g}",
        "seed": str(fault.seed),
        "for": f"{seconds:g}",
    }
    return ShownFault(
        fault.id,
        fault.kind.name,
        fault.kind.title,
        fault.edge.source,
        fault.edge.target,
        numbers,
        fault.probability,
        fault.kind.per_message,
        fault.seed,
        fault.struck,
        left_s,
        urlencode(again),
    )
