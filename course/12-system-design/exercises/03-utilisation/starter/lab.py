"""What the check runs: one queue before one or several servers, request by request.

Nothing is computed by a formula: every request arrives, waits for the first server that is free,
and keeps it busy. Gaps and service times are drawn from a generator with a fixed seed, so that
every run gives the same figures. Seconds are those of the queue: nobody waits for them.

    python lab.py
"""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapreplace
from itertools import islice

SERVICE_S = 0.010
_BATCHES = 20
_BINS_PER_S = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Attributes:
        mean_s, p95_s: in the system, waiting and service together.
        margin_s: with 95 % confidence the mean of the long run is no further away than this.
        inside: how many are in the system, on the average over time.
    """

    mean_s: float
    p95_s: float
    margin_s: float
    inside: float


def run(
    arrivals_per_s: float,
    requests: int,
    *,
    service_s: float = SERVICE_S,
    servers: int = 1,
    is_regular: bool = False,
) -> Measured:
    """
    Args:
        service_s: the mean; exponential, or always the same where it `is_regular`.
    """
    times = _times(arrivals_per_s, service_s, servers, is_regular)
    # The system begins empty, and that is not how it goes on: the first of them do not count.
    for _ in islice(times, requests // _BATCHES):
        pass
    counts: Counter[int] = Counter()
    means = []
    for _ in range(_BATCHES):
        batch = list(islice(times, requests // _BATCHES))
        counts.update([int(one * _BINS_PER_S) for one in batch])
        means.append(sum(batch) / len(batch))
    mean = sum(means) / _BATCHES
    spread = math.sqrt(sum((one - mean) ** 2 for one in means) / (_BATCHES - 1) / _BATCHES)
    # 2.09 is Student's t for 19 degrees of freedom. The last figure is Little's law, which needs
    # no more than that as many leave as arrive.
    return Measured(mean, _percentile(counts, 0.95), 2.09 * spread, mean * arrivals_per_s)


def _times(
    arrivals_per_s: float, service_s: float, servers: int, is_regular: bool
) -> Iterator[float]:
    """How long each request is in the system, in the order of arrival."""
    draw = random.Random(1961).random  # noqa: S311 - arrivals are no secret
    log = math.log
    gap_s, now = 1 / arrivals_per_s, 0.0
    free_at = [0.0] * servers
    while True:
        # 1 - random() is never 0.
        now -= gap_s * log(1.0 - draw())
        work = service_s if is_regular else -service_s * log(1.0 - draw())
        end = max(now, free_at[0]) + work
        heapreplace(free_at, end)
        yield end - now


def _percentile(counts: Counter[int], share: float) -> float:
    left = share * counts.total()
    for at in sorted(counts):
        left -= counts[at]
        if left <= 0:
            break
    return (at + 0.5) / _BINS_PER_S


def main() -> None:
    print(f"{'':34}mean, ms         p95, ms   inside")
    for title, one in (
        ("50 a second", run(50, 100_000)),
        ("80 a second", run(80, 100_000)),
        ("95 a second", run(95, 400_000)),
        ("95 a second, 9 ms of work", run(95, 100_000, service_s=0.009)),
        ("95 a second, two servers", run(95, 100_000, servers=2)),
        ("95 a second, always 10 ms of work", run(95, 100_000, is_regular=True)),
    ):
        mean = f"{one.mean_s * 1000:6.1f} ± {one.margin_s * 1000:4.1f}"
        print(f"{title:34}{mean}  {one.p95_s * 1000:8.1f}  {one.inside:6.2f}")


if __name__ == "__main__":
    main()
