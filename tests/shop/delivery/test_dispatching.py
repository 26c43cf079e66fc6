"""Whatever happens in whichever order: every order has one courier, and nobody has too many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stend.kit.errors import StendError
from stend.kit.ids import encode_ulid
from stend.shop.delivery.domain.city import STORES, Address, Pace
from stend.shop.delivery.domain.delivery import (
    TRANSITIONS,
    Courier,
    Delivery,
    DeliveryErrorCode,
    DeliveryEvent,
    DeliveryStatus,
    Hand,
    Session,
)
from stend.shop.delivery.domain.dispatching import (
    Change,
    Rules,
    Wish,
    accept,
    assign,
    cancel,
    check_repeated,
    decline,
    entomb,
    look_after,
    report,
)
from tests.shop.delivery.test_city import is_on_a_street

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
S = DeliveryStatus
RULES = Rules(Pace(60.0), orders_per_courier=2, offer=timedelta(seconds=3))
LEASE = timedelta(seconds=5)
# The requirement in full; the domain's own table is compared with it.
ALLOWED = {(S.ASSIGNED, S.PICKED_UP), (S.ASSIGNED, S.CANCELLED), (S.PICKED_UP, S.DELIVERED)}


def courier_of(number: int) -> Courier:
    home = list(STORES.values())[number % 3]
    return Courier(
        f"cou_{number:02d}", "Я", "I", home.store_id, home.spot, NOW, (), None, version=1
    )


def order_of(number: int) -> str:
    return "ord_" + encode_ulid(number.to_bytes(16, "big"))


def delivery_in(status: DeliveryStatus) -> Delivery:
    wish = Wish(order_of(1), Address("Москва", "Лесная", "7"))
    made = assign(wish, [courier_of(1)], "dlv_1", NOW, RULES).deliveries[0]
    return replace(made, status=status)


@pytest.mark.parametrize(("present", "wanted"), [*product(S, S)])
def test_every_pair_of_statuses_is_a_step_or_forbidden(
    present: DeliveryStatus, wanted: DeliveryStatus
) -> None:
    delivery = delivery_in(present)
    if (present, wanted) in ALLOWED:
        assert delivery.advance(wanted, NOW, "why").status is wanted
    else:
        with pytest.raises(StendError) as caught:
            delivery.advance(wanted, NOW)
        assert caught.value.code is DeliveryErrorCode.DELIVERY_STATE_FORBIDDEN


def test_the_table_is_total() -> None:
    assert set(TRANSITIONS) == set(S)


def test_the_first_at_the_door_gets_the_order() -> None:
    couriers = [courier_of(number) for number in range(3)]
    wish = Wish(order_of(1), Address("Москва", "Лесная", "7"))
    chosen = assign(wish, couriers, "dlv_1", NOW, RULES).deliveries[0].assigned
    for courier in couriers:
        alone = assign(wish, [courier], "dlv_1", NOW, RULES).deliveries[0].assigned
        assert chosen.plan.delivered_at <= alone.plan.delivered_at


class Dispatching(RuleBasedStateMachine):
    """Three couriers, who may come to work, and orders that come and go."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.couriers = {one.courier_id: one for one in map(courier_of, range(1, 4))}
        self.deliveries: dict[str, Delivery] = {}
        self.events: list[DeliveryEvent] = []

    @rule(number=st.integers(1, 12), house=st.integers(1, 9))
    def assign(self, number: int, house: int) -> None:
        wish = Wish(order_of(number), Address("Москва", "Лесная", str(house)))
        known = self.deliveries.get(wish.order_id)
        if known:
            if known.status is S.CANCELLED or known.assigned.address != wish.address:
                with pytest.raises(StendError):
                    check_repeated(wish, known)
            else:
                check_repeated(wish, known)
            return
        try:
            change = assign(wish, self._all(), f"dlv_{number}", self.now, RULES)
        except StendError as error:
            if error.code is not DeliveryErrorCode.NO_COURIER_AVAILABLE:
                raise
            full = RULES.orders_per_courier
            assert all(len(one.queue) == full or one.session for one in self._all())
            return
        self._write(change)

    @rule(number=st.integers(1, 12))
    def cancel(self, number: int) -> None:
        order_id = order_of(number)
        known = self.deliveries.get(order_id)
        if known is None:
            self._write(entomb(order_id, f"dlv_{number}", self.now, "no"))
            return
        self._look_after(order_id)
        known = self.deliveries[order_id]
        if known.assignment is None:
            return
        courier = self.couriers[known.assigned.courier_id]
        if known.is_final or known.status is S.PICKED_UP:
            with pytest.raises((StendError, ValueError)):
                cancel(known, courier, self._queue(courier), self.now, "no", RULES)
            return
        self._write(cancel(known, courier, self._queue(courier), self.now, "no", RULES))

    @rule(milliseconds=st.integers(1, 4000))
    def pass_time(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)
        # A courier at work lives on.
        for courier in self._all():
            if courier.is_on_shift(self.now) and courier.session:
                session = replace(courier.session, until=self.now + LEASE)
                self._write(Change((), (_with(courier, session),)))

    @rule(number=st.integers(1, 12))
    def look(self, number: int) -> None:
        if order_of(number) in self.deliveries:
            self._look_after(order_of(number))

    @rule(number=st.integers(1, 3))
    def come_to_work(self, number: int) -> None:
        courier = self.couriers[f"cou_{number:02d}"]
        session = Session(f"{self.now}", self.now + LEASE)
        self._write(Change((), (_with(courier, session),)))

    @rule(number=st.integers(1, 3))
    def leave(self, number: int) -> None:
        courier = self.couriers[f"cou_{number:02d}"]
        if courier.session:
            over = replace(courier.session, until=self.now)
            self._write(Change((), (_with(courier, over),)))

    @precondition(lambda self: self._in_hand(Hand.OFFERED))
    @rule(accepted=st.booleans(), data=st.data())
    def answer(self, accepted: bool, data: st.DataObject) -> None:
        delivery = data.draw(st.sampled_from(self._in_hand(Hand.OFFERED)))
        courier = self.couriers[delivery.assigned.courier_id]
        if accepted:
            self._write(accept(delivery, courier, self.now))
        else:
            self._write(decline(delivery, courier, self._all(), self.now, RULES))

    @precondition(lambda self: self._in_hand(Hand.ACCEPTED))
    @rule(status=st.sampled_from([S.PICKED_UP, S.DELIVERED]), data=st.data())
    def tell(self, status: DeliveryStatus, data: st.DataObject) -> None:
        delivery = data.draw(st.sampled_from(self._in_hand(Hand.ACCEPTED)))
        courier = self.couriers[delivery.assigned.courier_id]
        if (delivery.status, status) in ALLOWED:
            change = report(delivery, courier, status, self.now)
            assert change
            self._write(change)
        elif delivery.status is status:
            assert report(delivery, courier, status, self.now) is None
        else:
            with pytest.raises(StendError):
                report(delivery, courier, status, self.now)

    @invariant()
    def every_active_order_is_in_one_queue(self) -> None:
        held: dict[str, list[str]] = defaultdict(list)
        for courier in self._all():
            for order_id in courier.queue:
                held[order_id].append(courier.courier_id)
        active = {
            one.order_id: [one.assigned.courier_id]
            for one in self.deliveries.values()
            if not one.is_final
        }
        assert held == active

    @invariant()
    def nobody_has_too_many(self) -> None:
        for courier in self._all():
            assert len(courier.queue) <= RULES.orders_per_courier
            is_at_work = any(
                one.assigned.hand is not Hand.SIMULATED for one in self._queue(courier)
            )
            assert not is_at_work or len(courier.queue) == 1

    @invariant()
    def ways_follow_each_other(self) -> None:
        for courier in self._all():
            plans = [one.assigned.plan for one in self._queue(courier)]
            for before, after in pairwise(plans):
                assert after.start == before.door
                assert after.starts_at >= before.delivered_at
            places = [one.position(self.now) for one in plans]
            assert all(map(is_on_a_street, places))
            assert is_on_a_street(courier.resting_place(self.now, RULES.pace))

    @invariant()
    def events_tell_what_happened(self) -> None:
        told: dict[str, list[DeliveryStatus]] = defaultdict(list)
        for event in self.events:
            told[event.order_id].append(event.status)
        for order_id, statuses in told.items():
            assert statuses[-1] is self.deliveries[order_id].status
            # The order may pass to another courier before he has the goods.
            steps = [pair for pair in pairwise(statuses) if pair != (S.ASSIGNED, S.ASSIGNED)]
            assert set(steps) <= ALLOWED
        assert set(told) == set(self.deliveries)

    def teardown(self) -> None:
        # Left alone, everything that is on its way arrives.
        for _ in range(8):
            self.now += timedelta(hours=1)
            for order_id in self.deliveries:
                self._look_after(order_id)
        assert all(one.is_final for one in self.deliveries.values())

    def _look_after(self, order_id: str) -> None:
        for _ in range(10):
            delivery = self.deliveries[order_id]
            if delivery.assignment is None:
                return
            courier = self.couriers[delivery.assigned.courier_id]
            change = look_after(delivery, courier, self._all(), self.now, RULES)
            if change is None:
                return
            self._write(change)
        raise AssertionError("there is no end of it")

    def _write(self, change: Change) -> None:
        """As the store does: every version is the one after the stored one, or nothing fits."""
        for courier in change.couriers:
            assert courier.version == self.couriers[courier.courier_id].version + 1
            self.couriers[courier.courier_id] = courier
        for delivery in change.deliveries:
            known = self.deliveries.get(delivery.order_id)
            assert delivery.version == (known.version if known else 0) + 1
            self.deliveries[delivery.order_id] = delivery
        self.events += change.events

    def _all(self) -> Sequence[Courier]:
        return list(self.couriers.values())

    def _queue(self, courier: Courier) -> Sequence[Delivery]:
        return [self.deliveries[order_id] for order_id in courier.queue]

    def _in_hand(self, hand: Hand) -> list[Delivery]:
        return [
            one
            for one in getattr(self, "deliveries", {}).values()
            if not one.is_final and one.assigned.hand is hand
        ]


def _with(courier: Courier, session: Session) -> Courier:
    return replace(courier, session=session, version=courier.version + 1)


TestDispatching = Dispatching.TestCase
TestDispatching.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
