"""A model of a flash sale: customers, servers, a cache, a database. It judges `topology.yaml`.

    python model.py            every scenario, seed by seed, and what the topology costs
    python model.py 1          with one seed

Time is a number here, chance comes from the seed: a run is always the same. `TASK.md` says what the
model knows. A copy that you change changes nothing in the checks, which have their own.
"""

import random
import sys
from bisect import bisect
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import yaml

PRICES = {"server": 10, "cache": 20, "replica": 35}
# Requests per second: from which second on.
LOAD = ((0.0, 40), (2.0, 260), (8.0, 40))
RUN_S = 14.0
ORDERS = 0.15
PRODUCTS, HOT = 100, 0.6
WORKERS, CPU_S = 2, 0.020
LANES, READ_S, WRITE_S, HIT_S = 2, 0.025, 0.012, 0.001
IN_TIME_S = 1.0
BACK_BY_S = 11.0
# Slow: a server does everything ten times slower. Stalled: the database does, for 1.5 s.
SLOWER = 10
SLOW_FROM_S, SLOW_TO_S = 3.0, 8.0
STALL_FROM_S, STALL_TO_S = 4.0, 5.5
SCENARIOS = ("sale", "slow-server", "stalled-database")
BALANCERS = ("round-robin", "least-busy", "two-choices", "hash")
# What may be written, from and to; a bool is a switch.
FIELDS: Mapping[str, Any] = {
    "servers": (1, 60),
    "balancing": BALANCERS,
    "queue": (0, 100_000),
    "orders_first": bool,
    "drop_expired": bool,
    "cache.enabled": bool,
    "cache.ttl_ms": (0, 60_000),
    "cache.single_flight": bool,
    "replicas": (0, 20),
    "client.timeout_ms": (10, 60_000),
    "client.retries": (0, 5),
    "client.budget_percent": (0, 100),
    "client.backoff_ms": (0, 10_000),
}


class TopologyError(ValueError):
    """What is wrong with `topology.yaml`, in both languages, and where."""

    def __init__(self, ru: str, en: str, expected: str = "", where: str = "") -> None:
        super().__init__(en)
        self.ru, self.en, self.expected, self.where = ru, en, expected, where


@dataclass(frozen=True)
class Topology:
    told: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.told[name]

    @property
    def cost(self) -> int:
        told = self.told
        cache = PRICES["cache"] if told["cache.enabled"] else 0
        return PRICES["server"] * told["servers"] + cache + PRICES["replica"] * told["replicas"]


def read_topology(text: str) -> Topology:
    """
    Raises:
        TopologyError: it is no YAML, something is missing, unknown, or not in its bounds.
    """
    try:
        given = dict(_flat(yaml.safe_load(text)))
    except (yaml.YAMLError, AttributeError) as error:
        told = f"topology.yaml: {error}"
        raise TopologyError(f"Это не YAML с полями. {told}", f"No YAML of fields. {told}") from None
    for name, value in given.items():
        _check(name, value)
    for name in FIELDS:
        if name not in given:
            raise TopologyError(f"Нет поля {name}.", f"There is no {name}.", where=name)
    return Topology(given)


def _flat(given: Any) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield str(name), value


def _check(name: str, value: Any) -> None:
    if name not in FIELDS:
        known = ", ".join(FIELDS)
        raise TopologyError(f"Поля {name} модель не знает.", f"{name} is unknown.", known, name)
    wanted = FIELDS[name]
    if wanted is bool:
        is_right, expected = isinstance(value, bool), "true / false"
    elif wanted is BALANCERS:
        is_right, expected = value in BALANCERS, " / ".join(BALANCERS)
    else:
        low, high = wanted
        is_right = type(value) is int and low <= value <= high
        expected = f"{low} … {high}"
    if not is_right:
        told = value if isinstance(value, str | int | float) else type(value).__name__
        ru, en = f"{name}: {told} — такого быть не может.", f"{name}: {told} cannot be."
        raise TopologyError(ru, en, expected, name)


