"""The metrics of this moment, summed up as the figures need them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from stend.portal.figures.bands import ASKED, FIGURES
from stend.portal.figures.figure import ROW_SEPARATOR, Match, Source

_BUCKET = "_bucket"
_BOUND = "le"

# By row; a histogram has a value for every bound, all others one, under 0.
Totals = Mapping[str, Mapping[float, float]]


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Attributes:
        at_s: since the epoch.
    """

    at_s: float
    totals: Mapping[Source, Totals]


_SOURCES = tuple(dict.fromkeys((*(figure.of.source for figure in FIGURES), ASKED)))
# Of a source by its number: the row and the bound that a sample counts for.
_Places = tuple[tuple[int, str, float], ...]


class MetricsReader:
    """Reads a registry in one pass. Where a sample belongs is worked out once: there are a thousand
    of them, the same every second.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        # As many as the registry has series, whose labels are bounded.
        self._places: dict[tuple[str, ...], _Places] = {}

    def read(self, at_s: float) -> Reading:
        """
        Args:
            at_s: since the epoch.
        """
        totals: list[dict[str, dict[float, float]]] = [{} for _ in _SOURCES]
        for family in self._registry.collect():
            for sample in family.samples:
                name = (sample.name, *sample.labels.values())
                places = self._places.get(name)
                if places is None:
                    places = self._places[name] = _places_of(sample.name, sample.labels)
                for number, row, bound in places:
                    values = totals[number].setdefault(row, {})
                    before = values.get(bound, 0.0)
                    is_most = _SOURCES[number].most
                    values[bound] = max(before, sample.value) if is_most else before + sample.value
        return Reading(at_s, dict(zip(_SOURCES, totals, strict=True)))


def _places_of(name: str, labels: Mapping[str, str]) -> _Places:
    bound = float(labels[_BOUND]) if name.endswith(_BUCKET) else 0.0
    return tuple(
        (number, ROW_SEPARATOR.join(labels[label] for label in source.by), bound)
        for number, source in enumerate(_SOURCES)
        if source.sample == name and _fits(labels, source.where)
    )


def _fits(labels: Mapping[str, str], where: Iterable[Match]) -> bool:
    return all((labels.get(one.label) == one.value) == one.is_equal for one in where)
