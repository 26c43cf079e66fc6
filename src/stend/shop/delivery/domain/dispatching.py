"""Who brings what: every function makes one change, whole, of deliveries and couriers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stend.kit.errors import Blame, StendError
from stend.shop.delivery.domain.city import (
    ASSEMBLING,
    STORES,
    Address,
    Pace,
    Plan,
    Spot,
    Store,
    door_of,
    nearest_store,
    plan,
    way_m,
)
from stend.shop.delivery.domain.delivery import (
    Assignment,
    Courier,
    Delivery,
    DeliveryErrorCode,
    DeliveryEvent,
    DeliveryStatus,
    Hand,
    Slot,
    event_of,
    state_forbidden,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    Attributes:
        orders_per_courier: that one courier has at most.
        offer: how long a courier at work may think about an offer.
    """

    pace: Pace
    orders_per_courier: int
    offer: timedelta


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be brought where, and for whom. `store_id` is None for the nearest store."""

    order_id: str
    address: Address
    slot: Slot | None = None
    store_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Next versions of what has changed, to be written all or none, and what to tell of it."""

    deliveries: tuple[Delivery, ...]
    couriers: tuple[Courier, ...] = ()
    events: tuple[DeliveryEvent, ...] = ()


def assign(
    wish: Wish, couriers: Sequence[Courier], delivery_id: str, now: datetime, rules: Rules
) -> Change:
    """
    Raises:
        StendError: STORE_UNKNOWN, NO_COURIER_AVAILABLE.
    """
    door = door_of(wish.address)
    store = _store(wish.store_id) if wish.store_id else nearest_store(door)
    draft = Assignment(
        address=wish.address,
        slot=wish.slot,
        wanted_store_id=wish.store_id,
        store_id=store.store_id,
        courier_id="",
        plan=plan(store.spot, now, store.spot, door, now, rules.pace),
        hand=Hand.SIMULATED,
        assigned_at=now,
        next_at=now,
        customer_id=wish.customer_id,
    )
    chosen = _given_to_the_best(wish.order_id, draft, couriers, now, rules)
    if chosen is None:
        raise _no_courier_available(wish.order_id, len(couriers), rules)
    courier, assignment = chosen
    assigned = Delivery(wish.order_id, delivery_id, DeliveryStatus.ASSIGNED, 1, now, assignment)
    return Change((assigned,), (courier,), (event_of(assigned),))


def check_repeated(wish: Wish, delivery: Delivery) -> None:
    """
    Raises:
        StendError: DELIVERY_STATE_FORBIDDEN when the order was cancelled, ASSIGNMENT_CONFLICT when
            it was assigned with another wish.
    """
    if delivery.status is DeliveryStatus.CANCELLED:
        raise state_forbidden(delivery, DeliveryStatus.ASSIGNED)
    known = delivery.assigned
    if (known.address, known.slot, known.wanted_store_id) != (
        wish.address,
        wish.slot,
        wish.store_id,
    ):
        raise StendError(
            DeliveryErrorCode.ASSIGNMENT_CONFLICT,
            "This order was assigned before with another address, slot or store.",
            value=wish.order_id,
            expected="the same request as the first time",
            next_step="Read the delivery; cancel it if it is wrong.",
        )


def entomb(order_id: str, delivery_id: str, now: datetime, reason: str | None) -> Change:
    """A cancellation that came before the assignment: it blocks the one that may come late."""
    cancelled = Delivery(order_id, delivery_id, DeliveryStatus.CANCELLED, 1, now, None, reason)
    return Change((cancelled,), (), (event_of(cancelled),))


def cancel(
    delivery: Delivery,
    courier: Courier,
    queue: Sequence[Delivery],
    now: datetime,
    reason: str | None,
    rules: Rules,
) -> Change:
    """Takes an order away from its courier; what he has after it begins earlier.

    Args:
        queue: deliveries of the courier's queue, in its order.

    Raises:
        StendError: DELIVERY_STATE_FORBIDDEN.
    """
    cancelled = delivery.advance(DeliveryStatus.CANCELLED, now, reason)
    place = courier.queue.index(delivery.order_id)
    if place == 0:
        spot, at = delivery.assigned.plan.position(now), now
    else:
        before = queue[place - 1].assigned.plan
        spot, at = before.door, before.delivered_at
    earlier = []
    for waiting in queue[place + 1 :]:
        sooner = _way_from(spot, at, waiting.assigned, rules.pace)
        moved = replace(waiting.assigned, plan=sooner, next_at=sooner.picked_up_at)
        earlier.append(waiting.reassigned(moved, now))
        spot, at = sooner.door, sooner.delivered_at
    freed = replace(
        _without(courier, delivery), free_spot=spot, free_at=at, version=courier.version + 1
    )
    return Change((cancelled, *earlier), (freed,), (event_of(cancelled),))


