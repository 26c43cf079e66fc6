"""A worker that sleeps until there is something to do, or until it should look anyway."""

import asyncio
from dataclasses import dataclass, field


class Wake:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        """Before looking: what is told while one looks wakes the next wait."""
        self._event.clear()

    async def wait(self, longest_s: float) -> None:
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Wakes:
    """Of all workers of one process.

    Attributes:
        reconciler: woken only when somebody asks for a run; a change of an order may concern each
            of the others.
    """

    sagas: Wake = field(default_factory=Wake)
    kafka: Wake = field(default_factory=Wake)
    rabbitmq: Wake = field(default_factory=Wake)
    reconciler: Wake = field(default_factory=Wake)

    def set(self) -> None:
        """An order has changed."""
        for wake in (self.sagas, self.kafka, self.rabbitmq):
            wake.set()
