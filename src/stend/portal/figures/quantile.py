"""The quantile of a histogram, as Prometheus computes it.

Source: prometheus.io/docs/prometheus/latest/querying/functions, histogram_quantile(), for classic
histograms.
"""

import math
from collections.abc import Mapping


def histogram_quantile(quantile: float, buckets: Mapping[float, float]) -> float | None:
    """
    Args:
        quantile: from 0 to 1.
        buckets: upper bound to how many observations are at or below it; the last bound is
            infinite, all others are positive.

    Returns:
        Interpolated in a straight line inside the bucket, so no more exact than its bounds. The
        last finite bound for a quantile above it: more is not known. None without observations.
    """
    bounds = sorted(buckets)
    if not bounds or bounds[-1] != math.inf or buckets[math.inf] <= 0:
        return None
    rank = quantile * buckets[math.inf]
    at = next(index for index, bound in enumerate(bounds) if buckets[bound] >= rank)
    if bounds[at] == math.inf:
        return bounds[at - 1] if at else None
    lower, below = (bounds[at - 1], buckets[bounds[at - 1]]) if at else (0.0, 0.0)
    inside = buckets[bounds[at]] - below
    if inside <= 0:
        return lower
    return lower + (bounds[at] - lower) * (rank - below) / inside