def look_after(
    delivery: Delivery, courier: Courier, others: Sequence[Courier], now: datetime, rules: Rules
) -> Change | None:
    """What has to happen to a delivery now, or None: nothing yet.

    Args:
        courier: who has it.
        others: who may take it over.
    """
    if delivery.is_final:
        return None
    match delivery.assigned.hand:
        case Hand.SIMULATED:
            return _step(delivery, courier) if delivery.assigned.next_at <= now else None
        case Hand.OFFERED:
            is_over = not courier.is_on_shift(now) or delivery.assigned.next_at <= now
            return take_away(delivery, courier, others, now, rules) if is_over else None
        case Hand.ACCEPTED:
            return _look_after_accepted(delivery, courier, now, rules)


def _step(delivery: Delivery, courier: Courier) -> Change:
    """The next step of the plan, at its own moment: a late look changes nothing about it."""
    assignment = delivery.assigned
    if delivery.status is DeliveryStatus.ASSIGNED:
        picked_up = delivery.advance(DeliveryStatus.PICKED_UP, assignment.plan.picked_up_at)
        next_at = assignment.plan.delivered_at
        picked_up = replace(picked_up, assignment=replace(assignment, next_at=next_at))
        return Change((picked_up,), (), (event_of(picked_up),))
    delivered = delivery.advance(DeliveryStatus.DELIVERED, assignment.plan.delivered_at)
    freed = replace(_without(courier, delivery), version=courier.version + 1)
    return Change((delivered,), (freed,), (event_of(delivered),))


# ---- couriers at work --------------------------------------------------------------------------


def accept(delivery: Delivery, courier: Courier, now: datetime) -> Change:
    """
    Raises:
        StendError: OFFER_GONE.
    """
    session = _check_offer(delivery, courier)
    accepted = replace(delivery.assigned, hand=Hand.ACCEPTED, next_at=session)
    return Change((delivery.reassigned(accepted, now),))


def decline(
    delivery: Delivery, courier: Courier, others: Sequence[Courier], now: datetime, rules: Rules
) -> Change:
    """
    Raises:
        StendError: OFFER_GONE.
    """
    _check_offer(delivery, courier)
    return take_away(delivery, courier, others, now, rules)


def report(
    delivery: Delivery, courier: Courier, status: DeliveryStatus, now: datetime
) -> Change | None:
    """What a courier at work tells of his delivery; None when it is known already.

    Raises:
        StendError: OFFER_GONE when it is not his, DELIVERY_STATE_FORBIDDEN.
    """
    is_his = delivery.assignment and delivery.assigned.courier_id == courier.courier_id
    if not is_his or delivery.assigned.hand is not Hand.ACCEPTED:
        raise _offer_gone(delivery.order_id)
    if delivery.status is status:
        return None
    moved = delivery.advance(status, now)
    if not moved.is_final:
        return Change((moved,), (), (event_of(moved),))
    freed = replace(
        _without(courier, delivery),
        free_spot=delivery.assigned.plan.door,
        free_at=now,
        version=courier.version + 1,
    )
    return Change((moved,), (freed,), (event_of(moved),))


def take_away(
    delivery: Delivery, courier: Courier, others: Sequence[Courier], now: datetime, rules: Rules
) -> Change:
    """An offer that was declined, or not answered, goes to somebody else.

    When nobody else is free the courier's simulated self brings it after all.
    """
    start = delivery.assigned.plan.start
    waited = replace(
        _without(courier, delivery), free_spot=start, free_at=now, version=courier.version + 1
    )
    rest = [other for other in others if other.courier_id != courier.courier_id]
    chosen = _given_to_the_best(delivery.order_id, delivery.assigned, rest, now, rules)
    if chosen is None:
        return _simulated(delivery, courier, now, rules)
    taker, assignment = chosen
    moved = delivery.reassigned(assignment, now)
    return Change((moved,), (waited, taker), (event_of(moved),))


def _look_after_accepted(
    delivery: Delivery, courier: Courier, now: datetime, rules: Rules
) -> Change | None:
    if courier.session is None or not courier.is_on_shift(now):
        return _simulated(delivery, courier, now, rules)
    if delivery.assigned.next_at > now:
        return None
    longer = replace(delivery.assigned, next_at=courier.session.until)
    return Change((replace(delivery, assignment=longer, version=delivery.version + 1),))


def _simulated(delivery: Delivery, courier: Courier, now: datetime, rules: Rules) -> Change:
    """The simulation goes on for a courier who has left; the goods stay with him."""
    old = delivery.assigned
    has_goods = delivery.status is DeliveryStatus.PICKED_UP
    start = old.plan.store if has_goods else old.plan.start
    assembled_at = now if has_goods else old.assigned_at + rules.pace.takes(ASSEMBLING)
    way = plan(start, now, old.plan.store, old.plan.door, assembled_at, rules.pace)
    next_at = way.delivered_at if has_goods else way.picked_up_at
    assignment = replace(old, plan=way, hand=Hand.SIMULATED, next_at=next_at)
    busy = replace(
        courier,
        free_spot=way.door,
        free_at=way.delivered_at,
        session=courier.session if courier.is_on_shift(now) else None,
        version=courier.version + 1,
    )
    return Change((delivery.reassigned(assignment, now),), (busy,))


