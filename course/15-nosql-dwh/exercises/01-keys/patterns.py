"""A shop's day as items, and eight questions with the answers that the store has to give."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.course.case import Case

from .emulator import Item

FIELDS: Mapping[str, Sequence[str]] = {
    "customer": ("customer_id", "email", "name"),
    "order": ("order_id", "customer_id", "store_id", "courier_id", "status", "day", "placed_at"),
    "event": ("order_id", "seq", "kind", "day"),
    "review": ("review_id", "product_id", "customer_id", "stars", "day", "written_at"),
}
_STATUSES = ("placed", "paid", "paid", "delivering", "delivered")
_DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")
_ORDERS, _CUSTOMERS, _STORES, _COURIERS, _PRODUCTS = 120, 24, 8, 10, 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    Attributes:
        given: the parameters that it is asked with.
        of: the entity that it answers with.
        truth: from all items, what the answer is.
    """

    ru: str
    en: str
    given: Sequence[str]
    of: str
    truth: Callable[["Items", Item], list[Item]]


class Items:
    """What is in the store, by entity, in no order."""

    def __init__(self, case: Case) -> None:
        dice = case.dice
        word = case.word(4)
        self.customer = [
            {
                "customer_id": f"cus_{word}{n}",
                "email": f"{case.word(6)}@lavka",
                "name": case.word(5),
            }
            for n in range(_CUSTOMERS)
        ]
        self.order: list[dict[str, Any]] = []
        self.event: list[dict[str, Any]] = []
        self.review: list[dict[str, Any]] = []
        for n in range(_ORDERS):
            # A fifth of the orders is of one customer; a customer places two in one second.
            customer = self.customer[0 if n // 2 % 5 == 0 else 1 + n // 2 % (_CUSTOMERS - 1)][
                "customer_id"
            ]
            day = _DAYS[n // 2 % 3]
            moment = f"{day} {9 + n // 12:02}:{n // 2 % 60:02}:00"
            order = {
                "order_id": f"ord_{case.word(7)}",
                "customer_id": customer,
                "store_id": f"st_{n // 2 % _STORES}",
                "courier_id": f"cou_{n // 2 % _COURIERS}",
                "status": dice.choice(_STATUSES),
                "day": day,
                "placed_at": moment,
            }
            self.order.append(order)
            count = 12 if n % 10 == 0 else 2
            self.event += [
                {"order_id": order["order_id"], "seq": seq, "kind": case.word(5), "day": day}
                for seq in range(1, count + 1)
            ]
            self.review.append(
                {
                    "review_id": f"rev_{case.word(7)}",
                    "product_id": f"prod_{n // 2 % _PRODUCTS}",
                    "customer_id": customer,
                    "stars": dice.randint(1, 5),
                    "day": day,
                    "written_at": moment,
                }
            )
        dice.shuffle(self.order)
        dice.shuffle(self.event)
        dice.shuffle(self.review)

    def of(self, entity: str) -> Sequence[Item]:
        found: Sequence[Item] = getattr(self, entity)
        return found


def _where(items: Sequence[Item], given: Item) -> list[Item]:
    return [one for one in items if all(one[name] == value for name, value in given.items())]


def _newest(items: Sequence[Item], by: str, name: str) -> list[Item]:
    """The last ten; of two that came together, the greater id is the later."""
    return sorted(items, key=lambda one: (one[by], one[name]), reverse=True)[:10]


def _by_time(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda one: (one["placed_at"], one["order_id"]))


def _customer_of(items: Items, given: Item) -> list[Item]:
    (order,) = _where(items.order, given)
    return _where(items.customer, {"customer_id": order["customer_id"]})


PATTERNS: Mapping[str, Pattern] = {
    "order": Pattern(
        "заказ по номеру",
        "an order by its id",
        ("order_id",),
        "order",
        lambda items, given: _where(items.order, given),
    ),
    "customer-of-order": Pattern(
        "покупатель, который сделал заказ",
        "the customer who placed an order",
        ("order_id",),
        "customer",
        _customer_of,
    ),
    "customer-by-email": Pattern(
        "покупатель по почте",
        "a customer by e-mail",
        ("email",),
        "customer",
        lambda items, given: _where(items.customer, given),
    ),
    "last-orders": Pattern(
        "десять последних заказов покупателя, новые вперёд",
        "the last ten orders of a customer, newest first",
        ("customer_id",),
        "order",
        lambda items, given: _newest(_where(items.order, given), "placed_at", "order_id"),
    ),
    "store-queue": Pattern(
        "оплаченные заказы магазина, старые вперёд",
        "the paid orders of a store, oldest first",
        ("store_id",),
        "order",
        lambda items, given: _by_time(_where(items.order, {**given, "status": "paid"})),
    ),
    "courier-day": Pattern(
        "заказы курьера за день, по времени",
        "the orders of a courier on a day, in order of time",
        ("courier_id", "day"),
        "order",
        lambda items, given: _by_time(_where(items.order, given)),
    ),
    "history": Pattern(
        "события заказа, по номеру seq",
        "the events of an order, in order of seq",
        ("order_id",),
        "event",
        lambda items, given: sorted(_where(items.event, given), key=lambda one: one["seq"]),
    ),
    "last-reviews": Pattern(
        "десять последних отзывов о товаре, новые вперёд",
        "the last ten reviews of a product, newest first",
        ("product_id",),
        "review",
        lambda items, given: _newest(_where(items.review, given), "written_at", "review_id"),
    ),
}
