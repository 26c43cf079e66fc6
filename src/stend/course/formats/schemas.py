"""JSON Schema 2020-12 inside of a document: taken out on its own, validated, and looked over.

A schema is taken out with everything that it refers to, as definitions of its own, so that whatever
reads it needs no document, no network and no addresses.

`format` is asserted, as validators of APIs do; by the specification alone it would be a comment
(Validation, 7.2.1).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from stend.course.formats.contract import Problem, Rule, UnreadableError, Verdict
from stend.course.formats.sentences import why_refused
from stend.course.formats.source import Source, at, escaped, pointer_of
from stend.kit.languages import Text

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any] | bool
_ONE = frozenset(
    {
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"dependentSchemas", "patternProperties", "properties"})
_ASSERTED = frozenset(
    {
        "const",
        "dependentRequired",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "type",
        "uniqueItems",
    }
)
_ONLY_TOLD = frozenset(
    {
        "$comment",
        "$defs",
        "$ref",
        "$schema",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    }
)
# They name a schema by something else than its place, which nothing here follows.
_NOT_READ = frozenset({"$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$vocabulary"})
_KNOWN = _ONE | _MANY | _NAMED | _ASSERTED | _ONLY_TOLD
_MOST_DEPTH = 500
# Values that only look like parts of the document.
_NO_REFERENCES_IN = frozenset({"const", "default", "enum", "example", "examples"})
# A pattern of a learner's may not take longer than this, whatever the text.
_PATTERNS = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=20_000, size_limit=1_000_000, dfa_size_limit=1_000_000
)


class BadReferenceError(Exception):
    """A `$ref` that leads nowhere, out of the document, or around in a circle.

    It does not leave this package: a contract with such a reference has a problem.
    """

    def __init__(self, pointer: str, text: Text) -> None:
        super().__init__(text.en)
        self.pointer = pointer
        self.text = text


class Validator:
    """One schema that stands alone, ready to judge.

    Raises:
        ValueError: it is no schema: `problems` of its document tell why.
    """

    def __init__(self, schema: Schema) -> None:
        self._inner = jsonschema_rs.Draft202012Validator(
            schema, validate_formats=True, offline=True, pattern_options=_PATTERNS
        )

    def accepts(self, value: object) -> bool:
        try:
            return bool(self._inner.is_valid(value))
        except ValueError:
            # Nested deeper, or larger numbers, than the validator reads.
            return False

    def judge(self, value: object) -> Verdict:
        if _is_deep(value):
            # Some tens of thousands of levels would end the process, not the call.
            return Verdict(
                Text(
                    ru=f"Вложенность больше {_MOST_DEPTH}.", en=f"Nested deeper than {_MOST_DEPTH}."
                )
            )
        try:
            error = next(iter(self._inner.iter_errors(value)), None)
        except ValueError as error_of_value:
            told = str(error_of_value)
            return Verdict(Text(ru=f"Значение не читается: {told}.", en=f"Unreadable: {told}."))
        if error is None:
            return Verdict()
        return Verdict(why_refused(error), pointer_of(error.instance_path))

    def errors(self, value: object) -> Iterator[Any]:
        yield from self._inner.iter_errors(value)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def target_of(tree: Any, reference: object, pointer: str) -> str:
    """The pointer that a `$ref` means.

    Raises:
        BadReferenceError: it is external, or leads nowhere.
    """
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise BadReferenceError(
            pointer,
            Text(
                ru=f"$ref {reference!r} ведёт наружу, а читается только этот файл: "
                "нужна ссылка вида #/….",
                en=f"$ref {reference!r} leads out of this file, and nothing else is read: "
                "write #/….",
            ),
        )
    target = _decoded(reference[1:])
    try:
        if target and not target.startswith("/"):
            raise LookupError(target)
        at(tree, target)
    except LookupError:
        raise BadReferenceError(
            pointer,
            Text(ru=f"$ref {reference} никуда не ведёт.", en=f"$ref {reference} leads nowhere."),
        ) from None
    return target


def _decoded(fragment: str) -> str:
    # RFC 6901, 6: a pointer in a fragment is percent-encoded.
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+",
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"),
        fragment,
    )


def resolved(tree: Any, pointer: str) -> str:
    """Where a value really is, after all the `$ref` on the way.

    Raises:
        BadReferenceError: one of them leads nowhere or around.
    """
    seen: set[str] = set()
    while True:
        value = at(tree, pointer)
        if not (isinstance(value, dict) and "$ref" in value):
            return pointer
        if pointer in seen:
            raise BadReferenceError(
                pointer,
                Text(
                    ru=f"$ref {value['$ref']} ведёт по кругу.",
                    en=f"$ref {value['$ref']} leads around in a circle.",
                ),
            )
        seen.add(pointer)
        pointer = target_of(tree, value["$ref"], pointer)


def standalone(tree: Any, pointer: str) -> Schema:
    """The schema at a pointer with all that it refers to, without what only people read.

    Raises:
        BadReferenceError: a `$ref` of it is wrong.
    """
    return standalone_of(tree, at(tree, pointer), pointer)


def standalone_of(tree: Any, schema: Any, pointer: str = "") -> Schema:
    """A schema made here, whose `$ref` are those of the document; see `reference_to`.

    Raises:
        BadReferenceError: a `$ref` of it is wrong.
    """
    taking = _Taking(tree)
    root = taking.take(schema, pointer)
    if isinstance(root, bool):
        return root
    return {**root, "$defs": taking.finished()} if taking.has_definitions else root


def reference_to(pointer: str) -> dict[str, str]:
    return {"$ref": "#" + pointer.replace("%", "%25")}


class _Taking:
    """Copies schemas, and turns what they refer to into definitions."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._names: dict[str, str] = {}
        self._taken: dict[str, Schema] = {}
        self._waiting: list[str] = []

    @property
    def has_definitions(self) -> bool:
        return bool(self._names)

    def finished(self) -> dict[str, Schema]:
        while self._waiting:
            pointer = self._waiting.pop()
            self._taken[self._names[pointer]] = self.take(at(self._tree, pointer), pointer)
        return {name: self._taken[name] for name in self._names.values()}

    def take(self, schema: Any, pointer: str) -> Schema:
        if not isinstance(schema, dict):
            return bool(schema)
        made: dict[str, Any] = {}
        for word, value in schema.items():
            place = f"{pointer}/{escaped(word)}"
            if word == "$ref":
                made["$ref"] = f"#/$defs/{self._name(target_of(self._tree, value, place))}"
            elif word in _ASSERTED:
                made[word] = value
            elif word in _ONE:
                made[word] = self.take(value, place)
            elif word in _MANY and isinstance(value, list):
                made[word] = [self.take(one, f"{place}/{i}") for i, one in enumerate(value)]
            elif word in _NAMED and isinstance(value, dict):
                made[word] = {
                    name: self.take(one, f"{place}/{escaped(name)}") for name, one in value.items()
                }
        return made

    def _name(self, pointer: str) -> str:
        if pointer not in self._names:
            # In the order of being met: equal schemas become equal texts.
            self._names[pointer] = f"s{len(self._names)}"
            self._waiting.append(pointer)
        return self._names[pointer]


