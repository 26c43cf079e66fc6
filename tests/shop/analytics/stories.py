"""Orders that hypothesis invents, and the marts over them in plain Python."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import mean, quantiles
from typing import Any

from hypothesis import strategies as st

from stend.kit.clock import rfc3339
from stend.shop.analytics.domain import Record
from tests.shop.analytics.events import NOON, PARTITIONS, event, record, rub

_SKUS = ("MILK-001", "BRD-001", "FRT-001")
_STORES = (None, "north", "south")
_ENDS = ("OrderDelivered", "OrderCancelled", "OrderFailed", None)


@dataclass(frozen=True, slots=True)
class Story:
    """One order: when it was placed, what was in it, how and when it ended."""

    order_id: str
    placed_at_s: float
    lines: tuple[tuple[str, int, int], ...]
    end: str | None
    lasted_ms: int
    store: str | None
    store_at: int

    @property
    def total(self) -> int:
        return sum(quantity * price for _, quantity, price in self.lines)

    def events(self) -> list[dict[str, Any]]:
        placed_at = NOON + timedelta(seconds=self.placed_at_s)
        ended_at = placed_at + timedelta(milliseconds=self.lasted_ms)
        lines = [
            {"sku": sku, "quantity": quantity, "unit_price": rub(price)}
            for sku, quantity, price in self.lines
        ]
        told = [
            event(
                self.order_id,
                1,
                "OrderPlaced",
                placed_at,
                lines=lines,
                total=rub(self.total),
            ),
            event(self.order_id, 2, "OrderPaid", placed_at),
        ]
        if self.end:
            told.append(event(self.order_id, 3, self.end, ended_at))
        if self.store:
            told[self.store_at % len(told)]["store"] = self.store
        return told


_STORY = st.builds(
    Story,
    order_id=st.just(""),
    placed_at_s=st.integers(-7 * 86_400, 7 * 86_400) | st.sampled_from([-0.001, 0, 3599.999, 3600]),
    lines=st.lists(
        st.tuples(st.sampled_from(_SKUS), st.integers(1, 99), st.integers(0, 10**6)),
        min_size=1,
        max_size=4,
    ).map(tuple),
    end=st.sampled_from(_ENDS),
    lasted_ms=st.integers(0, 3_600_000),
    store=st.sampled_from(_STORES),
    store_at=st.integers(0, 2),
)
STORIES = st.lists(_STORY, max_size=12).map(
    lambda made: [replace(one, order_id=f"ord_{number}") for number, one in enumerate(made)]
)


def log_of(stories: Sequence[Story], copies: Sequence[int]) -> list[Record]:
    """The records of all stories; some events were published again, as a relay may do."""
    told = [one for story in stories for one in story.events()]
    told += [told[number % len(told)] for number in copies] if told else []
    offsets: defaultdict[int, int] = defaultdict(int)
    records = []
    for one in told:
        partition = int(one["order_id"].rpartition("_")[2]) % PARTITIONS
        records.append(record(one, offsets[partition], partition))
        offsets[partition] += 1
    return records


# ---- the same in plain Python ----------------------------------------------------------------


def hours_of(stories: Sequence[Story]) -> list[list[Any]]:
    rows: defaultdict[str, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
    for story in stories:
        placed_at = NOON + timedelta(seconds=story.placed_at_s)
        row = rows[rfc3339(placed_at.replace(minute=0, second=0, microsecond=0))]
        row[0] += 1
        row[1 + _ENDS.index(story.end)] += 1
        row[5] += story.total
    return [[hour, *rows[hour]] for hour in sorted(rows, reverse=True)]


def stores_of(stories: Sequence[Story]) -> list[list[Any]]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for story in stories:
        if story.end == "OrderDelivered":
            times[story.store or "unknown"].append(story.lasted_ms / 1000)
    return [
        [store, len(some), mean(some), _quantile(some, 50), _quantile(some, 95), max(some)]
        for store, some in sorted(times.items())
    ]


def _quantile(values: list[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def products_of(stories: Sequence[Story]) -> list[list[Any]]:
    orders: defaultdict[str, set[str]] = defaultdict(set)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for story in stories:
        if story.end == "OrderDelivered":
            for sku, quantity, price in story.lines:
                orders[sku].add(story.order_id)
                sums[sku][0] += quantity
                sums[sku][1] += quantity * price
    rows = [[sku, len(orders[sku]), *sums[sku]] for sku in sums]
    return sorted(rows, key=lambda row: (-row[3], row[0]))
