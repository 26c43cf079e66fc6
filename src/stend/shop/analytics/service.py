"""The service as one part of the stand: reads Kafka into the warehouse, answers with marts."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.intake import Intake
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.lazy import LazyApp
from stend.kit.clock import Clock
from stend.kit.errors import unavailable
from stend.kit.ids import Ids
from stend.shop.analytics.domain import OrderFact, Record, RejectedRecord
from stend.shop.analytics.stores.asking import ChildMarts
from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from stend.shop.analytics.usecases import Analytics
from stend.shop.analytics.workers.consuming import EventConsumer, Flushing

PATH_PREFIXES = ("/api/v1/analytics",)
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class AnalyticsConfig:
    """
    Attributes:
        folder: of the warehouse alone; made when it is missing.
        kafka_servers: `host:port` of each broker to begin with.
        topics: read from their beginning; those that do not exist yet are waited for.
        deadline_s: of one operation, and of one computation of the marts.
    """

    folder: Path
    kafka_servers: tuple[str, ...]
    topics: tuple[str, ...] = ("orders.events",)
    deadline_s: float = 10.0
    flushing: Flushing = field(default_factory=Flushing)
    sizes: Sizes = field(default_factory=Sizes)
    kafka_security: KafkaSecurity = PLAINTEXT


class AnalyticsService:
    def __init__(self, config: AnalyticsConfig, clock: Clock, ids: Ids, access: Access) -> None:
        self._warehouse = ParquetWarehouse(config.folder, clock, config.sizes)
        self._consumer = EventConsumer(
            config.kafka_servers,
            config.topics,
            # Brokers tell two processes that read at once apart by it.
            f"analytics-{ids.ulid()}",
            self._warehouse,
            _read,
            config.flushing,
            config.kafka_security,
        )
        self._marts = ChildMarts(config.folder, config.deadline_s)
        analytics = Analytics(self._warehouse, self._marts, self._consumer)
        intake = Intake("analytics", "rest", access, config.deadline_s)

        def make() -> ASGIApp:
            from stend.shop.analytics.api.rest.server import create_app

            return create_app(analytics, intake)

        self.http: Mapping[str, ASGIApp] = dict.fromkeys(PATH_PREFIXES, LazyApp(make))

    async def start(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE, another process has the warehouse open.
            DamagedManifestError: the manifest is not to be understood.
            OSError: the folder cannot be read or written.
        """
        await asyncio.to_thread(self._warehouse.open)
        self._consumer.start()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE: nothing is read at the moment.
        """
        if not self._consumer.is_alive:
            raise unavailable("the consumer of analytics", "its thread has ended")
        failure = self._consumer.lag().failure
        if failure is not None:
            raise unavailable("what analytics reads and writes", failure)

    def kept_offsets(self) -> Mapping[tuple[str, int], int]:
        """Of the warehouse: what is read and not yet written there is read again."""
        return {
            (one.partition.topic, one.partition.number): one.position
            for one in self._consumer.lag().partitions
        }

    def end_streams(self) -> None:
        """There are none."""

    async def stop(self) -> None:
        await self._marts.stop()
        # A thread that hangs may still write: then the lock stays until the process ends.
        if await asyncio.to_thread(self._consumer.stop, _STOP_S):
            await asyncio.to_thread(self._warehouse.close)


def _read(record: Record) -> OrderFact | RejectedRecord:
    # Pydantic comes with the first event.
    from stend.shop.analytics.workers.records import fact_or_rejection

    return fact_or_rejection(record)
