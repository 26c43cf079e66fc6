"""JSON Schema to fields: as far as it helps a reader, and in the words of the schema itself."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Field, Group, Item, flowed

Json = Mapping[str, Any]

_DEEPEST = 6
# Where the files that are read here keep their named schemas.
_NAMED = re.compile(r"#/(?:components/schemas|\$defs)/[^/]+")
_CHOICES = ("oneOf", "anyOf", "allOf")
_RULES = (
    "const",
    "enum",
    "format",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
)


def doc_of(node: Json, language: Language) -> str:
    """What a node says of itself; `x-ru` is the same in Russian, where its author wrote it."""
    if language is Language.RU and isinstance(node.get("x-ru"), str):
        return flowed(str(node["x-ru"]))
    texts = [node.get(name) for name in ("summary", "description")]
    return "\n\n".join(flowed(text) for text in texts if isinstance(text, str) and text.strip())


class Schemas:
    """The schemas of one file, and what references to them lead to.

    Args:
        root: the whole file.
        language: of descriptions.
    """

    def __init__(self, root: Json, anchors: Anchors, language: Language) -> None:
        self._root = root
        self._anchors = anchors
        self._language = language

    def resolve(self, node: Any) -> Json:
        """What a node stands for, through references inside of the file.

        Raises:
            ValueError: a reference that leads nowhere, to a file, or back to itself.
        """
        for _ in range(_DEEPEST):
            if not isinstance(node, Mapping):
                raise ValueError(f"expected an object, got {node!r:.60}")
            pointer = node.get("$ref")
            if not isinstance(pointer, str):
                return node
            node = self.at(pointer)
        raise ValueError("references that lead to references without an end")

    def at(self, pointer: str) -> Any:
        """
        Raises:
            ValueError: nothing is there.
        """
        if not pointer.startswith("#/"):
            raise ValueError(f"a reference to elsewhere: {pointer!r:.60}")
        node: Any = self._root
        for escaped in pointer[2:].split("/"):
            # RFC 6901, section 4.
            name = escaped.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise ValueError(f"nothing is at {pointer!r:.60}")
            node = node[name]
        return node

    def types(self, schemas: Json) -> list[Item]:
        """The named schemas of a file as the types of its page."""
        return [
            Item(
                name,
                self._anchors.of("type", name),
                kind=_own_type(self.resolve(schema)),
                doc=doc_of(schema, self._language),
                groups=(Group("fields", self.fields_of(schema)),),
            )
            for name, schema in schemas.items()
        ]

    def group(self, role: str, schema: Any, doc: str = "", example: str = "") -> Group:
        """A schema as a part of an operation: a link where it has a name, its fields where not."""
        name, anchor = self.type_of(schema)
        fields = () if anchor else self.fields_of(schema)
        return Group(role, fields, name, anchor, doc, example)

    def field(self, name: str, schema: Any, required: bool, doc: str = "", depth: int = 0) -> Field:
        type_name, anchor = self.type_of(schema)
        rules = _rules(schema) if isinstance(schema, Mapping) else ""
        told = doc or (doc_of(schema, self._language) if isinstance(schema, Mapping) else "")
        must = "required" if required else "optional"
        return Field(name, type_name, anchor, f"{must} · {rules}" if rules else must, told, depth)

    def type_of(self, schema: Any) -> tuple[str, str | None]:
        """The type as a word, and the anchor of its name where it has one."""
        if not isinstance(schema, Mapping):
            return ("nothing" if schema is False else "any"), None
        pointer = schema.get("$ref")
        if isinstance(pointer, str):
            if not pointer.startswith("#/"):
                return pointer, None
            name = pointer.rpartition("/")[2]
            return name, self._anchors.of("type", name) if _NAMED.fullmatch(pointer) else None
        if "items" in schema:
            name, anchor = self.type_of(schema["items"])
            return f"{name}[]", anchor
        for choice in _CHOICES:
            if isinstance(schema.get(choice), list):
                mark = " & " if choice == "allOf" else " | "
                return mark.join(self.type_of(one)[0] for one in schema[choice]), None
        return _own_type(schema), None

    def fields_of(self, schema: Any) -> tuple[Field, ...]:
        return tuple(self._fields(schema, 0))

    def _fields(self, schema: Any, depth: int) -> Iterator[Field]:
        if depth > _DEEPEST or not isinstance(schema, Mapping):
            return
        if "$ref" in schema:
            if not str(schema["$ref"]).startswith("#/"):
                # Told by its address: nothing is fetched for a page.
                return
            schema = self.resolve(schema)
        for choice in _CHOICES:
            for number, one in enumerate(schema.get(choice, ()), 1):
                name, anchor = self.type_of(one)
                yield Field(f"{choice} {number}", name, anchor, depth=depth)
                if anchor is None:
                    yield from self._fields(one, depth + 1)
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        for name, inner in properties.items():
            yield self.field(name, inner, name in required, depth=depth)
            yield from self._inner(inner, depth)
        if not properties and depth == 0 and (rules := _rules(schema)):
            yield Field("", _own_type(schema), None, rules)

    def _inner(self, schema: Any, depth: int) -> Iterator[Field]:
        """The members of an object that stands inside of another one and has no name."""
        while isinstance(schema, Mapping) and "items" in schema:
            schema = schema["items"]
        if isinstance(schema, Mapping) and "$ref" not in schema:
            nested = {**schema, "oneOf": schema.get("oneOf", ())}
            if "properties" in nested or nested["oneOf"]:
                yield from self._fields(nested, depth + 1)


def _own_type(schema: Json) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(str(one) for one in kind)
    if kind is None:
        values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
        kinds = {type(value) for value in values}
        names = {str: "string", int: "integer", bool: "boolean", float: "number"}
        return names.get(kinds.pop(), "any") if len(kinds) == 1 else "any"
    return str(kind)


def _rules(schema: Json) -> str:
    told = []
    for name in _RULES:
        if name in schema:
            value = schema[name]
            if name == "enum" and isinstance(value, list):
                told.append(" | ".join(as_json(one) for one in value))
            elif isinstance(value, str) and name != "const" and name != "default":
                told.append(f"{name} {value}")
            else:
                told.append(f"{name} {as_json(value)}")
    if schema.get("additionalProperties") is False:
        told.append("no other members")
    return " · ".join(told)


def as_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
