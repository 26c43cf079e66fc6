"""The taps of a stand: opens them, and tells each part of the stand where its own listen."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

from stend.kit.clock import Clock
from stend.portal.wire import TapView, Wire
from stend.runtime.addresses import Addresses
from stend.runtime.grpc_contracts import shop_method
from stend.runtime.hops import Hop, inner_hops, through
from stend.runtime.services import POLLS
from stend.runtime.system import seeded_chance, steady_ns, system_chance, wall_ns
from stend.tap.faults import Faults
from stend.tap.following import Changes
from stend.tap.pump import Tap
from stend.tap.reading import Reading
from stend.tap.recording import Place, Recording
from stend.tap.room import RoomMaker
from stend.tap.tls import Keys
from stend.wire.stacks.choosing import decoder_for


class Taps:
    """
    Args:
        hops: with fixed ports; none means that the tap is switched off, and nothing is opened.
        ring_bytes: of the recording.
        keys: of the gateway, whose TLS the tap ends; None where it is not the stand's.
    """

    def __init__(
        self,
        addresses: Addresses,
        hops: Iterable[Hop],
        ring_bytes: int,
        clock: Clock,
        keys: Keys | None = None,
    ) -> None:
        self._addresses = addresses
        self._keys = keys
        self._hops = tuple(hops)
        recording = Recording(ring_bytes, wall_ns, steady_ns)
        reading = Reading(recording, partial(decoder_for, descriptors=shop_method), polls=POLLS)
        RoomMaker(recording)
        chance = system_chance()
        faults = Faults(self._places, seeded_chance, clock, chance, reading.fork, reading.catch_up)
        faults.on_change.append(self._disturb)
        self.wire = Wire(reading, Changes(recording), faults, self._views)
        self._open: list[Tap] = []
        self._inner: dict[str, dict[str, int]] = {}

    def now_ns(self) -> int:
        """Since 1970, by the clock of the recording."""
        recording = self.wire.reading.recording
        return recording.wall_ns(recording.now_ns())

    @property
    def is_on(self) -> bool:
        return bool(self._hops)

    async def start(self, services: Iterable[str]) -> None:
        """
        Args:
            services: that run here, each of which gets taps of its own.

        Raises:
            OSError: a port is taken.
        """
        if not self.is_on:
            return
        await asyncio.gather(*(self._start(hop) for hop in self._hops))
        for service in services:
            hops = inner_hops(self._addresses, service)
            taps = await asyncio.gather(*(self._start(hop) for hop in hops.values()))
            self._inner[service] = {name: tap.port for name, tap in zip(hops, taps, strict=True)}

    async def stop(self) -> None:
        self.wire.faults.clear_all()
        await asyncio.gather(*(tap.stop() for tap in self._open))

    def addresses_for(self, service: str) -> Addresses:
        """Where a service finds the others: through its taps, if there are any."""
        if service not in self._inner:
            return self._addresses
        return through(self._addresses, service, self._inner[service])

    async def _start(self, hop: Hop) -> Tap:
        tap = Tap(
            self._addresses.host,
            hop.port,
            hop.target_host,
            hop.target_port,
            place=hop.place,
            recording=self.wire.reading.recording,
            disturb=self.wire.faults.chain_for,
            keys=self._keys if hop.place.protocol == "tls" else None,
        )
        await tap.start()
        self._open.append(tap)
        return tap

    def _places(self) -> Iterator[Place]:
        return iter(dict.fromkeys(tap.place for tap in self._open))

    def _views(self) -> list[TapView]:
        return [TapView(tap.place, tap.port, tap.open_count) for tap in self._open]

    def _disturb(self) -> None:
        for tap in self._open:
            tap.faults_changed()
