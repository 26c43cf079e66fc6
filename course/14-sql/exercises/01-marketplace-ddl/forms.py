"""Functional dependencies: closures, and the first that breaks Boyce and Codd's normal form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

Names = frozenset[str]
_MOST_LEFT = 4


@dataclass(frozen=True, slots=True)
class Dependency:
    left: Names
    right: Names

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.left))} -> {', '.join(sorted(self.right))}"


def read(text: str) -> Dependency | None:
    """None where it is not `a, b -> c`."""
    left, arrow, right = text.partition("->")
    found = [frozenset(one.strip() for one in side.split(",")) for side in (left, right)]
    if not arrow or not all(name.isidentifier() for side in found for name in side):
        return None
    return Dependency(*found)


def closure(names: Iterable[str], dependencies: Sequence[Dependency]) -> Names:
    known = frozenset(names)
    while True:
        more = known.union(*(one.right for one in dependencies if one.left <= known))
        if more == known:
            return known
        known = more


def violation(
    columns: Names, keys: Sequence[Names], dependencies: Sequence[Dependency]
) -> Dependency | None:
    """What a table says more than once: its left side is no key that the database guards."""
    named = sorted(columns & frozenset().union(*(one.left for one in dependencies)))
    for size in range(1, _MOST_LEFT + 1):
        for left in map(frozenset, combinations(named, size)):
            right = (closure(left, dependencies) & columns) - left
            if right and not any(key <= left for key in keys):
                return Dependency(left, right)
    return None


# What is true in the brief. That an end of a price determines its beginning follows from there
# being one price at a time, and may be left out.
TRUE = tuple(
    one
    for text in (
        "city -> region",
        "warehouse -> city",
        "sku -> title, category",
        "tax_id -> seller_name",
        "sku, tax_id, since -> until, list_price",
        "warehouse, sku, tax_id -> in_stock",
        "email -> customer_name",
        "email, address -> is_default",
        "order_no -> email, status, placed_at",
        "order_no, sku, tax_id -> ordered, paid_price, stars",
    )
    if (one := read(text))
)
ALSO = tuple(one for one in (read("sku, tax_id, until -> since, list_price"),) if one)
