"""Which field of a message cannot be encoded, and why. Asked when it has failed."""

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import Any
from uuid import UUID

from stend.wire.kafka.errors import WireError
from stend.wire.kafka.schema import Field, Message, Names
from stend.wire.kafka.source import FIXED, MAX_STRING
from stend.wire.kafka.walking import default

_LAYOUTS = {kind: Struct(">" + code) for kind, code in FIXED.items()}


def check_fields(message: Message, fields: dict[str, Any]) -> None:
    """
    Raises:
        WireError: with the path of the first field that is wrong.
    """
    _check_struct(message.fields, fields, "")


def strangers(names: Names, value: object, path: str = "") -> Iterator[str]:
    """Paths of what has a name that the message has in no version: a misspelt one."""
    if isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from strangers(names, one, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            inner_path = f"{path}.{name}".strip(".")
            if name in names:
                yield from strangers(names[name], inner, inner_path)
            else:
                yield inner_path


def _check_struct(known: tuple[Field, ...], value: object, path: str) -> None:
    if not isinstance(value, dict):
        raise _error("structure", value, path)
    for field in known:
        _check(field, value.get(field.name, default(field)), f"{path}.{field.name}".strip("."))


def _check(field: Field, value: object, path: str) -> None:
    if value is None and field.is_nullable:
        return
    if not field.is_array:
        _check_element(field, value, path)
        return
    if not isinstance(value, list | tuple):
        raise _error("array", value, path)
    for index, one in enumerate(value):
        _check_element(field, one, f"{path}[{index}]")


def _check_element(field: Field, value: object, path: str) -> None:
    if field.is_struct:
        _check_struct(field.fields, value, path)
    elif field.type == "string":
        _check_string(value, path)
    elif field.type in ("bytes", "records"):
        if not isinstance(value, bytes | bytearray | memoryview):
            raise _error(field.type, value, path)
    elif field.type in ("bool", "uuid"):
        if not isinstance(value, bool if field.type == "bool" else UUID):
            raise _error(field.type, value, path)
    else:
        try:
            _LAYOUTS[field.type].pack(value)
        except (StructError, OverflowError):
            raise _error(field.type, value, path) from None


def _check_string(value: object, path: str) -> None:
    if not isinstance(value, str):
        raise _error("string", value, path)
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise _error("string of UTF-8", value, path) from None
    if size > MAX_STRING:
        raise WireError(f"a string of {size} bytes, where {MAX_STRING} are the most", path=path)


def _error(expected: str, value: object, path: str) -> WireError:
    return WireError(f"{value!r:.100} is no {expected}", path=path)
