"""`$jsonSchema`: MongoDB's dialect of JSON Schema draft 4, and why a document fails one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query import schema_rules as rules
from stend.engines.mongo.query.schema_rules import Detail, Rule
from stend.engines.mongo.query.values import is_string

_ANNOTATIONS: Final = ("title", "description")

# Keywords of JSON Schema that MongoDB knows of and does not have.
_UNSUPPORTED: Final = frozenset({"$ref", "$schema", "default", "definitions", "format", "id"})

# Keywords of client-side encryption, which needs a key service that this server is not.
_ENCRYPTION: Final = frozenset({"encrypt", "encryptMetadata"})


@dataclass(frozen=True, slots=True)
class Validator:
    """A compiled schema.

    Attributes:
        annotations: its title and description, which an explanation repeats.
        rules: all must hold.
    """

    annotations: Detail
    rules: tuple[Rule, ...]

    def accepts(self, value: Any) -> bool:
        """Whether a document, or a value inside one, satisfies the schema."""
        return all(rule.holds(value) for rule in self.rules)

    def failures(self, value: Any) -> list[Detail]:
        """The explanations of all rules that do not hold."""
        return [rule.explain(value) for rule in self.rules if not rule.holds(value)]

    def details(self, document: Mapping[str, Any]) -> Detail:
        """What `errInfo.details` of a DocumentValidationFailure says of a document."""
        return {
            "operatorName": "$jsonSchema",
            **self.annotations,
            "schemaRulesNotSatisfied": self.failures(document),
        }


def compile_schema(spec: Mapping[str, Any]) -> Validator:
    """A schema ready to run.

    Raises:
        MongoError: a keyword is unknown, not supported, or has a wrong value.
    """
    for keyword in spec:
        _check_keyword(keyword)
    for keyword in _ANNOTATIONS:
        if keyword in spec and not is_string(spec[keyword]):
            raise MongoError(
                Code.TypeMismatch, f"$jsonSchema keyword '{keyword}' must be of type string"
            )
    _check_combinations(spec)
    found = [build(spec) for keyword, build in _BUILDERS.items() if keyword in spec]
    annotations = {keyword: spec[keyword] for keyword in _ANNOTATIONS if keyword in spec}
    return Validator(annotations, tuple(rule for rule in found if rule is not None))


def _check_keyword(keyword: str) -> None:
    if keyword in _UNSUPPORTED or keyword in _ENCRYPTION:
        raise MongoError(
            Code.FailedToParse, f"$jsonSchema keyword '{keyword}' is not currently supported"
        )
    if keyword not in _BUILDERS and keyword not in _ANNOTATIONS and keyword not in _COMPANIONS:
        raise MongoError(Code.FailedToParse, f"Unknown $jsonSchema keyword: {keyword}")


# Keywords that are part of the rule of another.
_COMPANIONS: Final = frozenset({"exclusiveMinimum", "exclusiveMaximum"})


def _check_combinations(spec: Mapping[str, Any]) -> None:
    if "type" in spec and "bsonType" in spec:
        raise MongoError(
            Code.FailedToParse, "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'"
        )
    for bound in ("maximum", "minimum"):
        exclusive = f"exclusive{bound.capitalize()}"
        if exclusive in spec and bound not in spec:
            raise MongoError(
                Code.FailedToParse,
                f"$jsonSchema keyword '{bound}' must be a present if {exclusive} is present",
            )


def _subschema(value: Any, message: str) -> Validator:
    if not isinstance(value, Mapping):
        raise MongoError(Code.TypeMismatch, message)
    return compile_schema(value)


def _keyword(name: str) -> str:
    return f"$jsonSchema keyword '{name}'"


def _items(spec: Mapping[str, Any]) -> Rule:
    operand = spec["items"]
    if isinstance(operand, list):
        message = f"{_keyword('items')} requires that each element of the array is an object"
        return _items_by_position([_subschema(item, message) for item in operand])
    schema = _subschema(operand, f"{_keyword('items')} must be an array or an object")
    return _items_from("items", schema, 0, "At least one item did not match the sub-schema")


def _items_from(keyword: str, schema: Validator, start: int, reason: str) -> Rule:
    def first(value: list[Any]) -> int | None:
        later = enumerate(value[start:], start)
        return next((index for index, item in later if not schema.accepts(item)), None)

    def explain(value: Any) -> Detail:
        index = first(value)
        return {
            "operatorName": keyword,
            **schema.annotations,
            "reason": reason,
            "itemIndex": index,
            "details": schema.failures(value[index]) if index is not None else [],
        }

    return Rule(lambda value: not isinstance(value, list) or first(value) is None, explain)


def _items_by_position(schemas: list[Validator]) -> Rule:
    def failing(value: list[Any]) -> list[tuple[int, Validator, Any]]:
        pairs = zip(schemas, value, strict=False)
        return [
            (index, schema, item)
            for index, (schema, item) in enumerate(pairs)
            if not schema.accepts(item)
        ]

    def explain(value: Any) -> Detail:
        return {
            "operatorName": "items",
            "details": [
                {"itemIndex": index, **schema.annotations, "details": schema.failures(item)}
                for index, schema, item in failing(value)
            ],
        }

    return Rule(lambda value: not isinstance(value, list) or not failing(value), explain)


def _additional_items(spec: Mapping[str, Any]) -> Rule | None:
    operand = spec["additionalItems"]
    message = f"{_keyword('additionalItems')} must be either an object or a boolean"
    schema = None if isinstance(operand, bool) else _subschema(operand, message)
    if not isinstance(spec.get("items"), list) or operand is True:
        return None
    start = len(spec["items"])
    if schema is None:
        return rules.no_items_from(start)
    reason = "At least one additional item did not match the sub-schema"
    return _items_from("additionalItems", schema, start, reason)


def _properties(spec: Mapping[str, Any]) -> Rule:
    operand = spec["properties"]
    if not isinstance(operand, Mapping):
        raise MongoError(Code.TypeMismatch, f"{_keyword('properties')} must be an object")
    schemas = {
        name: _subschema(item, f"Nested schema for $jsonSchema property '{name}' must be an object")
        for name, item in operand.items()
    }

    def failing(value: Mapping[str, Any]) -> list[tuple[str, Validator]]:
        return [
            (name, schema)
            for name, schema in schemas.items()
            if name in value and not schema.accepts(value[name])
        ]

    def explain(value: Any) -> Detail:
        return {
            "operatorName": "properties",
            "propertiesNotSatisfied": [
                {
                    "propertyName": name,
                    **schema.annotations,
                    "details": schema.failures(value[name]),
                }
                for name, schema in failing(value)
            ],
        }

    return Rule(lambda value: not isinstance(value, Mapping) or not failing(value), explain)


def _patterns(spec: Mapping[str, Any]) -> list[tuple[str, Callable[[str], bool], Validator]]:
    operand = spec.get("patternProperties", {})
    if not isinstance(operand, Mapping):
        raise MongoError(Code.TypeMismatch, f"{_keyword('patternProperties')} must be an object")
    return [
        (
            pattern,
            rules.pattern_of(pattern),
            _subschema(
                item,
                f"{_keyword('patternProperties')} has property '{pattern}' which is not an object",
            ),
        )
        for pattern, item in operand.items()
    ]


def _pattern_properties(spec: Mapping[str, Any]) -> Rule:
    patterns = _patterns(spec)

    def failing(value: Mapping[str, Any]) -> list[tuple[str, str, Validator]]:
        found = []
        for pattern, matches, schema in patterns:
            bad = (n for n, item in value.items() if matches(n) and not schema.accepts(item))
            found += [(pattern, name, schema) for name in [next(bad, None)] if name is not None]
        return found

    def explain(value: Any) -> Detail:
        return {
            "operatorName": "patternProperties",
            "details": [
                {
                    "propertyName": name,
                    **schema.annotations,
                    "regexMatched": pattern,
                    "details": schema.failures(value[name]),
                }
                for pattern, name, schema in failing(value)
            ],
        }

    return Rule(lambda value: not isinstance(value, Mapping) or not failing(value), explain)


def _additional_properties(spec: Mapping[str, Any]) -> Rule | None:
    operand = spec["additionalProperties"]
    message = f"{_keyword('additionalProperties')} must be an object or a boolean"
    schema = None if isinstance(operand, bool) else _subschema(operand, message)
    if operand is True:
        return None
    known = frozenset(spec.get("properties", {}))
    patterns = [matches for _, matches, _ in _patterns(spec)]

    def additional(value: Mapping[str, Any]) -> list[str]:
        return [
            name
            for name in value
            if name not in known and not any(matches(name) for matches in patterns)
        ]

    if schema is None:
        return rules.no_properties(additional)
    return _properties_otherwise(schema, additional)


def _properties_otherwise(
    schema: Validator, additional: Callable[[Mapping[str, Any]], list[str]]
) -> Rule:
    def first(value: Mapping[str, Any]) -> str | None:
        names = additional(value)
        return next((name for name in names if not schema.accepts(value[name])), None)

    def explain(value: Any) -> Detail:
        name = first(value)
        return {
            "operatorName": "additionalProperties",
            **schema.annotations,
            "reason": "at least one additional property did not match the subschema",
            "failingProperty": name,
            "details": schema.failures(value[name]) if name is not None else [],
        }

    return Rule(lambda value: not isinstance(value, Mapping) or first(value) is None, explain)


# Of one dependency, what is wrong with an object that has its property; None where nothing is.
_Dependency = Callable[[Mapping[str, Any]], Detail | None]


def _dependencies(spec: Mapping[str, Any]) -> Rule:
    operand = spec["dependencies"]
    if not isinstance(operand, Mapping):
        raise MongoError(Code.TypeMismatch, f"{_keyword('dependencies')} must be an object")
    checks = {name: _dependency(name, item) for name, item in operand.items()}

    def failing(value: Mapping[str, Any]) -> list[Detail]:
        found = ((name, check(value)) for name, check in checks.items() if name in value)
        return [
            {"conditionalProperty": name, **problem}
            for name, problem in found
            if problem is not None
        ]

    def explain(value: Any) -> Detail:
        return {"operatorName": "dependencies", "failingDependencies": failing(value)}

    return Rule(lambda value: not isinstance(value, Mapping) or not failing(value), explain)


def _dependency(name: str, operand: Any) -> _Dependency:
    if isinstance(operand, list):
        rules.check_dependency(name, operand)

        def missing(value: Mapping[str, Any]) -> Detail | None:
            absent = [other for other in operand if other not in value]
            return {"missingProperties": absent} if absent else None

        return missing
    schema = _subschema(
        operand,
        f"property '{name}' in {_keyword('dependencies')} must be either an object or an array",
    )

    def unsatisfied(value: Mapping[str, Any]) -> Detail | None:
        return None if schema.accepts(value) else {"details": schema.failures(value)}

    return unsatisfied


def _alternatives(keyword: str, spec: Mapping[str, Any]) -> list[Validator]:
    operand = spec[keyword]
    if not isinstance(operand, list):
        raise MongoError(Code.TypeMismatch, f"{_keyword(keyword)} must be an array")
    if not operand:
        raise MongoError(Code.BadValue, f"{_keyword(keyword)} must be a non-empty array")
    message = f"{_keyword(keyword)} must be an array of objects"
    return [_subschema(item, message) for item in operand]


def _unsatisfied(keyword: str, schemas: list[Validator], value: Any) -> Detail:
    return {
        "operatorName": keyword,
        "schemasNotSatisfied": [
            {"index": index, **schema.annotations, "details": schema.failures(value)}
            for index, schema in enumerate(schemas)
            if not schema.accepts(value)
        ],
    }


def _all_of(spec: Mapping[str, Any]) -> Rule:
    schemas = _alternatives("allOf", spec)
    return Rule(
        lambda value: all(schema.accepts(value) for schema in schemas),
        lambda value: _unsatisfied("allOf", schemas, value),
    )


def _any_of(spec: Mapping[str, Any]) -> Rule:
    schemas = _alternatives("anyOf", spec)
    return Rule(
        lambda value: any(schema.accepts(value) for schema in schemas),
        lambda value: _unsatisfied("anyOf", schemas, value),
    )


def _one_of(spec: Mapping[str, Any]) -> Rule:
    schemas = _alternatives("oneOf", spec)

    def satisfied(value: Any) -> list[int]:
        return [index for index, schema in enumerate(schemas) if schema.accepts(value)]

    def explain(value: Any) -> Detail:
        matching = satisfied(value)
        if not matching:
            return _unsatisfied("oneOf", schemas, value)
        return {
            "operatorName": "oneOf",
            "reason": "more than one subschema matched",
            "matchingSchemaIndexes": matching,
        }

    return Rule(lambda value: len(satisfied(value)) == 1, explain)


def _not(spec: Mapping[str, Any]) -> Rule:
    schema = _subschema(spec["not"], f"{_keyword('not')} must be an object")
    return Rule(
        lambda value: not schema.accepts(value),
        lambda _: {
            "operatorName": "not",
            **schema.annotations,
            "reason": "child expression matched",
        },
    )


# In the order in which MongoDB explains failures.
_BUILDERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Rule | None]]] = {
    "pattern": rules.pattern,
    "maxLength": rules.max_length,
    "minLength": rules.min_length,
    "multipleOf": rules.multiple_of,
    "maximum": rules.maximum,
    "minimum": rules.minimum,
    "minItems": rules.min_items,
    "maxItems": rules.max_items,
    "uniqueItems": rules.unique_items,
    "items": _items,
    "additionalItems": _additional_items,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "patternProperties": _pattern_properties,
    "required": rules.required,
    "minProperties": rules.min_properties,
    "maxProperties": rules.max_properties,
    "dependencies": _dependencies,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "enum": rules.enum,
    "type": rules.json_type,
    "bsonType": rules.bson_types,
}
