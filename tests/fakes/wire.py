"""A recording that a test writes by hand, and taps that nobody listens at."""

import random
from dataclasses import dataclass, field

from stend.portal.wire import TapView, Wire
from stend.runtime.services import POLLS
from stend.tap.faults import Faults
from stend.tap.following import Changes
from stend.tap.reading import Reading
from stend.tap.recording import Connection, Place, Recording
from stend.wire.decoding import Direction
from stend.wire.stacks.choosing import decoder_for
from tests.fakes.orders import HandClock

SHOP = Place("client", "shop", "http")
BANK = Place("orders", "payments", "http")
DATABASE = Place("orders", "postgresql", "postgresql")
_START_NS = 1_795_000_000_000_000_000


@dataclass
class Ticks:
    """A monotonic clock that a test moves."""

    now_ns: int = 0

    def __call__(self) -> int:
        return self.now_ns


@dataclass
class FakeWire:
    """
    Attributes:
        places: where taps stand.
    """

    ring_bytes: int = 4 * 1024 * 1024
    places: tuple[Place, ...] = (SHOP, BANK, DATABASE)
    clock: HandClock = field(default_factory=HandClock)
    ticks: Ticks = field(default_factory=Ticks)

    def __post_init__(self) -> None:
        self.recording = Recording(self.ring_bytes, lambda: _START_NS, self.ticks)
        self.reading = Reading(self.recording, decoder_for, polls=POLLS)
        self.faults = Faults(
            lambda: self.places,
            random.Random,
            self.clock,
            random.Random(7),
            self.reading.fork,
            self.reading.catch_up,
        )
        self.wire = Wire(self.reading, Changes(self.recording), self.faults, self._views)

    def opened(self, place: Place = SHOP) -> Connection:
        return self.recording.opened(place, "127.0.0.1:50000")

    def said(self, connection: Connection, direction: Direction, data: bytes) -> None:
        self.ticks.now_ns += 1_000_000
        self.recording.passed(connection, connection.stream(direction), data)

    def _views(self) -> list[TapView]:
        return [TapView(place, 8100 + at, 0) for at, place in enumerate(self.places)]
