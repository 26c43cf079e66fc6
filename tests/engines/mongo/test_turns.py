"""Turns of commands: on lanes that are used again, and never for two at a time."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent  # type: ignore[import-untyped]

from stend.engines.mongo.turns import Lanes, Turn


class _Stage:
    """Turns on the same lanes, and what became of them."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.told: list[Any] = []

    def turn(self, work: Callable[[Turn[Any]], Any]) -> Turn[Any]:
        return Turn(self.lanes, work, lambda result, error: self.told.append(error or result))


class _Bell:
    """What a turn waits for."""

    def __init__(self) -> None:
        self.ring: Callable[[], None] = lambda: None

    def hear(self, wake: Callable[[], None]) -> None:
        self.ring = wake


def test_a_lane_is_used_again() -> None:
    async def play() -> None:
        stage = _Stage()
        for _ in range(3):
            stage.turn(lambda _: getcurrent()).start()
        assert len({id(lane) for lane in stage.told}) == 1

    asyncio.run(play())


def test_a_lane_outlives_an_error() -> None:
    async def play() -> None:
        stage = _Stage()
        stage.turn(lambda _: 1 // 0).start()
        stage.turn(lambda _: 2).start()
        assert [type(one) for one in stage.told] == [ZeroDivisionError, int]

    asyncio.run(play())


def test_a_turn_that_waits_keeps_its_lane() -> None:
    async def play() -> None:
        stage, bell = _Stage(), _Bell()
        waiting = stage.turn(lambda flow: ("woken", flow.wait(bell.hear, None)))
        waiting.start()
        for number in range(40):
            stage.turn(lambda _, number=number: number).start()  # type: ignore[misc]
        bell.ring()
        await asyncio.sleep(0)
        assert stage.told == [*range(40), ("woken", True)]

    asyncio.run(play())


def test_many_wait_at_the_same_time() -> None:
    async def play() -> None:
        stage, bells = _Stage(), [_Bell() for _ in range(50)]
        for number, bell in enumerate(bells):
            stage.turn(lambda flow, n=number, b=bell: (n, flow.wait(b.hear, None))).start()  # type: ignore[misc]
        for bell in reversed(bells):
            bell.ring()
        await asyncio.sleep(0)
        assert stage.told == [(number, True) for number in reversed(range(50))]
        # More than are kept: those beyond have ended, and turns go on.
        stage.turn(lambda _: "after").start()
        assert stage.told[-1] == "after"

    asyncio.run(play())


def test_a_cancelled_turn_takes_its_lane_with_it() -> None:
    async def play() -> None:
        stage, bell = _Stage(), _Bell()
        seen: list[str] = []

        def work(flow: Turn[Any]) -> None:
            try:
                flow.wait(bell.hear, None)
            finally:
                seen.append("unwound")

        turn = stage.turn(work)
        turn.start()
        turn.cancel()
        await asyncio.sleep(0)
        # What it waited for may still come.
        bell.ring()
        await asyncio.sleep(0)
        stage.turn(lambda _: "next").start()
        assert seen == ["unwound"]
        assert stage.told == ["next"]

    asyncio.run(play())


def test_an_idle_lane_holds_nothing() -> None:
    class Big:
        pass

    async def play() -> None:
        stage = _Stage()
        big = Big()
        gone = weakref.ref(big)
        turn = stage.turn(lambda _, big=big: id(big))  # type: ignore[misc]
        turn.start()
        del turn, big
        assert gone() is None

    asyncio.run(play())
