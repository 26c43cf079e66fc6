"""What must survive: records of every durable change, and the state they give when read. Pure.

A record is its length, a letter of type and a payload. The records of one turn of the broker are
written as one batch, so a transaction or the move of a dead letter is there whole or not at all.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import Struct

from stend.engines.amqp.message import Entry, Message
from stend.engines.amqp.queues import Queue
from stend.wire.amqp.content import decode_content_header
from stend.wire.amqp.values import long_string, read_long_string, read_short_string

Change = dict[str, object]
_LENGTH = Struct(">IB")
_PUBLISHED = Struct(">QH")
# Queue, expiry (0: none), redelivered, deliveries.
_PLACE = Struct(">QQ?I")
_IN_QUEUE = Struct(">QQ")
_RETURNED = Struct(">QQI")
_PUBLISH, _REMOVE, _DELIVER, _RETURN, _CHANGE, _SNAPSHOT = b"PRDNCS"


@dataclass(slots=True)
class Stored:
    """A live message of the journal and the entries there are of it."""

    message: Message
    places: list[tuple[Queue, Entry]]
    size_bytes: int


@dataclass(slots=True)
class Journal:
    """Collects records until the store takes them.

    Attributes:
        records: of this turn, to be written as one batch.
        position: how many batches were begun; what is recorded now is safe once that batch is.
        segment: the file that is being written.
        live: by segment and message, what would be lost with that file.
    """

    records: list[bytes] = field(default_factory=list)
    position: int = 1
    segment: int = 1
    live: dict[int, dict[int, Stored]] = field(default_factory=dict)
    live_bytes: int = 0

    def published(self, message: Message, places: list[tuple[Queue, Entry]]) -> None:
        record = _publish_record(message, places)
        self.records.append(record)
        for _, entry in places:
            entry.stored = True
        self._enter(message, places, len(record))

    def removed(self, queue: Queue, entry: Entry) -> None:
        message = entry.message
        # The end of a queue is one record, and the end of all that was in it.
        if not queue.deleted:
            self._add(_REMOVE, _IN_QUEUE.pack(queue.number, message.id))
        segment = self.live.get(message.segment or 0, {})
        stored = segment.get(message.id)
        if stored is None:
            return
        stored.places = [place for place in stored.places if place[1] is not entry]
        if not stored.places:
            del segment[message.id]
            self.live_bytes -= stored.size_bytes

    def delivered(self, queue: Queue, entry: Entry) -> None:
        entry.delivered = True
        self._add(_DELIVER, _IN_QUEUE.pack(queue.number, entry.message.id))

    def returned(self, queue: Queue, entry: Entry) -> None:
        self._add(_RETURN, _RETURNED.pack(queue.number, entry.message.id, entry.deliveries or 0))

    def changed(self, change: Change) -> None:
        self._add(_CHANGE, json.dumps(change).encode())

    def snapshot(self, changes: Iterable[Change]) -> None:
        """All definitions at the head of a segment: the older segments are not needed for them."""
        self._add(_SNAPSHOT, json.dumps(list(changes)).encode())

    def rewrite(self, segment: int) -> None:
        """Writes what is live of an old segment again, so that the file can go."""
        for stored in self.live.pop(segment, {}).values():
            self.live_bytes -= stored.size_bytes
            record = _publish_record(stored.message, stored.places)
            self.records.append(record)
            self._enter(stored.message, stored.places, len(record))

    def take(self) -> bytes:
        """The records of this turn as one batch; empty when there are none."""
        batch = b"".join(self.records)
        self.records.clear()
        if batch:
            self.position += 1
        return batch

    def _enter(self, message: Message, places: list[tuple[Queue, Entry]], size: int) -> None:
        message.segment = self.segment
        self.live.setdefault(self.segment, {})[message.id] = Stored(message, places, size)
        self.live_bytes += size

    def _add(self, kind: int, payload: bytes) -> None:
        self.records.append(_LENGTH.pack(len(payload) + 1, kind) + payload)


@dataclass(slots=True)
class Place:
    """An entry as the journal has it."""

    expires_at_ms: int | None
    redelivered: bool
    deliveries: int


@dataclass(slots=True)
class Recovered:
    """What the records add up to.

    Attributes:
        changes: definitions in order, to be applied to an empty broker.
        places: by queue number and message.
        segments: by message, the segment that holds it and its size there.
    """

    changes: list[Change] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    places: dict[int, dict[int, Place]] = field(default_factory=dict)
    segments: dict[int, tuple[int, int]] = field(default_factory=dict)
    last_message: int = 0

    def read(self, batch: bytes, segment: int) -> None:
        """One batch of a segment, in the order of writing.

        Raises:
            ValueError: it is no batch of this journal.
        """
        for kind, payload in _records(batch):
            if kind == _PUBLISH:
                self._published(payload, segment)
            elif kind == _REMOVE:
                number, message = _IN_QUEUE.unpack(payload)
                self.places.get(number, {}).pop(message, None)
            elif kind == _DELIVER:
                number, message = _IN_QUEUE.unpack(payload)
                if place := self.places.get(number, {}).get(message):
                    place.redelivered = True
            elif kind == _RETURN:
                number, message, deliveries = _RETURNED.unpack(payload)
                if place := self.places.get(number, {}).get(message):
                    place.deliveries = deliveries
            elif kind == _CHANGE:
                self._changed(json.loads(payload))
            elif kind == _SNAPSHOT:
                self.changes = json.loads(payload)
            else:
                raise ValueError(f"no record has the type {kind}")

    def _changed(self, change: Change) -> None:
        self.changes.append(change)
        if change["op"] == "queue-deleted":
            self.places.pop(int(str(change["number"])), None)

    def _published(self, payload: bytes, segment: int) -> None:
        number, count = _PUBLISHED.unpack_from(payload)
        at = _PUBLISHED.size
        for _ in range(count):
            queue, expiry, redelivered, deliveries = _PLACE.unpack_from(payload, at)
            at += _PLACE.size
            place = Place(expiry or None, redelivered, deliveries)
            self.places.setdefault(queue, {})[number] = place
        exchange, at = read_short_string(payload, at)
        key, at = read_short_string(payload, at)
        more, at = read_long_string(payload, at)
        header, at = read_long_string(payload, at)
        more_keys = tuple(json.loads(more)) if more else ()
        content = decode_content_header(header)
        message = Message(number, exchange, key, content, payload[at:], None, more_keys)
        self.messages[number] = message
        self.segments[number] = (segment, len(payload) + _LENGTH.size)
        self.last_message = max(self.last_message, number)


def _publish_record(message: Message, places: list[tuple[Queue, Entry]]) -> bytes:
    parts = [_PUBLISHED.pack(message.id, len(places))]
    for queue, entry in places:
        expiry = entry.expires_at_ms or 0
        was_delivered = entry.redelivered or entry.delivered
        parts.append(_PLACE.pack(queue.number, expiry, was_delivered, entry.deliveries or 0))
    parts.append(message.address)
    more = json.dumps(message.more_keys).encode() if message.more_keys else b""
    parts += (long_string(more), long_string(message.header), message.body)
    payload = b"".join(parts)
    return _LENGTH.pack(len(payload) + 1, _PUBLISH) + payload


def _records(batch: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(batch):
        size, kind = _LENGTH.unpack_from(batch, at)
        yield kind, batch[at + _LENGTH.size : at + 4 + size]
        at += 4 + size
