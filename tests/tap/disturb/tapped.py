"""A server behind a tap with faults, for stock clients over real sockets."""

import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

from stend.tap.faults import Edge, Fault, Faults, Wanted
from stend.tap.pump import Tap
from stend.tap.reading import Reading
from stend.tap.recording import Place, Recording
from stend.wire.stacks.choosing import decoder_for
from tests.engines.servers import HOST
from tests.fakes.orders import HandClock

_ANYWHERE = Edge("*", "*")


@dataclass(frozen=True, slots=True)
class Tapped:
    """
    Attributes:
        port: where clients connect.
    """

    tap: Tap
    faults: Faults
    recording: Recording

    @property
    def port(self) -> int:
        return self.tap.port

    def set(self, kind: str, **numbers: float) -> Fault:
        return self.faults.set(Wanted(kind, _ANYWHERE, numbers))

    def notes(self) -> list[str]:
        return [note.text for one in self.recording.connections.values() for note in one.notes]


@contextlib.asynccontextmanager
async def tapped(target_port: int, protocol: str, port: int = 0) -> AsyncIterator[Tapped]:
    """Until the end of the block."""
    place = Place("client", "server", protocol)
    recording = Recording(16 * 1024 * 1024, lambda: 0)
    reading = Reading(recording, decoder_for)
    faults = Faults(
        lambda: [place],
        random.Random,
        HandClock(),
        random.Random(7),
        reading.fork,
        reading.catch_up,
    )
    tap = Tap(
        HOST,
        port,
        HOST,
        target_port,
        place=place,
        recording=recording,
        disturb=faults.chain_for,
    )
    faults.on_change.append(tap.faults_changed)
    await tap.start()
    try:
        yield Tapped(tap, faults, recording)
    finally:
        faults.clear_all()
        await tap.stop()
