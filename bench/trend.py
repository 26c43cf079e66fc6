"""Whether something grows: a straight line through samples, and how steep it may be. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

S_PER_HOUR = 3600
# Until then caches fill, pools open, and code is compiled.
WARM_UP_SHARE = 1 / 6
MOST_SHARE_PER_HOUR = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """
    Attributes:
        per_s: how much it rises in a second.
        error_per_s: standard error of that.
    """

    per_s: float
    error_per_s: float


def line(times_s: Sequence[float], values: Sequence[float]) -> Line:
    """The straight line of least squares.

    Raises:
        ValueError: fewer than three samples, or all at one moment.
    """
    count = len(times_s)
    if count < 3 or times_s[0] == times_s[-1]:
        raise ValueError(f"no line through {count} samples")
    middle, mean = sum(times_s) / count, sum(values) / count
    spread = sum((at - middle) ** 2 for at in times_s)
    pairs = list(zip(times_s, values, strict=True))
    slope = sum((at - middle) * (value - mean) for at, value in pairs) / spread
    rest = sum((value - mean - slope * (at - middle)) ** 2 for at, value in pairs)
    return Line(slope, sqrt(rest / (count - 2) / spread))


@dataclass(frozen=True, slots=True)
class Growth:
    """Of something that has a size, in the unit of the size, after the warm-up.

    Attributes:
        per_hour: the slope of the straight line.
        error_per_hour: standard error of that.
        bound_per_hour: how steep it may be and still be called flat.
    """

    first: float
    last: float
    most: float
    per_hour: float
    error_per_hour: float
    bound_per_hour: float

    @property
    def is_flat(self) -> bool:
        return self.per_hour <= self.bound_per_hour


def growth(times_s: Sequence[float], sizes: Sequence[float], least_bound: float) -> Growth:
    """
    Args:
        least_bound: in an hour; what is small may grow by more than its share.

    Raises:
        ValueError: too few samples are left after the warm-up.
    """
    first = ceil(len(times_s) * WARM_UP_SHARE)
    kept = sizes[first:]
    found = line(times_s[first:], kept)
    share = sum(kept) / len(kept) * MOST_SHARE_PER_HOUR
    return Growth(
        kept[0],
        kept[-1],
        max(kept),
        found.per_s * S_PER_HOUR,
        found.error_per_s * S_PER_HOUR,
        max(least_bound, share),
    )
