"""What descriptors of protobuf say of a field: its type, its values, what it is for."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stend.kit.fields import Field, Meaning, Value
from stend.kit.languages import Text

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

# descriptor.proto, FieldDescriptorProto.Type
_TYPES = (
    "",
    "double",
    "float",
    "int64",
    "uint64",
    "int32",
    "fixed64",
    "fixed32",
    "bool",
    "string",
    "group",
    "message",
    "bytes",
    "uint32",
    "enum",
    "sfixed32",
    "sfixed64",
    "sint32",
    "sint64",
)
_VARINT, _I64, _LEN, _SGROUP, _EGROUP, _I32 = range(6)
_FIXED_WIRE = {
    "double": _I64,
    "fixed64": _I64,
    "sfixed64": _I64,
    "float": _I32,
    "fixed32": _I32,
    "sfixed32": _I32,
    "string": _LEN,
    "bytes": _LEN,
    "message": _LEN,
    "group": _SGROUP,
}
_FORMATS = {
    "double": "<d",
    "fixed64": "<Q",
    "sfixed64": "<q",
    "float": "<f",
    "fixed32": "<I",
    "sfixed32": "<i",
}
NO_COMMENTS: Mapping[str, str] = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def type_name(known: "FieldDescriptor") -> str:
    """As the contract writes it: `int64`, `repeated lavka.orders.v1.CartLine`, `map`."""
    named = known.message_type or known.enum_type
    name = named.full_name if named is not None else _TYPES[known.type]
    if known.message_type is not None and known.message_type.GetOptions().map_entry:
        return "map entry"
    return f"repeated {name}" if known.is_repeated else name


def wire_type(known: "FieldDescriptor") -> int:
    """How a single value of the field is written."""
    return _FIXED_WIRE.get(_TYPES[known.type], _VARINT)


def fits(known: "FieldDescriptor", found: int) -> bool:
    """A value of this wire type can be one of the field; repeated numbers may come packed."""
    usual = wire_type(known)
    if found == usual:
        return True
    return found == _LEN and known.is_repeated and usual in (_VARINT, _I64, _I32)


def is_text_or_bytes(known: "FieldDescriptor") -> bool:
    return _TYPES[known.type] in ("string", "bytes")


def text_or_bytes(known: "FieldDescriptor", raw: bytes) -> Value:
    """A string as text. One that is no UTF-8 stays bytes."""
    if _TYPES[known.type] == "bytes":
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def from_varint(known: "FieldDescriptor", number: int) -> Value:
    """What a varint says in a field of this type."""
    kind = _TYPES[known.type]
    if kind == "bool":
        return bool(number)
    if kind in ("sint32", "sint64"):
        # Zigzag: 0, -1, 1, -2, … are written as 0, 1, 2, 3, …
        return number >> 1 ^ -(number & 1)
    if kind == "uint64":
        return number
    if kind == "uint32":
        return number & 0xFFFF_FFFF
    signed = number - (1 << 64) if number >> 63 else number
    if kind == "int64":
        return signed
    signed = ((signed & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000
    return _enum(known, signed) if kind == "enum" else signed


def from_fixed(known: "FieldDescriptor", raw: bytes) -> Value:
    """What four or eight octets say in a field of this type."""
    value: int | float = struct.unpack(_FORMATS[_TYPES[known.type]], raw)[0]
    return value


def _enum(known: "FieldDescriptor", number: int) -> str:
    value = known.enum_type.values_by_number.get(number) if known.enum_type else None
    return f"{value.name} ({number})" if value is not None else f"{number}: not in the contract"


def of_any(kind: "Descriptor | None", type_url: str) -> "Descriptor | None":
    """The message that `google.protobuf.Any` holds, where its type is in the same pool."""
    if kind is None or kind.full_name != "google.protobuf.Any":
        return None
    try:
        found: Descriptor = kind.file.pool.FindMessageTypeByName(type_url.rsplit("/", 1)[-1])
    except KeyError:
        return None
    return found


def said(message: "Descriptor", inside: Sequence[Field]) -> Value:
    """What a well-known message says in one value; None for all others."""
    if message.full_name == "google.protobuf.Any":
        return next((one.value for one in inside if one.name == "type_url"), None)
    if message.full_name not in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        return None
    numbers = {one.name: one.value for one in inside}
    seconds, nanos = numbers.get("seconds", 0), numbers.get("nanos", 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int):
        return None
    if message.name == "Duration":
        return f"{seconds + nanos / 1e9:g} s"
    try:
        return (_EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)).isoformat()
    except OverflowError:
        return None


def meaning(known: "FieldDescriptor", comments: Mapping[str, str]) -> Meaning:
    """What the contract says of a field."""
    holder = known.containing_type
    message = holder.full_name if holder is not None else ""
    kind = type_name(known)
    comment = comments.get(known.full_name, "")
    return Meaning(
        Text(
            ru=f"Поле `{known.name}` сообщения `{message}`: номер {known.number}, тип `{kind}`. "
            + (
                f"В контракте о нём сказано: “{comment}”"
                if comment
                else "На проводе только номер, имя знает тот, у кого есть контракт."
            ),
            en=f"Field `{known.name}` of message `{message}`: number {known.number}, type "
            f"`{kind}`. "
            + (
                f"The contract says of it: “{comment}”"
                if comment
                else "Only the number is on the wire; who has the contract knows the name."
            ),
        ),
        holder.file.name if holder is not None else message,
    )
