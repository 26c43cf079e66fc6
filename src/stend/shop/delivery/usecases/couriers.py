"""Where couriers are: simulated, as they say themselves, and on the way with one order."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from stend.chassis.access import Caller
from stend.shop.delivery.domain.city import STORES, Point, Spot, point_of
from stend.shop.delivery.domain.delivery import Courier, Delivery, DeliveryStatus
from stend.shop.delivery.domain.dispatching import Rules
from stend.shop.delivery.ports import DeliveryBook, DeliveryFeed, Sighting
from stend.shop.delivery.usecases import roster
from stend.shop.delivery.usecases.deliveries import Deliveries

RADIUS_DEFAULT_M = 1000.0
RADIUS_MAX_M = 20_000.0


@dataclass(frozen=True, slots=True)
class CourierState:
    courier: Courier
    sighting: Sighting
    on_shift: bool


@dataclass(frozen=True, slots=True)
class CourierPosition:
    courier_id: str
    point: Point
    status: DeliveryStatus
    eta: datetime
    occurred_at: datetime


class Couriers:
    """
    Args:
        step_s: between two looks at where somebody is.
    """

    def __init__(
        self,
        book: DeliveryBook,
        feed: DeliveryFeed,
        deliveries: Deliveries,
        rules: Rules,
        step_s: float,
    ) -> None:
        self._book = book
        self._feed = feed
        self._deliveries = deliveries
        self._rules = rules
        self._step_s = step_s

    def on_behalf_of(self, caller: Caller) -> "Couriers":
        """The same operations; a customer tracks the couriers of his own orders only."""
        deliveries = self._deliveries.on_behalf_of(caller)
        if deliveries is self._deliveries:
            return self
        return Couriers(self._book, self._feed, deliveries, self._rules, self._step_s)

    async def list_all(self) -> Sequence[CourierState]:
        """By id."""
        return await self._states(await self._book.sightings())

    async def list_near(self, point: Point, radius_m: float) -> Sequence[CourierState]:
        """The nearest first."""
        return await self._states(await self._book.sightings_near(point, radius_m))

    async def track(self, order_id: str) -> AsyncGenerator[CourierPosition, None]:
        """The courier's position now and whenever he has moved, until the delivery ends.

        Raises:
            StendError: DELIVERY_NOT_FOUND.
        """
        told: CourierPosition | None = None
        async with self._feed.subscribe() as signal:
            while True:
                delivery = await self._deliveries.get(order_id)
                if delivery.status is DeliveryStatus.CANCELLED:
                    return
                seen = await self._position(delivery)
                if told is None or _differs(told, seen):
                    yield seen
                    told = seen
                if delivery.is_final:
                    return
                await signal.wait(self._step_s)

    async def report(self, courier_id: str, point: Point) -> None:
        """
        Raises:
            StendError: COURIER_UNKNOWN.
        """
        await self._deliveries.courier(courier_id)
        await self._book.report(courier_id, point)

    async def look(self) -> bool:
        """Writes down where the simulation has everybody; whether anybody moves.

        Couriers who are not in the book are hired.
        """
        now = self._deliveries.now()
        couriers = await self._book.couriers()
        if len(couriers) < roster.SIZE:
            # The first start, or somebody has emptied Redis.
            await roster.hire_missing(self._book, now)
            couriers = await self._book.couriers()
        first = {one.queue[0]: one.courier_id for one in couriers if one.queue}
        busy: Mapping[str, Spot] = {
            first[delivery.order_id]: delivery.assigned.plan.position(now)
            for delivery in await self._book.deliveries([*first])
            if delivery.assignment
        }
        spots = {
            one.courier_id: busy.get(one.courier_id) or one.resting_place(now, self._rules.pace)
            for one in couriers
        }
        await self._book.see({who: point_of(spot) for who, spot in spots.items()})
        at_home = all(spots[one.courier_id] == STORES[one.home].spot for one in couriers)
        return bool(first) or not at_home

    async def _states(self, sightings: Sequence[Sighting]) -> Sequence[CourierState]:
        now = self._deliveries.now()
        couriers = {one.courier_id: one for one in await self._book.couriers()}
        return [
            CourierState(found, sighting, found.is_on_shift(now))
            for sighting in sightings
            if (found := couriers.get(sighting.courier_id))
        ]

    async def _position(self, delivery: Delivery) -> CourierPosition:
        now = self._deliveries.now()
        assignment = delivery.assigned
        point = await self._book.reported(assignment.courier_id)
        if point is None or delivery.is_final:
            point = point_of(assignment.plan.position(now))
        return CourierPosition(
            assignment.courier_id, point, delivery.status, assignment.plan.delivered_at, now
        )


# As the protocol gets it: there is no way to the operations without saying who calls.
CouriersOf: TypeAlias = Callable[[Caller], Couriers]


def _differs(one: CourierPosition, other: CourierPosition) -> bool:
    return (one.courier_id, one.point, one.status, one.eta) != (
        other.courier_id,
        other.point,
        other.status,
        other.eta,
    )
