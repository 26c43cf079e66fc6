"""The records that a request or a response of Kafka carries, read out of its bytes. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.tap.showing import trace_of
from stend.wire.decoding import Direction, Unit
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.headers import read_request_header, skip_tags
from stend.wire.kafka.records import Record, batches, records

# Of one unit: a fetch may bring hundreds of thousands.
MOST = 200
_MOST_BYTES = 1024 * 1024
_LENGTH = 4
_CORRELATION = 4
_LONGEST = 120
# Kafka itself knows no ids of messages: CloudEvents has one (its Kafka binding §3.2.3.1), and
# services give their own headers.
_IDS = ("ce_id", "message_id", "message-id", "messageId", "id")
_CORRELATIONS = ("correlation_id", "correlation-id", "kafka_correlationId")
_TYPES = ("ce_type", "type")


@dataclass(frozen=True, slots=True)
class Carried:
    """One record.

    Attributes:
        offset: None while it is on its way to the broker.
    """

    topic: str
    partition: int
    offset: int | None
    key: str
    message_id: str
    correlation: str
    type: str
    trace: str | None


def carries(unit: Unit) -> bool:
    """Whether there is anything to read: most fetches bring nothing."""
    return "records" in unit.facts and unit.facts.get("api") in ("Produce", "Fetch")


def carried(unit: Unit, data: bytes) -> tuple[Carried, ...]:
    """
    Args:
        data: the bytes of the unit.
    """
    try:
        if unit.direction is Direction.TO_SERVER:
            return tuple(_first(_produced(data)))
        return tuple(_first(_fetched(unit, data)))
    except (WireError, KeyError, ValueError):
        # The page of the exchange tells how far it can be read.
        return ()


def _first(found: Iterator[Carried]) -> Iterator[Carried]:
    for number, one in enumerate(found):
        if number == MOST:
            return
        yield one


def _produced(data: bytes) -> Iterator[Carried]:
    body = data[_LENGTH:]
    header = read_request_header(body)
    fields, _ = codec.request(header.api_key, header.version).decode(body, header.body_at)
    for topic in fields["topic_data"]:
        for part in topic["partition_data"]:
            told = bytes(part["records"] or b"")
            yield from _of(str(topic["name"]), part["index"], told, is_stored=False)


def _fetched(unit: Unit, data: bytes) -> Iterator[Carried]:
    message = codec.response(ApiKey.FETCH, int(unit.facts["version"]))
    at = _LENGTH + _CORRELATION
    if message.is_flexible:
        at = skip_tags(data, at)
    fields, _ = message.decode(data, at)
    names = unit.facts.get("topics", "").split(", ")
    for topic, name in zip(fields["responses"], names, strict=False):
        for part in topic["partitions"]:
            told = bytes(part["records"] or b"")
            yield from _of(name, part["partition_index"], told, is_stored=True)


def _of(topic: str, partition: int, data: bytes, *, is_stored: bool) -> Iterator[Carried]:
    for header, at in batches(data, allow_partial=True):
        if header.is_control:
            continue
        for one in records(data, at, header, _MOST_BYTES):
            offset = header.base_offset + one.offset_delta if is_stored else None
            yield _told(topic, partition, offset, one)


def _told(topic: str, partition: int, offset: int | None, record: Record) -> Carried:
    headers = {name: value for name, value in record.headers if value is not None}
    context = headers.get("traceparent", b"").decode("ascii", "replace")
    return Carried(
        topic,
        partition,
        offset,
        (record.key or b"").decode("utf-8", "backslashreplace")[:_LONGEST],
        _named(headers, _IDS),
        _named(headers, _CORRELATIONS),
        _named(headers, _TYPES),
        trace_of(context),
    )


def _named(headers: Mapping[str, Any], names: Sequence[str]) -> str:
    found = next((headers[name] for name in names if name in headers), b"")
    return bytes(found).decode("utf-8", "backslashreplace")[:_LONGEST]
