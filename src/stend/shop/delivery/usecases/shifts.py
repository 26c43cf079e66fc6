"""Couriers at work: people, or programs of learners, who take part beside the simulated ones."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.delivery.domain.delivery import (
    Courier,
    Delivery,
    DeliveryErrorCode,
    DeliveryStatus,
    Hand,
    Session,
)
from stend.shop.delivery.domain.dispatching import (
    Change,
    Rules,
    accept,
    decline,
    report,
)
from stend.shop.delivery.ports import DeliveryBook, DeliveryFeed, Holding
from stend.shop.delivery.usecases.deliveries import Deliveries


@dataclass(frozen=True, slots=True)
class Offer:
    delivery: Delivery
    answer_before: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    order_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that he accepted in an earlier session."""

    delivery: Delivery


News = Offer | Withdrawn | Held


@dataclass(slots=True)
class Shift:
    """
    Attributes:
        told: orders that he was offered or holds.
        settled: of those, what he has declined or delivered himself.
    """

    session_id: str
    courier: Courier
    told: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)


class Shifts:
    """
    Args:
        lease: a session ends by itself this long after its service was last alive.
    """

    def __init__(
        self,
        book: DeliveryBook,
        feed: DeliveryFeed,
        deliveries: Deliveries,
        ids: Ids,
        rules: Rules,
        lease: timedelta,
    ) -> None:
        self._book = book
        self._feed = feed
        self._deliveries = deliveries
        self._ids = ids
        self._rules = rules
        self._lease = lease

    async def begin(self, courier_id: str) -> Shift:
        """Takes over from an earlier session of the same courier.

        Raises:
            StendError: COURIER_UNKNOWN.
        """
        session_id = self._ids.ulid()

        async def attempt() -> Change | None:
            courier = await self._deliveries.courier(courier_id)
            session = Session(session_id, self._deliveries.now() + self._lease)
            return Change((), (_with_session(courier, session),))

        await self._deliveries.carry_out(attempt)
        return Shift(session_id, await self._deliveries.courier(courier_id))

    async def news(self, shift: Shift) -> AsyncGenerator[News, None]:
        """What the dispatcher has to say; keeps the session alive.

        Raises:
            StendError: SESSION_REPLACED.
        """
        is_first = True
        async with self._feed.subscribe() as signal:
            while True:
                courier = await self._renewed(shift)
                queue = await self._book.deliveries(courier.queue)
                for one in _untold(shift, queue, is_first):
                    yield one
                is_first = False
                await signal.wait(self._lease.total_seconds() / 3)

    async def answer(self, shift: Shift, order_id: str, accepted: bool) -> Delivery | None:
        """
        Returns:
            The accepted delivery; None when it was declined, and is his no more.

        Raises:
            StendError: OFFER_GONE, DELIVERY_NOT_FOUND, SESSION_REPLACED.
        """

        async def attempt() -> Change | None:
            held, courier = await self._held(shift, order_id)
            now = self._deliveries.now()
            if accepted:
                return accept(held.delivery, courier, now)
            return decline(held.delivery, courier, await self._book.couriers(), now, self._rules)

        if accepted:
            await self._deliveries.carry_out(attempt)
            return await self._deliveries.get(order_id)
        await self._settling(shift, order_id, attempt)
        return None

    async def report(self, shift: Shift, order_id: str, status: DeliveryStatus) -> Delivery:
        """
        Raises:
            StendError: OFFER_GONE, DELIVERY_NOT_FOUND, DELIVERY_STATE_FORBIDDEN, SESSION_REPLACED.
        """

        async def attempt() -> Change | None:
            held, courier = await self._held(shift, order_id)
            return report(held.delivery, courier, status, self._deliveries.now())

        if status is DeliveryStatus.DELIVERED:
            await self._settling(shift, order_id, attempt)
        else:
            await self._deliveries.carry_out(attempt)
        return await self._deliveries.get(order_id)

    async def end(self, shift: Shift) -> None:
        """What he had goes to others, or on by itself. Nothing, when he has a newer session."""

        async def attempt() -> Change | None:
            courier = await self._deliveries.courier(shift.courier.courier_id)
            if courier.session is None or courier.session.session_id != shift.session_id:
                return None
            over = Session(shift.session_id, self._deliveries.now())
            return Change((), (_with_session(courier, over),))

        change = await self._deliveries.carry_out(attempt)
        for courier in change.couriers if change else ():
            for order_id in courier.queue:
                await self._deliveries.look_after(order_id)

    async def _renewed(self, shift: Shift) -> Courier:
        until = self._deliveries.now() + self._lease

        async def attempt() -> Change | None:
            courier = await self._own(shift)
            if courier.session and until - courier.session.until < self._lease / 4:
                return None
            return Change((), (_with_session(courier, Session(shift.session_id, until)),))

        await self._deliveries.carry_out(attempt)
        return await self._own(shift)

    async def _own(self, shift: Shift) -> Courier:
        courier = await self._deliveries.courier(shift.courier.courier_id)
        if courier.session is None or courier.session.session_id != shift.session_id:
            raise _session_replaced(shift)
        return courier

    async def _held(self, shift: Shift, order_id: str) -> tuple[Holding, Courier]:
        await self._deliveries.get(order_id)
        courier = await self._own(shift)
        held = await self._book.holding(order_id)
        if held and held.courier and held.courier.courier_id == courier.courier_id:
            return held, held.courier
        # Somebody else's: the rules say so, in the courier's own words.
        found = await self._deliveries.get(order_id)
        return Holding(found, None, ()), courier

    async def _settling(
        self, shift: Shift, order_id: str, attempt: Callable[[], Awaitable[Change | None]]
    ) -> None:
        # Before the change and not after it: the news see the change at once.
        shift.settled.add(order_id)
        try:
            await self._deliveries.carry_out(attempt)
        except StendError:
            shift.settled.discard(order_id)
            raise


def _untold(shift: Shift, queue: Sequence[Delivery], include_held: bool) -> list[News]:
    """What has changed for the courier since the last look."""
    news: list[News] = []
    his = {one.order_id for one in queue if one.assigned.hand is not Hand.SIMULATED}
    for order_id in sorted(shift.told - his):
        shift.told.discard(order_id)
        if order_id not in shift.settled:
            news.append(Withdrawn(order_id))
        shift.settled.discard(order_id)
    for one in queue:
        if one.order_id not in his or one.order_id in shift.told:
            continue
        shift.told.add(one.order_id)
        if one.assigned.hand is Hand.OFFERED:
            news.append(Offer(one, one.assigned.next_at))
        elif include_held:
            news.append(Held(one))
    return news


def _with_session(courier: Courier, session: Session) -> Courier:
    return replace(courier, session=session, version=courier.version + 1)


def _session_replaced(shift: Shift) -> StendError:
    return StendError(
        DeliveryErrorCode.SESSION_REPLACED,
        "This session of the courier is over.",
        value=shift.courier.courier_id,
        expected="the newest session of the courier, with a sign of life in time",
        next_step="Start another session; what you had accepted may be somebody else's by now.",
    )
