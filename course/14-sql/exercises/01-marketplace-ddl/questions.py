"""Twelve questions, each a view with a name and columns, and the true answers computed here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .world import FAR, World

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    columns: tuple[str, ...]
    truth: Callable[[World], Rows]


def _live(world: World) -> dict[int, Mapping[str, Any]]:
    return {one["order_no"]: one for one in world["order"] if one["status"] != "cancelled"}


def _is_now(price: Mapping[str, Any]) -> bool:
    return price["until"] in (None, FAR) and price["since"] != FAR


def _current(world: World) -> Rows:
    return [(p["sku"], p["tax_id"], p["list_price"]) for p in world["price"] if _is_now(p)]


def _cheapest(world: World) -> Rows:
    least: dict[str, int] = {}
    for sku, _, price in _current(world):
        least[sku] = min(price, least.get(sku, price))
    return [*least.items()]


def _then(world: World) -> Rows:
    placed = {one["order_no"]: one["placed_at"] for one in world["order"]}
    return [
        (line["order_no"], line["sku"], line["tax_id"], price["list_price"], line["paid_price"])
        for line in world["line"]
        for price in world["price"]
        if (price["sku"], price["tax_id"]) == (line["sku"], line["tax_id"])
        and price["since"] <= placed[line["order_no"]] < (price["until"] or "9999")
    ]


def _totals(world: World) -> Rows:
    totals = {one["order_no"]: 0 for one in world["order"]}
    for line in world["line"]:
        totals[line["order_no"]] += line["ordered"] * line["paid_price"]
    return [*totals.items()]


def _revenue(world: World) -> Rows:
    category = {one["sku"]: one["category"] for one in world["product"]}
    revenue: Counter[str] = Counter()
    live = _live(world)
    for line in world["line"]:
        if line["order_no"] in live:
            revenue[category[line["sku"]]] += line["ordered"] * line["paid_price"]
    return [*revenue.items()]


def _stock_by_region(world: World) -> Rows:
    region = {one["city"]: one["region"] for one in world["city"]}
    at = {one["warehouse"]: region[one["city"]] for one in world["warehouse"]}
    left: Counter[tuple[str, str]] = Counter()
    for one in world["stock"]:
        left[at[one["warehouse"]], one["sku"]] += one["in_stock"]
    return [(*place, amount) for place, amount in left.items()]


def _out_of_stock(world: World) -> Rows:
    there = {one["sku"] for one in world["stock"] if one["in_stock"]}
    return [(one["sku"],) for one in world["product"] if one["sku"] not in there]


def _rating(world: World) -> Rows:
    stars = defaultdict(list)
    for one in world["review"]:
        stars[one["sku"]].append(one["stars"])
    return [(sku, sum(given) / len(given)) for sku, given in stars.items()]


def _never_cancelled(world: World) -> Rows:
    live = _live(world)
    bad = {one["tax_id"] for one in world["line"] if one["order_no"] not in live}
    return [(one["tax_id"],) for one in world["seller"] if one["tax_id"] not in bad]


def _defaults(world: World) -> Rows:
    given = {one["email"]: one["address"] for one in world["address"] if one["is_default"]}
    return [(one["email"], given.get(one["email"])) for one in world["customer"]]


def _repeat(world: World) -> Rows:
    counted = Counter(one["email"] for one in _live(world).values())
    return [(email, orders) for email, orders in counted.items() if orders > 1]


def _not_reviewed(world: World) -> Rows:
    key = ("order_no", "sku", "tax_id")
    done = {tuple(one[name] for name in key) for one in world["review"]}
    delivered = {one["order_no"] for one in world["order"] if one["status"] == "delivered"}
    lines = [one for one in world["line"] if one["order_no"] in delivered]
    found = [tuple(one[name] for name in key) for one in lines]
    return [one for one in found if one not in done]


QUESTIONS: Mapping[str, Question] = {
    "current_price": Question(("sku", "tax_id", "list_price"), _current),
    "cheapest": Question(("sku", "list_price"), _cheapest),
    "price_then": Question(("order_no", "sku", "tax_id", "list_price", "paid_price"), _then),
    "order_total": Question(("order_no", "total"), _totals),
    "revenue": Question(("category", "revenue"), _revenue),
    "stock_by_region": Question(("region", "sku", "in_stock"), _stock_by_region),
    "out_of_stock": Question(("sku",), _out_of_stock),
    "rating": Question(("sku", "stars"), _rating),
    "never_cancelled": Question(("tax_id",), _never_cancelled),
    "default_address": Question(("email", "address"), _defaults),
    "repeat_customers": Question(("email", "orders"), _repeat),
    "not_reviewed": Question(("order_no", "sku", "tax_id"), _not_reviewed),
}
