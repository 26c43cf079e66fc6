"""The saga of an order: which step comes next, and what undoes it. Pure.

An orchestrated saga (Garcia-Molina and Salem, "Sagas", 1987): every step is a transaction of one
service, and has a counterpart that takes its effect back. A step that is written down may have been
tried; so after a failure the counterpart of that very step comes first, and every counterpart is
harmless where there is nothing to undo.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from stend.shop.orders.domain import OrderStatus
from stend.shop.orders.ports import Progress

# The first attempt to repeat a step comes after this time, each next one after twice as long.
BACKOFF_FIRST = timedelta(milliseconds=200)
BACKOFF_LONGEST = timedelta(seconds=5)


class Step(StrEnum):
    RESERVE_STOCK = "reserve-stock"
    AUTHORISE_PAYMENT = "authorise-payment"
    ACCRUE_POINTS = "accrue-points"
    ASSIGN_COURIER = "assign-courier"
    AWAIT_DELIVERY = "await-delivery"
    COMMIT_STOCK = "commit-stock"
    CAPTURE_PAYMENT = "capture-payment"
    CANCEL_DELIVERY = "cancel-delivery"
    REVERSE_POINTS = "reverse-points"
    VOID_PAYMENT = "void-payment"
    RELEASE_STOCK = "release-stock"
    WRITE_OFF_STOCK = "write-off-stock"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Saga:
    """
    Attributes:
        step: to be done next; perhaps tried already.
        attempts: of this step, that failed.
        step_since: when the step's turn came.
        handed_over: the customer cancelled, but the goods were out of the door already.
        trace_context: of the span that placed the order; None where nothing was recorded.
    """

    order_id: str
    step: Step
    attempts: int
    started_at: datetime
    step_since: datetime
    handed_over: bool = False
    trace_context: str | None = None

    def at(self, step: Step, now: datetime) -> "Saga":
        return replace(self, step=step, attempts=0, step_since=now)


@dataclass(frozen=True, slots=True)
class Advance:
    """After a step succeeded: the step to come, and what the order becomes by it."""

    step: Step
    status: OrderStatus | None = None


FORWARD: Mapping[Step, Advance] = {
    Step.RESERVE_STOCK: Advance(Step.AUTHORISE_PAYMENT, OrderStatus.RESERVED),
    Step.AUTHORISE_PAYMENT: Advance(Step.ACCRUE_POINTS, OrderStatus.PAID),
    Step.ACCRUE_POINTS: Advance(Step.ASSIGN_COURIER),
    Step.ASSIGN_COURIER: Advance(Step.AWAIT_DELIVERY, OrderStatus.PICKING),
}

# The goods are with the customer: what is left can only be finished.
SETTLEMENT: Mapping[Step, Step] = {
    Step.COMMIT_STOCK: Step.CAPTURE_PAYMENT,
    Step.CAPTURE_PAYMENT: Step.DONE,
}

COUNTERPART: Mapping[Step, Step] = {
    Step.RESERVE_STOCK: Step.RELEASE_STOCK,
    Step.AUTHORISE_PAYMENT: Step.VOID_PAYMENT,
    Step.ACCRUE_POINTS: Step.REVERSE_POINTS,
    Step.ASSIGN_COURIER: Step.CANCEL_DELIVERY,
    Step.AWAIT_DELIVERY: Step.CANCEL_DELIVERY,
}

_BACKWARD: Mapping[Step, Step] = {
    Step.CANCEL_DELIVERY: Step.REVERSE_POINTS,
    Step.REVERSE_POINTS: Step.VOID_PAYMENT,
    Step.VOID_PAYMENT: Step.RELEASE_STOCK,
    Step.RELEASE_STOCK: Step.DONE,
    Step.WRITE_OFF_STOCK: Step.DONE,
}

COMPENSATIONS = frozenset(_BACKWARD)


def begun(order_id: str, now: datetime) -> Saga:
    return Saga(order_id, Step.RESERVE_STOCK, 0, now, now)


def turned_back(saga: Saga, now: datetime) -> Saga:
    """The saga of an order that failed or was cancelled: on to the first counterpart."""
    return saga.at(COUNTERPART[saga.step], now)


def undone(saga: Saga, now: datetime) -> Saga:
    """After a compensation succeeded.

    Goods that are out of the door cannot go back on the shelf: they are written off, so that the
    stock is right, and the reconciliation shows the loss.
    """
    following = _BACKWARD[saga.step]
    if following is Step.RELEASE_STOCK and saga.handed_over:
        following = Step.WRITE_OFF_STOCK
    return saga.at(following, now)


def backoff(attempts: int, spread: float) -> timedelta:
    """How long to wait before a step is tried again: exponential, with full jitter.

    Args:
        attempts: that failed so far, from 1.
        spread: by chance, from 0 to 1.

    Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    doubled: int = 2 ** min(attempts - 1, 10)
    longest = min(BACKOFF_FIRST * doubled, BACKOFF_LONGEST)
    return max(longest * spread, BACKOFF_FIRST / 4)


_PATH = (OrderStatus.PICKING, OrderStatus.ON_THE_WAY, OrderStatus.DELIVERED)
_REACHED: Mapping[Progress, OrderStatus] = {
    Progress.PICKED_UP: OrderStatus.ON_THE_WAY,
    Progress.DELIVERED: OrderStatus.DELIVERED,
    Progress.FAILED: OrderStatus.FAILED,
}


def statuses_after(status: OrderStatus, progress: Progress) -> tuple[OrderStatus, ...]:
    """What an order becomes, step by step, when its courier's service tells of progress.

    The answer to AssignCourier and the news of the courier come over two connections, so the news
    may be first: the statuses in between are entered, too. Nothing follows for an order that is
    final or is there already.
    """
    reached = _REACHED[progress]
    if reached is OrderStatus.FAILED:
        on_its_way = (OrderStatus.PAID, OrderStatus.PICKING, OrderStatus.ON_THE_WAY)
        return (reached,) if status in on_its_way else ()
    if status is OrderStatus.PAID:
        passed = 0
    elif status in _PATH:
        passed = _PATH.index(status) + 1
    else:
        return ()
    return _PATH[passed : _PATH.index(reached) + 1]
