"""Carries out what disturbances say, in time and in order, for one connection."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from stend.tap.disturb.actions import Action, Disturbance, Finish, Noted, Reset, Send
from stend.wire.decoding import Direction

# So much waits in one direction before the sender is stopped.
_HIGH_BYTES = 1024 * 1024
_LOW_BYTES = 256 * 1024


class Ends(Protocol):
    """The two sockets of the connection."""

    def deliver(self, direction: Direction, data: bytes) -> None: ...

    def finish(self, direction: Direction) -> None: ...

    def reset(self) -> None: ...

    def hold(self, direction: Direction, *, is_held: bool) -> None:
        """Stops reading from the sender of this direction, or goes on."""
        ...

    def note(self, text: str) -> None: ...


class Line:
    """
    Args:
        ends: told what to do when its time has come.
    """

    def __init__(self, ends: Ends, loop: asyncio.AbstractEventLoop) -> None:
        self._ends = ends
        self._loop = loop
        self._chain: Sequence[Disturbance] = ()
        self._waiting: dict[Direction, deque[Send | Finish]] = {one: deque() for one in Direction}
        self._size = dict.fromkeys(Direction, 0)
        self._held = dict.fromkeys(Direction, False)
        self._timers: dict[Direction, asyncio.TimerHandle | None] = dict.fromkeys(Direction)
        self._reset_timer: asyncio.TimerHandle | None = None
        self._is_over = False

    @property
    def is_idle(self) -> bool:
        """Nothing disturbs and nothing is on its way."""
        return not self._chain and not any(self._waiting.values())

    def disturb(self, chain: Sequence[Disturbance]) -> None:
        """From now on. What is on its way already arrives as it was to."""
        self._chain = chain

    def opened(self) -> None:
        now = self._loop.time()
        for index, one in enumerate(self._chain):
            self._carry_out(one.opened(now), index + 1)

    def received(self, direction: Direction, data: bytes) -> None:
        self._carry_out((Send(direction, data, self._loop.time()),), 0)

    def finished(self, direction: Direction) -> None:
        self._carry_out((Finish(direction, self._loop.time()),), 0)

    def close(self) -> None:
        """The connection is over: nothing more happens."""
        self._is_over = True
        for timer in (*self._timers.values(), self._reset_timer):
            if timer:
                timer.cancel()
        for waiting in self._waiting.values():
            waiting.clear()

    def _carry_out(self, actions: Iterable[Action], index: int) -> None:
        """`index` of the disturbance that the actions go through next."""
        for action in actions:
            if self._is_over:
                return
            match action:
                case Send() if index < len(self._chain):
                    self._carry_out(self._chain[index].passing(action), index + 1)
                case Finish() if index < len(self._chain):
                    self._carry_out(self._chain[index].finishing(action), index + 1)
                case Send() | Finish():
                    self._queue(action)
                case Reset():
                    self._at(action.due_s, self._reset)
                case Noted():
                    self._ends.note(action.text)

    def _queue(self, action: Send | Finish) -> None:
        direction = action.direction
        self._waiting[direction].append(action)
        if isinstance(action, Send):
            self._size[direction] += len(action.data)
        if self._size[direction] > _HIGH_BYTES and not self._held[direction]:
            self._held[direction] = True
            self._ends.hold(direction, is_held=True)
        if self._timers[direction] is None:
            self._deliver(direction)

    def _deliver(self, direction: Direction) -> None:
        """All that is due; the rest when it is."""
        self._timers[direction] = None
        waiting = self._waiting[direction]
        while waiting and not self._is_over:
            # TCP keeps the order: nothing overtakes what waits longer.
            if waiting[0].due_s > self._loop.time():
                due = waiting[0].due_s
                self._timers[direction] = self._loop.call_at(due, self._deliver, direction)
                return
            action = waiting.popleft()
            if isinstance(action, Finish):
                self._ends.finish(direction)
                continue
            self._size[direction] -= len(action.data)
            self._ends.deliver(direction, action.data)
            if self._held[direction] and self._size[direction] < _LOW_BYTES:
                self._held[direction] = False
                self._ends.hold(direction, is_held=False)

    def _at(self, due_s: float, act: Callable[[], None]) -> None:
        if due_s <= self._loop.time():
            act()
        elif self._reset_timer is None:
            self._reset_timer = self._loop.call_at(due_s, act)

    def _reset(self) -> None:
        self.close()
        self._ends.reset()
