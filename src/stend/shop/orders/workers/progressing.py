"""What the progress of a courier makes of an order and its saga. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stend.shop.orders.domain import Order, OrderStatus
from stend.shop.orders.ports import Progress
from stend.shop.orders.saga import Saga, Step, statuses_after, turned_back
from stend.shop.orders.stores.sagas import Change

_REASON = "delivery-failed: The courier could not deliver the order."


@dataclass(frozen=True, slots=True)
class Move:
    after: Saga
    changes: tuple[Change, ...]


def progressed(saga: Saga, order: Order, progress: Progress, now: datetime) -> Move | None:
    """None where the order is that far already, or final."""
    statuses = statuses_after(order.status, progress)
    if not statuses:
        return None
    return Move(_following(saga, statuses[-1], now), tuple(_changes(order, statuses, now)))


def _changes(order: Order, statuses: Sequence[OrderStatus], now: datetime) -> list[Change]:
    changes = []
    for status in statuses:
        reason = _REASON if status is OrderStatus.FAILED else None
        order, event = order.advance(status, now, reason)
        changes.append(Change(order, event))
    return changes


def _following(saga: Saga, status: OrderStatus, now: datetime) -> Saga:
    match status:
        case OrderStatus.DELIVERED:
            return saga.at(Step.COMMIT_STOCK, now)
        case OrderStatus.FAILED:
            return turned_back(saga, now)
        case _:
            return saga.at(Step.AWAIT_DELIVERY, now)
