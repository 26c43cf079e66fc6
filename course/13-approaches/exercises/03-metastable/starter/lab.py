"""What the check runs: a service with a queue, a page of a hundred parts, two load generators.

These are models: time is a number, chance has a seed, so a run is always the same.
"""

import random
from collections import deque
from dataclasses import dataclass

# ---- ten slow seconds ----------------------------------------------------------------------------

LOAD_PER_S, CAPACITY_PER_S, PUSHED_PER_S = 70, 100, 10
PUSH_FROM_S, PUSH_TO_S, RUN_S = 10, 20, 200
TIMEOUT_S, RETRIES, TICKS_PER_S = 1.0, 3, 100
BUDGET, EARNS = 10.0, 0.1
BACK_AT = 0.99


@dataclass
class Attempt:
    sent: float
    second: int
    left: int
    is_over: bool = False


class Service:
    """Customers with a timeout of a second and up to three retries, and a service with a queue.

    Args:
        has_budget: a retry costs a token, an answer in time brings a tenth.
        most_waiting: in the queue; whoever finds no place gets a 503 at once, and may retry.
    """

    def __init__(self, *, has_budget: bool = False, most_waiting: int | None = None) -> None:
        self.has_budget, self.most_waiting = has_budget, most_waiting
        self.tokens = BUDGET
        self.queue: deque[Attempt] = deque()
        self.waiting: deque[Attempt] = deque()
        self.sent = [0] * RUN_S
        self.answered = [0] * RUN_S

    def run(self) -> "Service":
        due = power = 0.0
        for tick in range(RUN_S * TICKS_PER_S):
            now = tick / TICKS_PER_S
            is_pushed = PUSH_FROM_S <= now < PUSH_TO_S
            due += LOAD_PER_S / TICKS_PER_S
            power = min(power + (PUSHED_PER_S if is_pushed else CAPACITY_PER_S) / TICKS_PER_S, 2)
            while due >= 1:
                due -= 1
                self._send(now, int(now), RETRIES)
            while power >= 1:
                power -= 1
                self._serve()
            while self.waiting and self.waiting[0].sent <= now - TIMEOUT_S:
                self._failed(now, self.waiting.popleft())
        return self

    def back_after_s(self) -> int | None:
        """Seconds from the end of the push until customers are answered again, and stay so."""
        good = [got >= BACK_AT * LOAD_PER_S for got in self.answered[: RUN_S - 2]]
        bad = [second for second, is_good in enumerate(good) if not is_good]
        return None if bad[-1] == RUN_S - 3 else bad[-1] + 1 - PUSH_TO_S

    def _send(self, now: float, second: int, left: int) -> None:
        attempt = Attempt(now, second, left)
        self.sent[int(now)] += 1
        if self.most_waiting is not None and len(self.queue) >= self.most_waiting:
            self._failed(now, attempt)
            return
        self.queue.append(attempt)
        self.waiting.append(attempt)

    def _serve(self) -> None:
        if self.queue:
            attempt = self.queue.popleft()
            # Whoever has given up is served all the same: the service does not know.
            if not attempt.is_over:
                attempt.is_over = True
                self.answered[attempt.second] += 1
                self.tokens = min(BUDGET, self.tokens + EARNS)

    def _failed(self, now: float, attempt: Attempt) -> None:
        if attempt.is_over:
            return
        attempt.is_over = True
        if attempt.left and (not self.has_budget or self.tokens >= 1):
            self.tokens -= self.has_budget
            self._send(now, attempt.second, attempt.left - 1)


# ---- a page of a hundred parts -------------------------------------------------------------------


def slow_pages(parts: int, slow_share: float, pages: int = 4000) -> float:
    """The share of pages for which at least one part was slow."""
    dice = random.Random(13)  # noqa: S311 - chance, no secret
    slow = sum(any(dice.random() < slow_share for _ in range(parts)) for _ in range(pages))
    return slow / pages


def rare_enough(parts: int, wanted: float) -> float:
    """How seldom a part may be slow so that no more than the wanted share of pages is."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - (1 - middle) ** parts <= wanted else (low, middle)
    return low


# ---- two load generators -------------------------------------------------------------------------

REQUESTS, EVERY_S, TAKES_S = 10_000, 0.010, 0.005
STOP_FROM_S, STOP_TO_S = 40.0, 45.0


def latencies(*, is_open: bool) -> list[float]:
    """A server does one request at a time and stands still for five seconds.

    Open: a request comes every 10 ms, whatever the server does. Closed: the next one is sent 10 ms
    after the one before, but not until that is answered.
    """
    free_at = comes = 0.0
    measured = []
    for n in range(REQUESTS):
        comes = n * EVERY_S if is_open else max(comes + EVERY_S, free_at)
        begins = max(comes, free_at)
        if STOP_FROM_S <= begins < STOP_TO_S:
            begins = STOP_TO_S
        free_at = begins + TAKES_S
        measured.append(free_at - comes)
    return measured


def p99(measured: list[float]) -> float:
    return sorted(measured)[int(len(measured) * 0.99)]
