"""What the check runs: a poison message in a queue, a hot key in a log, a queue without a bound.

    python lab.py

No broker is started and no time is waited for: this is an exact simulation, message by message,
with a clock that is moved from one end of a piece of work to the next. Nothing in it is random.
"""

import heapq
from collections import deque
from dataclasses import dataclass

# The queue of the first experiment.
SERVES_S = 0.01
POISON_FAILS_AFTER_S = 0.01
RETRIES_AFTER_S = (1.0, 2.0, 4.0)
WATCHED_S = 60.0
ARRIVE_PER_S = 80.0
# The log of the second.
PARTITIONS = CONSUMERS = 12
RECORDS_PER_S = 600.0
CONSUMER_PER_S = 100.0
HOT_SHARE = 0.4
HOUR_S = 3600
# The backlog of the third.
DOWN_S = 3600
IN_PER_S = 200.0
OUT_PER_S = 260.0
MESSAGE_BYTES = 1000
MEMORY_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Poisoned:
    """
    Attributes:
        done: good messages that were done.
        attempts: at the poison message.
        busy_share: of the consumer's time that went into it.
    """

    done: int
    attempts: int
    busy_share: float


def poison_loop(goes_back: str) -> Poisoned:
    """One consumer, one poison message at the head; the good ones arrive evenly.

    Args:
        goes_back: `head` (nack with requeue, in its place), `delayed` (three retries, then the
            dead letter queue).
    """
    now, done, attempts, spent_s = 0.0, 0, 0, 0.0
    arrived = 0
    queue: deque[str] = deque(["poison"])
    later: list[float] = []
    # Sums of hundredths are not exact: a try that would begin with the end is none.
    while now < WATCHED_S - SERVES_S / 2:
        while arrived < now * ARRIVE_PER_S:
            queue.append("good")
            arrived += 1
        while later and later[0] <= now:
            heapq.heappop(later)
            queue.append("poison")
        if not queue:
            now = min([(arrived + 1) / ARRIVE_PER_S, *later[:1]])
            continue
        if queue.popleft() == "good":
            now += SERVES_S
            done += 1
            continue
        now += POISON_FAILS_AFTER_S
        attempts += 1
        spent_s += POISON_FAILS_AFTER_S
        if goes_back == "head":
            queue.appendleft("poison")
        elif attempts <= len(RETRIES_AFTER_S):
            heapq.heappush(later, now + RETRIES_AFTER_S[attempts - 1])
    return Poisoned(done, attempts, spent_s / now)


@dataclass(frozen=True, slots=True)
class Log:
    """
    Attributes:
        hot_share: of all records that have one and the same key.
        hot_parts: keys that this one was split into, each of them in a partition of its own.
        per_s: records that a consumer takes. A partition has one consumer; the others stand idle.
    """

    hot_share: float = HOT_SHARE
    hot_parts: int = 1
    partitions: int = PARTITIONS
    consumers: int = CONSUMERS
    per_s: float = CONSUMER_PER_S

    def lags(self, seconds: int) -> list[float]:
        """What each partition has not read after so long, second by second."""
        even = RECORDS_PER_S * (1 - self.hot_share) / self.partitions
        hot = RECORDS_PER_S * self.hot_share / self.hot_parts
        lags = [0.0] * self.partitions
        # Partitions are dealt out one by one: with fewer consumers some have several.
        owners = [number % self.consumers for number in range(self.partitions)]
        for _ in range(seconds):
            for number, owner in enumerate(owners):
                takes = self.per_s / owners.count(owner)
                comes = even + (hot if number < self.hot_parts else 0)
                lags[number] = max(0.0, lags[number] + comes - takes)
        return lags


REMEDIES = {
    "more-consumers": Log(consumers=24),
    "more-partitions": Log(partitions=24, consumers=24),
    "split-key": Log(hot_parts=8),
    "faster-consumer": Log(per_s=300.0),
}


@dataclass(frozen=True, slots=True)
class Drained:
    """
    Attributes:
        drains_s: from the consumer's return to the first empty queue.
        full_s: from its death to the moment when the memory is full, however long that takes.
        oldest_waits_s: how long the message waits that arrives as the consumer returns.
        length: of the queue as it returns.
    """

    drains_s: float
    full_s: float
    oldest_waits_s: float
    length: int


def backlog(out_per_s: float) -> Drained:
    """The consumer is down, and then takes what has come and what comes. Second by second."""
    length = 0.0
    full_s = 0.0
    while length * MESSAGE_BYTES < MEMORY_BYTES:
        length += IN_PER_S
        full_s += 1
    length = IN_PER_S * DOWN_S
    returned_with = length
    seconds, first_out_s = 0, 0.0
    taken = 0.0
    while length > 0:
        seconds += 1
        length += IN_PER_S - out_per_s
        taken += out_per_s
        if not first_out_s and taken >= returned_with:
            first_out_s = float(seconds)
    return Drained(float(seconds), full_s, first_out_s, int(returned_with))


def main() -> None:
    for goes_back in ("head", "delayed"):
        print(goes_back, poison_loop(goes_back))
    print("lag, no hot key:", max(Log(hot_share=0).lags(HOUR_S)))
    print("lag, a hot key:", Log().lags(HOUR_S)[:3])
    for name, log in REMEDIES.items():
        print(f"lag, {name}:", max(log.lags(HOUR_S)))
    print(backlog(OUT_PER_S))
    print(backlog(220.0))


if __name__ == "__main__":
    main()
