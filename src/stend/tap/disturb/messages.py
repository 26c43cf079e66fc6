"""Faults that understand messages: what a fault needs to see one, swallow it, or answer it.

Bytes are held until they are a whole message, where the fault may want to swallow it. What cannot
be read passes as it is: a fault never damages what it does not understand.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stend.tap.disturb.actions import Action, Disturbance, Finish, Noted, Send
from stend.tap.disturb.choosing import Choice
from stend.tap.disturb.kinds import Strikes
from stend.wire.decoding import Direction, Role, StreamDecoder, Unit

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT

# What answers that are due may take on one connection: more than any client waits for.
_DUE_LIMIT_BYTES = 1024 * 1024
# What each takes beside its bytes: its number, and its place among the others.
_DUE_OVERHEAD_BYTES = 128


class MessageFault(Disturbance, ABC):
    """
    Args:
        strikes: its decoder has read the connection up to now, or begins with it.

    Attributes:
        holds: directions whose bytes are held until they are a message; those of the others pass
            at once, and a message is told of with its last piece.
        is_over: it was lifted, or the connection cannot be read any more: nothing is struck.
    """

    holds: frozenset[Direction] = frozenset({UP})

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        self.strikes = strikes
        self.decoder: StreamDecoder = strikes.decoder()
        self.is_over = False
        self._choice = choice
        self._held: dict[Direction, bytearray] = {one: bytearray() for one in Direction}
        # Offsets up to which bytes have gone on, those included that came before the fault.
        self._gone = {one: self.decoder.reached(one) for one in Direction}
        # Messages that begin before these offsets were not seen whole.
        self._begins = dict(self._gone)

    def missed(self, direction: Direction, data: bytes) -> None:
        self.decoder.feed(direction, data)
        self._gone[direction] = self._begins[direction] = self.decoder.reached(direction)

    def passing(self, send: Send) -> Iterator[Action]:
        self._held[send.direction] += send.data
        # A change of protocol completes units of the other direction, too.
        for unit in self.decoder.feed(send.direction, send.data):
            yield from self._complete(unit, send.due_s)
        for direction in Direction:
            if self.passes(direction):
                yield from self._released(direction, send.due_s)

    def finishing(self, finish: Finish) -> Iterator[Action]:
        if finish.direction is UP:
            yield from self.kept_back(finish.due_s)
        yield from self._released(finish.direction, finish.due_s)
        yield finish

    def lifted(self, now_s: float) -> Iterator[Action]:
        self.is_over = True
        yield from self.kept_back(now_s)
        for direction in Direction:
            if self.passes(direction):
                yield from self._released(direction, now_s)

    def is_struck(self) -> bool:
        """Whether the next message that might be struck is; it is counted."""
        return not self.is_over and self._choice.strikes(self.strikes)

    @abstractmethod
    def unit(self, unit: Unit, send: Send) -> Iterable[Action]:
        """What is done with a whole message; `(send,)` lets it pass."""

    def begun(self, unit: Unit, send: Send) -> Iterable[Action]:
        """The rest of a message whose beginning has passed; it cannot be swallowed any more."""
        del unit
        return (send,)

    def kept_back(self, due_s: float) -> Iterable[Action]:
        """Whole messages to the server that the fault keeps back go on: nothing is struck now."""
        del due_s
        return ()

    def lets_go(self, direction: Direction) -> bool:
        """Whether what is held passes though the message is not whole: somebody waits for it."""
        del direction
        return False

    def passes(self, direction: Direction) -> bool:
        """Whether what came of a message that is not whole goes on at once."""
        if direction not in self.holds or (self.is_over and not self.holds_on(direction)):
            return True
        begins = self.decoder.reached(direction) - self.decoder.unfinished(direction)
        return begins < self._begins[direction] or self.lets_go(direction)

    def holds_on(self, direction: Direction) -> bool:
        """Whether messages are held though nothing more is struck."""
        del direction
        return False

    def is_between(self, direction: Direction) -> bool:
        """No message has gone on in part only."""
        begins = self.decoder.reached(direction) - self.decoder.unfinished(direction)
        return self._gone[direction] <= begins

    def _complete(self, unit: Unit, due_s: float) -> Iterator[Action]:
        direction = unit.direction
        held = self._held[direction]
        size = unit.end - self._gone[direction]
        piece = Send(direction, bytes(held[:size]), due_s)
        del held[:size]
        self._gone[direction] = unit.end
        if unit.role is Role.BROKEN:
            yield from self._not_read(unit, due_s)
            yield piece
        elif direction in self.holds and unit.start < self._begins[direction]:
            yield from self.begun(unit, piece)
        else:
            yield from self.unit(unit, piece)

    def _released(self, direction: Direction, due_s: float) -> Iterator[Action]:
        held = self._held[direction]
        if held:
            yield Send(direction, bytes(held), due_s)
            held.clear()
            reached = self.decoder.reached(direction)
            self._gone[direction] = self._begins[direction] = reached

    def _not_read(self, unit: Unit, due_s: float) -> Iterator[Action]:
        if not self.is_over:
            self.is_over = True
            yield from self.kept_back(due_s)
            yield Noted(f"the fault cannot read this connection, {unit.direction}: it passes")


class FinishOnce:
    """Ends each direction of a connection once, however often that is asked for."""

    def __init__(self) -> None:
        self._finished: set[Direction] = set()

    def __call__(self, direction: Direction, due_s: float) -> Iterator[Finish]:
        if direction not in self._finished:
            self._finished.add(direction)
            yield Finish(direction, due_s)


@dataclass(frozen=True, slots=True)
class Instead:
    """What becomes of a request: the server gets another one.

    Attributes:
        request: what the server gets; its answer is one of the protocol's to a request.
        answer: what the client gets in the place of the server's answer; None lets that pass.
    """

    request: bytes
    answer: bytes | None = None


class AnsweringFault(MessageFault):
    """Answers requests in the server's place, which never sees them.

    For protocols whose answers come in the order of the requests: an answer of the fault waits for
    those of the server that come before it. While too much waits, requests pass undisturbed.
    """

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        # Answers that the client waits for, by exchange; with bytes where the fault gives them.
        self._due: OrderedDict[str, bytes | None] = OrderedDict()
        self._due_bytes = self._own = 0
        # Requests have passed that `_due` knows nothing of.
        self._is_full = False
        # Answers of the server that are replaced, by exchange.
        self._replaced: dict[str, bytes] = {}
        self._latest: str | None = None
        self._await_others()

    @property
    def is_needed(self) -> bool:
        return bool(self._replaced) or self._own > 0

    def missed(self, direction: Direction, data: bytes) -> None:
        super().missed(direction, data)
        self._await_others()

    def is_struck(self) -> bool:
        return not self._is_full and super().is_struck()

    @abstractmethod
    def answer(self, unit: Unit, data: bytes) -> bytes | Instead | None:
        """What the client gets for this request; None where it is not struck.

        Args:
            data: the whole request.
        """

    def passing(self, send: Send) -> Iterator[Action]:
        if self._is_full and not self._due:
            # All that it knew of is answered; the decoder tells what else is asked for.
            self._await_others()
        yield from super().passing(send)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        if unit.direction is UP:
            yield from self._asked(unit, send)
            return
        yield from self._given(unit, send)
        if unit.is_last:
            self._answered(unit)
        yield from self._flushed(send.due_s)

    def begun(self, unit: Unit, send: Send) -> Iterable[Action]:
        self._await(unit)
        return (send,)

    def passes(self, direction: Direction) -> bool:
        return (direction is UP or not self._replaced) and super().passes(direction)

    def _asked(self, unit: Unit, send: Send) -> Iterator[Action]:
        if not self._is_full and self._due_bytes >= _DUE_LIMIT_BYTES:
            self._is_full = True
            if not self.is_over:
                yield Noted("too many answers are due: until they have come, requests pass")
        own = None
        # Of a request in several pieces, some have gone already; and a number that is in use names
        # no other request.
        is_new = unit.exchange not in (None, self._latest) and unit.exchange not in self._due
        if unit.role is Role.REQUEST and is_new:
            own = self.answer(unit, send.data)
        self._await(unit, own if isinstance(own, bytes) else None)
        if own is None or unit.exchange is None:
            yield send
            return
        yield Noted(f"answered by the fault: {unit.name}")
        if isinstance(own, Instead):
            if own.answer is not None:
                self._replaced[unit.exchange] = own.answer
            yield Send(UP, own.request, send.due_s)
            return
        self.decoder.withdraw(unit.exchange)
        # In the middle of something that goes to the client, it waits for its end.
        if self.is_between(DOWN):
            yield from self._flushed(send.due_s)

    def _given(self, unit: Unit, send: Send) -> Iterator[Action]:
        """What the client gets of an answer of the server."""
        if unit.exchange is None or unit.exchange not in self._replaced:
            yield send
        elif unit.is_last:
            yield Send(DOWN, self._replaced.pop(unit.exchange), send.due_s)

    def _await_others(self) -> None:
        """Answers are due that were asked for before, and none that the fault gives."""
        awaited = self.decoder.awaited()
        most = _DUE_LIMIT_BYTES // _DUE_OVERHEAD_BYTES
        self._due = OrderedDict.fromkeys(awaited[:most])
        self._due_bytes = len(self._due) * _DUE_OVERHEAD_BYTES
        self._is_full = len(awaited) > most
        self._latest = awaited[-1] if awaited else None

    def _await(self, unit: Unit, own: bytes | None = None) -> None:
        is_asking = unit.role in (Role.REQUEST, Role.CONTROL) and unit.exchange is not None
        if unit.exchange is None or not is_asking or unit.exchange == self._latest:
            return
        self._latest = unit.exchange
        # Behind the last answer of the fault, the order is the server's.
        if not self._is_full and not self.is_over and unit.exchange not in self._due:
            self._due[unit.exchange] = own
            self._due_bytes += _DUE_OVERHEAD_BYTES + len(own or b"")
            self._own += own is not None

    def _answered(self, unit: Unit) -> None:
        if unit.exchange is not None and self._due.get(unit.exchange, b"") is None:
            del self._due[unit.exchange]
            self._due_bytes -= _DUE_OVERHEAD_BYTES

    def _flushed(self, due_s: float) -> Iterator[Action]:
        while self._due and (data := self._due[next(iter(self._due))]) is not None:
            self._due.popitem(last=False)
            self._due_bytes -= _DUE_OVERHEAD_BYTES + len(data)
            self._own -= 1
            yield Send(DOWN, data, due_s)
