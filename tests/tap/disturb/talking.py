"""A line between two ends that are lists, on a clock that the test moves."""

import asyncio
import random
from collections.abc import Callable, Iterable
from copy import deepcopy

from stend.tap.disturb.actions import Disturbance
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.line import Line
from stend.wire.decoding import Direction, StreamDecoder
from stend.wire.stacks.choosing import decoder_for

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


class HandLoop(asyncio.SelectorEventLoop):
    """Its time passes when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 100.0
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []

    def time(self) -> float:
        return self._now

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., None], *args: object
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self)
        self._later.append((when, len(self._later), handle))
        return handle

    def pass_by(self, seconds: float) -> None:
        until = self._now + seconds
        while due := sorted(one for one in self._later if one[0] <= until):
            self._later.remove(due[0])
            self._now = max(self._now, due[0][0])
            if not due[0][2].cancelled():
                due[0][2]._run()
        self._now = until


class Ends:
    """What happened, with its time."""

    def __init__(self, loop: HandLoop) -> None:
        self._loop = loop
        self.log: list[tuple[float, str, bytes | str]] = []
        self.notes: list[str] = []

    def _add(self, what: str, more: bytes | str = "") -> None:
        self.log.append((round(self._loop.time() - 100, 3), what, more))

    def deliver(self, direction: Direction, data: bytes) -> None:
        self._add("up" if direction is UP else "down", data)

    def finish(self, direction: Direction) -> None:
        self._add("fin", direction)

    def reset(self) -> None:
        self._add("reset")

    def hold(self, direction: Direction, *, is_held: bool) -> None:
        self._add("hold" if is_held else "go on", direction)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def bytes_of(self, what: str) -> bytes:
        return b"".join(
            data for _, one, data in self.log if one == what and isinstance(data, bytes)
        )


class Talk:
    """A connection that faults which understand messages disturb.

    Args:
        before: what was said before any fault, by both sides.
        piece_bytes: what is said arrives in pieces of this size.

    Attributes:
        sent: what came out, in its order.
    """

    def __init__(
        self,
        protocol: str,
        before: Iterable[tuple[Direction, bytes]] = (),
        piece_bytes: int = 1_000_000,
    ) -> None:
        self.loop = HandLoop()
        self.ends = Ends(self.loop)
        self.line = Line(self.ends, self.loop)
        self.struck = 0
        self._protocol = protocol
        self._piece = piece_bytes
        # What the client said and got, as the recording has it.
        self._seen = decoder_for(protocol)
        self._told = 0
        self._active: dict[str, Disturbance] = {}
        for direction, data in before:
            self._seen.feed(direction, data)

    def set(self, name: str, fault: str = "f1", probability: float = 1, **numbers: float) -> None:
        kind = KINDS[name]
        assert kind.speaks(self._protocol)
        values = {one.name: one.default for one in kind.parameters} | numbers
        strikes = Strikes(values, random.Random(1), probability, self._count, self._fork)
        self._active[fault] = kind.begin()(strikes)
        self.line.disturb(self._active)

    def clear(self, fault: str = "f1") -> None:
        del self._active[fault]
        self.line.disturb(self._active)

    def up(self, data: bytes) -> None:
        for at in range(0, len(data), self._piece):
            self._seen.feed(UP, data[at : at + self._piece])
            self.line.received(UP, data[at : at + self._piece])

    def down(self, data: bytes) -> None:
        for at in range(0, len(data), self._piece):
            self.line.received(DOWN, data[at : at + self._piece])

    def finish(self, direction: Direction) -> None:
        self.line.finished(direction)

    @property
    def to_server(self) -> bytes:
        return self.ends.bytes_of("up")

    @property
    def to_client(self) -> bytes:
        return self.ends.bytes_of("down")

    def close(self) -> None:
        self.line.close()
        self.loop.close()

    def _count(self) -> None:
        self.struck += 1

    def _fork(self) -> StreamDecoder:
        got = self.to_client
        self._seen.feed(DOWN, got[self._told :])
        self._told = len(got)
        return deepcopy(self._seen)
