"""What is told of a message beside its tree: key fields, the first error, the trace context."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from stend.wire.content.trace_context import traceparent
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.batches import HEAD
from stend.wire.kafka.compression import decompress
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import Compression, batches
from stend.wire.kafka.spans import first_headers
from stend.wire.kafka.values import error_name, shown

Fields = Mapping[str, Any]
# So many of each are told.
_MOST = 8
# And so many characters of a name: Kafka's own have 249 at most.
_LONGEST = 250
_MAX_UNPACKED = 1024 * 1024
_TRACE = b"traceparent"
# Fields that are told as they are, under the name that they all mean.
_PLAIN = {
    "acks": "acks",
    "group_id": "group_id",
    "key": "key",
    "member_id": "member_id",
    "generation_id": "generation",
    "generation_id_or_member_epoch": "generation",
    "member_epoch": "generation",
    "transactional_id": "transactional_id",
    "v3_and_below_transactional_id": "transactional_id",
    "producer_id": "producer_id",
    "v3_and_below_producer_id": "producer_id",
    "producer_epoch": "producer_epoch",
    "protocol_name": "protocol_name",
    "leader": "leader",
    "session_timeout_ms": "session_timeout_ms",
    "mechanism": "mechanism",
    "committed": "committed",
    "client_software_name": "client_software_name",
    "client_software_version": "client_software_version",
}
_TOPIC_LISTS = frozenset(
    {
        "topics",
        "topic_data",
        "responses",
        "topic_results",
        "v3_and_below_topics",
        "results_by_topic_v3_and_below",
        "topic_partitions",
        "forgotten_topics_data",
    }
)
_TOPIC = ("topic", "topic_name", "name", "topic_id")
_PARTITION = ("partition", "partition_index", "index")
_OFFSETS = ("base_offset", "fetch_offset", "committed_offset", "offset")
_LISTS = ("topic_names", "groups_names", "coordinator_keys", "group_ids")


class Facts:
    """Gathered from one message.

    Args:
        topics: names of topics by their ids, as this connection told them.
        is_response: offsets of its batches are true; those that a producer sends are not yet.

    Attributes:
        error: the name of the first error code that is none of 0.
        context: the traceparent of the first record.
    """

    def __init__(self, topics: Mapping[UUID, str], *, is_response: bool) -> None:
        self._ids = topics
        self._is_response = is_response
        self._plain: dict[str, str] = {}
        self._topics: dict[str, list[str]] = {}
        self._offsets: list[str] = []
        self._records = 0
        self.error: str | None = None
        self.context: str | None = None

    def gather(self, fields: Fields) -> None:
        """All fields of a message; it is no deeper than its schema."""
        for name, value in fields.items():
            if name.endswith("error_code") and value and self.error is None:
                self.error = error_name(value)
            elif isinstance(value, list):
                self._list(name, value)
            elif isinstance(value, dict):
                self.gather(value)
            elif name == "records" and value:
                self._batches(bytes(value))
            elif name in _PLAIN and value not in (None, ""):
                self._plain.setdefault(_PLAIN[name], str(shown(name, value))[:_LONGEST])
            elif name in _OFFSETS and len(self._offsets) < _MOST:
                self._offsets.append(str(value))

    def told(self) -> dict[str, str]:
        found = dict(self._plain)
        if self._topics:
            found["topics"] = ", ".join(list(self._topics)[:_MOST])
            places = [one for inner in self._topics.values() for one in inner]
            if places:
                found["partitions"] = ", ".join(places[:_MOST])
        if self._offsets:
            found["offsets"] = ", ".join(self._offsets)
        if self._records:
            found["records"] = str(self._records)
        return found

    def summary(self) -> str:
        """`orders.events[0] ×3`, or who is meant: a group, a transaction."""
        parts = []
        for topic, places in list(self._topics.items())[:2]:
            parts.append(f"{topic}[{','.join(places[:3])}]" if places else topic)
        if len(self._topics) > 2:
            parts.append("…")
        for name in ("group_id", "transactional_id", "key", "mechanism", "client_software_name"):
            if not parts and name in self._plain:
                parts.append(self._plain[name])
        if self._records:
            parts.append(f"×{self._records}")
        return " ".join(parts)

    def _list(self, name: str, values: list[Any]) -> None:
        if name in _LISTS:
            self._plain.setdefault(name, ", ".join(str(one)[:_LONGEST] for one in values[:_MOST]))
        for one in values:
            if not isinstance(one, dict):
                continue
            if name in _TOPIC_LISTS and (topic := self._topic(one)):
                self._in_topic(topic, one)
            self.gather(one)

    def _topic(self, fields: Fields) -> str:
        found = next((fields[one] for one in _TOPIC if fields.get(one)), "")
        if isinstance(found, UUID):
            return self._ids.get(found, str(found))
        return str(found)[:_LONGEST]

    def _in_topic(self, topic: str, fields: Fields) -> None:
        if topic not in self._topics and len(self._topics) > _MOST:
            return
        places = self._topics.setdefault(topic, [])
        for values in fields.values():
            if not isinstance(values, list):
                continue
            for one in values[: _MOST - len(places)]:
                place = one if isinstance(one, int) else _partition(one)
                if place is not None:
                    places.append(str(place))

    def _batches(self, data: bytes) -> None:
        try:
            for header, at in batches(data, allow_partial=True):
                if not self._records and not header.is_control:
                    body = data[at + HEAD.size : at + header.size_bytes]
                    self.context = _context(header.compression, body)
                if self._is_response and len(self._offsets) < _MOST:
                    self._offsets.append(str(header.base_offset))
                self._records += header.count
        except WireError:
            # The tree says what is wrong with them.
            return


def topic_ids(api_key: int, fields: Fields) -> Iterator[tuple[UUID, str]]:
    """What a response of Metadata tells of the ids of topics."""
    if api_key != ApiKey.METADATA:
        return
    for one in fields.get("topics") or ():
        if one.get("topic_id") and one.get("name"):
            yield one["topic_id"], one["name"]


def _partition(fields: Any) -> int | None:
    if not isinstance(fields, dict):
        return None
    return next((fields[one] for one in _PARTITION if one in fields), None)


def _context(compression: Compression, body: bytes) -> str | None:
    """The header `traceparent` of the first record."""
    try:
        plain = decompress(compression, body, _MAX_UNPACKED)
        found = dict(first_headers(plain)).get(_TRACE)
        return traceparent(found.decode("ascii")) if found else None
    except (WireError, UnicodeDecodeError):
        return None
