"""Fifteen questions of the business, and their truth, computed on the source itself."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .star import Question, Row, Source

_Group = Callable[[Source, Row, Row], Any]


def _rows(source: Source, table: str) -> Iterator[tuple[Row, Row]]:
    """Each row with its order."""
    orders = {one["order_id"]: one for one in source.tables["orders"]}
    return ((row, orders[row["order_id"]]) for row in source.tables[table])


def _sums(table: str, column: str, *groups: _Group) -> Callable[[Source], Mapping[Any, float]]:
    def computed(source: Source) -> Mapping[Any, float]:
        sums: Counter[Any] = Counter()
        for row, order in _rows(source, table):
            key = tuple(group(source, row, order) for group in groups)
            sums[key] += row[column] if column else 1
        return sums

    return computed


def _ratio(
    above: tuple[str, str], below: tuple[str, str], *groups: _Group
) -> Callable[[Source], Mapping[Any, float]]:
    def computed(source: Source) -> Mapping[Any, float]:
        first, second = _sums(*above, *groups)(source), _sums(*below, *groups)(source)
        return {key: round(value / second[key], 6) for key, value in first.items()}

    return computed


def _city(source: Source, _: Row, order: Row) -> Any:
    known = source.changes[order["customer_id"]]
    return [one for one in known if one["since"] <= order["placed_on"]][-1]["city"]


def _level(source: Source, _: Row, order: Row) -> Any:
    return source.changes[order["customer_id"]][-1]["level"]


def _category(source: Source, row: Row, _: Row) -> Any:
    return source.products[row["sku"]]


def _region(source: Source, _: Row, order: Row) -> Any:
    return source.stores[order["store_id"]]


def _month(_: Source, __: Row, order: Row) -> Any:
    return order["placed_on"][:7]


_REVENUE, _QUANTITY = ("lines", "amount"), ("lines", "quantity")
_FEE, _ORDERS = ("orders", "fee"), ("orders", "")
_MINUTES, _ATTEMPTS = ("attempts", "minutes"), ("attempts", "")

# ru, en, the measure, what it is divided by, attributes, truth.
_ASKED: Sequence[tuple[str, str, str, str | None, Sequence[str], Any]] = (
    ("выручка", "revenue", "revenue", None, (), _sums(*_REVENUE)),
    (
        "выручка по месяцам",
        "revenue by month",
        "revenue",
        None,
        ("date.month",),
        _sums(*_REVENUE, _month),
    ),
    (
        "выручка по категориям",
        "revenue by category",
        "revenue",
        None,
        ("product.category",),
        _sums(*_REVENUE, _category),
    ),
    (
        "выручка по регионам магазинов",
        "revenue by region of store",
        "revenue",
        None,
        ("store.region",),
        _sums(*_REVENUE, _region),
    ),
    ("плата за доставку", "delivery fees", "fee", None, (), _sums(*_FEE)),
    (
        "плата за доставку по месяцам",
        "delivery fees by month",
        "fee",
        None,
        ("date.month",),
        _sums(*_FEE, _month),
    ),
    (
        "заказов по регионам и месяцам",
        "orders by region and month",
        "orders",
        None,
        ("store.region", "date.month"),
        _sums(*_ORDERS, _region, _month),
    ),
    (
        "штук по категориям и месяцам",
        "pieces by category and month",
        "quantity",
        None,
        ("product.category", "date.month"),
        _sums(*_QUANTITY, _category, _month),
    ),
    (
        "средняя цена штуки по категориям",
        "mean price of a piece by category",
        "revenue",
        "quantity",
        ("product.category",),
        _ratio(_REVENUE, _QUANTITY, _category),
    ),
    (
        "средний чек по месяцам",
        "revenue per order by month",
        "revenue",
        "orders",
        ("date.month",),
        _ratio(_REVENUE, _ORDERS, _month),
    ),
    (
        "минуты в пути по регионам",
        "minutes on the way by region",
        "minutes",
        None,
        ("store.region",),
        _sums(*_MINUTES, _region),
    ),
    (
        "попыток вручения на заказ по месяцам",
        "attempts per order by month",
        "attempts",
        "orders",
        ("date.month",),
        _ratio(_ATTEMPTS, _ORDERS, _month),
    ),
    (
        "выручка по городу покупателя, каким он был",
        "revenue by the customer's city of then",
        "revenue",
        None,
        ("customer.city",),
        _sums(*_REVENUE, _city),
    ),
    (
        "заказов по городу покупателя, каким он был",
        "orders by the customer's city of then",
        "orders",
        None,
        ("customer.city",),
        _sums(*_ORDERS, _city),
    ),
    (
        "выручка по нынешнему уровню покупателя",
        "revenue by the customer's level of today",
        "revenue",
        None,
        ("customer.level",),
        _sums(*_REVENUE, _level),
    ),
)
QUESTIONS = tuple(
    Question(ru, en, measure, by, truth, per) for ru, en, measure, per, by, truth in _ASKED
)


def drawn(dice: Any) -> Source:
    """A source nobody can know beforehand: every order has several lines, most have attempts."""
    months = [f"2026-{one:02}" for one in range(1, 5)]
    cities, levels = ["Kazan", "Omsk", "Perm"], ["base", "silver", "gold"]
    changes: dict[str, list[Row]] = defaultdict(list)
    for number in range(6):
        first, second = dice.randint(0, 2), dice.randint(1, 2)
        for place, since in enumerate(("2026-01-01", f"2026-0{2 + number % 2}-15")):
            changes[f"cus_{number}"].append(
                {
                    "city": cities[(first + place * second) % 3],
                    "level": levels[(number + place * second) % 3],
                    "since": since,
                }
            )
    orders, lines, attempts = [], [], []
    for number in range(40):
        order = f"ord_{number}"
        month = months[number % 4]
        orders.append(
            {
                "order_id": order,
                "customer_id": f"cus_{number % 6}",
                "store_id": f"st_{dice.randint(0, 4)}",
                "placed_on": f"{month}-{dice.randint(10, 28)}",
                "delivered_on": f"2026-{number % 4 + 2:02}-0{dice.randint(1, 9)}",
                "fee": dice.randint(100, 900),
            }
        )
        for line in range(1, dice.randint(2, 4) + 1):
            row = {"order_id": order, "line": line, "sku": f"sku_{dice.randint(0, 9)}"}
            lines.append({**row, "quantity": dice.randint(1, 5), "amount": dice.randint(50, 5000)})
        for attempt in range(1, dice.randint(1, 3) + 1):
            row = {"order_id": order, "attempt": attempt}
            attempts.append({**row, "minutes": dice.randint(5, 90)})
    return Source(
        {"orders": orders, "lines": lines, "attempts": attempts},
        changes,
        {f"sku_{one}": ["milk", "bread", "tea"][one % 3] for one in range(10)},
        {f"st_{one}": ["north", "south"][one % 2] for one in range(5)},
    )
