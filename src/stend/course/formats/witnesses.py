"""Makes values that a JSON Schema accepts: plain ones, and one at every bound.

Nothing here is trusted: whoever asks validates every value. What is not understood yields fewer
values, never wrong ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from stend.course.formats.patterns import text_for
from stend.course.formats.schemas import Schema, Validator, walk

_MOST_DEPTH = 12
_MOST_OF_A_NODE = 60
_MOST_LENGTH = 5_000
_MOST_ITEMS = 200
_FORMATS: Mapping[str, str] = {
    "date": "2026-03-01",
    "date-time": "2026-03-01T10:00:00Z",
    "duration": "PT1H",
    "email": "anna@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "10:00:00Z",
    "uri": "https://example.com/a",
    "uri-reference": "/a",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_BY_TYPE = ("string", "integer", "number", "boolean", "null", "array", "object")


class Witnesses:
    """
    Args:
        schema: one that stands alone; what is made is for it.
        others: schemas whose bounds are worth trying, too.
    """

    def __init__(self, schema: Schema, others: Sequence[Schema] = ()) -> None:
        self._schema = schema
        self._definitions = {} if isinstance(schema, bool) else schema.get("$defs", {})
        self._numbers: set[int | float] = {0, 1, -1, 2}
        self._lengths = {0, 1, 2}
        self._values: list[Any] = []
        for one in (schema, *others):
            self._learn(one)

    def some(self, most: int) -> Iterator[Any]:
        """Up to so many values, the plainest first."""
        yield from islice(self._made(self._schema, 0), most)

    def _learn(self, schema: Schema) -> None:
        whole = (
            [schema] if isinstance(schema, bool) else [schema, *schema.get("$defs", {}).values()]
        )
        for one in whole:
            for found, place in walk(one, ""):
                # Names of members are no values.
                if not place.endswith("/propertyNames"):
                    self._learn_words(found)

    def _learn_words(self, schema: Mapping[str, Any]) -> None:
        for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
            if isinstance(bound := schema.get(word), int | float):
                self._numbers |= {bound - 1, bound, bound + 1, bound + 0.5}
        for word in ("minLength", "maxLength", "minItems", "maxItems"):
            if isinstance(bound := schema.get(word), int):
                self._lengths |= {max(bound - 1, 0), bound, bound + 1}
        told = schema.get("enum")
        values = list(told) if isinstance(told, list) else []
        if "const" in schema:
            values.append(schema["const"])
        self._values += [one for one in values if one not in self._values]
        self._numbers |= {one for one in values if type(one) in {int, float}}

    def _made(self, schema: Schema, depth: int) -> Iterator[Any]:
        if isinstance(schema, bool):
            schema = {} if schema else {"not": {}}
        if depth > _MOST_DEPTH:
            return
        try:
            validator = Validator({**schema, "$defs": self._definitions})
        except ValueError:
            return
        seen: list[Any] = []
        for value in self._raw(schema, depth):
            key = (type(value), value)
            if key not in seen and validator.accepts(value):
                seen.append(key)
                yield value
            if len(seen) >= _MOST_OF_A_NODE:
                return

    def _raw(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        # Branches before `allOf`: what its parts add to them waits there in turn.
        if depth > _MOST_DEPTH:
            return
        if "const" in schema:
            yield schema["const"]
        elif "enum" in schema:
            yield from schema["enum"]
        elif "$ref" in schema:
            target = self._definitions.get(str(schema["$ref"])[8:], True)
            rest = {word: value for word, value in schema.items() if word != "$ref"}
            yield from self._raw(merged(rest, _mapping(target)), depth + 1)
        elif found := next((word for word in ("oneOf", "anyOf") if word in schema), None):
            rest = {word: value for word, value in schema.items() if word != found}
            ways = [self._raw(merged(rest, _mapping(one)), depth + 1) for one in schema[found]]
            yield from _in_turn(ways)
        elif "allOf" in schema:
            whole = {word: value for word, value in schema.items() if word != "allOf"}
            for one in schema["allOf"]:
                whole = merged(whole, _mapping(one))
            yield from self._raw(whole, depth + 1)
        else:
            yield from self._of_types(schema, depth)

    def _of_types(self, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        told = schema.get("type") or _guessed(schema)
        types = [told] if isinstance(told, str) else list(told)
        yield from _in_turn([self._of_type(one, schema, depth) for one in types])

    def _of_type(self, name: str, schema: dict[str, Any], depth: int) -> Iterator[Any]:
        if name == "object":
            yield from self._objects(schema, depth)
        elif name == "array":
            yield from self._arrays(schema, depth)
        elif name == "string":
            yield from self._texts(schema)
        elif name == "integer":
            yield from sorted((one for one in self._numbers if float(one).is_integer()), key=abs)
        elif name == "number":
            yield from sorted(self._numbers, key=lambda one: (one < 0, one))
        elif name == "boolean":
            yield from (True, False)
        elif name == "null":
            yield None

    def _texts(self, schema: dict[str, Any]) -> Iterator[str]:
        if schema.get("format") in _FORMATS:
            yield _FORMATS[schema["format"]]
        least = schema.get("minLength", 0)
        if isinstance(schema.get("pattern"), str):
            for length in sorted(self._lengths | {least, least + 8, least + 32}):
                if length <= _MOST_LENGTH:
                    yield from text_for(schema["pattern"], length)
        yield from (one for one in self._values if isinstance(one, str))
        yield "text"
        for length in sorted(self._lengths):
            if length <= _MOST_LENGTH:
                yield "a" * length

    def _arrays(self, schema: dict[str, Any], depth: int) -> Iterator[list[Any]]:
        item = schema.get("items", True)
        first = [next(self._made(one, depth + 1), None) for one in schema.get("prefixItems", ())]
        items = (
            list(islice(self._made(item, depth + 1), _MOST_OF_A_NODE)) if item is not False else []
        )
        sizes = {schema.get("minItems", 0), len(first), 1, *self._lengths}
        least = max(schema.get("minItems", 0), 1)
        if items and least <= _MOST_ITEMS:
            for value in items:
                yield [*first, value, *self._filled(items, least - 1 - len(first), value)]
            if least <= 2:
                yield [*first, items[0], items[0]]
        for size in sorted(size for size in sizes if size <= _MOST_ITEMS):
            yield [*first, *self._filled(items, size - len(first), None)][:size]

    def _filled(self, items: list[Any], size: int, but: Any) -> list[Any]:
        """Different ones first: `uniqueItems` may be asked for."""
        different = [one for one in items if one != but][:size] if size > 0 else []
        return different + items[:1] * (size - len(different)) if items else []

    def _objects(self, schema: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
        properties = dict(schema.get("properties", {}))
        required = [one for one in schema.get("required", ()) if isinstance(one, str)]
        extra = schema.get("additionalProperties", True)
        for name in required:
            properties.setdefault(name, extra)
        values = {
            name: made
            for name, one in properties.items()
            if (made := list(islice(self._made(one, depth + 1), _MOST_OF_A_NODE)))
        }
        plain = {name: made[0] for name, made in values.items()}
        least = {name: plain[name] for name in required if name in plain}
        yield from (least, plain)
        for name, member in plain.items():
            yield {**least, name: member}
            yield {other: value for other, value in plain.items() if other != name}
        yield from _in_turn([self._varied(plain, name, made) for name, made in values.items()])
        if extra is not False and "propertyNames" not in schema:
            for value in islice(self._made(extra, depth + 1), 3):
                yield {**plain, "other": value}

    @staticmethod
    def _varied(plain: dict[str, Any], name: str, made: list[Any]) -> Iterator[dict[str, Any]]:
        for value in made[1:]:
            yield {**plain, name: value}


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Roughly both at once; what it is not exact about, the validator refuses later."""
    made = dict(one)
    for word, value in other.items():
        if word not in made:
            made[word] = value
        elif word in {"$ref", "anyOf", "oneOf"} and made[word] != value:
            made["allOf"] = [*made.get("allOf", []), {word: value}]
        elif made[word] != value:
            made[word] = _joined(word, made[word], value)
    return made


