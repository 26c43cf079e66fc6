"""Kafka: commands of the topic `orders.commands` to the use cases, replies to `orders.replies`."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from importlib.resources import files

from stend.chassis.intake import Intake
from stend.chassis.kafka import KafkaProducer, KafkaRecord, Topic
from stend.chassis.kafka_reading import KafkaConsumer
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.orders.api.command_desk import CommandDesk, CommandLimits, Streams
from stend.shop.orders.api.commands import CommandReply
from stend.shop.orders.api.kafka import translate
from stend.shop.orders.api.kafka.faults import FAULTS
from stend.shop.orders.usecases import OrdersOf

_log = logging.getLogger("stend.orders.kafka")
GROUP = "orders"
TOPICS = (
    Topic(translate.COMMANDS_TOPIC, translate.PARTITIONS),
    Topic(translate.REPLIES_TOPIC, translate.PARTITIONS),
    Topic(translate.DEAD_TOPIC, 1),
)
_HEADERS = (
    translate.TYPE,
    translate.CORRELATION_ID,
    translate.REPLY_PARTITION,
    translate.TIMEOUT_MS,
    translate.CONTENT_TYPE_HEADER,
    translate.AUTHORIZATION,
)


def contract() -> str:
    """The text of asyncapi.yaml."""
    folder = files("stend.shop.orders.api.kafka")
    return folder.joinpath("contract/asyncapi.yaml").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class _Return:
    """Where a reply goes to, and what of."""

    name: str | None
    correlation_id: str
    partition: int
    key: bytes | None


class KafkaServer:
    """A member of the group `orders`; it commits a command when its reply is with the broker.

    Killed in between, it gets the command again: an operation that is repeated has its effect
    once, and the reply is sent twice, under one correlation id.

    Args:
        servers: `host:port,host:port`.
        instance: see `KafkaConsumer`.
    """

    def __init__(
        self,
        orders: OrdersOf,
        servers: str,
        limits: CommandLimits,
        intake: Intake,
        clock: Clock,
        ids: Ids,
        instance: str | None = None,
        security: KafkaSecurity = PLAINTEXT,
    ) -> None:
        self._ids = ids
        self._clock = clock
        self._desk = CommandDesk(orders, intake, limits, FAULTS)
        self._streams = Streams(limits.streams)
        # A reply that comes twice is one to its reader: he knows it by its correlation id.
        self._producer = KafkaProducer(servers, "orders.replies", limits.deadline_s, security)
        self._consumer = KafkaConsumer(
            servers,
            GROUP,
            (TOPICS[0],),
            self._handle,
            self._bury,
            batch=limits.prefetch,
            also_made=TOPICS[1:],
            instance=instance,
            security=security,
        )

    def start(self) -> None:
        """Returns at once; a broker that is away is waited for in the background."""
        self._producer.start()
        self._consumer.start()

    async def ready(self, timeout_s: float) -> None:
        """
        Raises:
            StendError: UNAVAILABLE when no commands are read in that time.
        """
        await self._consumer.ready(timeout_s)

    async def stop(self) -> None:
        await self._streams.stop()
        await self._consumer.stop()
        await self._producer.stop()

    async def _handle(self, record: KafkaRecord) -> None:
        """
        Raises:
            StendError: what makes the command a dead letter; its sender was told before.
        """
        headers = record.texts(_HEADERS)
        back = _Return(
            headers[translate.TYPE],
            translate.correlation_of(headers),
            translate.reply_partition_of(headers),
            record.key,
        )
        now_ms = int(self._clock.now().timestamp() * 1000)
        try:
            command = translate.command_of(record.value, headers, record.timestamp_ms, now_ms)
        except StendError as error:
            await self._reply(back, self._desk.refuse(error))
            raise
        answer = await self._desk.answer(command)
        if answer.stream is not None:
            # Committed when it begins: it runs beside the topic and may be asked for again.
            try:
                self._streams.begin(self._follow(back, answer.stream))
            except StendError as error:
                await self._reply(back, self._desk.refuse(error))
        if answer.reply is not None:
            await self._reply(back, answer.reply)
        if answer.dead is not None:
            raise answer.dead

    async def _follow(self, back: _Return, stream: AsyncGenerator[CommandReply, None]) -> None:
        async with aclosing(stream) as replies:
            async for reply in replies:
                await self._reply(back, reply)

    async def _reply(self, back: _Return, reply: CommandReply) -> None:
        try:
            await self._producer.send(
                translate.REPLIES_TOPIC,
                translate.reply_body(reply),
                key=back.key,
                headers=translate.reply_headers(
                    back.name, back.correlation_id, self._ids.ulid(), reply.last
                ),
                partition=back.partition,
            )
        except StendError as error:
            # Its sender asks again; by the time the broker is back he does not wait any more.
            _log.info("a reply to %s was not sent: %s", back.name, error.detail)

    async def _bury(self, record: KafkaRecord, error: Exception) -> None:
        """
        Raises:
            StendError: UNAVAILABLE: the record is not kept yet.
        """
        told = error.detail if isinstance(error, StendError) else type(error).__name__
        headers = [(name, value) for name, value in record.headers if value is not None]
        await self._producer.send(
            translate.DEAD_TOPIC,
            record.value or b"",
            key=record.key,
            headers=[*headers, (translate.ERROR, told.encode())],
        )
