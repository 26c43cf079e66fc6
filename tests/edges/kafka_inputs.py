"""What a hostile Kafka client may send: noise, broken requests, valid ones that mean anything.

Each input is made by one number, which a failing test names.
"""

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import crc32c

from stend.engines.kafka.handlers.serving import SERVED
from stend.wire.kafka import codec, schema
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header
from stend.wire.kafka.records import Compression, Record, build_batch
from tests.edges.damaging import Damage, mutated

TOPICS = ("t1", "t2", "t3", "new.topic")
GROUPS = ("g1", "g2", "g3")
_MAX_NOISE = 2000
_CRC_AT, _CRC_FROM = 17, 21
_NOW_MS = 1_795_000_000_000
_NUMBERS: dict[str, tuple[int, ...]] = {
    "int8": (0, 1, 2, -1, 127, -128),
    "int16": (0, 1, -1, 2, 3, 32_767, -32_768),
    "uint16": (0, 1, 65_535),
    "int32": (0, 1, 2, 3, -1, 500, 2**31 - 1, -(2**31)),
    "uint32": (0, 1, 2**32 - 1),
    "int64": (0, 1, 2, -1, -2, -3, 5, _NOW_MS, 2**63 - 1, -(2**63)),
}
# What bounds how long things last, so that they are gone before the end of the run; and sizes.
_NAMED: dict[str, tuple[Any, ...]] = {
    "session_timeout_ms": (6000, 7000, 8000, 0, -1, 2**31 - 1),
    "rebalance_timeout_ms": (0, 1, 1000, 5000, -1),
    "transaction_timeout_ms": (1, 1000, 3000, 0, -1, 2**31 - 1),
    "max_wait_ms": (0, 1, 20, 50, -1),
    "num_partitions": (1, 2, 3, -1, 0, -2, 2**31 - 1),
    "count": (1, 2, 3, 4, 0, -1, 2**31 - 1),
    "replication_factor": (1, -1, 0, 3, 32_767),
    "acks": (1, -1, 1, -1, 0, 2),
    "api_key": (0, 1),
    "group_id": (*GROUPS, *GROUPS, ""),
    "name": (*TOPICS, *TOPICS, *TOPICS, "..", "", "ж", "n" * 300),
    "topic": (*TOPICS, *TOPICS, ""),
    "topic_name": TOPICS,
    "transactional_id": ("x1", "x2", "x3", ""),
    "v3_and_below_transactional_id": ("x1", "x2", "x3"),
    "resource_name": (*TOPICS, "1", "2", ""),
    "resource_type": (2, 2, 2, 4, 8, 0),
    "member_id": ("", "", "m1", "m2"),
    "group_instance_id": (None, None, "i1", "i2"),
    "protocol_type": ("consumer", "consumer", "connect", ""),
    "producer_id": (0, 1, 2, 3, -1, 1000),
    "v3_and_below_producer_id": (0, 1, 2, 3, 1000),
    "producer_epoch": (0, 0, 1, 2, -1),
    "v3_and_below_producer_epoch": (0, 0, 1, 2),
    "key": (*GROUPS, "x1", ""),
    "partition": (0, 0, 1, 2, -1, 2**31 - 1),
    "index": (0, 0, 1, 2, -1),
    "partition_index": (0, 0, 1, 2, -1),
}
_CONFIGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cleanup.policy", ("compact", "delete", "compact,delete", "", "x")),
    ("retention.ms", ("1", "-1", "100", "x", "9" * 30)),
    ("retention.bytes", ("1", "-1", "0")),
    ("segment.bytes", ("1048576", "1048577", "1000", "-1")),
    ("segment.ms", ("1", "0", "100000")),
    ("segment.index.bytes", ("4", "100", "12")),
    ("index.interval.bytes", ("0", "10")),
    ("max.message.bytes", ("0", "100", "1000000")),
    ("message.timestamp.type", ("LogAppendTime", "CreateTime")),
    ("min.cleanable.dirty.ratio", ("0", "1", "0.01", "nan")),
    ("delete.retention.ms", ("0", "1")),
    ("file.delete.delay.ms", ("0", "1")),
    ("min.insync.replicas", ("1", "2", "0")),
    ("compression.type", ("gzip", "producer", "zstd", "none", "lz4", "snappy")),
)
_HOSTILE_LENGTHS = (0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 0x00FFFFFF, 0x10000)
# As flexible versions write it.
_HOSTILE_VARINT = b"\xff\xff\xff\xff\x0f"
_DAMAGE = Damage(
    lengths=[struct.pack(">I", length) for length in _HOSTILE_LENGTHS],
    odd=[_HOSTILE_VARINT],
    kept=4,
)


def input_of(seed: int) -> bytes:
    """One connection's bytes."""
    choice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], bytes], ...] = (
        _noise,
        _mutated,
        _mutated,
        _mutated,
        _any_requests,
        _any_requests,
        _bomb,
    )
    return choice.choice(kinds)(choice)


def _noise(choice: random.Random) -> bytes:
    data = choice.randbytes(choice.randrange(_MAX_NOISE))
    if choice.random() < 0.3:
        return data
    key = choice.choice(tuple(SERVED))
    head = struct.pack(">hhih", key, choice.randrange(-1, 18), 1, choice.choice((-1, 0, 3)))
    return frame(head, data)


