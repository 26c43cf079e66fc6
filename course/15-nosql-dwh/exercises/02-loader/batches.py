"""Batches as they arrive, and what the tables hold when every one of them is in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stend.course.case import Case

EVER = "9999-12-31 00:00:00"
CUSTOMERS = ("customer_id", "city", "level", "phone", "changed_at")
SALES = ("order_id", "line", "customer_id", "sold_at", "amount")
_CITIES = ("Kazan", "Omsk", "Perm", "Tula", "Sochi")
_LEVELS = ("base", "silver", "gold")
_BEGIN = datetime.fromisoformat("2026-01-01")
# A version of a customer: whose, and since when.
Version = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    customer: str
    city: str
    level: str
    phone: str
    at: str

    def cells(self) -> Mapping[str, str]:
        values = (self.customer, self.city, self.level, self.phone, self.at)
        return dict(zip(CUSTOMERS, values, strict=True))


@dataclass(frozen=True, slots=True)
class Sale:
    order: str
    line: int
    customer: str
    at: str
    amount: int

    def cells(self) -> Mapping[str, str]:
        values = (self.order, str(self.line), self.customer, self.at, str(self.amount))
        return dict(zip(SALES, values, strict=True))


@dataclass(frozen=True, slots=True)
class Batch:
    """One load of a batch.

    Attributes:
        customers, sales: columns of the files, in order.
        spoiled: cells by file and column that are written instead into its last row.
    """

    number: int
    changes: Sequence[Change] = ()
    sold: Sequence[Sale] = ()
    customers: Sequence[str] = CUSTOMERS
    sales: Sequence[str] = SALES
    spoiled: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dies_before: int | None = None

    def told(self) -> dict[str, Any]:
        return {
            "batch": self.number,
            "customers": self._file("customers", self.customers, self.changes),
            "sales": self._file("sales", self.sales, self.sold),
            "dies_before": self.dies_before,
        }

    def _file(
        self, name: str, columns: Sequence[str], rows: Sequence[Change | Sale]
    ) -> list[list[str]]:
        cells = [dict(one.cells()) for one in rows]
        for (file, column), value in self.spoiled.items():
            if file == name:
                cells[-1][column] = value
        return [list(columns), *([row.get(one, "-") for one in columns] for row in cells)]


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows without keys; a sale has the version that it belongs to, None for none."""

    dim: Counter[tuple[Any, ...]]
    facts: Counter[tuple[Any, ...]]


def meant(loaded: Iterable[Batch]) -> Tables:
    """What the batches say, each as it was loaded last."""
    last = {one.number: one for one in loaded}.values()
    changes = {(one.customer, one.at): one for batch in last for one in batch.changes}
    sales = {(one.order, one.line): one for batch in last for one in batch.sold}
    versions = _versions(changes.values())
    facts = Counter(
        (one.order, one.line, _at(versions[one.customer], one), one.at, one.amount)
        for one in sales.values()
    )
    return Tables(Counter(one for found in versions.values() for one in found), facts)


def _versions(changes: Iterable[Change]) -> Mapping[str, list[tuple[Any, ...]]]:
    by_customer: dict[str, list[Change]] = defaultdict(list)
    for one in sorted(changes, key=lambda one: one.at):
        by_customer[one.customer].append(one)
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, known in by_customer.items():
        kept = known[:1]
        for one in known:
            if (one.city, one.level) != (kept[-1].city, kept[-1].level):
                kept.append(one)
        ends = [*(one.at for one in kept[1:]), EVER]
        found[customer] = [
            (customer, one.city, one.level, known[-1].phone, one.at, until)
            for one, until in zip(kept, ends, strict=True)
        ]
    return found


def _at(versions: Sequence[tuple[Any, ...]], sale: Sale) -> Version | None:
    return next(((v[0], v[4]) for v in versions if v[4] <= sale.at < v[5]), None)


class World:
    """Customers, moments and sales that nobody can know beforehand."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._taken: set[str] = set()

    def customer(self) -> str:
        return f"cus_{self._case.word(6)}"

    def phone(self) -> str:
        return f"+7 {self._case.dice.randint(10**9, 10**10 - 1)}"

    def city(self) -> str:
        return self._case.dice.choice(_CITIES)

    def moments(self, count: int) -> list[str]:
        """In order, at least an hour apart, each new: no row has the key of another one."""
        at = _BEGIN + timedelta(seconds=self._case.dice.randint(0, 10**7))
        found = []
        for _ in range(count):
            at += timedelta(seconds=self._case.dice.randint(3600, 10**6))
            while str(at) in self._taken:
                at += timedelta(seconds=1)
            self._taken.add(str(at))
            found.append(str(at))
        return found

    def change(self, customer: str, city: str, at: str, level: str = "base") -> Change:
        return Change(customer, city, level, self.phone(), at)

    def level(self) -> str:
        return self._case.dice.choice(_LEVELS)

    def sale(self, customer: str, at: str) -> Sale:
        amount = self._case.dice.randint(-(10**5), 10**6)
        return Sale(
            f"ord_{self._case.word(7)}", self._case.dice.randint(1, 9), customer, at, amount
        )

    def some(
        self, customers: int, sales: int, known: Sequence[Change] = ()
    ) -> tuple[list[Change], list[Sale]]:
        """Customers with one version each, and sales after it."""
        made = [
            self.change(self.customer(), self.city(), self.moments(1)[0], self.level())
            for _ in range(customers)
        ]
        of = [*known, *made]
        chosen = [of[place % len(of)] for place in range(sales)]
        seconds = self._case.dice.randint(60, 10**6)
        return made, [self.sale(one.customer, later(one.at, seconds)) for one in chosen]


def later(moment: str, seconds: int) -> str:
    return str(datetime.fromisoformat(moment) + timedelta(seconds=seconds))
