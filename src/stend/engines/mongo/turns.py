"""Commands take turns on one thread: a long one gives way to others, a waiting one to all.

Each runs in a greenlet, so that the code of queries and expressions stays plain functions, however
deep in it a command has to stop. Nothing else runs between two points where it gives way.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]

_T = TypeVar("_T")
# How long a command goes on before others get their turn.
_SLICE_S = 0.005
_MOST_IDLE_LANES = 16


class Lanes:
    """Greenlets, each of which runs one turn after another.

    A new greenlet gets memory for its frames from the system and gives it back at its end, which
    takes as long as a search by `_id`.
    """

    def __init__(self) -> None:
        self._idle: list[greenlet] = []

    def take(self) -> greenlet:
        """One that runs nothing: switch to it with what it is to run."""
        if not self._idle:
            # Its first switch has no work with it: a greenlet keeps hold of what it began with.
            greenlet(self._run).switch()
        return self._idle.pop()

    def _run(self) -> None:
        lane = getcurrent()
        while len(self._idle) < _MOST_IDLE_LANES:
            self._idle.append(lane)
            work = lane.parent.switch()
            work()
            # What the turn had in its hands need not stay until the next one.
            del work


class Turn(Generic[_T]):
    """One command under way. `tick` and `wait` are called inside of it, all else from outside.

    Args:
        lanes: where it runs.
        work: gets this turn; its result is told to `finished`.
        finished: called, outside, with the result, or with what `work` raised; never after
            `cancel`.

    Attributes:
        is_parked: it is in `wait`.
    """

    def __init__(
        self,
        lanes: Lanes,
        work: Callable[["Turn[_T]"], _T],
        finished: Callable[[_T | None, BaseException | None], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = work
        self._finished = finished
        self._lane = lanes.take()
        self._result: _T | None = None
        self._error: BaseException | None = None
        self._give_way_at = 0.0
        self.is_parked = False
        self._is_over = False
        self._is_cancelled = False

    def start(self) -> None:
        self._resume(self._run)

    def cancel(self) -> None:
        """Nobody waits for it any more: it ends where it would give way next."""
        self._is_cancelled = True
        if self.is_parked:
            self._unpark()

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        return time.perf_counter()

    def tick(self) -> None:
        """Gives way to others if this command has gone on for long."""
        if time.perf_counter() < self._give_way_at:
            return
        self._loop.call_soon(self._resume)
        self._give_way()

    def wait(self, register: Callable[[Callable[[], None]], object], until: float | None) -> bool:
        """Waits until the function that is handed to `register` is called.

        Args:
            until: a moment of `now` at which waiting ends anyway.

        Returns:
            Whether it was called.
        """
        woken = False
        is_over = False
        self.is_parked = True

        def wake() -> None:
            nonlocal woken
            # A function that was registered may be called long after this wait is over.
            if self.is_parked and not is_over:
                woken = True
                self._unpark()

        timer = None
        if until is not None:
            timer = self._loop.call_later(max(0.0, until - self.now()), self._expire)
        register(wake)
        self._give_way()
        is_over = True
        if timer:
            timer.cancel()
        return woken

    def _expire(self) -> None:
        if self.is_parked:
            self._unpark()

    def _unpark(self) -> None:
        self.is_parked = False
        # Never at once: whoever wakes it is in the middle of a turn of its own.
        self._loop.call_soon(self._resume)

    def _give_way(self) -> None:
        self._lane.parent.switch()
        if self._is_cancelled:
            raise GreenletExit

    def _resume(self, *work: Callable[[], None]) -> None:
        self._give_way_at = time.perf_counter() + _SLICE_S
        self._lane.switch(*work)
        if self._is_over and not self._is_cancelled:
            self._finished(self._result, self._error)

    def _run(self) -> None:
        try:
            self._result = self._work(self)
        except Exception as error:  # noqa: BLE001
            self._error = error
        self._is_over = True
