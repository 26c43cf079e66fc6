"""Messages with random fields."""

from random import Random
from typing import Any
from uuid import UUID

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Codec, Fields
from stend.wire.kafka.schema import Field

# Milliseconds that a datetime and a timedelta hold exactly.
_LARGEST_TIME = 2**42
_BITS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_TEXTS = ("", "orders", "заказы", "\N{DELIVERY TRUCK}", "x" * 126, "y" * 127, "z" * 300)
_NO_UUID = UUID(int=0)


# The structures that are no request or response.
DATA_VERSIONS = {
    "ConsumerProtocolAssignment": range(4),
    "ConsumerProtocolSubscription": range(4),
    "ControlRecordTypeSchema": range(1),
    "DefaultPrincipalData": range(1),
    "EndTxnMarker": range(1),
    "KRaftVersionRecord": range(1),
    "LeaderChangeMessage": range(2),
    "SnapshotFooterRecord": range(1),
    "SnapshotHeaderRecord": range(1),
    "VotersRecord": range(1),
}


def codecs() -> list[Codec]:
    """Every message in every version."""
    found = [
        made(key, version)
        for key in ApiKey
        for version in codec.versions(key)
        for made in (codec.request, codec.response)
    ]
    found += [
        codec.data(name, version)
        for name, versions in DATA_VERSIONS.items()
        for version in versions
    ]
    return found


def random_fields(one: Codec, random: Random) -> Fields:
    return _struct(one.message.fields, random)


def _struct(fields: tuple[Field, ...], random: Random) -> Fields:
    return {field.name: _value(field, random) for field in fields}


def _value(field: Field, random: Random) -> Any:
    if field.is_nullable and random.random() < 0.25:
        return None
    if field.is_array:
        return [_element(field, random) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    return _element(field, random)


def _element(field: Field, random: Random) -> Any:
    if field.is_struct:
        return _struct(field.fields, random)
    match field.type:
        case "bool":
            return random.random() < 0.5
        case "string":
            return random.choice(_TEXTS)
        case "bytes" | "records":
            return random.randbytes(random.choice((0, 1, 40, 126, 127, 128, 600)))
        case "uuid":
            return random.choice((_NO_UUID, UUID(int=random.getrandbits(128))))
        case "float64":
            return random.uniform(-1e9, 1e9)
    return _integer(field, random)


def _integer(field: Field, random: Random) -> int:
    if field.name.endswith("error_code") and field.type == "int16":
        return random.choice((-1, 0, 3, 100))
    if field.name.endswith("_ms") and field.type == "int64":
        return random.randint(0, _LARGEST_TIME)
    least, most = _BITS[field.type]
    # The default of an array is no default of its elements.
    usual = field.default if isinstance(field.default, int) else 0
    return random.choice((usual, least, most, random.randint(least, most)))
