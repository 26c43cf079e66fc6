"""From two readings to the figures between them."""

from collections.abc import Mapping

from stend.portal.figures.bands import FIGURES
from stend.portal.figures.figure import Figure, Level, Quantile
from stend.portal.figures.quantile import histogram_quantile
from stend.portal.figures.reading import Reading, Totals

_DIGITS = 4

# By row; None where nothing can be said.
Values = Mapping[str, float | None]


def figures_of(earlier: Reading | None, now: Reading) -> Mapping[str, Values]:
    """
    Args:
        earlier: the oldest of the window; None when there is none, so that no rate is known.

    Returns:
        By the key of a figure.
    """
    return {figure.key: _values(figure, earlier, now) for figure in FIGURES}


def _values(figure: Figure, earlier: Reading | None, now: Reading) -> Values:
    how = figure.of
    current = now.totals.get(how.source, {})
    if isinstance(how, Level):
        return {row: value[0.0] for row, value in current.items()}
    if earlier is None:
        return dict.fromkeys(current)
    grown = _grown(earlier.totals.get(how.source, {}), current)
    if isinstance(how, Quantile):
        return {row: _quantile(how, buckets) for row, buckets in grown.items()}
    passed_s = now.at_s - earlier.at_s
    return {row: _rounded(value[0.0] / passed_s) for row, value in grown.items()}


def _grown(before: Totals, now: Totals) -> Totals:
    # What was not there is counted from zero: it was read a moment ago, so it began since then.
    # Prometheus does so only where it scrapes the time of creation, too.
    return {
        row: {bound: total - before.get(row, {}).get(bound, 0.0) for bound, total in totals.items()}
        for row, totals in now.items()
    }


def _quantile(how: Quantile, buckets: Mapping[float, float]) -> float | None:
    value = histogram_quantile(how.quantile, buckets)
    return None if value is None else _rounded(value * how.factor)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
