"""Carries out what disturbances say, in time and in order, for one connection.

    client ── latest fault ── … ── first fault ── server

What goes to the client passes them in the opposite order. So a fault that is set later sees what
the client sees, which is what was recorded, and an answer of one fault passes those before it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from stend.tap.disturb.actions import Action, Disturbance, Finish, Noted, Reset, Send, Wake
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


@dataclass(slots=True)
class _Place:
    """A disturbance in its chain.

    Attributes:
        fault: whose it is.
        is_lifted: the fault is over; it stays until it is not needed any more.
    """

    fault: str
    one: Disturbance
    is_lifted: bool = False


class Line:
    """
    Args:
        ends: told what to do when its time has come.
    """

    def __init__(self, ends: Ends, loop: asyncio.AbstractEventLoop) -> None:
        self._ends = ends
        self._loop = loop
        # From the client to the server.
        self._chain: list[_Place] = []
        self._waiting: dict[Direction, deque[Send | Finish]] = {one: deque() for one in Direction}
        self._size = dict.fromkeys(Direction, 0)
        self._held = dict.fromkeys(Direction, False)
        self._timers: dict[Direction, asyncio.TimerHandle | None] = dict.fromkeys(Direction)
        self._reset_timer: asyncio.TimerHandle | None = None
        self._alarms: set[asyncio.TimerHandle] = set()
        self._is_over = False

    @property
    def is_idle(self) -> bool:
        """Nothing disturbs and nothing is on its way."""
        return not self._chain and not any(self._waiting.values())

    def disturb(self, faults: Mapping[str, Disturbance]) -> None:
        """From now on. What is on its way already arrives as it was to.

        Args:
            faults: by what tells them apart; those that are known go on as they are.
        """
        known = {place.fault for place in self._chain}
        for place in tuple(self._chain):
            if place.fault not in faults and not place.is_lifted:
                place.is_lifted = True
                actions = tuple(place.one.lifted(self._loop.time()))
                self._carry_out(actions, self._chain.index(place))
        self._let_go()
        for fault, one in faults.items():
            if fault not in known:
                one.missed(Direction.TO_CLIENT, self._on_the_way(Direction.TO_CLIENT))
                self._chain.insert(0, _Place(fault, one))

    def opened(self) -> None:
        now = self._loop.time()
        for index, place in enumerate(tuple(self._chain)):
            self._carry_out(tuple(place.one.opened(now)), index)

    def received(self, direction: Direction, data: bytes) -> None:
        self._from_outside(Send(direction, data, self._loop.time()))

    def finished(self, direction: Direction) -> None:
        self._from_outside(Finish(direction, self._loop.time()))

    def close(self) -> None:
        """The connection is over: nothing more happens."""
        self._is_over = True
        for timer in (*self._timers.values(), self._reset_timer, *self._alarms):
            if timer:
                timer.cancel()
        self._alarms.clear()
        for waiting in self._waiting.values():
            waiting.clear()

    def _on_the_way(self, direction: Direction) -> bytes:
        return b"".join(one.data for one in self._waiting[direction] if isinstance(one, Send))

    def _let_go(self) -> None:
        """Of those that are lifted and not needed."""
        self._chain = [one for one in self._chain if not one.is_lifted or one.one.is_needed]

    def _from_outside(self, action: Send | Finish) -> None:
        is_up = action.direction is Direction.TO_SERVER
        self._carry_out((action,), -1 if is_up else len(self._chain))
        self._let_go()

    def _carry_out(self, actions: Iterable[Action], index: int) -> None:
        """
        Args:
            index: of the disturbance whose actions they are; the client stands before all of
                them, the server behind.
        """
        for action in actions:
            if self._is_over:
                return
            match action:
                case Send() | Finish():
                    self._pass(action, index)
                case Reset():
                    self._at(action.due_s, self._reset)
                case Wake():
                    self._set_alarm(action.due_s, self._chain[index].one)
                case Noted():
                    self._ends.note(action.text)

    def _pass(self, action: Send | Finish, index: int) -> None:
        """To the next disturbance on its way, or out."""
        index += 1 if action.direction is Direction.TO_SERVER else -1
        if not 0 <= index < len(self._chain):
            self._queue(action)
            return
        one = self._chain[index].one
        # All of them before any is carried out: what they lead to may come back to this one.
        if isinstance(action, Send):
            self._carry_out(tuple(one.passing(action)), index)
        else:
            self._carry_out(tuple(one.finishing(action)), index)

    def _set_alarm(self, due_s: float, one: Disturbance) -> None:
        def ring() -> None:
            self._alarms.discard(timer)
            for index, place in enumerate(self._chain):
                if place.one is one:
                    self._carry_out(tuple(one.woken(self._loop.time())), index)
                    break
            self._let_go()

        timer = self._loop.call_at(due_s, ring)
        self._alarms.add(timer)

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
