"""The second choice is drawn from the others; no ring at all, but the highest score of a pair."""

import random
import zlib
from fractions import Fraction
from hashlib import blake2b


class TwoChoices:
    def __init__(self, servers: list[str], dice: random.Random) -> None:
        self.servers = list(servers)
        self.open: list[str] = []
        self.dice = dice

    def pick(self) -> str:
        if not self.servers:
            raise LookupError("no server is left")
        first = self.dice.randrange(len(self.servers))
        second = first
        if len(self.servers) > 1:
            second = (first + self.dice.randrange(1, len(self.servers))) % len(self.servers)
        one, other = self.servers[first], self.servers[second]
        picked = other if self.open.count(other) < self.open.count(one) else one
        self.open.append(picked)
        return picked

    def done(self, server: str) -> None:
        if server in self.open:
            self.open.remove(server)

    def add(self, server: str) -> None:
        self.servers.append(server)

    def remove(self, server: str) -> None:
        self.servers.remove(server)
        self.open = [one for one in self.open if one != server]


class RetryBudget:
    def __init__(self, most: int, earned_by: int) -> None:
        self.most = self.tokens = Fraction(most)
        self.each = Fraction(1, earned_by)

    def succeeded(self) -> None:
        self.tokens = min(self.most, self.tokens + self.each)

    def may_retry(self) -> bool:
        is_there = self.tokens >= 1
        self.tokens -= is_there
        return is_there


class HashRing:
    """Rendezvous hashing: every server bids for the key, and the highest bid has it."""

    def __init__(self, servers: list[str]) -> None:
        self.salts = {one: zlib.crc32(one.encode()).to_bytes(4) for one in servers}

    def owner(self, key: str) -> str:
        written = key.encode()
        return max(self.salts, key=lambda one: (_bid(self.salts[one], written), one))

    def add(self, server: str) -> None:
        self.salts[server] = zlib.crc32(server.encode()).to_bytes(4)

    def remove(self, server: str) -> None:
        del self.salts[server]


def _bid(salt: bytes, key: bytes) -> bytes:
    return blake2b(key, digest_size=8, salt=salt).digest()
