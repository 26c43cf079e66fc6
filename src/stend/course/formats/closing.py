"""What a sender that keeps to a schema really writes: no member that the schema does not tell.

An object without `additionalProperties` lets anything in, so by the letter every new optional
member could break a client that happened to send something else by that name. Nobody does;
comparing contracts takes the sender at its word instead. Who writes `additionalProperties: true`,
or a schema there, has said that other names do come.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stend.course.formats.schemas import Schema

_OPENED = frozenset(
    {"additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames"}
)
_BESIDE = ("allOf", "anyOf", "oneOf")
_MOST_DEPTH = 40


def closed(schema: Schema) -> Schema:
    """The same schema with the names of every object told.

    Args:
        schema: one that stands alone.
    """
    if isinstance(schema, bool):
        return schema
    definitions = schema.get("$defs", {})
    closing = _Closing(definitions)
    made: dict[str, Any] = closing.whole(
        {word: value for word, value in schema.items() if word != "$defs"}
    )
    if not definitions:
        return made
    # `not` and `if` keep the definitions as they are: closed there, they would mean something else.
    parts = {f"{name}-part": closing.part(one) for name, one in definitions.items()}
    return {**made, "$defs": {**definitions, **parts}}


class _Closing:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def whole(self, schema: Schema) -> Any:
        if isinstance(schema, bool):
            return schema
        names = self._names(schema)
        made = self.part(schema)
        if names and isinstance(made, dict):
            made["propertyNames"] = {"enum": sorted(names)}
        return made

    def part(self, schema: Schema) -> Any:
        """Without closing the object itself: what stands around it knows all of its names."""
        if isinstance(schema, bool):
            return schema
        made: dict[str, Any] = {}
        for word, value in schema.items():
            if word == "$ref":
                made[word] = f"{value}-part"
            elif word in _BESIDE:
                made[word] = [self.part(one) for one in value]
            elif word == "properties":
                made[word] = {name: self.whole(one) for name, one in value.items()}
            elif word in {"items", "additionalProperties"}:
                made[word] = self.whole(value)
            elif word == "prefixItems":
                made[word] = [self.whole(one) for one in value]
            else:
                made[word] = value
        return made

    def _names(self, schema: Schema) -> set[str]:
        """Of an object and all that is composed with it; empty where it is open on purpose."""
        names: set[str] = set()
        for one in self._composed(schema, 0, set()):
            if _OPENED & set(one):
                return set()
            names |= set(one.get("properties", {}))
        return names

    def _composed(self, schema: Schema, depth: int, seen: set[str]) -> Iterator[dict[str, Any]]:
        if isinstance(schema, bool) or depth > _MOST_DEPTH:
            return
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            yield from self._composed(self._definitions[reference[8:]], depth + 1, seen)
        for word in _BESIDE:
            for one in schema.get(word, ()):
                yield from self._composed(one, depth + 1, seen)