def _any_requests(choice: random.Random) -> bytes:
    return b"".join(_request(choice) for _ in range(choice.randrange(1, 6)))


def _mutated(choice: random.Random) -> bytes:
    return mutated(choice, _request, _DAMAGE, lambda size: struct.pack(">i", size - 4))


def _bomb(choice: random.Random) -> bytes:
    """A request whose first array says that it has two thousand million elements."""
    key = choice.choice(tuple(SERVED))
    api = SERVED[key]
    version = choice.randint(api.lowest, api.highest)
    made = codec.request(key, version)
    length = _HOSTILE_VARINT if made.is_flexible else struct.pack(">i", 2**31 - 1)
    # Strings and numbers before it are short; where exactly it lies does not matter.
    body = bytes(choice.randrange(0, 12)) + length + choice.randbytes(choice.randrange(40))
    return frame(request_header(key, version, 1, "bomb"), body)


def _request(choice: random.Random) -> bytes:
    key = choice.choice((*SERVED, *_FAVOURITES))
    api = SERVED[key]
    version = choice.randint(api.lowest, api.highest)
    fields = _struct(choice, schema.request(key, version).fields)
    if key == ApiKey.FETCH and choice.random() < 0.9:
        fields |= {"session_id": 0, "session_epoch": choice.choice((0, -1))}
    body = codec.request(key, version).encode(fields)
    return frame(request_header(key, version, choice.randrange(100), "fuzz"), body)


_FAVOURITES = (
    *(ApiKey.PRODUCE,) * 8,
    *(ApiKey.FETCH,) * 4,
    *(ApiKey.CREATE_TOPICS,) * 3,
    *(ApiKey.JOIN_GROUP,) * 3,
    ApiKey.METADATA,
    ApiKey.INIT_PRODUCER_ID,
    ApiKey.ADD_PARTITIONS_TO_TXN,
    ApiKey.END_TXN,
)


def _struct(choice: random.Random, fields: Sequence[schema.Field]) -> Fields:
    if {field.name for field in fields} == {"name", "value"}:
        return _config(choice)
    made: Fields = {}
    for field in fields:
        if field.is_nullable and choice.random() < 0.2:
            made[field.name] = None
        elif field.is_array:
            count = choice.choice((0, 1, 1, 1, 2, 3))
            made[field.name] = [_value(choice, field) for _ in range(count)]
        else:
            made[field.name] = _value(choice, field)
    if "config_operation" in made:
        made |= _config(choice) | {"config_operation": choice.choice((0, 0, 0, 1, 2, 3, 9))}
    return made


def _config(choice: random.Random) -> Fields:
    name, values = choice.choice(_CONFIGS)
    if choice.random() < 0.1:
        name = "no.such.config"
    return {"name": name, "value": choice.choice(values)}


def _value(choice: random.Random, field: schema.Field) -> Any:
    if field.is_struct:
        return _struct(choice, field.fields)
    if field.name in _NAMED and choice.random() < 0.95:
        value = choice.choice(_NAMED[field.name])
        return "" if value is None and not field.is_nullable else value
    if field.type in _NUMBERS:
        return choice.choice(_NUMBERS[field.type])
    if field.type == "records":
        return _records(choice)
    makers: dict[str, Callable[[], Any]] = {
        "bool": lambda: choice.random() < 0.5,
        "string": lambda: choice.choice(("", "a", "range", "Stable", "ж", "\x00", "x" * 200)),
        "bytes": lambda: choice.randbytes(choice.choice((0, 1, 30, 300))),
        "uuid": lambda: UUID(int=choice.choice((0, 1, 2, 2**128 - 1))),
        "float64": lambda: 1.5,
    }
    return makers[field.type]()


def _records(choice: random.Random) -> bytes:
    """Batches that are right, or wrong in one place with the checksum of what they are."""
    count = choice.choice((1, 1, 2, 5))
    made = [
        Record(
            number,
            choice.choice((0, 1)),
            choice.choice((None, b"", b"k1", b"k2")),
            choice.choice((None, b"", b"v", b"w" * 300)),
            [("h", choice.choice((None, b"1")))] if choice.random() < 0.3 else [],
        )
        for number in range(count)
    ]
    has_producer = choice.random() < 0.4
    batch = bytearray(
        build_batch(
            made,
            base_timestamp=_NOW_MS,
            max_timestamp=_NOW_MS + 1,
            producer_id=choice.choice((0, 1, 2)) if has_producer else -1,
            producer_epoch=choice.choice((0, 1)) if has_producer else -1,
            base_sequence=choice.choice((0, 0, 1, 2, 5, 2**31 - 1)) if has_producer else -1,
            compression=choice.choice(tuple(Compression)),
            is_transactional=has_producer and choice.random() < 0.5,
        )
    )
    if choice.random() < 0.5:
        at = choice.randrange(len(batch))
        batch[at] ^= 1 << choice.randrange(8)
    if choice.random() < 0.2:
        at = choice.randrange(_CRC_FROM, len(batch))
        batch[at : at + 4] = struct.pack(">I", choice.choice(_HOSTILE_LENGTHS))[: len(batch) - at]
    if choice.random() < 0.9:
        batch[_CRC_AT:_CRC_FROM] = struct.pack(">I", crc32c.crc32c(batch[_CRC_FROM:]))
    return bytes(batch)
