"""Keeps what the taps showed of messages while somebody looks; bounded, counts what it let go."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator

from stend.portal.messages.records import Carried, carried, carries
from stend.portal.messages.steps import SETTLED, Did, Happened, Step, steps_of
from stend.tap.reading import Reading, Seen

MOST_EXCHANGES = 8_000
_MOST_SETTLING = 2_000
# So many exchanges are read before others have their turn on the loop.
_AT_ONCE = 200
_PROTOCOLS = frozenset({"amqp", "kafka", "http1", "http2"})


class Ledger:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._version = 0
        self._steps: OrderedDict[str, tuple[Step, ...]] = OrderedDict()
        self._by_id: dict[str, OrderedDict[str, None]] = {}
        self._settling: deque[Step] = deque(maxlen=_MOST_SETTLING)
        self._turn = asyncio.Lock()
        self.let_go = 0

    @property
    def version(self) -> int:
        """Of the newest change that was read."""
        return self._version

    @property
    def settling(self) -> tuple[Step, ...]:
        """Acknowledgements that do not stand with the delivery that they are for."""
        return tuple(self._settling)

    async def follow(self) -> None:
        """Reads whatever has come since."""
        async with self._turn:
            self._reading.advance()
            # Whoever else has his turn meanwhile reads on: that is for the next time.
            reached = self._reading.version
            for number, seen in enumerate(self._reading.since(self._version), 1):
                self._take(seen)
                if not number % _AT_ONCE:
                    await asyncio.sleep(0)
            self._version = reached
            self._forget()

    def newest(self) -> Iterator[Step]:
        """All steps, the exchange that changed last first."""
        for steps in reversed(self._steps.values()):
            yield from reversed(steps)

    def of(self, message_id: str) -> list[Step]:
        """Steps of a message by one of its names, with those that share another name with it."""
        wanted, known = [message_id], {message_id}
        found: dict[Step, None] = {}
        for name in wanted:
            for exchange in self._by_id.get(name, ()):
                for step in self._steps[exchange]:
                    if name in step.ids:
                        found[step] = None
                        wanted += [one for one in step.ids if one not in known]
                        known |= {*step.ids}
        return list(found)

    def _take(self, seen: Seen) -> None:
        if seen.exchange.first.protocol not in _PROTOCOLS:
            return
        happened = Happened(
            seen.id,
            seen.connection.number,
            seen.connection.place.source,
            seen.connection.place.target,
            seen.exchange,
            [one.ended_ns for one in seen.moments],
            self._carried(seen),
        )
        steps = steps_of(happened)
        if not steps:
            return
        self._drop(seen.id)
        self._steps[seen.id] = steps
        for step in steps:
            for name in step.ids:
                self._by_id.setdefault(name, OrderedDict())[seen.id] = None
            if step.did in SETTLED and (step.multiple or not step.ids):
                self._settling.append(step)

    def _carried(self, seen: Seen) -> dict[int, tuple[Carried, ...]]:
        found = {}
        for number, unit in enumerate(seen.exchange.units):
            if unit.protocol == "kafka" and carries(unit):
                data = self._reading.data(seen, unit)
                found[number] = carried(unit, data) if data is not None else ()
        return found

    def _drop(self, exchange: str) -> None:
        for step in self._steps.pop(exchange, ()):
            for name in step.ids:
                of_name = self._by_id.get(name)
                if of_name is None:
                    continue
                of_name.pop(exchange, None)
                if not of_name:
                    del self._by_id[name]

    def _forget(self) -> None:
        """What the ring has let go has no page any more that it could be shown on."""
        while self._steps:
            oldest = next(iter(self._steps))
            if len(self._steps) <= MOST_EXCHANGES and self._reading.one(oldest) is not None:
                return
            self._drop(oldest)
            self.let_go += 1


def published_lately(ledger: Ledger, now_ns: int, window_ns: int) -> dict[tuple[str, str], int]:
    """How much each source published to each exchange of AMQP within the window."""
    found: dict[tuple[str, str], int] = {}
    for step in ledger.newest():
        if step.wire != "amqp" or step.did is not Did.PUBLISHED:
            continue
        place = step.source, step.to
        found[place] = found.get(place, 0) + (1 if now_ns - step.at_ns <= window_ns else 0)
    return found