@dataclass
class Result:
    """What customers got.

    Attributes:
        pages, orders: shares that were answered within a second, of all that was asked for.
        after: the same of everything from BACK_BY_S on.
        sent: requests that were sent, retries too; `asked` without them.
    """

    pages: float
    orders: float
    after: float
    sent: int
    asked: int


class Server:
    def __init__(self) -> None:
        self.busy = 0
        self.first: deque[Any] = deque()
        self.rest: deque[Any] = deque()

    @property
    def waiting(self) -> int:
        return len(self.first) + len(self.rest)

    @property
    def load(self) -> int:
        return self.busy + self.waiting


class Sale:
    """One run."""

    def __init__(self, topology: Topology, scenario: str, seed: int) -> None:
        self.has, self.scenario = topology, scenario
        # Customers are the same whatever is built for them; the rest has chance of its own.
        self.dice, self.own = random.Random(seed), random.Random(seed + 1000)  # noqa: S311
        self.servers = [Server() for _ in range(topology["servers"])]
        self.turn = count()
        self.lanes = [[0.0] * LANES for _ in range(topology["replicas"] + 1)]
        self.cache: dict[int, tuple[float, float]] = {}
        self.events: list[tuple[float, int, str, Any]] = []
        self.numbers = count()
        self.tokens = 10.0
        self.sent = 0

    def run(self) -> Result:
        customers = list(self._customers())
        for one in customers:
            self._at(one["came"], "send", one)
        while self.events:
            now, _, what, about = heappop(self.events)
            getattr(self, what)(now, about)
        return _result(customers, self.sent)

    def _at(self, now: float, what: str, about: Any) -> None:
        heappush(self.events, (now, next(self.numbers), what, about))

    def _customers(self) -> Iterator[dict[str, Any]]:
        now = 0.0
        others = list(accumulate(1 / n for n in range(1, PRODUCTS)))
        starts = [one[0] for one in LOAD]
        while True:
            now += self.dice.expovariate(LOAD[bisect(starts, now) - 1][1])
            if now >= RUN_S:
                return
            is_order = self.dice.random() < ORDERS
            product = 0
            if self.dice.random() > HOT:
                product = 1 + bisect(others, self.dice.random() * others[-1])
            cpu, work = self.dice.expovariate(1 / CPU_S), self.dice.expovariate(1.0)
            yield {"came": now, "order": is_order, "product": product, "cpu": cpu, "work": work,
                   "left": self.has["client.retries"], "ended": None}  # fmt: skip

    # ---- the client

    def send(self, now: float, customer: dict[str, Any]) -> None:
        self.sent += 1
        # When it was sent, whether its client still waits, who asks.
        attempt = {"sent": now, "waits": True, "of": customer}
        self._at(now + self.has["client.timeout_ms"] / 1000, "give_up", attempt)
        server = self._picked(customer["product"])
        if server.busy < WORKERS:
            self._begin(now, server, attempt)
        elif server.waiting < self.has["queue"]:
            is_first = customer["order"] and self.has["orders_first"]
            (server.first if is_first else server.rest).append(attempt)
        else:
            self.give_up(now, attempt)

    def give_up(self, now: float, attempt: dict[str, Any]) -> None:
        """There was a 503, or no answer in time."""
        if not attempt["waits"]:
            return
        attempt["waits"] = False
        customer = attempt["of"]
        share = self.has["client.budget_percent"]
        if customer["left"] and (share == 100 or self.tokens >= 1):
            self.tokens -= share != 100
            tried = self.has["client.retries"] - customer["left"]
            customer["left"] -= 1
            pause = self.has["client.backoff_ms"] / 1000 * 2**tried * self.own.random()
            self._at(now + pause, "send", customer)

    def _answered(self, now: float, attempt: dict[str, Any]) -> None:
        if attempt["waits"]:
            attempt["waits"] = False
            attempt["of"]["ended"] = now
            self.tokens = min(10.0, self.tokens + self.has["client.budget_percent"] / 100)

    # ---- a server

    def _picked(self, product: int) -> Server:
        servers = self.servers
        match self.has["balancing"]:
            case "round-robin":
                return servers[next(self.turn) % len(servers)]
            case "least-busy":
                return min(servers, key=lambda one: one.load)
            case "hash":
                return servers[product * 7919 % len(servers)]
        one, other = self.own.choice(servers), self.own.choice(servers)
        return one if one.load <= other.load else other

    def _begin(self, now: float, server: Server, attempt: dict[str, Any]) -> None:
        server.busy += 1
        customer = attempt["of"]
        is_slow = self.scenario == "slow-server" and server is self.servers[0]
        is_slow = is_slow and SLOW_FROM_S <= now < SLOW_TO_S
        cpu = customer["cpu"] * (SLOWER if is_slow else 1)
        if customer["order"]:
            has_data = self._database(now, WRITE_S * customer["work"], self.lanes[:1])
        elif self.has["cache.enabled"]:
            has_data = self._cached(now, customer)
        else:
            has_data = self._database(now, READ_S * customer["work"], self.lanes)
        self._at(has_data + cpu, "end", (server, attempt))

    def end(self, now: float, ended: tuple[Server, dict[str, Any]]) -> None:
        server, attempt = ended
        server.busy -= 1
        self._answered(now, attempt)
        while server.waiting and server.busy < WORKERS:
            following = (server.first or server.rest).popleft()
            if following["waits"] or not self.has["drop_expired"]:
                self._begin(now, server, following)

    # ---- the cache and the database

    def _cached(self, now: float, customer: dict[str, Any]) -> float:
        key = customer["product"]
        loaded, expires = self.cache.get(key, (0.0, 0.0))
        if loaded <= now < expires:
            return now + HIT_S
        if self.has["cache.single_flight"] and now < loaded:
            return loaded + HIT_S
        ends = self._database(now, READ_S * customer["work"], self.lanes)
        # Without single flight everybody loads, and the first one that is there counts.
        loaded = min(loaded, ends) if now < loaded else ends
        self.cache[key] = (loaded, loaded + self.has["cache.ttl_ms"] / 1000)
        return ends

    def _database(self, now: float, takes: float, nodes: list[list[float]]) -> float:
        lanes = min(nodes, key=min)
        begins = max(now, min(lanes))
        if self.scenario == "stalled-database" and STALL_FROM_S <= begins < STALL_TO_S:
            takes *= SLOWER
        lanes[lanes.index(min(lanes))] = begins + takes
        return begins + takes


