"""What a new `.proto` breaks: bytes and JSON that one version writes and the other one reads wrong.

Every message of the old version is written with each field at the bounds of its type, and with all
fields at once, and read by the other version, in both directions: a peer may be of either. What was
written under a number has to be read under it, with the same value. A field that is gone is
no break on the wire; `dropped` tells where its number and name were not reserved.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from stend.course.formats.contract import Break, Comparison, Incomparable, Problem, Rule
from stend.course.formats.protobuf import Protobuf, Rpc, is_map, is_repeated
from stend.kit.languages import Text

_MOST_DEPTH = 4
_BIG = {
    FieldDescriptor.CPPTYPE_INT32: (1, -1, 2**31 - 1, -(2**31)),
    FieldDescriptor.CPPTYPE_INT64: (1, -1, 2**63 - 1, -(2**63)),
    FieldDescriptor.CPPTYPE_UINT32: (1, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (1, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: (1.5, 1e300),
    FieldDescriptor.CPPTYPE_FLOAT: (1.5,),
    FieldDescriptor.CPPTYPE_BOOL: (True,),
}


class Level(StrEnum):
    """What has to go on working: bytes, or the JSON of gateways and logs as well."""

    WIRE = "wire"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class _Way:
    """From whom to whom."""

    writer: Protobuf
    reader: Protobuf
    is_new_reader: bool

    @property
    def told(self) -> tuple[str, str]:
        if self.is_new_reader:
            return ("Прежняя версия пишет, новая читает.", "The old one writes, the new one reads.")
        return ("Новая версия пишет, прежняя читает.", "The new one writes, the old one reads.")


def breaking(old: Protobuf, new: Protobuf, level: Level = Level.WIRE) -> Comparison:
    """
    Raises:
        UnreadableError: one of them has problems.
    """
    breaks = [*_rpcs(old, new)]
    pairs = {(name, name) for name in old.descriptors if name in new.descriptors}
    known = {one.path: one for one in new.operations()}
    for rpc in old.operations():
        if other := known.get(rpc.path):
            pairs |= {(rpc.request, other.request), (rpc.response, other.response)}
    for before, after in sorted(pairs):
        if before not in old.descriptors or after not in new.descriptors:
            continue
        breaks += _messages(_Way(old, new, is_new_reader=True), before, after, new, level)
        breaks += _messages(_Way(new, old, is_new_reader=False), after, before, new, level)
    read = {before for before, _ in pairs}
    return Comparison(tuple(_without_repetitions(breaks)), tuple(_unread(old, new, read)))


def _unread(old: Protobuf, new: Protobuf, read: set[str]) -> Iterator[Incomparable]:
    """Messages that are gone and were no part of another one: what reads their bytes is unknown."""
    parts = {
        field.message_type.full_name
        for one in old.descriptors.values()
        for field in one.fields
        if field.message_type is not None
    }
    called = {name for one in old.operations() for name in (one.request, one.response)}
    for name in old.descriptors:
        if name not in read | parts | called:
            sentence = Text(
                ru=f"Сообщения {name} больше нет: кто прочтёт его байты, неизвестно.",
                en=f"The message {name} is gone: what reads its bytes is unknown.",
            )
            yield Incomparable(name, sentence, f"{new.file}:1")


def _without_repetitions(breaks: list[Break]) -> Iterator[Break]:
    """One for each field; that of all fields at once only where no field alone shows it."""
    seen: set[str] = set()
    for one in breaks:
        about = {one.about, one.pointer}
        if one.pointer not in seen:
            seen |= about
            yield one


def dropped(old: Protobuf, new: Protobuf) -> tuple[Problem, ...]:
    """Fields that are gone without `reserved` for their number and their name."""
    return tuple(_dropped(old, new))


def _dropped(old: Protobuf, new: Protobuf) -> Iterator[Problem]:
    reserved = {name: _reserved(one) for name, one in _with_names(new)}
    for name, before in old.descriptors.items():
        after = new.descriptors.get(name)
        if after is None:
            continue
        numbers, names = reserved[name]
        for field in before.fields:
            if field.number in after.fields_by_number:
                continue
            if field.number not in numbers or field.name not in names:
                sentence = Text(
                    ru=f"Поля {field.name} = {field.number} больше нет, а его номер и имя "
                    "не зарезервированы: их займёт другое поле.",
                    en=f"The field {field.name} = {field.number} is gone, and its number and name "
                    "are not reserved: another field will take them.",
                )
                yield Problem(Rule.NAME, sentence, f"{name}.{field.name}", new.where(name))


def _with_names(contract: Protobuf) -> Iterator[tuple[str, Any]]:
    def inside(messages: Any, around: str) -> Iterator[tuple[str, Any]]:
        for one in messages:
            yield f"{around}{one.name}", one
            yield from inside(one.nested_type, f"{around}{one.name}.")

    package = f"{contract.own.package}." if contract.own.package else ""
    yield from inside(contract.own.message_type, package)


class _Numbers:
    """Ranges of numbers; up to 2**29 of them may be reserved at once."""

    def __init__(self, ranges: Any) -> None:
        self._ranges = [(one.start, one.end) for one in ranges]

    def __contains__(self, number: int) -> bool:
        return any(start <= number < end for start, end in self._ranges)


def _reserved(message: Any) -> tuple[_Numbers, set[str]]:
    return _Numbers(message.reserved_range), set(message.reserved_name)


def _rpcs(old: Protobuf, new: Protobuf) -> Iterator[Break]:
    known = {one.path: one for one in new.operations()}
    for rpc in old.operations():
        other = known.get(rpc.path)
        if other is None:
            sentence = Text(
                ru=f"Вызова {rpc.path} больше нет: прежний клиент получит UNIMPLEMENTED.",
                en=f"The call {rpc.path} is gone: a client of the old one gets UNIMPLEMENTED.",
            )
            yield Break(rpc.name, sentence, {":path": rpc.path}, rpc.path, f"{new.file}:1")
        elif _streams(rpc) != _streams(other):
            sentence = Text(
                ru=f"{rpc.path}: было {_streams(rpc)}, стало {_streams(other)}.",
                en=f"{rpc.path} was {_streams(rpc)} and is {_streams(other)}.",
            )
            # A peer that expects one message refuses the second; one that expects a stream of
            # nothing leaves the other without its one.
            witness = {":path": rpc.path, "messages": 2 if "stream" in _streams(rpc) else 1}
            yield Break(rpc.name, sentence, witness, rpc.path, other.where)


def _streams(rpc: Rpc) -> str:
    sides = [("stream " if one else "") for one in (rpc.client_streams, rpc.server_streams)]
    return f"{sides[0]}request → {sides[1]}response"


def _messages(way: _Way, written: str, read: str, new: Protobuf, level: Level) -> Iterator[Break]:
    name = read if way.is_new_reader else written
    for field, message in _samples(way.writer, way.writer.descriptors[written]):
        data = message.SerializeToString(deterministic=True)
        wrong = _misread(way, message, read, data)
        witness: dict[str, Any] = {"hex": data.hex(" "), "written": _json(message)}
        if wrong is None and level is Level.JSON:
            wrong, witness = _misread_json(way, message, read)
        if wrong is None:
            continue
        sentence = Text(
            ru=f"{way.told[0]} {wrong[0]}",
            en=f"{way.told[1]} {wrong[1]}",
        )
        place = f"{name}.{field}" if field else name
        yield Break(name, sentence, {**witness, **wrong[2]}, place, new.where(place))


_Wrong = tuple[str, str, Mapping[str, Any]]


def _misread(way: _Way, message: Any, read: str, data: bytes) -> _Wrong | None:
    made: Any = way.reader.new(read)
    try:
        made.ParseFromString(data)
    except DecodeError as error:
        return f"Байты не читаются: {error}.", f"The bytes are not readable: {error}.", {}
    difference = _difference(message, made)
    if difference is None:
        return None
    name, before, after = difference
    return (
        f"{name}: записано {before!r}, прочитано {after!r}.",
        f"{name}: {before!r} was written, {after!r} was read.",
        {"read": _json(made)},
    )


def _misread_json(way: _Way, message: Any, read: str) -> tuple[_Wrong | None, dict[str, Any]]:
    told = _json(message)
    witness = {"json": told}
    verdict = way.reader.judge(read, told)
    if verdict.reason is None:
        return None, witness
    return (verdict.reason.ru, verdict.reason.en, {}), witness


def _json(message: Any) -> Any:
    return json_format.MessageToDict(message)


def _difference(written: Any, read: Any) -> tuple[str, Any, Any] | None:
    """The first field that is read as something else; by number, as on the wire."""
    for field, value in written.ListFields():
        other = read.DESCRIPTOR.fields_by_number.get(field.number)
        if other is None:
            # Another number under the same name: whoever asks for the name gets nothing.
            if moved := read.DESCRIPTOR.fields_by_name.get(field.name):
                return field.name, f"= {field.number}", f"= {moved.number}"
            continue
        found = getattr(read, other.name)
        if wrong := _value_difference(field, value, other, found):
            return wrong
    return None


def _value_difference(
    field: FieldDescriptor, value: Any, other: FieldDescriptor, found: Any
) -> tuple[str, Any, Any] | None:
    if is_map(field) or is_map(other):
        return (
            None
            if _plain_map(field, value) == _plain_map(other, found)
            else (field.name, str(value), str(found))
        )
    values = list(value) if is_repeated(field) else [value]
    others = list(found) if is_repeated(other) else [found] if _is_read(other, found) else []
    if len(values) != len(others):
        return field.name, _shown(field, values), _shown(other, others)
    for one, two in zip(values, others, strict=True):
        if field.message_type is not None and other.message_type is not None:
            if inner := _difference(one, two):
                return f"{field.name}.{inner[0]}", inner[1], inner[2]
        elif not _is_same(field, one, other, two):
            return field.name, _shown(field, [one]), _shown(other, [two])
    return None


def _plain_map(field: FieldDescriptor, value: Any) -> Any:
    if not is_map(field):
        return None
    kind = _entry(field)["value"]
    return {key: str(one) if kind.message_type else one for key, one in value.items()}


def _entry(field: FieldDescriptor) -> Mapping[str, FieldDescriptor]:
    """Of a map: its `key` and `value`."""
    kind = field.message_type
    return kind.fields_by_name if kind is not None else {}


def _is_read(field: FieldDescriptor, found: Any) -> bool:
    """Samples are never the default value, so a default means that nothing was read."""
    if field.message_type is not None:
        return bool(found.ListFields()) or found.ByteSize() > 0 or field.message_type.name == ""
    return bool(found != field.default_value)


def _is_same(one: FieldDescriptor, value: Any, two: FieldDescriptor, found: Any) -> bool:
    if (one.message_type is None) != (two.message_type is None):
        return False
    if one.enum_type is not None and two.enum_type is not None:
        known = two.enum_type.values_by_number.get(found)
        told = one.enum_type.values_by_number.get(value)
        # An unknown number stays what it is (open enums of proto3).
        return value == found and (known is None or told is None or known.name == told.name)
    if isinstance(value, str) and isinstance(found, bytes):
        return value.encode() == found
    if isinstance(value, bytes) and isinstance(found, str):
        return value == found.encode()
    if isinstance(value, float) != isinstance(found, float):
        return False
    if isinstance(value, float) and _is_float(one) and _is_float(two):
        return struct.pack("<f", value) == struct.pack("<f", found)
    return bool(value == found) and isinstance(value, bool) == isinstance(found, bool)


def _is_float(field: FieldDescriptor) -> bool:
    return bool(field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT)


def _shown(field: FieldDescriptor, values: list[Any]) -> Any:
    told = [_shown_one(field, one) for one in values]
    return told[0] if len(told) == 1 else told


def _shown_one(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        named = field.enum_type.values_by_number.get(value)
        return named.name if named else value
    return str(value) if field.message_type is not None else value


def _samples(contract: Protobuf, descriptor: Descriptor) -> Iterator[tuple[str, Any]]:
    """Messages with the name of the field that each is about; the last has all of them."""
    everything = contract.new(descriptor.full_name)
    for field in descriptor.fields:
        for value in _values(contract, field):
            made = contract.new(descriptor.full_name)
            _put(made, field, value)
            yield field.name, made
        _put(everything, field, next(_values(contract, field)))
    yield "", everything


def _put(message: Any, field: FieldDescriptor, value: Any) -> None:
    if is_map(field):
        kind = _entry(field)["value"]
        for key, one in value.items():
            if kind.message_type is not None:
                getattr(message, field.name)[key].CopyFrom(one)
            else:
                getattr(message, field.name)[key] = one
    elif is_repeated(field):
        getattr(message, field.name).extend(value)
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(value)
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, value)


def _values(contract: Protobuf, field: FieldDescriptor, depth: int = 0) -> Iterator[Any]:
    if is_map(field):
        kinds = _entry(field)
        key = next(_of_one(contract, kinds["key"], depth))
        yield {key: next(_of_one(contract, kinds["value"], depth))}
    elif is_repeated(field):
        values = list(_of_one(contract, field, depth))
        yield [values[0], values[-1]]
    else:
        yield from _of_one(contract, field, depth)


def _of_one(contract: Protobuf, field: FieldDescriptor, depth: int) -> Iterator[Any]:
    if field.message_type is not None:
        yield _filled(contract, field.message_type, depth)
    elif field.enum_type is not None:
        numbers = [one.number for one in field.enum_type.values if one.number]
        yield from numbers or [1]
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield "text"
    elif field.type == FieldDescriptor.TYPE_BYTES:
        yield b"\xff\x00"
    else:
        yield from _BIG[field.cpp_type]


def _filled(contract: Protobuf, descriptor: Descriptor, depth: int) -> Any:
    """With every field, so that something can be read; deeper ones stay empty."""
    made = GetMessageClass(descriptor)()
    if depth < _MOST_DEPTH:
        for field in descriptor.fields:
            _put(made, field, next(_values(contract, field, depth + 1)))
    return made
