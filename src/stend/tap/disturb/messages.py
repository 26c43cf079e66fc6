"""Faults that understand messages: what a fault needs to see one, swallow it, or answer it.

Bytes are held until they are a whole message. What cannot be read passes as it is: a fault never
damages what it does not understand.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stend.tap.disturb.actions import Action, Finish, Noted, Send
from stend.tap.disturb.kinds import Strikes
from stend.wire.decoding import Direction, Role, StreamDecoder, Unit

_UP, _DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


class MessageFault(ABC):
    """
    Args:
        strikes: its decoder has read the connection up to now, or begins with it.
    """

    def __init__(self, strikes: Strikes) -> None:
        self.strikes = strikes
        self._decoder: StreamDecoder = strikes.decoder()
        # Where each stream was when the fault was set: bytes before it have passed already.
        self._begins = {one: self._decoder.reached(one) for one in Direction}
        self._held: dict[Direction, bytearray] = {one: bytearray() for one in Direction}
        self._has_noted = False

    def opened(self, now_s: float) -> Iterable[Action]:
        del now_s
        return ()

    def passing(self, send: Send) -> Iterator[Action]:
        direction = send.direction
        held = self._held[direction]
        held += send.data
        for unit in self._decoder.feed(direction, send.data):
            size = unit.end - max(unit.start, self._begins[direction])
            data = bytes(held[:size])
            del held[:size]
            # A message that had begun before the fault was set is not struck any more.
            is_whole = unit.start >= self._begins[direction]
            whole = Send(direction, data, send.due_s)
            if unit.role is Role.BROKEN or not is_whole:
                yield from self._not_read(unit)
                yield whole
            else:
                yield from self.unit(unit, whole)

    def finishing(self, finish: Finish) -> Iterator[Action]:
        held = self._held[finish.direction]
        if held:
            yield Send(finish.direction, bytes(held), finish.due_s)
            held.clear()
        yield finish

    @abstractmethod
    def unit(self, unit: Unit, send: Send) -> Iterable[Action]:
        """What is done with a whole message; `(send,)` lets it pass."""

    def _not_read(self, unit: Unit) -> Iterator[Action]:
        if unit.role is Role.BROKEN and not self._has_noted:
            self._has_noted = True
            yield Noted(f"the fault cannot read this connection, {unit.direction}: it passes")


@dataclass(slots=True)
class _Due:
    """An answer that the client waits for; `data` where the fault gives it."""

    exchange: str | None
    data: bytes | None = None


class AnsweringFault(MessageFault):
    """Answers requests in the server's place, which never sees them.

    For protocols whose answers come in the order of the requests: an answer of the fault waits for
    those of the server that come before it.
    """

    def __init__(self, strikes: Strikes) -> None:
        super().__init__(strikes)
        self._due: deque[_Due] = deque()

    @abstractmethod
    def answer(self, unit: Unit, data: bytes) -> bytes | None:
        """What the client gets for this request; None where it is not struck.

        Args:
            data: the whole request.
        """

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        if unit.direction is _UP:
            yield from self._asked(unit, send)
        else:
            yield send
            if unit.is_last and unit.role is Role.RESPONSE:
                self._answered(unit)
            yield from self._flushed(send.due_s)

    def _asked(self, unit: Unit, send: Send) -> Iterator[Action]:
        if unit.role is not Role.REQUEST:
            yield send
            return
        own = self.answer(unit, send.data)
        self._due.append(_Due(unit.exchange, own))
        if own is None:
            yield send
        else:
            yield Noted(f"answered by the fault: {unit.name}")
            yield from self._flushed(send.due_s)

    def _answered(self, unit: Unit) -> None:
        for one in self._due:
            if one.data is None and one.exchange == unit.exchange:
                self._due.remove(one)
                return

    def _flushed(self, due_s: float) -> Iterator[Action]:
        while self._due and (data := self._due[0].data) is not None:
            self._due.popleft()
            # The decoder has seen the request, so it has to see the answer.
            self._decoder.feed(_DOWN, data)
            self._held[_DOWN].clear()
            yield Send(_DOWN, data, due_s)
