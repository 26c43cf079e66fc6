"""The table of Kafka's messages, read: which fields a message has in which version.

One definition per message, as Kafka's own; a line per field, deeper fields under their structure:

    request 1 FetchRequest 4-18 flexible=12+
      cluster_id string? 12+ tag=0 default=null

Kind, API key, name and versions of the message; name, type and versions of the field. `?` says
that it may be null, `null=7+` in which versions; `[int32]` is an array, `{}` a structure, `[{}]` an
array of them. Without versions a field is in all versions of what it stands in. A default that is
not told is zero, false, empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from stend.wire.kafka.errors import UnknownMessageError, WireError
from stend.wire.kafka.schemas import (
    assigned_groups,
    controllers,
    data,
    fetching,
    groups,
    metadata,
    producing,
    security,
    share_groups,
    topics,
)

Default = int | bool | str | None
# Names of fields, each with the names inside of it.
Names = dict[str, "Names"]
_STRUCT = "{}"
_ZEROS: dict[str, Default] = {"bool": False, "string": "", "bytes": "", "records": ""}
_TABLES = (
    producing,
    fetching,
    groups,
    metadata,
    topics,
    security,
    controllers,
    assigned_groups,
    share_groups,
    data,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field in one version.

    Attributes:
        type: `int32`, `string`, `uuid`, ... or `{}` for a structure.
        fields: of the structure, else empty.
        tag: its number among the tagged fields (KIP-482), None when it always stands in its place.
        default: of an absent field; None is null. Structures and arrays that are not null by
            default are empty.
    """

    name: str
    type: str
    is_array: bool
    is_nullable: bool
    tag: int | None
    default: Default
    fields: "tuple[Field, ...]"

    @property
    def is_struct(self) -> bool:
        return self.type == _STRUCT


@dataclass(frozen=True, slots=True)
class Message:
    """One message in one version.

    Attributes:
        is_flexible: lengths are varints and structures end with tagged fields (KIP-482).
        names: of the fields of all versions.
    """

    name: str
    version: int
    is_flexible: bool
    fields: tuple[Field, ...]
    names: Names


def request(api_key: int, version: int) -> Message:
    """
    Raises:
        UnknownMessageError: there is none with this key, or not in this version.
    """
    return _message(f"request {api_key}", version)


def response(api_key: int, version: int) -> Message:
    return _message(f"response {api_key}", version)


def data_message(name: str, version: int) -> Message:
    """A structure that is no request or response: `EndTxnMarker`, ..."""
    return _message(name, version)


def versions(api_key: int) -> range:
    """The versions of the request, which are those of the response too.

    Raises:
        UnknownMessageError: there is no such API.
    """
    return _lookup(f"request {api_key}").versions


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    versions: range
    flexible: range
    lines: tuple[str, ...]


@cache
def _definitions() -> dict[str, _Definition]:
    """By `request 1`, `response 1` or the name. Only heads are read: few messages are used."""
    found: dict[str, _Definition] = {}
    for table in _TABLES:
        for block in table.MESSAGES.rstrip().split("\n\n"):
            head, *lines = block.split("\n")
            words = head.split()
            kind = words.pop(0)
            key = f"{kind} {words.pop(0)}" if kind in ("request", "response") else words[0]
            known = _range(words[1], range(0))
            flexible = words[2].removeprefix("flexible=") if len(words) > 2 else ""
            found[key] = _Definition(words[0], known, _range(flexible, known), tuple(lines))
    return found


def _lookup(key: str) -> _Definition:
    found = _definitions().get(key)
    if found is None:
        raise UnknownMessageError(f"there is no {key} in Kafka's protocol as it is known here")
    return found


def _message(key: str, version: int) -> Message:
    found = _lookup(key)
    if version not in found.versions:
        first, last = found.versions[0], found.versions[-1]
        raise UnknownMessageError(f"{found.name} has versions {first} to {last}, not {version}")
    rows = _Rows(found, version)
    fields = tuple(rows.fields(1))
    return Message(found.name, version, version in found.flexible, fields, _names(found.lines))


def _names(lines: tuple[str, ...]) -> Names:
    around: list[Names] = [{}]
    for line in lines:
        inner: Names = {}
        del around[_depth(line) :]
        around[-1][line.split()[0]] = inner
        around.append(inner)
    return around[0]


def _depth(line: str) -> int:
    return (len(line) - len(line.lstrip())) // 2


class _Rows:
    """The lines of a definition, read for one version."""

    def __init__(self, definition: _Definition, version: int) -> None:
        self._lines = definition.lines
        self._known = definition.versions
        self._version = version
        self._next = 0

    def fields(self, depth: int) -> Iterator[Field]:
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if _depth(line) < depth:
                return
            self._next += 1
            # What stands deeper is read even where the field is not in this version.
            name, type_name, *options = line.split()
            below = tuple(self.fields(depth + 1))
            found = self._field(name, type_name, options, below)
            if found is not None:
                yield found

    def _field(
        self, name: str, type_name: str, options: list[str], below: tuple[Field, ...]
    ) -> Field | None:
        told = dict((word if "=" in word else f"in={word}").split("=") for word in options)
        if "in" in told and self._version not in _range(told["in"], self._known):
            return None
        plain = type_name.removesuffix("?")
        inner = plain.strip("[]")
        is_nullable = plain != type_name
        if "null" in told:
            is_nullable = self._version in _range(told["null"], self._known)
        default = _default(inner, told.get("default"), is_nullable=is_nullable)
        tag = int(told["tag"]) if "tag" in told else None
        return Field(name, inner, plain != inner, is_nullable, tag, default, below)


def _default(kind: str, told: str | None, *, is_nullable: bool) -> Default:
    # Kafka's generator takes null for records of which nothing is told (FieldSpec).
    if is_nullable and (told == "null" or kind == "records"):
        return None
    if told is None or told == "null":
        return _ZEROS.get(kind, 0)
    return told == "true" if kind == "bool" else int(told)


def _range(text: str, known: range) -> range:
    """`3`, `3-7`, or `3+` for as far as is known; nothing for nothing."""
    if not text:
        return range(0)
    if text.endswith("+"):
        return range(int(text[:-1]), known.stop)
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        raise WireError(f"{text} is no range of versions")
    return range(int(first), int(last or first) + 1)