def walk(schema: Any, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
    """A schema and all schemas inside of it, with their pointers; no `$ref` is followed."""
    if not isinstance(schema, dict):
        return
    yield schema, pointer
    for word, value in schema.items():
        place = f"{pointer}/{escaped(word)}"
        if word in _ONE:
            yield from walk(value, place)
        elif word in _MANY and isinstance(value, list):
            for index, one in enumerate(value):
                yield from walk(one, f"{place}/{index}")
        elif (word in _NAMED or word == "$defs") and isinstance(value, dict):
            for name, one in value.items():
                yield from walk(one, f"{place}/{escaped(name)}")


def schema_problems(source: Source, pointer: str) -> Iterator[Problem]:
    """Of one schema of a document and those inside of it, beyond what its meta-schema says."""
    yield from _not_compiled(source, pointer)
    for schema, place in walk(at(source.tree, pointer), pointer):
        yield from _unknown_words(source, schema, place)
        yield from _bad_reference(source, schema, place)
        yield from _missing_names(source, schema, place)
        yield from _bad_examples(source, schema, place)


def _not_compiled(source: Source, pointer: str) -> Iterator[Problem]:
    """What the meta-schema lets pass and no validator can use: a pattern without bounds, say."""
    try:
        Validator(standalone(source.tree, pointer))
    except BadReferenceError:
        # Told where it is wrong.
        return
    except ValueError as error:
        told = str(error).splitlines()[0][:200]
        yield source.problem(
            Rule.FORM,
            pointer,
            f"По этой схеме ничего нельзя проверить: {told}",
            f"Nothing can be validated by this schema: {told}",
        )


def _unknown_words(source: Source, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for word in schema:
        place = f"{pointer}/{escaped(word)}"
        if word in _NOT_READ:
            yield source.problem(
                Rule.UNKNOWN_KEYWORD,
                place,
                f"{word} здесь не читается: пишите $ref вида #/….",
                f"{word} is not read here: write a $ref like #/….",
            )
        elif word == "nullable":
            yield source.problem(
                Rule.UNKNOWN_KEYWORD,
                place,
                'nullable было в OpenAPI 3.0; в JSON Schema 2020-12 пишут type: [string, "null"].',
                'nullable was of OpenAPI 3.0; JSON Schema 2020-12 has type: [string, "null"].',
            )
        elif word not in _KNOWN and not word.startswith("x-"):
            yield source.problem(
                Rule.UNKNOWN_KEYWORD,
                place,
                f"В JSON Schema нет слова {word}: проверяющий молча пропустит его. "
                "Свои слова начинаются с x-.",
                f"JSON Schema has no keyword {word}: a validator passes over it in silence. "
                "Keywords of your own begin with x-.",
            )


def _bad_reference(source: Source, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    if "$ref" not in schema:
        return
    try:
        target = target_of(source.tree, schema["$ref"], f"{pointer}/$ref")
        # A schema that is nothing but a way around.
        while isinstance(found := at(source.tree, target), dict) and set(found) == {"$ref"}:
            if target == pointer:
                raise BadReferenceError(
                    pointer,
                    Text(ru="$ref ведёт сам на себя.", en="The $ref leads back to itself."),
                )
            following = target_of(source.tree, found["$ref"], target)
            if following == target:
                return
            target = following
    except BadReferenceError as error:
        yield Problem(Rule.REFERENCE, error.text, error.pointer, source.where(error.pointer))


def _missing_names(source: Source, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    """`required` names what `properties` of a closed object do not have: nothing can ever fit."""
    properties, required = schema.get("properties"), schema.get("required")
    if schema.get("additionalProperties") is not False or "patternProperties" in schema:
        return
    if not isinstance(properties, dict) or not isinstance(required, list):
        return
    for name in required:
        if isinstance(name, str) and name not in properties:
            yield source.problem(
                Rule.NAME,
                f"{pointer}/required",
                f"Поле {name} обязательно, а в properties его нет: подойти не сможет ничего.",
                f"{name} is required and is not among the properties: nothing can ever fit.",
            )


def _bad_examples(source: Source, schema: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    told = [("default", schema["default"])] if "default" in schema else []
    if "example" in schema:
        told.append(("example", schema["example"]))
    examples = schema.get("examples")
    if isinstance(examples, list):
        told += [(f"examples/{index}", one) for index, one in enumerate(examples)]
    if not told:
        return
    try:
        validator = Validator(standalone(source.tree, pointer))
    except (BadReferenceError, ValueError):
        # Told where it is wrong.
        return
    for place, value in told:
        verdict = validator.judge(value)
        if verdict.reason is not None:
            yield source.problem(
                Rule.EXAMPLE,
                f"{pointer}/{place}",
                f"Пример не подходит под свою же схему. {verdict.reason.ru}",
                f"The example does not fit its own schema. {verdict.reason.en}",
            )


def loose_references(source: Source) -> Iterator[Problem]:
    """Every `$ref` of a document that is no example and leads nowhere, out, or around."""
    waiting: list[tuple[Any, str]] = [(source.tree, "")]
    while waiting:
        value, pointer = waiting.pop()
        if isinstance(value, list):
            waiting += [(one, f"{pointer}/{index}") for index, one in enumerate(value)]
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("$ref"), str):
            try:
                resolved(source.tree, pointer)
            except BadReferenceError as error:
                yield Problem(Rule.REFERENCE, error.text, pointer, source.where(pointer))
        waiting += [
            (one, f"{pointer}/{escaped(name)}")
            for name, one in value.items()
            if name not in _NO_REFERENCES_IN
        ]


def form_problems(source: Source, meta: Validator) -> Iterator[Problem]:
    """What the meta-schema of a format refuses."""
    for error in meta.errors(source.tree):
        pointer = pointer_of(error.instance_path)
        if error.kind.name == "additionalProperties":
            pointer += f"/{escaped(error.kind.unexpected[0])}"
        yield Problem(Rule.FORM, why_refused(error), pointer, source.where(pointer))


def in_order(source: Source, problems: Iterator[Problem]) -> tuple[Problem, ...]:
    """Without repetitions, as they stand in the text."""
    unique = {(one.rule, one.pointer, one.sentence.en): one for one in problems}
    return tuple(
        sorted(unique.values(), key=lambda one: (int(one.where.rpartition(":")[2]), one.pointer))
    )


def check_no(problems: tuple[Problem, ...]) -> None:
    """
    Raises:
        UnreadableError: there are problems, so nothing else can be said.
    """
    if problems:
        raise UnreadableError(problems[0])


def text_of(schema: Schema) -> str:
    """Equal for equal schemas."""
    return json.dumps(schema, sort_keys=True)
