"""Two choices over a dictionary of counts, whole points in the budget, a ring with many points."""

import hashlib
import random
from bisect import bisect, insort

POINTS = 400


class TwoChoices:
    def __init__(self, servers: list[str], dice: random.Random) -> None:
        self.busy = dict.fromkeys(servers, 0)
        self.dice = dice

    def pick(self) -> str:
        if not self.busy:
            raise LookupError("no server is left")
        pair = self.dice.sample(list(self.busy), min(2, len(self.busy)))
        server = min(pair, key=self.busy.__getitem__)
        self.busy[server] += 1
        return server

    def done(self, server: str) -> None:
        if self.busy.get(server, 0) > 0:
            self.busy[server] -= 1

    def add(self, server: str) -> None:
        self.busy[server] = 0

    def remove(self, server: str) -> None:
        del self.busy[server]


class RetryBudget:
    def __init__(self, most: int, earned_by: int) -> None:
        # In successes: a retry costs `earned_by` of them, and nothing is ever rounded.
        self.full = most * earned_by
        self.saved = self.full
        self.price = earned_by

    def succeeded(self) -> None:
        self.saved = min(self.full, self.saved + 1)

    def may_retry(self) -> bool:
        if self.saved < self.price:
            return False
        self.saved -= self.price
        return True


class HashRing:
    def __init__(self, servers: list[str]) -> None:
        self.points: list[tuple[int, str]] = []
        for one in servers:
            self.add(one)

    def owner(self, key: str) -> str:
        at = bisect(self.points, (_point(key), ""))
        return self.points[at % len(self.points)][1]

    def add(self, server: str) -> None:
        for n in range(POINTS):
            insort(self.points, (_point(f"{server}#{n}"), server))

    def remove(self, server: str) -> None:
        self.points = [one for one in self.points if one[1] != server]


def _point(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
