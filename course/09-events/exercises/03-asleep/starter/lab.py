"""What the check runs: one order, a consumer that sleeps, and five ways to learn of the order.

    python lab.py            asleep for a minute
    python lab.py 600        asleep for ten

There are no sockets here and no time is waited for: the clock is a list of what happens when, and
is moved from one to the next. So a minute passes at once and always alike. The pauses and the
bounds are those of the text of the exercise.
"""

import heapq
import random
import sys
from collections.abc import Callable

STATUSES = {1: "placed", 2: "paid", 3: "packed", 4: "on_the_way", 5: "delivered"}
HAPPENS_AT_S = {1: 5, 2: 20, 3: 30, 4: 50, 5: 90}
FALLS_ASLEEP_AT_S = 12
POLLS_EVERY_S = 10
LONG_POLL_S = 25
ATTEMPTS_AFTER_S = (0, 5, 15, 35, 75)
JOURNAL_S = 300
ENDS_AT_S = 3600


class Clock:
    """Seconds; whatever is to happen is called in its turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = 0
        self._coming: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, when: float, what: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._coming, (when, self._order, what))

    def run(self, until: float) -> None:
        while self._coming and self._coming[0][0] <= until:
            self.now, _, what = heapq.heappop(self._coming)
            what()


class Source:
    """The shop: what has happened to the order, and who hears of it at once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.version = 0
        self.journal: list[tuple[float, int]] = []
        self.listeners: list[Callable[[int], None]] = []
        for version, when in HAPPENS_AT_S.items():
            clock.at(when, lambda version=version: self._happens(version))

    def _happens(self, version: int) -> None:
        self.version = version
        self.journal.append((self.clock.now, version))
        for listener in list(self.listeners):
            listener(version)

    def since(self, version: int) -> list[int]:
        """Events after this one, as far as the journal still has them."""
        oldest = self.clock.now - JOURNAL_S
        return [one for when, one in self.journal if one > version and when >= oldest]


class Consumer:
    """
    Attributes:
        came: when it learnt of which version, in that order.
    """

    def __init__(self, clock: Clock, source: Source, sleeps_s: float) -> None:
        self.clock = clock
        self.source = source
        self.wakes_at = FALLS_ASLEEP_AT_S + sleeps_s
        self.came: list[tuple[float, int]] = []
        self.start()
        clock.at(FALLS_ASLEEP_AT_S, self.fall_asleep)
        clock.at(self.wakes_at, self.wake)

    @property
    def is_asleep(self) -> bool:
        return FALLS_ASLEEP_AT_S <= self.clock.now < self.wakes_at

    def learn(self, version: int) -> None:
        if version and (not self.came or version != self.came[-1][1]):
            self.came.append((self.clock.now, version))

    def state_at(self, when: float) -> int:
        """The version that it believes in: it passes over what is older than what it knows."""
        return max((version for at, version in self.came if at <= when), default=0)

    def start(self) -> None:
        """The program begins: at second 0."""

    def fall_asleep(self) -> None:
        """Every connection that it had is gone."""

    def wake(self) -> None:
        """The program is started anew, with what it had written down."""
        self.start()


class Polling(Consumer):
    """GET /orders/1, again and again."""

    def start(self) -> None:
        self._poll(self.clock.now)

    def _poll(self, began: float) -> None:
        # The program that there was before the sleep does not ask any more.
        if began < FALLS_ASLEEP_AT_S <= self.clock.now:
            return
        self.learn(self.source.version)
        self.clock.at(self.clock.now + POLLS_EVERY_S, lambda: self._poll(began))


class Connected(Consumer):
    """WebSocket: hears what happens while it is connected. Its protocol has no numbers."""

    def start(self) -> None:
        self.source.listeners.append(self.learn)

    def fall_asleep(self) -> None:
        self.source.listeners.remove(self.learn)


class LongPolling(Connected):
    """GET /events?wait=25: the next event, or nothing after 25 s. It is asked again at once.

    Between an answer and the next question nothing happens here, so awake it misses nothing; there
    is no cursor in the question.
    """


class Sse(Connected):
    """An event stream; whoever comes back says Last-Event-ID."""

    def start(self) -> None:
        for version in self.source.since(self.came[-1][1] if self.came else 0):
            self.learn(version)
        super().start()


class Webhook(Consumer):
    """The sender calls; without a 2xx it calls again, five times in all."""

    def start(self) -> None:
        if not self.source.listeners:
            self.source.listeners.append(self._send)

    def _send(self, version: int) -> None:
        self._attempt(version, self.clock.now, 0)

    def _attempt(self, version: int, began: float, number: int) -> None:
        if not self.is_asleep:
            self.learn(version)
        elif number + 1 < len(ATTEMPTS_AFTER_S):
            when = began + ATTEMPTS_AFTER_S[number + 1]
            self.clock.at(when, lambda: self._attempt(version, began, number + 1))


WAYS = {
    "polling": Polling,
    "long-polling": LongPolling,
    "webhook": Webhook,
    "sse": Sse,
    "websocket": Connected,
}


def run(way: str, sleeps_s: float) -> Consumer:
    clock = Clock()
    consumer = WAYS[way](clock, Source(clock), sleeps_s)
    clock.run(ENDS_AT_S)
    return consumer


def busiest_second(consumers: int, spread_s: float, seed: int) -> int:
    """They all come back after a pause that is random within `spread_s`."""
    dice = random.Random(seed)  # noqa: S311 - chance, and no secret
    seconds = [int(dice.random() * spread_s) for _ in range(consumers)]
    return max(seconds.count(one) for one in set(seconds))


def main() -> None:
    sleeps_s = float(sys.argv[1]) if sys.argv[1:] else 60
    for way in WAYS:
        told = [f"{when:g} s {STATUSES[version]}" for when, version in run(way, sleeps_s).came]
        print(f"{way:>12}: {', '.join(told)}")


if __name__ == "__main__":
    main()