def _check_offer(delivery: Delivery, courier: Courier) -> datetime:
    """The end of the courier's session, when the delivery is offered to him now."""
    is_his = delivery.assignment and delivery.assigned.courier_id == courier.courier_id
    is_open = not delivery.is_final and is_his and delivery.assigned.hand is Hand.OFFERED
    if not is_open or courier.session is None:
        raise _offer_gone(delivery.order_id)
    return courier.session.until


# ---- choosing ----------------------------------------------------------------------------------


def _given_to_the_best(
    order_id: str, draft: Assignment, couriers: Sequence[Courier], now: datetime, rules: Rules
) -> tuple[Courier, Assignment] | None:
    """A free courier at work comes first; of the others, whoever will be at the door first."""
    at_work = [one for one in couriers if one.is_on_shift(now) and not one.queue]
    if at_work:
        return _offered(order_id, draft, at_work, now, rules)
    free = [one for one in couriers if _may_be_simulated(one, now, rules)]
    if not free:
        return None
    ways = [(_way_of(one, draft, now, rules.pace), one) for one in free]
    way, best = min(ways, key=lambda pair: (pair[0].delivered_at, pair[1].courier_id))
    assignment = replace(
        draft,
        courier_id=best.courier_id,
        plan=way,
        hand=Hand.SIMULATED,
        next_at=way.picked_up_at,
    )
    busy = replace(
        best,
        queue=(*best.queue, order_id),
        free_spot=way.door,
        free_at=way.delivered_at,
        session=None,
        version=best.version + 1,
    )
    return busy, assignment


def _may_be_simulated(courier: Courier, now: datetime, rules: Rules) -> bool:
    if courier.is_on_shift(now):
        return False
    # What he had when his session ended unseen has to be settled first.
    is_settled = courier.session is None or not courier.queue
    return is_settled and len(courier.queue) < rules.orders_per_courier


def _offered(
    order_id: str, draft: Assignment, at_work: Sequence[Courier], now: datetime, rules: Rules
) -> tuple[Courier, Assignment]:
    def key(courier: Courier) -> tuple[float, str]:
        spot = courier.resting_place(now, rules.pace)
        return way_m(spot, draft.plan.store), courier.courier_id

    nearest = min(at_work, key=key)
    assignment = replace(
        draft,
        courier_id=nearest.courier_id,
        plan=_way_of(nearest, draft, now, rules.pace),
        hand=Hand.OFFERED,
        next_at=now + rules.offer,
    )
    busy = replace(nearest, queue=(order_id,), version=nearest.version + 1)
    return busy, assignment


def _way_of(courier: Courier, draft: Assignment, now: datetime, pace: Pace) -> Plan:
    if courier.queue:
        return _way_from(courier.free_spot, max(courier.free_at, now), draft, pace)
    return _way_from(courier.resting_place(now, pace), now, draft, pace)


def _way_from(spot: Spot, at: datetime, assignment: Assignment, pace: Pace) -> Plan:
    assembled_at = assignment.assigned_at + pace.takes(ASSEMBLING)
    return plan(spot, at, assignment.plan.store, assignment.plan.door, assembled_at, pace)


def _without(courier: Courier, delivery: Delivery) -> Courier:
    rest = tuple(one for one in courier.queue if one != delivery.order_id)
    return replace(courier, queue=rest)


def _store(store_id: str) -> Store:
    store = STORES.get(store_id)
    if store is None:
        raise StendError(
            DeliveryErrorCode.STORE_UNKNOWN,
            "There is no such store.",
            value=store_id,
            expected=", ".join(STORES),
            next_step="Leave it out for the store nearest to the address.",
        )
    return store


def _no_courier_available(order_id: str, couriers: int, rules: Rules) -> StendError:
    return StendError(
        DeliveryErrorCode.NO_COURIER_AVAILABLE,
        "Every courier has as many orders as he can carry.",
        value=order_id,
        expected=f"one of {couriers} couriers with fewer than {rules.orders_per_courier} orders",
        next_step="Try again in a few seconds: couriers become free as they deliver.",
        blame=Blame.PEER,
    )


def _offer_gone(order_id: str) -> StendError:
    return StendError(
        DeliveryErrorCode.OFFER_GONE,
        "This order is not offered to you, or not yours any more.",
        value=order_id,
        expected="an order of an open offer, or one that you have accepted",
        next_step="Wait for the next offer.",
    )
