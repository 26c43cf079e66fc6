"""The same messages as kio reads and writes them.

kio's reader is native and may end the process on wrong bytes: it gets only right ones.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

from kio.index import load_entity_schema, load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode
from kio.schema.index import schema_name_map
from kio.serial import entity_reader, entity_writer
from kio.serial._introspect import classify_field
from kio.static.constants import EntityType
from kio.static.primitive import Records

from stend.wire.kafka.codec import Codec, Fields

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_EMPTY: dict[str, Any] = {"string": "", "bytes": b"", "records": b"", "uuid": UUID(int=0)}
# Kafka's definitions say so, kio does not (structure, field).
NULL_BY_DEFAULT = {
    ("ConsumerGroupHeartbeatRequest", "topic_partitions"),
    ("ListPartitionReassignmentsRequest", "topics"),
    ("Topology", "subtopologies"),
    *(
        ("StreamsGroupHeartbeatRequest", name)
        for name in (
            "active_tasks",
            "client_tags",
            "standby_tasks",
            "task_end_offsets",
            "task_offsets",
            "warmup_tasks",
        )
    ),
    *(
        ("StreamsGroupHeartbeatResponse", name)
        for name in (
            "active_tasks",
            "partitions_by_user_endpoint",
            "standby_tasks",
            "status",
            "warmup_tasks",
        )
    ),
}


def entity_class(one: Codec, kind: str, key: int = -1) -> type[Any]:
    """
    Args:
        kind: `request`, `response` or `data`.
        key: of the API.
    """
    if kind == "request":
        return load_request_schema(key, one.version)
    if kind == "response":
        return load_response_schema(key, one.version)
    return next(found for found in _data_classes(one.version) if found.__name__ == one.name)


def _data_classes(version: int) -> Iterator[type[Any]]:
    for name, versions in schema_name_map.items():
        if EntityType.data in versions.get(version, ()):
            yield load_entity_schema(name, version, EntityType.data)


def write(entity: Any) -> bytes:
    with io.BytesIO() as buffer:
        entity_writer(type(entity))(buffer, entity)
        return buffer.getvalue()


def read(kind: type[Any], data: bytes) -> Any:
    entity, size = entity_reader(kind)(data, 0)
    assert size == len(data)
    return entity


def entity(kind: type[Any], fields: Fields) -> Any:
    """kio's form of our fields."""
    made = {}
    for one in fields_of(kind):
        name = one.name.rstrip("_")
        found = name if name in fields else f"{name}_ms"
        made[one.name] = _theirs(one, fields[found])
    return kind(**made)


def default_entity(kind: type[Any]) -> Any:
    """With Kafka's default in each field, where kio knows it."""
    made = {}
    for one in fields_of(kind):
        shape = classify_field(one)
        if one.default is not MISSING:
            made[one.name] = one.default
        elif (kind.__name__, one.name) in NULL_BY_DEFAULT or one.type == Records | None:
            made[one.name] = None
        elif shape.is_array:
            made[one.name] = ()
        elif is_dataclass(shape.type_):
            made[one.name] = default_entity(shape.type_)
        elif one.metadata["kafka_type"] == "bool":
            made[one.name] = False
        else:
            made[one.name] = _theirs(one, _EMPTY.get(one.metadata["kafka_type"], 0))
    return kind(**made)


def _theirs(field: Any, value: Any) -> Any:
    shape = classify_field(field)
    if shape.is_array:
        return None if value is None else tuple(_their_element(field, shape, one) for one in value)
    return _their_element(field, shape, value)


def _their_element(field: Any, shape: Any, value: Any) -> Any:
    kafka_type = field.metadata.get("kafka_type")
    if kafka_type is None:
        return None if value is None else entity(shape.type_, value)
    if kafka_type == "uuid":
        return value if value.int else None
    if kafka_type == "error_code":
        return ErrorCode(value)
    if kafka_type.startswith("timedelta"):
        return timedelta(milliseconds=value)
    if kafka_type == "datetime_i64":
        return None if value == -1 else _EPOCH + value * _MS
    return value


def plain(entity: Any) -> Fields:
    """Our form of kio's."""
    return dict(_plain_fields(entity))


def _plain_fields(entity: Any) -> Iterable[tuple[str, Any]]:
    for one in fields_of(entity):
        name, value = one.name.rstrip("_"), getattr(entity, one.name)
        kafka_type = one.metadata.get("kafka_type", "")
        if kafka_type.startswith(("timedelta", "datetime")):
            name += "_ms"
        yield name, _ours(value, kafka_type, is_array=classify_field(one).is_array)


def _ours(value: Any, kafka_type: str, *, is_array: bool) -> Any:
    if is_array:
        return None if value is None else [_ours(one, kafka_type, is_array=False) for one in value]
    if kafka_type == "uuid":
        return UUID(int=0) if value is None else value
    if kafka_type == "datetime_i64":
        return -1 if value is None else round((value - _EPOCH) / _MS)
    if value is None:
        return None
    if not kafka_type:
        return plain(value)
    if isinstance(value, timedelta):
        return round(value / _MS)
    if isinstance(value, IntEnum):
        return int(value)
    return value
