"""The table beside Kafka's own definitions, of which kafka-python carries the clients' part."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stend.wire.kafka import schema
from stend.wire.kafka.errors import UnknownMessageError
from stend.wire.kafka.schema import Field, Message

_ZEROS: dict[str, Any] = {"bool": False, "string": "", "bytes": "", "records": ""}


@cache
def definitions() -> dict[str, dict[str, Any]]:
    # Not imported: it would warn about itself.
    found = find_spec("kafka")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "protocol" / "schemas" / "resources"
    read = (
        json.loads(re.sub(r"(?m)^\s*//.*$", "", one.read_text())) for one in folder.glob("*.json")
    )
    return {one["name"]: one for one in read if one["type"] != "header"}


def in_range(text: str | None, version: int) -> bool:
    """`none`, `3`, `3+` and `3-7`."""
    if text is None or text == "none":
        return False
    first, separator, last = text.partition("-")
    if first.endswith("+"):
        return version >= int(first[:-1])
    return int(first) <= version <= int(last if separator else first)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def in_table(definition: dict[str, Any], version: int) -> Message | None:
    try:
        if definition["type"] == "request":
            return schema.request(definition["apiKey"], version)
        if definition["type"] == "response":
            return schema.response(definition["apiKey"], version)
        return schema.data_message(definition["name"], version)
    except UnknownMessageError:
        return None


def told(definition: dict[str, Any], version: int) -> tuple[Field, ...]:
    structs = {one["name"]: one["fields"] for one in definition.get("commonStructs", ())}
    return tuple(_fields(definition["fields"], structs, version))


def _fields(rows: list[dict[str, Any]], structs: dict[str, Any], version: int) -> Iterator[Field]:
    for row in rows:
        if not in_range(row["versions"], version):
            continue
        kind = row["type"].removeprefix("[]")
        inner = row.get("fields") or structs.get(kind) or ()
        is_nullable = in_range(row.get("nullableVersions"), version)
        is_tagged = in_range(row.get("taggedVersions"), version)
        kind = "{}" if inner else kind
        yield Field(
            name=snake(row["name"]),
            type=kind,
            is_array=row["type"].startswith("[]"),
            is_nullable=is_nullable,
            tag=row["tag"] if is_tagged else None,
            default=_default(kind, row.get("default"), is_nullable=is_nullable),
            fields=tuple(_fields(list(inner), structs, version)),
        )


def _default(kind: str, value: Any, *, is_nullable: bool) -> Any:
    if is_nullable and (value == "null" or kind == "records"):
        return None
    if value in (None, "null", ""):
        return _ZEROS.get(kind, 0)
    return str(value).lower() == "true" if kind == "bool" else int(str(value), 0)


@pytest.mark.parametrize("name", sorted(definitions()))
def test_a_message(name: str) -> None:
    definition = definitions()[name]
    first, _, last = definition["validVersions"].partition("-")
    versions = range(int(first), int(last or first) + 1)
    found = {version: in_table(definition, version) for version in versions}
    assert any(found.values())
    for version, message in found.items():
        if message is not None:
            assert message.name == name
            assert message.is_flexible == in_range(definition["flexibleVersions"], version)
            assert message.fields == told(definition, version)
