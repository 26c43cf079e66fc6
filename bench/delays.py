"""How long people have waited: percentiles, and the way from the wire to the screen. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

_MS_PER_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Delays:
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


def delays(values_ms: Sequence[float]) -> Delays:
    """Percentiles by nearest rank: each is one of the values.

    Raises:
        ValueError: there are none.
    """
    if not values_ms:
        raise ValueError("nothing was seen")
    ordered = sorted(values_ms)
    p50, p95, p99 = (ordered[ceil(len(ordered) * share) - 1] for share in (0.50, 0.95, 0.99))
    return Delays(len(ordered), p50, p95, p99, ordered[-1])


def delay_ms(when: str, at_ms: int) -> int:
    """From the moment that a row tells to a moment since 1970, less than half a day apart.

    Args:
        when: `HH:MM:SS.mmm` of UTC.
    """
    hours, minutes, seconds = when.split(":")
    of_day = (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)
    half = _MS_PER_DAY // 2
    return (at_ms - of_day + half) % _MS_PER_DAY - half
