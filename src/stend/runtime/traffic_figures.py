"""What became of the traffic: counts and latencies by protocol and operation, in bounded memory."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# Neighbouring buckets differ by 2 %, so a quantile is right within that.
_STEP = math.log(1.02)
_LEAST_MS = 0.01


class Latencies:
    """A histogram with buckets of constant relative width, as HdrHistogram keeps them."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._count = 0

    def add(self, latency_ms: float) -> None:
        self._buckets[math.floor(math.log(max(latency_ms, _LEAST_MS)) / _STEP)] += 1
        self._count += 1

    def quantile_ms(self, share: float) -> float | None:
        """The latency that this share of all stayed within; None when there was none."""
        rank = max(1, math.ceil(share * self._count))
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                # The middle of the bucket.
                return math.exp((bucket + 0.5) * _STEP)
        return None


@dataclass(slots=True)
class Row:
    """One protocol and operation."""

    protocol: str
    operation: str
    sent: int = 0
    ok: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)


@dataclass(slots=True)
class Second:
    """What happened since the last look."""

    sent: int = 0
    ok: int = 0
    errors: int = 0
    dropped: int = 0
    latencies: Latencies = field(default_factory=Latencies)


class Figures:
    """
    Attributes:
        arrived: customers who came; each was sent or dropped.
        dropped: not sent, because too many were already waiting for their answers.
        unfinished: sent, and not answered when the traffic ended.
        late_ms: by how much the generator itself came late at worst; it is part of the latencies.
    """

    def __init__(self) -> None:
        self.arrived = 0
        self.dropped = 0
        self.unfinished = 0
        self.late_ms = 0.0
        self._rows: dict[tuple[str, str], Row] = {}
        self._second = Second()

    def rows(self) -> Iterator[Row]:
        """By protocol, then by operation."""
        for key in sorted(self._rows):
            yield self._rows[key]

    def take_second(self) -> Second:
        taken, self._second = self._second, Second()
        return taken

    def drop(self) -> None:
        self.arrived += 1
        self.dropped += 1
        self._second.dropped += 1

    def send(self, protocol: str, operation: str, late_ms: float) -> None:
        self.arrived += 1
        self._row(protocol, operation).sent += 1
        self._second.sent += 1
        self.late_ms = max(self.late_ms, late_ms)

    def answer(self, protocol: str, operation: str, latency_ms: float, error: str | None) -> None:
        """
        Args:
            latency_ms: since the customer came, and not since the request left: otherwise a stall
                would hide all who came during it (coordinated omission).
            error: the stable code; None when all went well.
        """
        row = self._row(protocol, operation)
        row.latencies.add(latency_ms)
        self._second.latencies.add(latency_ms)
        if error is None:
            row.ok += 1
            self._second.ok += 1
        else:
            row.errors[error] += 1
            self._second.errors += 1

    def _row(self, protocol: str, operation: str) -> Row:
        return self._rows.setdefault((protocol, operation), Row(protocol, operation))