def _joined(word: str, one: Any, other: Any) -> Any:
    if word == "properties":
        return _both(one, other)
    if word == "required":
        return [*one, *(name for name in other if name not in one)]
    if word == "allOf":
        return [*one, *other]
    if word == "type":
        return _shared_types(one, other)
    if word.startswith(("min", "exclusiveMin")):
        return max(one, other)
    return min(one, other) if word.startswith(("max", "exclusiveMax")) else one


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(one)
    for name, value in other.items():
        made[name] = {"allOf": [made[name], value]} if name in made else value
    return made


def _shared_types(one: str | list[str], other: str | list[str]) -> list[str]:
    first = [one] if isinstance(one, str) else one
    second = [other] if isinstance(other, str) else other
    shared = [name for name in first if name in second]
    if {"number", "integer"} <= {*first, *second} and "integer" not in shared:
        shared.append("integer")
    return shared


def _mapping(schema: Schema) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return schema


def _guessed(schema: Mapping[str, Any]) -> Sequence[str]:
    """Where no type is told, the one that the other words are about comes first."""
    if {"properties", "required", "propertyNames"} & set(schema):
        return ("object", *(one for one in _BY_TYPE if one != "object"))
    if {"items", "minItems", "prefixItems"} & set(schema):
        return ("array", *(one for one in _BY_TYPE if one != "array"))
    if {"minimum", "maximum", "multipleOf"} & set(schema):
        return ("number", *(one for one in _BY_TYPE if one != "number"))
    return _BY_TYPE


def _in_turn(ways: Sequence[Iterator[Any]]) -> Iterator[Any]:
    waiting = list(ways)
    while waiting:
        for way in tuple(waiting):
            try:
                yield next(way)
            except StopIteration:
                waiting.remove(way)
