"""Looks at the brokers for whoever has the page open: once a second at most, however many look."""

import asyncio
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import unquote, urlsplit

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.kit.clock import Clock
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.logs import Logs, Reader
from stend.portal.messages.topology import Counters, Topology
from stend.portal.stand import EngineView, PartState, Stand

if TYPE_CHECKING:
    from stend.portal.messages.kafka import Kafka
    from stend.portal.messages.management import Management

LOOK_EVERY_S = 1.0
SeenT = TypeVar("SeenT")


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    """What the view of the stand keeps to itself.

    Attributes:
        amqp_url: with its password; None where the view has it whole.
    """

    amqp_url: str | None = None
    kafka_security: KafkaSecurity = PLAINTEXT


_NOTHING_SECRET = BrokerAccess()


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second between the last two looks."""

    published: float
    delivered: float


@dataclass(frozen=True, slots=True)
class Sight(Generic[SeenT]):
    """What was seen of one broker.

    Attributes:
        engine: None where the stand has no such broker.
        value: the newest that could be read; may be older than `failure`.
        at: when it was read.
        failure: why the last look brought nothing.
    """

    engine: EngineView | None
    value: SeenT | None = None
    at: datetime | None = None
    failure: NoBrokerAnswerError | None = None

    @property
    def is_stale(self) -> bool:
        return self.failure is not None and self.value is not None


@dataclass(frozen=True, slots=True)
class Snapshot:
    rabbitmq: Sight[Topology]
    kafka: Sight[Logs]
    rates: Mapping[str, Rates]


ManagementFor = Callable[[EngineView], "Management"]
KafkaFor = Callable[[EngineView], "Kafka"]


class Watch:
    """
    Args:
        seconds: a clock for intervals.
        readers: who reads logs without a group.
        management_for, kafka_for: how a broker is asked; they import what the stand's start does
            not wait for.
        access: what a broker of somebody else's wants to be shown.
    """

    def __init__(
        self,
        stand: Stand,
        clock: Clock,
        seconds: Callable[[], float],
        readers: Callable[[], Sequence[Reader]],
        management_for: ManagementFor | None = None,
        kafka_for: KafkaFor | None = None,
        access: BrokerAccess = _NOTHING_SECRET,
    ) -> None:
        self._stand = stand
        self._clock = clock
        self._seconds = seconds
        self._readers = readers
        self.access = access
        self._management_for = management_for or self._management_of
        self._kafka_for = kafka_for or self._kafka_of
        self._turn = asyncio.Lock()
        self._at: float | None = None
        self._counters: tuple[float, Mapping[str, Counters]] = (0.0, {})
        self._snapshot = Snapshot(Sight(None), Sight(None), {})

    async def look(self) -> Snapshot:
        """The brokers as they were a second ago at most."""
        async with self._turn:
            if self._at is None or self._seconds() - self._at >= LOOK_EVERY_S:
                await self._refresh()
                self._at = self._seconds()
        return self._snapshot

    def forget(self) -> None:
        """Something was just done to a broker: the next look is a new one."""
        self._at = None

    async def management(self) -> "Management":
        """
        Raises:
            NoBrokerAnswerError: there is no such broker, or nobody knows its management API.
        """
        engine = self.ready("rabbitmq")
        return await asyncio.to_thread(self._management_for, engine)

    async def kafka(self) -> "Kafka":
        """
        Raises:
            NoBrokerAnswerError: the stand has no Kafka, or it does not run.
        """
        return await asyncio.to_thread(self._kafka_for, self.ready("kafka"))

    def engine(self, name: str) -> EngineView | None:
        return next((one for one in self._stand.view().engines if one.name == name), None)

    def ready(self, name: str) -> EngineView:
        """
        Raises:
            NoBrokerAnswerError: the stand has no such engine, or it does not run.
        """
        engine = self.engine(name)
        if engine is None:
            raise NoBrokerAnswerError("absent", name)
        if engine.state is not PartState.READY:
            raise NoBrokerAnswerError("down", engine.reason or engine.state.value)
        return engine

    def _management_of(self, engine: EngineView) -> "Management":
        return _management_for(engine, self.access.amqp_url or engine.url)

    def _kafka_of(self, engine: EngineView) -> "Kafka":
        return kafka_at(servers_of(engine, tapped=False), self.access.kafka_security)

    async def _refresh(self) -> None:
        rabbitmq, kafka = await asyncio.gather(self._rabbitmq(), self._kafka())
        rates = self._rates(rabbitmq.value) if not rabbitmq.failure else {}
        self._snapshot = Snapshot(rabbitmq, kafka, rates)

    async def _rabbitmq(self) -> Sight[Topology]:
        before = replace(self._snapshot.rabbitmq, engine=self.engine("rabbitmq"))
        try:
            found = await (await self.management()).topology()
        except NoBrokerAnswerError as failure:
            return replace(before, failure=failure)
        return Sight(before.engine, found, self._clock.now())

    async def _kafka(self) -> Sight[Logs]:
        before = replace(self._snapshot.kafka, engine=self.engine("kafka"))
        try:
            found = await asyncio.to_thread((await self.kafka()).look, self._readers())
        except NoBrokerAnswerError as failure:
            return replace(before, failure=failure)
        return Sight(before.engine, found, self._clock.now())

    def _rates(self, topology: Topology | None) -> Mapping[str, Rates]:
        now = self._seconds()
        before_s, before = self._counters
        counters = {one.name: one.counters for one in topology.queues} if topology else {}
        self._counters = now, counters
        took_s = now - before_s
        return {
            name: Rates(
                max(0, new.published - before[name].published) / took_s,
                max(0, new.delivered - before[name].delivered) / took_s,
            )
            for name, new in counters.items()
            if name in before and took_s > 0
        }


def management_url(engine: EngineView) -> str | None:
    return next((one.url for one in engine.also_at if one.protocol == "management"), None)


def _management_for(engine: EngineView, amqp_url: str) -> "Management":
    url = management_url(engine)
    if url is None:
        raise NoBrokerAnswerError("no_management", engine.url.rpartition("@")[2])
    split = urlsplit(amqp_url)
    module = importlib.import_module("stend.portal.messages.management")
    made: Management = module.Management(
        url, unquote(split.username or "guest"), unquote(split.password or "guest")
    )
    return made


def servers_of(engine: EngineView, *, tapped: bool) -> list[str]:
    """`host:port` of each broker of a Kafka."""
    pairs = [(engine.url, engine.tapped_url)]
    pairs += [(one.url, one.tapped_url) for one in engine.also_at if one.protocol == "kafka"]
    return [(tap if tapped and tap else url).partition("#")[0] for url, tap in pairs]


def kafka_at(servers: Sequence[str], security: KafkaSecurity) -> "Kafka":
    module = importlib.import_module("stend.portal.messages.kafka")
    made: Kafka = module.Kafka(servers, security)
    return made