def _result(customers: list[dict[str, Any]], sent: int) -> Result:
    def share(chosen: list[dict[str, Any]]) -> float:
        good = sum(one["ended"] is not None and one["ended"] - one["came"] <= IN_TIME_S
                   for one in chosen)  # fmt: skip
        return good / max(1, len(chosen))

    return Result(
        pages=share([one for one in customers if not one["order"]]),
        orders=share([one for one in customers if one["order"]]),
        after=share([one for one in customers if one["came"] >= BACK_BY_S]),
        sent=sent,
        asked=len(customers),
    )


def run(topology: Topology, scenario: str, seed: int) -> Result:
    return Sale(topology, scenario, seed).run()


def main(arguments: list[str]) -> None:
    try:
        text = (Path(__file__).parent / "topology.yaml").read_text(encoding="utf-8")
        topology = read_topology(text)
    except TopologyError as error:
        sys.exit(f"{error.where} {error.ru} {error.en} {error.expected}")
    for scenario in SCENARIOS:
        for seed in map(int, arguments or "1234"):
            got = run(topology, scenario, seed)
            print(
                f"{scenario:17} seed {seed:2}  pages {got.pages:7.2%}  orders {got.orders:7.2%}  "
                f"after {got.after:7.2%}  sent {got.sent} for {got.asked}"
            )
    print(f"cost {topology.cost}")


if __name__ == "__main__":
    main(sys.argv[1:])
