"""A source of six tables, and a star that is filled from it as a learner says."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
# Table, its own columns, and the tables that each of its rows has exactly one row of.
COLUMNS: Mapping[str, Sequence[str]] = {
    "orders": ("order_id", "customer_id", "store_id", "placed_on", "delivered_on", "fee"),
    "lines": ("order_id", "line", "sku", "quantity", "amount"),
    "attempts": ("order_id", "attempt", "minutes"),
}
PARENTS: Mapping[str, Sequence[str]] = {"orders": (), "lines": ("orders",), "attempts": ("orders",)}
ATTRIBUTES: Mapping[str, Sequence[str]] = {
    "customer": ("city", "level"),
    "product": ("category",),
    "store": ("region",),
    "date": ("month",),
}
MEASURES = ("revenue", "quantity", "fee", "orders", "minutes", "attempts")


@dataclass(frozen=True, slots=True)
class Fact:
    """
    Attributes:
        grain: the table, one row of which is one row of the fact.
        measures, dimensions: `table.column` by name; a measure may be "1".
    """

    name: str
    grain: str
    measures: Mapping[str, str]
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Star:
    """
    Attributes:
        history: attributes of the customer that keep it (SCD 2); others are as they are today.
    """

    facts: Sequence[Fact]
    history: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """
    Attributes:
        tables: rows of orders, lines and attempts.
        changes: of customers, each as it is from `since` on, in order of time.
        products, stores: category by sku, region by store.
    """

    tables: Mapping[str, Sequence[Row]]
    changes: Mapping[str, Sequence[Row]]
    products: Mapping[str, str]
    stores: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What the business asks.

    Attributes:
        measure, per: a sum, or the sum divided by another one.
        by: attributes, `customer.city`.
        truth: the same, asked of the source.
    """

    ru: str
    en: str
    measure: str
    by: Sequence[str]
    truth: Callable[[Source], Mapping[Any, float]]
    per: str | None = None


def value_of(source: Source, grain: str, row: Row, path: str) -> Any:
    """Of a row of the grain, or of the one order that it belongs to."""
    if path == "1":
        return 1
    table, column = path.split(".")
    if table == grain:
        return row[column]
    return next(one for one in source.tables[table] if one["order_id"] == row["order_id"])[column]


def attribute(source: Source, star: Star, name: str, key: Any, at: str) -> Any:
    dimension, _, column = name.partition(".")
    match dimension:
        case "customer":
            known = source.changes[key]
            if column not in star.history:
                return known[-1][column]
            return [one for one in known if one["since"] <= at][-1][column]
        case "product":
            return source.products[key]
        case "store":
            return source.stores[key]
    return key[:7]


def summed(source: Source, star: Star, fact: Fact, measure: str, by: Sequence[str]) -> Counter[Any]:
    """A mart: the sum of the measure for every combination of attributes."""
    sums: Counter[Any] = Counter()
    for row in source.tables[fact.grain]:
        keys = {
            name: value_of(source, fact.grain, row, path) for name, path in fact.dimensions.items()
        }
        group = tuple(
            attribute(source, star, one, keys[one.partition(".")[0]], str(keys.get("date", "")))
            for one in by
        )
        sums[group] += value_of(source, fact.grain, row, fact.measures[measure])
    return sums


def answered(source: Source, star: Star, question: Question) -> Mapping[Any, float] | None:
    """None where no fact has the measure and the dimensions."""
    found: list[Counter[Any]] = []
    for measure in filter(None, (question.measure, question.per)):
        needed = {one.partition(".")[0] for one in question.by}
        if star.history & {one.partition(".")[2] for one in question.by}:
            needed.add("date")
        fit = [
            one for one in star.facts if measure in one.measures and needed <= set(one.dimensions)
        ]
        if not fit:
            return None
        found.append(summed(source, star, fit[0], measure, question.by))
    if question.per is None:
        return found[0]
    return {key: round(value / found[1][key], 6) for key, value in found[0].items()}
