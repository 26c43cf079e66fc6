"""Puts units together that belong together: a request with its answer, a message with its acks."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from stend.wire.decoding import Direction, Role, Unit


@dataclass(slots=True)
class Exchange:
    """Units of one connection that belong together, in the order in which they came.

    Attributes:
        number: counts the exchanges of a connection, from 1.
        key: the protocol's own: a correlation id, a stream. A key may come again later.
    """

    number: int
    key: str
    units: list[Unit] = field(default_factory=list)

    @property
    def first(self) -> Unit:
        return self.units[0]

    @property
    def error(self) -> str | None:
        """What went wrong, as the protocol says it."""
        return next((one.error for one in self.units if one.error is not None), None)

    @property
    def context(self) -> str | None:
        return next((one.context for one in self.units if one.context is not None), None)

    @property
    def is_complete(self) -> bool:
        """Nothing more is expected: answered, or of a kind that is not."""
        if self.first.role in (Role.MESSAGE, Role.CONTROL, Role.BROKEN):
            return any(one.is_last for one in self.units)
        # A request that is reset or cancelled is answered by nothing; one for a message (AMQP's
        # Basic.Get) ends with the acknowledgement of what came.
        ends = (Role.RESPONSE, Role.CONTROL, Role.MESSAGE)
        return any(one.is_last and one.role in ends for one in self.units)


# A stream that never ends goes on as another exchange, so that none grows for ever.
UNITS_LIMIT = 500
# So many are waited for at once; what is never answered is let go, the oldest first.
OPEN_LIMIT = 1_000


class Grouping:
    """Groups the units of one connection."""

    def __init__(self) -> None:
        self._open: dict[str, Exchange] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """Exchanges so far."""
        return self._count

    def add(self, units: Iterable[Unit]) -> list[Exchange]:
        """The exchanges that these units begin or go on with, each once."""
        touched: dict[int, Exchange] = {}
        for unit in units:
            one = self._of(unit)
            one.units.append(unit)
            touched[one.number] = one
            if one.is_complete:
                self._open.pop(one.key, None)
        return list(touched.values())

    def _of(self, unit: Unit) -> Exchange:
        key = unit.exchange
        if key is None:
            # Belongs to nothing: alone.
            self._count += 1
            return Exchange(self._count, f"{unit.direction}@{unit.start}")
        known = self._open.get(key)
        if known is None or len(known.units) >= UNITS_LIMIT:
            self._count += 1
            known = self._open[key] = Exchange(self._count, key)
            if len(self._open) > OPEN_LIMIT:
                del self._open[next(iter(self._open))]
        return known


def bytes_of(units: Iterable[Unit], direction: Direction) -> int:
    """How many bytes of the wire these units take in one direction."""
    return sum(one.end - one.start for one in units if one.direction is direction)
