"""Drives `balancing.py`, alone and inside three small models. Do not edit.

    python rig.py          what the models make of your code

The models know no clock: time is a number that they move themselves. The checks run this very file.
"""

import heapq
import json
import random
import sys
from collections import deque
from typing import Any

import balancing

MADE: list[Any] = []

# ---- one object, step by step -------------------------------------------------------------------


def make(kind: str, arguments: list[Any], seed: int | None = None) -> int:
    """Makes an object of `balancing`; returns its number."""
    if seed is not None:
        arguments = [*arguments, random.Random(seed)]  # noqa: S311 - chance, no secret
    MADE.append(getattr(balancing, kind)(*arguments))
    return len(MADE) - 1


def do(number: int, steps: list[list[Any]]) -> list[Any]:
    """What each step gives: `["pick"]`, `["done", "a"]`; an exception gives its class and text."""
    given: list[Any] = []
    for name, *arguments in steps:
        try:
            given.append(getattr(MADE[number], name)(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            is_lookup = isinstance(error, LookupError)
            given.append({"raised": type(error).__name__, "told": str(error), "lookup": is_lookup})
    return given


def passed(number: int, times: int) -> dict[str, int]:
    """Requests that each end before the next one comes; how many each server got."""
    counts: dict[str, int] = {}
    for _ in range(times):
        server = MADE[number].pick()
        MADE[number].done(server)
        counts[server] = counts.get(server, 0) + 1
    return counts


def owners(number: int, keys: list[str]) -> list[str]:
    return [MADE[number].owner(key) for key in keys]


# ---- model 1: one of ten servers is slow ---------------------------------------------------------

FAST_S, SLOW_S = 0.010, 0.050
ARRIVALS_PER_S, REQUESTS = 600, 5000


def slow_server(seed: int) -> float:
    """Requests come at random to ten servers with a queue each; one is slow. Returns p99, in s."""
    dice = random.Random(seed)  # noqa: S311
    names = [f"s{n}" for n in range(10)]
    takes = dict.fromkeys(names, FAST_S) | {"s3": SLOW_S}
    balancer = balancing.TwoChoices(names, random.Random(seed + 1))  # noqa: S311
    free_at = dict.fromkeys(names, 0.0)
    ends: list[tuple[float, int, str]] = []
    latencies = []
    now = 0.0
    for n in range(REQUESTS):
        now += dice.expovariate(ARRIVALS_PER_S)
        while ends and ends[0][0] <= now:
            balancer.done(heapq.heappop(ends)[2])
        server = balancer.pick()
        free_at[server] = max(now, free_at[server]) + takes[server]
        heapq.heappush(ends, (free_at[server], n, server))
        latencies.append(free_at[server] - now)
    return sorted(latencies)[int(REQUESTS * 0.99) - 1]


# ---- model 2: ten slow seconds, or a network that loses a little ---------------------------------

TICK_S = 0.01
LOAD_PER_S, CAPACITY_PER_S, PUSHED_PER_S = 70, 100, 10
TIMEOUT_S, RETRIES, RUN_S = 1.0, 3, 100
PUSH_FROM_S, PUSH_TO_S = 10, 20


class Shared:
    """Requests of many clients with one budget, to one service with a queue."""

    def __init__(self, budget: Any, loss: float, seed: int) -> None:
        self.budget = budget
        self.dice = random.Random(seed)  # noqa: S311
        self.loss = loss
        self.queue: deque[list[Any]] = deque()
        self.waiting: deque[list[Any]] = deque()
        self.sent = self.retried = 0
        self.answered: list[float] = []
        self.failed: list[float] = []

    def send(self, now: float, began: float, tries: int) -> None:
        # When it was sent; when the customer came; how many retries are left; whether it is over.
        request = [now, began, tries, False]
        self.sent += 1
        self.waiting.append(request)
        if self.dice.random() >= self.loss:
            self.queue.append(request)

    def serve(self, now: float) -> None:
        if self.queue:
            request = self.queue.popleft()
            # A client that has given up gets its answer all the same: that is work for nothing.
            if not request[3]:
                request[3] = True
                self.answered.append(request[1])
                self.budget.succeeded()

    def time_out(self, now: float) -> None:
        while self.waiting and self.waiting[0][0] <= now - TIMEOUT_S:
            _sent, began, tries, is_over = request = self.waiting.popleft()
            if is_over:
                continue
            request[3] = True
            if tries and self.budget.may_retry():
                self.retried += 1
                self.send(now, began, tries - 1)
            else:
                self.failed.append(began)


def outage(full: int, earned_by: int, is_pushed: bool, loss: float, seed: int) -> dict[str, Any]:
    """100 s of 70 requests per second. Pushed: from 10 s to 20 s the service does a tenth."""
    shared = Shared(balancing.RetryBudget(full, earned_by), loss, seed)
    owed = come = 0.0
    for tick in range(int(RUN_S / TICK_S)):
        now = tick * TICK_S
        slow = is_pushed and PUSH_FROM_S <= now < PUSH_TO_S
        come += LOAD_PER_S * TICK_S
        owed = min(owed + (PUSHED_PER_S if slow else CAPACITY_PER_S) * TICK_S, 2.0)
        while come >= 1:
            come -= 1
            shared.send(now, now, RETRIES)
        while owed >= 1:
            owed -= 1
            shared.serve(now)
        shared.time_out(now)
    last = [one for one in shared.answered if 70 <= one < 90]
    lost = [one for one in shared.failed if 70 <= one < 90]
    return {
        "answered_at_end": len(last) / max(1, len(last) + len(lost)),
        "answered": len(shared.answered) / (len(shared.answered) + len(shared.failed)),
        "retried": shared.retried,
        "answers": len(shared.answered),
    }


# ---- model 3: a cache that gets one server more --------------------------------------------------


def cache(before: list[str], added: str, keys: list[str]) -> dict[str, float]:
    """The share of hits before, and right after the ring got one more server."""
    ring = balancing.HashRing(before)
    kept = {(ring.owner(key), key) for key in keys}
    ring.add(added)
    hits = sum((ring.owner(key), key) in kept for key in keys)
    return {"before": 1.0, "after": hits / len(keys)}


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["owners"]:
        given = json.load(sys.stdin)
        print(json.dumps(owners(make("HashRing", [given["servers"]]), given["keys"])))
        return
    print(f"one of ten is slow:   p99 {slow_server(1) * 1000:.0f} ms")
    pushed, lossy = outage(10, 10, True, 0.0, 1), outage(10, 10, False, 0.03, 1)
    print(f"after ten slow s:     {pushed['answered_at_end']:.1%} answered, 50 s later")
    print(f"3 % of packets lost:  {lossy['answered']:.1%} answered")
    names, keys = [f"cache-{n}" for n in range(9)], [f"cus_{n}" for n in range(10_000)]
    print(f"a tenth cache server: {cache(names, 'cache-9', keys)['after']:.1%} hits")


if __name__ == "__main__":
    main(sys.argv[1:])
