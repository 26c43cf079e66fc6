"""What the use cases need from outside: the book of deliveries and couriers, and its news."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stend.shop.delivery.domain.city import Point
from stend.shop.delivery.domain.delivery import Courier, Delivery, DeliveryEvent
from stend.shop.delivery.domain.dispatching import Change


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """`cursor` is its place in the feed: go on after it."""

    cursor: str
    event: DeliveryEvent


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a courier was last seen, and how far from where was asked for."""

    courier_id: str
    point: Point
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A delivery with its courier and all that he has, of one moment.

    `courier` is None for an order that was cancelled before it was assigned.
    """

    delivery: Delivery
    courier: Courier | None
    queue: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Some deliveries of one moment.

    `forgotten_until`: the newest end of those that are not kept any more; None while all are.
    """

    deliveries: tuple[Delivery, ...]
    forgotten_until: datetime | None


class DeliveryBook(Protocol):
    """Every method raises StendError UNAVAILABLE when the engine cannot be reached."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """One at a time in this process, so that assignments do not meet at one courier.

        What several processes do at once is `commit`'s to tell apart.
        """
        ...

    async def stand_back(self, failures: int) -> None:
        """Lets those finish who were faster so many times: longer each time."""
        ...

    async def delivery(self, order_id: str) -> Delivery | None: ...

    async def holding(self, order_id: str) -> Holding | None: ...

    async def deliveries(self, order_ids: Sequence[str]) -> Sequence[Delivery]:
        """Those that exist, in this order."""
        ...

    async def couriers(self) -> Sequence[Courier]:
        """All, by id."""
        ...

    async def courier(self, courier_id: str) -> Courier | None: ...

    async def commit(self, change: Change) -> bool:
        """Writes a change and its events, all or none.

        Returns:
            False when one of the stored versions is not the one before: somebody was faster.
        """
        ...

    async def list_page(self, after: str | None, limit: int) -> Listing:
        """By order id, strictly after one."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Order ids whose `next_at` has come, the oldest first."""
        ...

    async def next_due(self) -> datetime | None: ...

    async def events(self, after: str, limit: int) -> Sequence[KeptEvent]:
        """
        Args:
            after: a cursor; empty for the oldest event that is kept.

        Raises:
            StendError: CURSOR_TOO_OLD, CURSOR_UNKNOWN.
        """
        ...

    async def see(self, points: Mapping[str, Point]) -> None:
        """Where the simulation has couriers now; those who report themselves are left out."""
        ...

    async def report(self, courier_id: str, point: Point) -> None:
        """Where a courier says that he is."""
        ...

    async def reported(self, courier_id: str) -> Point | None:
        """What he said within the last seconds."""
        ...

    async def sightings(self) -> Sequence[Sighting]:
        """Of every courier, by id."""
        ...

    async def sightings_near(self, point: Point, radius_m: float) -> Sequence[Sighting]:
        """The nearest first."""
        ...


class Signal(Protocol):
    async def wait(self, timeout_s: float | None) -> None:
        """Until something has happened since the last wait, or the time is over.

        Raises:
            StendError: UNAVAILABLE when the service is about to stop.
        """
        ...


class DeliveryFeed(Protocol):
    def subscribe(self) -> AbstractAsyncContextManager[Signal]: ...
