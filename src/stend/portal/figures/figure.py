"""What a figure is: where it comes from, how it is computed, and how Prometheus is asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# Of rates and quantiles. Long enough to be calm, short enough to show a call at once.
WINDOW_S = 10
_MS_IN_S = 1000
# Between the labels that name a row together.
ROW_SEPARATOR = "|"


class Unit(StrEnum):
    PER_SECOND = "per_second"
    MILLISECONDS = "ms"
    SECONDS = "s"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Match:
    """A condition on a label, `code!="ok"`."""

    label: str
    value: str
    is_equal: bool = True

    def __str__(self) -> str:
        # JSON's escapes of a quoted string are Prometheus' own for what can stand in a label here.
        text = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{"=" if self.is_equal else "!="}"{text}"'


@dataclass(frozen=True, slots=True)
class Source:
    """Samples of one name, summed up by labels.

    Attributes:
        sample: `_total` and `_bucket` included.
        by: the labels whose values name a row.
        most: the greatest instead of the sum.
    """

    sample: str
    by: tuple[str, ...]
    where: tuple[Match, ...] = ()
    most: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """How much a counter grows in a second."""

    source: Source
    unit: Unit = Unit.PER_SECOND

    def promql(self, row: Sequence[str] = ()) -> str:
        return f"sum by ({_by(self.source)}) (rate({_selected(self.source, row)}[{WINDOW_S}s]))"


@dataclass(frozen=True, slots=True)
class Level:
    """A gauge, as it is."""

    source: Source
    unit: Unit = Unit.COUNT

    def promql(self, row: Sequence[str] = ()) -> str:
        how = "max" if self.source.most else "sum"
        return f"{how} by ({_by(self.source)}) ({_selected(self.source, row)})"


@dataclass(frozen=True, slots=True)
class Quantile:
    """Of the observations that a histogram got in the window."""

    source: Source
    quantile: float
    unit: Unit = Unit.MILLISECONDS

    @property
    def factor(self) -> int:
        return _MS_IN_S if self.unit is Unit.MILLISECONDS else 1

    def promql(self, row: Sequence[str] = ()) -> str:
        rate = f"rate({_selected(self.source, row)}[{WINDOW_S}s])"
        value = f"histogram_quantile({self.quantile}, sum by (le, {_by(self.source)}) ({rate}))"
        return value if self.factor == 1 else f"{self.factor} * {value}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart and one column: a value for every row of its band."""

    key: str
    of: Rate | Level | Quantile

    @property
    def unit(self) -> Unit:
        return self.of.unit

    @property
    def percentile(self) -> str | None:
        """`p95`, for a quantile."""
        return f"p{self.of.quantile * 100:g}" if isinstance(self.of, Quantile) else None

    def promql(self, row: str | None = None) -> str:
        """
        Args:
            row: of this row alone.
        """
        return self.of.promql(row.split(ROW_SEPARATOR) if row else ())


def _by(source: Source) -> str:
    return ", ".join(source.by)


def _selected(source: Source, row: Sequence[str]) -> str:
    chosen = [Match(label, value) for label, value in zip(source.by, row, strict=False)]
    conditions = ", ".join(str(one) for one in (*chosen, *source.where))
    return f"{source.sample}{{{conditions}}}" if conditions else source.sample
