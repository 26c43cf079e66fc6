"""Performs commands, whichever broker brings them, and runs the streams beside the queue."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded, error_to_json, internal
from stend.kit.json import JsonObject
from stend.shop.orders.api.commands import Command, CommandReply, Fault, read
from stend.shop.orders.api.dispatch import result_of
from stend.shop.orders.api.messages import (
    Result,
    event_to_json,
    result_to_json,
)
from stend.shop.orders.usecases import (
    GetOrder,
    Operation,
    Orders,
    OrdersOf,
    TrackOrder,
)

_log = logging.getLogger("stend.orders.commands")
_T = TypeVar("_T")
_READ, _WRITE = "orders:read", "orders:write"
_SCOPES: Mapping[str, str] = {
    Operation.PLACE_ORDER: _WRITE,
    Operation.GET_ORDER: _READ,
    Operation.LIST_ORDERS: _READ,
    Operation.CANCEL_ORDER: _WRITE,
    Operation.TRACK_ORDER: _READ,
}
# As metrics name what is no operation: its name is the caller's, and may be anything.
_UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class CommandLimits:
    """
    Attributes:
        deadline_s: for one command, where its sender's own is not shorter.
        body_limit_bytes: largest body of a command.
        prefetch: commands in work at once.
        track_s: how long one TrackOrder is answered; then its sender asks again. Nobody tells a
            broker that he has gone, so a stream has to end by itself.
        streams: most TrackOrder at once.
    """

    deadline_s: float
    body_limit_bytes: int
    prefetch: int = 50
    track_s: float = 30.0
    streams: int = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Either one reply or a stream of them.

    Attributes:
        dead: why the command belongs among the dead letters.
    """

    reply: CommandReply | None = None
    stream: AsyncGenerator[CommandReply, None] | None = None
    dead: StendError | None = None


class CommandDesk:
    """Performs commands, whichever broker brings them.

    Args:
        faults: the table of the protocol.
    """

    def __init__(
        self,
        orders_of: OrdersOf,
        intake: Intake,
        limits: CommandLimits,
        faults: Mapping[StrEnum, Fault],
    ) -> None:
        self._orders_of = orders_of
        self._intake = intake
        self._limits = limits
        self._faults = faults

    async def answer(self, command: Command) -> Answer:
        """Never raises: whoever sent the command is told."""
        try:
            if command.name == Operation.TRACK_ORDER:
                orders, request = await self._perform(
                    command, lambda caller: self._trackable(command, self._orders_of(caller))
                )
                return Answer(stream=self._followed(orders, request))
            result = await self._perform(
                command, lambda caller: self._result(command, self._orders_of(caller))
            )
        except StendError as error:
            return self._refused(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the sender gets a reply
            _log.exception("%s failed", command.name)
            return self._refused(internal())
        return Answer(CommandReply({"ok": True, "result": result_to_json(result)}))

    def refuse(self, error: StendError) -> CommandReply:
        retry = self._faults[error.code].retry
        return CommandReply({"ok": False, "error": {**error_to_json(error), "retry": retry}})

    def _refused(self, error: StendError) -> Answer:
        is_dead = self._faults[error.code].dead_letter
        return Answer(self.refuse(error), dead=error if is_dead else None)

    async def _perform(self, command: Command, work: Callable[[Caller], Awaitable[_T]]) -> _T:
        if command.deadline_s is not None and command.deadline_s <= 0:
            raise deadline_exceeded(self._limits.deadline_s)
        scope = _SCOPES.get(command.name or "")
        return await self._intake.perform(
            command.name if scope and command.name else _UNKNOWN,
            scope or _WRITE,
            command.credential,
            work,
            command.deadline_s,
        )

    async def _result(self, command: Command, orders: Orders) -> Result:
        request = read(command, self._limits.body_limit_bytes)
        return await result_of(orders, request)

    async def _trackable(self, command: Command, orders: Orders) -> tuple[Orders, TrackOrder]:
        request = read(command, self._limits.body_limit_bytes)
        if not isinstance(request, TrackOrder):
            raise TypeError(f"the input of TrackOrder is {type(request).__name__}")
        await orders.get_order(GetOrder(request.order_id))
        return orders, request

    async def _followed(
        self, orders: Orders, request: TrackOrder
    ) -> AsyncGenerator[CommandReply, None]:
        """Events as they happen, then where to go on: `is_final` tells that nothing can follow."""
        seen, is_final = request.after_version, False
        ends_at = asyncio.get_running_loop().time() + self._limits.track_s
        async with aclosing(orders.track_order(request)) as events:
            try:
                while True:
                    # Around each wait alone: around all of them, the time could run out in the
                    # hands of who sends the replies.
                    async with asyncio.timeout_at(ends_at):
                        event = await anext(events)
                    seen = event.version
                    yield CommandReply({"ok": True, "result": event_to_json(event)}, last=False)
            except StopAsyncIteration:
                is_final = True
            except TimeoutError:
                pass
            except StendError as error:
                yield self.refuse(error)
                return
        end: JsonObject = {
            "order_id": request.order_id,
            "after_version": seen,
            "is_final": is_final,
        }
        yield CommandReply({"ok": True, "result": end})


class Streams:
    """The streams that run beside the queue, a bounded number of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[object, object, None]) -> None:
        """
        Raises:
            StendError: OVERLOADED.
        """
        if len(self._running) >= self._most:
            work.close()
            raise StendError(
                EdgeErrorCode.OVERLOADED,
                "Too many orders are followed at once.",
                value=f"{self._most} streams",
                expected="a free place",
                next_step="Follow the order a moment later, or ask for it with GetOrder.",
            )
        task = asyncio.create_task(_logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        """Also refuses those that would still begin."""
        self._most = 0
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def _logged(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - nobody waits for it, so a bug would end it in silence
        _log.exception("a stream failed")
