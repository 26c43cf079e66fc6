"""What the progress of a courier makes of an order and its saga. Pure."""

from collections.abc import Mapping, Sequence
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


def progressed(
    saga: Saga, order: Order, progress: Progress, store_id: str | None, now: datetime
) -> Move | None:
    """
    Args:
        store_id: where the courier takes the goods from.

    Returns:
        None where the order is that far already, or final. Also where its picking would begin in a
        store that nobody knows: the answer to AssignCourier, which tells it, is on its way, and the
        saga asks after the courier later.
    """
    statuses = statuses_after(order.status, progress)
    if not statuses or (OrderStatus.PICKING in statuses and store_id is None):
        return None
    changes = _changes(order, statuses, store_id, now)
    return Move(_following(saga, statuses[-1], now), tuple(changes))


def picking_in(store_id: str) -> Mapping[str, str]:
    """What PickingStarted tells besides, whether the answer or the courier's news come first."""
    return {"store": store_id}


def _changes(
    order: Order, statuses: Sequence[OrderStatus], store_id: str | None, now: datetime
) -> list[Change]:
    changes = []
    for status in statuses:
        reason = _REASON if status is OrderStatus.FAILED else None
        order, event = order.advance(status, now, reason)
        more = picking_in(store_id) if store_id and status is OrderStatus.PICKING else {}
        changes.append(Change(order, event, more))
    return changes


def _following(saga: Saga, status: OrderStatus, now: datetime) -> Saga:
    match status:
        case OrderStatus.DELIVERED:
            return saga.at(Step.COMMIT_STOCK, now)
        case OrderStatus.FAILED:
            return turned_back(saga, now)
        case _:
            return saga.at(Step.AWAIT_DELIVERY, now)
