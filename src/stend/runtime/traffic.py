"""Traffic on the shop: an open loop, in which a slow answer never keeps the next customer away."""

import asyncio
import csv
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random  # noqa: TID251 - seeded, so that a run can be repeated
from typing import Any

from stend.kit.chance import Chance
from stend.kit.errors import unavailable
from stend.runtime.traffic_figures import Figures, Second
from stend.runtime.traffic_mix import Arrival
from stend.shop.orders.api.dispatch import UnaryInput, perform
from stend.shop.orders.api.protocols import OPERATIONS
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    PlacedOrder,
    PlaceOrder,
)

"""Traffic on the shop: an open loop, in which a slow answer never keeps the next customer away."""

MOST_IN_FLIGHT = 200
# Longer than any client waits by itself.
_DEADLINE_S = 20.0
# So long the last answers are waited for when the traffic ends.
_DRAIN_S = 5.0
_KNOWN_ORDERS = 500
_CANCELLABLE_ORDERS = 100
_NO_ANSWER = "no-answer"
_CLIENT_FAILED = "client-failed"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a watcher is shown once a second.

    Attributes:
        at_s: since the beginning.
        in_flight: requests that wait for their answers.
    """

    at_s: float
    second: Second
    in_flight: int


def seeded(seed: int) -> Chance:
    return Random(seed)  # noqa: S311 - not for secrets


def protocols_with_requests(known: Sequence[str]) -> tuple[str, ...]:
    """Those that can carry what the traffic asks for; some only tell what happens."""
    able = {protocol.value for protocol in OPERATIONS if OPERATIONS[protocol] >= _ASKED}
    return tuple(protocol for protocol in known if protocol in able)


_ASKED = frozenset(
    {Operation.PLACE_ORDER, Operation.GET_ORDER, Operation.LIST_ORDERS, Operation.CANCEL_ORDER}
)


def best_sellers() -> tuple[str, ...]:
    """The price list, what costs least first: bread and milk are in more carts than salmon."""
    text = files("stend.shop.orders.stores").joinpath("price_list.csv").read_text("utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: int(row["unit_price_minor"]))
    return tuple(row["sku"] for row in rows)


class Traffic:
    """One run.

    Args:
        clients: by protocol; those of `protocols` are used.
        name: 8 to 40 letters and digits that no other run has: idempotency keys begin with it.

    Attributes:
        lasted_s: how long customers came; the last answers may have taken longer.
    """

    def __init__(
        self,
        clients: Mapping[str, OrdersClient],
        protocols: Sequence[str],
        arrivals: Iterator[Arrival],
        name: str,
        most_in_flight: int = MOST_IN_FLIGHT,
    ) -> None:
        self.figures = Figures()
        self._clients = clients
        self._protocols = protocols
        self._arrivals = arrivals
        self._name = name
        self.most_in_flight = most_in_flight
        self._in_flight: set[asyncio.Task[None]] = set()
        self._known: deque[str] = deque(maxlen=_KNOWN_ORDERS)
        self._cancellable: deque[str] = deque(maxlen=_CANCELLABLE_ORDERS)
        self._started = 0.0
        self.lasted_s = 0.0

    async def prepare(self) -> None:
        """Connects over each protocol, and finds orders to ask for.

        A protocol's library is imported with its first call, which would be counted as a stall.

        Raises:
            StendError: UNAVAILABLE, over no protocol anybody answers.
        """
        reasons = []
        for protocol in self._protocols:
            told = await self._asked(protocol, ListOrders())
            failure = _failure(told)
            if failure is not None:
                reasons.append(f"{protocol}: {failure}")
            elif isinstance(told, Reply):
                self._known.extend(order.order_id for order in told.value.orders)
        if len(reasons) == len(self._protocols):
            raise unavailable("orders", reasons[0])

    async def run(self, duration_s: float | None, watch: Callable[[Moment], None]) -> None:
        """Until the time is over or the task is cancelled; both end it in good order.

        Args:
            watch: called once a second.
        """
        self._started = asyncio.get_running_loop().time()
        watching = asyncio.create_task(self._watch(watch))
        try:
            await self._let_in(duration_s)
        except asyncio.CancelledError:
            # Whoever cancels it wants its figures; the second time he wants its end.
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
        finally:
            self.lasted_s = asyncio.get_running_loop().time() - self._started
            watching.cancel()
            await self._drain()

    async def _let_in(self, duration_s: float | None) -> None:
        loop = asyncio.get_running_loop()
        for arrival in self._arrivals:
            if duration_s is not None and arrival.at_s >= duration_s:
                await asyncio.sleep(self._started + duration_s - loop.time())
                return
            comes_at = self._started + arrival.at_s
            # Also when it is late already: answers have to be read meanwhile.
            await asyncio.sleep(max(0.0, comes_at - loop.time()))
            self._offer(arrival, comes_at)

    def _offer(self, arrival: Arrival, comes_at: float) -> None:
        if len(self._in_flight) >= self.most_in_flight:
            self.figures.drop()
            return
        request = self._request(arrival)
        late_s = asyncio.get_running_loop().time() - comes_at
        self.figures.send(arrival.protocol, _operation_of(request), late_s * 1000)
        task = asyncio.create_task(self._perform(arrival.protocol, request, comes_at))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _perform(self, protocol: str, request: UnaryInput, comes_at: float) -> None:
        told = await self._asked(protocol, request)
        latency_ms = (asyncio.get_running_loop().time() - comes_at) * 1000
        if isinstance(told, Reply):
            self._remember(told.result)
        self.figures.answer(protocol, _operation_of(request), latency_ms, _failure(told))

    async def _asked(self, protocol: str, request: UnaryInput) -> Reply[Any] | str:
        """The reply, or the code of what happened instead of one."""
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await perform(self._clients[protocol], request)
        except TimeoutError:
            return _NO_ANSWER
        except Exception as error:  # noqa: BLE001 - one client that fails must not end the traffic
            return f"{_CLIENT_FAILED} ({type(error).__name__})"

    def _request(self, arrival: Arrival) -> UnaryInput:
        match arrival.operation:
            case Operation.PLACE_ORDER if arrival.address:
                return PlaceOrder(
                    arrival.customer_id,
                    arrival.cart,
                    arrival.address,
                    idempotency_key=f"{self._name}-{arrival.number}",
                )
            case Operation.GET_ORDER if self._known:
                return GetOrder(self._pick(arrival.pick))
            case Operation.CANCEL_ORDER if self._cancellable:
                # Who changes his mind does it at once.
                return CancelOrder(self._cancellable.pop(), "Передумал")
            case _:
                # Nobody can ask for an order before there is one: he looks for his own instead.
                return ListOrders(arrival.customer_id)

    def _pick(self, pick: float) -> str:
        # New orders are looked at more often than old ones.
        return self._known[-1 - int(pick * pick * len(self._known))]

    def _remember(self, result: object) -> None:
        if isinstance(result, PlacedOrder):
            self._known.append(result.order.order_id)
            self._cancellable.append(result.order.order_id)

    async def _watch(self, watch: Callable[[Moment], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in itertools.count(1):
            await asyncio.sleep(max(0.0, self._started + number - loop.time()))
            at_s = loop.time() - self._started
            watch(Moment(at_s, self.figures.take_second(), len(self._in_flight)))

    async def _drain(self) -> None:
        if not self._in_flight:
            return
        _, late = await asyncio.wait(set(self._in_flight), timeout=_DRAIN_S)
        self.figures.unfinished = len(late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _operation_of(request: UnaryInput) -> str:
    # The inputs carry the names of their operations.
    return type(request).__name__


def _failure(told: Reply[Any] | str) -> str | None:
    if isinstance(told, str):
        return told
    return told.error.code if told.error else None
