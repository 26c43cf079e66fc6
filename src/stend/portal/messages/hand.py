"""What a reader does to the brokers with his own hand, and the log of it."""

import asyncio
import importlib
import json
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.dead import Peeked, peeked_of
from stend.portal.messages.watch import Watch, kafka_at, servers_of

if TYPE_CHECKING:
    from stend.portal.messages.kafka import Stored

MOST_PEEKED = 50
_MOST_LOGGED = 50
_MOST_LOOKS = 20
_MOST_BODY = 64 * 1024
REPLAYED_FROM = "stend_replayed_from"


class UnfitError(Exception):
    """A field of a form that cannot be what it is.

    Attributes:
        key: of the text that says what was expected.
    """

    def __init__(self, key: str, value: str) -> None:
        super().__init__(value)
        self.key = key
        self.value = value[:200]


@dataclass(frozen=True, slots=True)
class Done:
    """An action of the log; `values` fill the text `hand.did.<what>`."""

    at: datetime
    what: str
    values: Mapping[str, object]
    message_id: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into a queue or a log has brought."""

    at: datetime
    place: str
    messages: tuple[Peeked, ...] = ()
    topic: str = ""
    partition: int = 0
    records: tuple["Stored", ...] = field(default=())


class Hand:
    def __init__(self, watch: Watch, clock: Clock, ids: Ids) -> None:
        self._watch = watch
        self._clock = clock
        self._ids = ids
        self._looks: OrderedDict[str, Look] = OrderedDict()
        self._log: deque[Done] = deque(maxlen=_MOST_LOGGED)

    def log(self) -> list[Done]:
        """The newest first."""
        return list(reversed(self._log))

    def look(self, number: str) -> Look | None:
        return self._looks.get(number)

    async def publish_amqp(self, exchange: str, key: str, headers: str, body: str) -> str:
        """
        Returns:
            The id of the message.

        Raises:
            UnfitError, NoBrokerAnswerError
        """
        told, data = _headers(headers), _body(body)
        message_id = self._ids.ulid()
        properties: dict[str, Any] = {
            "message_id": message_id,
            "content_type": "application/json",
            "headers": told,
            "app_id": "stend.portal",
        }
        hand = await _amqp()
        await hand.publish(self._amqp_url(), exchange, key, properties, data)
        self._did(
            "published", {"place": exchange or "AMQP default", "routing": key or "–"}, message_id
        )
        return message_id

    async def publish_kafka(
        self, topic: str, partition: str, key: str, headers: str, body: str
    ) -> str:
        """The same for a record of Kafka."""
        told, data = _headers(headers), _body(body)
        message_id = self._ids.ulid()
        pairs = [("message_id", message_id.encode()), *_pairs(told)]
        number = whole(partition, "partition")
        module = await asyncio.to_thread(importlib.import_module, "stend.wire.kafka.records")
        record = module.Record(0, 0, key.encode() if key else None, data, pairs)
        offset = await asyncio.to_thread(
            self._tapped_kafka().write, topic, number, record, self._now_ms()
        )
        place = f"{topic}[{number}]@{offset}"
        self._did("published", {"place": place, "routing": key or "–"}, message_id)
        return message_id

    async def peek(self, vhost: str, queue: str) -> str:
        """
        Returns:
            The number of the look.

        Raises:
            NoBrokerAnswerError
        """
        told = await (await self._watch.management()).peek(vhost, queue, MOST_PEEKED)
        try:
            messages = tuple(peeked_of(one) for one in told)
        except (KeyError, TypeError, ValueError) as error:
            raise NoBrokerAnswerError("strange", repr(error)[:200]) from None
        self._did("peeked", {"place": queue, "count": len(messages)})
        return self._keep(Look(self._clock.now(), queue, messages))

    async def read(self, topic: str, partition: str, offset: str) -> str:
        """The same for a log of Kafka, from an offset on."""
        number, begin = whole(partition, "partition"), whole(offset, "offset")
        kafka = await self._watch.kafka()
        found = await asyncio.to_thread(kafka.read, topic, number, begin, MOST_PEEKED)
        place = f"{topic}[{number}]@{begin}"
        self._did("read", {"place": place, "count": len(found)})
        look = Look(self._clock.now(), place, (), topic, number, tuple(found))
        return self._keep(look)

    async def requeue(self, queue: str, chosen: Iterable[str]) -> None:
        """
        Raises:
            UnfitError: nothing is chosen.
            NoBrokerAnswerError
        """
        marks = list(chosen)
        if not marks:
            raise UnfitError("chosen", "0")
        hand = await _amqp()
        found = await hand.requeue(self._amqp_url(), queue, marks)
        to = ", ".join(f"{name} × {count}" for name, count in found.moved.items()) or "–"
        values = {"place": queue, "to": to, "missing": found.missing, "homeless": found.homeless}
        self._did("requeued", values)

    async def replay(self, topic: str, partition: str, offset: str) -> None:
        """Produces a record of a log once more, marked by a header.

        Raises:
            UnfitError, NoBrokerAnswerError
        """
        number, begin = whole(partition, "partition"), whole(offset, "offset")
        kafka = await self._watch.kafka()
        found = await asyncio.to_thread(kafka.read, topic, number, begin, 1)
        place = f"{topic}[{number}]@{begin}"
        if not found or found[0].offset != begin:
            raise UnfitError("offset", place)
        record = found[0].record
        headers = [*record.headers, (REPLAYED_FROM, place.encode())]
        again = record._replace(offset_delta=0, timestamp_delta=0, headers=headers)
        offset_now = await asyncio.to_thread(
            self._tapped_kafka().write, topic, number, again, self._now_ms()
        )
        made = f"{topic}[{number}]@{offset_now}"
        self._did("replayed", {"place": place, "to": made}, made)

    def failed(self, what: str, failure: str) -> None:
        """Into the log, too: whoever comes later sees what was tried."""
        self._log.append(Done(self._clock.now(), what, {}, "", failure[:200]))

    def _did(self, what: str, values: Mapping[str, object], message_id: str = "") -> None:
        self._log.append(Done(self._clock.now(), what, values, message_id))
        self._watch.forget()

    def _keep(self, look: Look) -> str:
        number = self._ids.ulid()
        self._looks[number] = look
        while len(self._looks) > _MOST_LOOKS:
            self._looks.popitem(last=False)
        return number

    def _amqp_url(self) -> str:
        engine = self._watch.ready("rabbitmq")
        return engine.tapped_url or self._watch.access.amqp_url or engine.url

    def _tapped_kafka(self) -> Any:
        servers = servers_of(self._watch.ready("kafka"), tapped=True)
        return kafka_at(servers, self._watch.access.kafka_security)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


async def _amqp() -> Any:
    # aio-pika is in it, which a start of the stand does not wait for.
    return await asyncio.to_thread(importlib.import_module, "stend.portal.messages.amqp_hand")


def whole(text: str, key: str) -> int:
    """
    Raises:
        UnfitError: it is no number from 0 on.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise UnfitError(key, text)
    return int(text)


def _headers(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise UnfitError("headers", text) from None
    is_flat = isinstance(found, dict) and all(
        isinstance(one, str | int | float) for one in found.values()
    )
    if not is_flat:
        raise UnfitError("headers", text)
    return {str(name): str(value) for name, value in found.items()}


def _pairs(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


def _body(text: str) -> bytes:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnfitError("body", f"{text[:120]} ({error})") from None
    data = text.encode()
    if len(data) > _MOST_BODY:
        raise UnfitError("large", str(len(data)))
    return data
