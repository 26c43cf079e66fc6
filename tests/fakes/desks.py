"""The services that a saga asks, in memory: as forgetful, slow and stubborn as a test wants."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from random import Random

from stend.kit.errors import deadline_exceeded, unavailable
from stend.shop.orders.domain import Order
from stend.shop.orders.ports import (
    GOODS_HANDED_OVER,
    Assignment,
    DeliveryNews,
    PeerRefusal,
    Progress,
)

STORE = "a-store"
_worlds = itertools.count(1)


class Mishap(Enum):
    """What happens to one call."""

    NONE = "none"
    NOT_REACHED = "not-reached"
    ANSWER_LOST = "answer-lost"
    REFUSED = "refused"


@dataclass(slots=True)
class Trouble:
    """Draws a mishap per call.

    Attributes:
        lost: share of calls whose request or answer is lost.
        refused: share of orders that a service refuses.
        always_refused: an operation.
    """

    random: Random
    lost: float = 0.0
    refused: float = 0.0
    always_refused: str = ""
    refusals: set[tuple[str, str]] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def draw(self, operation: str, order_id: str, *, may_refuse: bool) -> Mishap:
        key = (operation, order_id)
        if may_refuse and key not in self.asked:
            self.asked.add(key)
            if operation == self.always_refused or self.random.random() < self.refused:
                self.refusals.add(key)
        if key in self.refusals:
            return Mishap.REFUSED
        if self.random.random() < self.lost:
            return self.random.choice((Mishap.NOT_REACHED, Mishap.ANSWER_LOST))
        return Mishap.NONE


@dataclass(slots=True)
class Ledger:
    """One service: what it holds for each order, and what may not be done any more.

    Attributes:
        effects: how often something really happened, by order and operation.
    """

    name: str
    trouble: Trouble
    held: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    effects: dict[tuple[str, str], int] = field(default_factory=dict)

    async def do(self, operation: str, order: Order) -> None:
        await self._perform(operation, order.order_id, may_refuse=True)

    async def undo(self, operation: str, order: Order) -> None:
        await self._perform(operation, order.order_id, may_refuse=False)

    async def finish(self, operation: str, order: Order) -> None:
        await self._perform(operation, order.order_id, may_refuse=False)

    async def _perform(self, operation: str, order_id: str, *, may_refuse: bool) -> None:
        await asyncio.sleep(0)
        mishap = self.trouble.draw(operation, order_id, may_refuse=may_refuse)
        if mishap is Mishap.NOT_REACHED:
            raise unavailable(self.name, "a test cut the line")
        if mishap is Mishap.REFUSED:
            raise PeerRefusal(f"{self.name}-refused", f"{self.name} says no.")
        self._act(operation, order_id)
        if mishap is Mishap.ANSWER_LOST:
            raise deadline_exceeded(1)

    def _act(self, operation: str, order_id: str) -> None:
        match operation.partition(" ")[0]:
            case "do":
                if order_id in self.undone:
                    raise PeerRefusal("undone", "The order was undone before.")
                if order_id in self.held:
                    return
                self.held.add(order_id)
            case "undo":
                if order_id in self.finished:
                    raise PeerRefusal("finished", "The order is finished.")
                if order_id in self.undone:
                    return
                self.undone.add(order_id)
                self.held.discard(order_id)
            case _:
                if order_id in self.finished:
                    return
                if order_id not in self.held:
                    raise PeerRefusal("not-held", "Nothing is held for the order.")
                self.finished.add(order_id)
        count = self.effects.get((order_id, operation), 0)
        self.effects[order_id, operation] = count + 1


class Stock(Ledger):
    async def reserve(self, order: Order) -> None:
        await self.do("do reserve", order)

    async def release(self, order: Order) -> None:
        await self.undo("undo reserve", order)

    async def commit(self, order: Order) -> None:
        await self.finish("finish stock", order)


class Bank(Ledger):
    async def authorise(self, order: Order) -> None:
        await self.do("do authorise", order)

    async def void(self, order: Order) -> None:
        await self.undo("undo authorise", order)

    async def capture(self, order: Order) -> None:
        await self.finish("finish payment", order)


class Points(Ledger):
    async def accrue(self, order: Order) -> None:
        await self.do("do accrue", order)

    async def reverse(self, order: Order) -> None:
        await self.undo("undo accrue", order)


class Couriers(Ledger):
    """Deliver at once what they are assigned.

    Attributes:
        fails: orders that they cannot deliver.
        waits: they deliver only when they are told to.
        store: that their news name.
    """

    def __init__(self, name: str, trouble: Trouble) -> None:
        super().__init__(name, trouble)
        # Not id(): a later world may get the address of one that is gone.
        self._world = next(_worlds)
        self.fails: set[str] = set()
        self.waits = False
        self.store: str | None = STORE
        self._news: list[DeliveryNews] = []
        self._changed = asyncio.Event()

    async def assign(self, order: Order) -> Assignment:
        known = order.order_id in self.held
        try:
            await self.do("do assign", order)
        finally:
            if order.order_id in self.held and not known and not self.waits:
                self.deliver(order.order_id)
        return Assignment(STORE, None)

    async def cancel(self, order: Order) -> None:
        if order.order_id in self.finished:
            raise PeerRefusal(GOODS_HANDED_OVER, "The courier has the goods.")
        await self.undo("undo assign", order)

    def deliver(self, order_id: str) -> None:
        last = Progress.FAILED if order_id in self.fails else Progress.DELIVERED
        if last is Progress.DELIVERED:
            self.finished.add(order_id)
        for progress in (Progress.PICKED_UP, last):
            cursor = f"{self._world}:{len(self._news) + 1}"
            moment = datetime(2026, 11, 23, tzinfo=UTC)
            self._news.append(DeliveryNews(cursor, order_id, progress, self.store, moment))
        self._changed.set()

    async def watch(self, after: str) -> AsyncGenerator[DeliveryNews, None]:
        # A cursor of another test's couriers tells nothing about these.
        world, _, number = after.partition(":")
        at = int(number) if world == str(self._world) else 0
        while True:
            self._changed.clear()
            for news in self._news[at:]:
                if self.trouble.random.random() < self.trouble.lost:
                    raise unavailable(self.name, "a test cut the stream")
                yield news
                at += 1
            await self._changed.wait()


class World:
    def __init__(self, seed: int, lost: float = 0.0, refused: float = 0.0) -> None:
        trouble = Trouble(Random(seed), lost, refused)
        self.stock = Stock("stock", trouble)
        self.bank = Bank("bank", trouble)
        self.points = Points("points", trouble)
        self.couriers = Couriers("couriers", trouble)

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        return (self.stock, self.bank, self.points, self.couriers)
