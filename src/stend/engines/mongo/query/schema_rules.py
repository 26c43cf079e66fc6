"""The rules of a schema that need no other schema."""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any, Final, NamedTuple

from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.operators import integer, ordered, shown, types_of
from stend.engines.mongo.query.regexes import regex_of
from stend.engines.mongo.query.values import (
    NUMERIC_TYPES,
    OrderKey,
    bson_type,
    decimal_of_double,
    exact,
    is_number,
    is_string,
    order_key,
    type_alias,
)

Detail = dict[str, Any]
Spec = Mapping[str, Any]


class Rule(NamedTuple):
    """One keyword of a schema.

    Attributes:
        holds: whether a value satisfies it; of a type it does not speak of, it always does.
        explain: for a value that does not, why.
    """

    holds: Callable[[Any], bool]
    explain: Callable[[Any], Detail]


def _is_array(value: Any) -> bool:
    return isinstance(value, list)


def _rule(
    specified: Detail,
    applies: Callable[[Any], bool],
    test: Callable[[Any], bool],
    reason: str,
    more: Callable[[Any], Detail] | None = None,
) -> Rule:
    """A rule of the values of one type; its first keyword is its name."""

    def explain(value: Any) -> Detail:
        described = {
            "operatorName": next(iter(specified)),
            "specifiedAs": specified,
            "reason": reason,
            "consideredValue": value,
        }
        return described | more(value) if more is not None else described

    return Rule(lambda value: not applies(value) or test(value), explain)


def _wrong(keyword: str, what: str, code: int = Code.TypeMismatch) -> MongoError:
    return MongoError(code, f"$jsonSchema keyword '{keyword}' {what}")


def _count(spec: Spec, keyword: str) -> int:
    number = integer(spec[keyword], f"{keyword}: {shown(spec[keyword])}")
    if number < 0:
        raise MongoError(
            Code.FailedToParse,
            f"Expected a non-negative number in: {keyword}: {shown(spec[keyword])}",
        )
    return number


def pattern_of(text: str) -> Callable[[str], bool]:
    """Whether a string matches the pattern of a schema, which has no options."""
    return regex_of(Regex(text))


def pattern(spec: Spec) -> Rule:
    """`pattern`."""
    text = spec["pattern"]
    if not is_string(text):
        raise _wrong("pattern", "must be a string")
    matches = pattern_of(text)
    return _rule({"pattern": text}, is_string, matches, "regular expression did not match")


_LENGTH: Final = "specified string length was not satisfied"


def max_length(spec: Spec) -> Rule:
    """`maxLength`, in characters."""
    most = _count(spec, "maxLength")
    return _rule(
        {"maxLength": spec["maxLength"]}, is_string, lambda text: len(text) <= most, _LENGTH
    )


def min_length(spec: Spec) -> Rule:
    """`minLength`, in characters."""
    least = _count(spec, "minLength")
    return _rule(
        {"minLength": spec["minLength"]}, is_string, lambda text: len(text) >= least, _LENGTH
    )


# Wide enough for the remainder of any two decimals.
_EXACT: Final = Context(prec=12400, Emax=999999, Emin=-999999)


def _decimal(value: Any) -> Decimal:
    number = exact(value)
    return decimal_of_double(number) if isinstance(number, float) else Decimal(number)


def multiple_of(spec: Spec) -> Rule:
    """`multipleOf`."""
    operand = spec["multipleOf"]
    if not is_number(operand):
        raise _wrong("multipleOf", "must be a number")
    divisor = _decimal(operand)
    if divisor.is_nan() or divisor <= 0:
        raise _wrong("multipleOf", "must have a positive value", Code.FailedToParse)

    def divides(value: Any) -> bool:
        number = _decimal(value)
        return number.is_finite() and not _EXACT.remainder(number, divisor)

    return _rule(
        {"multipleOf": operand},
        is_number,
        divides,
        "considered value is not a multiple of the specified value",
    )


def maximum(spec: Spec) -> Rule:
    """`maximum` and `exclusiveMaximum`."""
    return _bound(spec, "maximum", "exclusiveMaximum", "$lt")


def minimum(spec: Spec) -> Rule:
    """`minimum` and `exclusiveMinimum`."""
    return _bound(spec, "minimum", "exclusiveMinimum", "$gt")


def _bound(spec: Spec, keyword: str, exclusive: str, operator: str) -> Rule:
    operand = spec[keyword]
    if not is_number(operand):
        raise _wrong(keyword, "must be a number")
    specified = {keyword: operand}
    strict = spec.get(exclusive, False)
    if not isinstance(strict, bool):
        raise _wrong(exclusive, "must be a boolean")
    if exclusive in spec:
        specified[exclusive] = strict
    test = ordered(operator if strict else operator + "e", operand)
    return _rule(specified, is_number, test, "comparison failed")


_ITEMS: Final = "array did not match specified length"


def _number_of_items(value: list[Any]) -> Detail:
    return {"numberOfItems": len(value)}


def min_items(spec: Spec) -> Rule:
    """`minItems`."""
    least = _count(spec, "minItems")
    return _rule(
        {"minItems": spec["minItems"]},
        _is_array,
        lambda items: len(items) >= least,
        _ITEMS,
        _number_of_items,
    )


def max_items(spec: Spec) -> Rule:
    """`maxItems`."""
    most = _count(spec, "maxItems")
    return _rule(
        {"maxItems": spec["maxItems"]},
        _is_array,
        lambda items: len(items) <= most,
        _ITEMS,
        _number_of_items,
    )


def _unordered(value: Any) -> Any:
    """The value with the fields of all objects in one order: a schema does not look at it."""
    if isinstance(value, Mapping):
        return {name: _unordered(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_unordered(item) for item in value]
    return value


def _identity(value: Any) -> OrderKey:
    return order_key(_unordered(value))


def unique_items(spec: Spec) -> Rule | None:
    """`uniqueItems`."""
    operand = spec["uniqueItems"]
    if not isinstance(operand, bool):
        raise _wrong("uniqueItems", "must be a boolean")
    if not operand:
        return None

    def repeated(items: list[Any]) -> list[Any]:
        seen: set[OrderKey] = set()
        for item in items:
            identity = _identity(item)
            if identity in seen:
                return [item]
            seen.add(identity)
        return []

    return _rule(
        {"uniqueItems": True},
        _is_array,
        lambda items: not repeated(items),
        "found a duplicate item",
        lambda items: {"duplicatedValue": repeated(items)[0]},
    )


def no_items_from(start: int) -> Rule:
    """`additionalItems: false`."""
    return Rule(
        lambda value: not isinstance(value, list) or len(value) <= start,
        lambda value: {
            "operatorName": "additionalItems",
            "specifiedAs": {"additionalItems": False},
            "reason": "found additional items",
            "additionalItems": value[start:],
        },
    )


def no_properties(additional: Callable[[Mapping[str, Any]], list[str]]) -> Rule:
    """`additionalProperties: false`."""
    return Rule(
        lambda value: not isinstance(value, Mapping) or not additional(value),
        lambda value: {
            "operatorName": "additionalProperties",
            "specifiedAs": {"additionalProperties": False},
            "additionalProperties": additional(value),
        },
    )


def required(spec: Spec) -> Rule:
    """`required`."""
    operand = spec["required"]
    if not isinstance(operand, list):
        raise _wrong(
            "required", f"must be an array, but found an element of type {type_alias(operand)}"
        )
    if not all(is_string(name) for name in operand):
        raise _wrong("required", "must be an array of strings")
    if not operand:
        raise _wrong("required", "cannot be an empty array", Code.FailedToParse)
    names = sorted(set(operand))
    if len(names) != len(operand):
        raise _wrong("required", "array cannot contain duplicate values", Code.FailedToParse)
    return Rule(
        lambda value: not isinstance(value, Mapping) or all(name in value for name in names),
        lambda value: {
            "operatorName": "required",
            "specifiedAs": {"required": operand},
            "missingProperties": [name for name in names if name not in value],
        },
    )


def min_properties(spec: Spec) -> Rule:
    """`minProperties`."""
    least = _count(spec, "minProperties")
    return _number_of_properties("minProperties", spec, lambda count: count >= least)


def max_properties(spec: Spec) -> Rule:
    """`maxProperties`."""
    most = _count(spec, "maxProperties")
    return _number_of_properties("maxProperties", spec, lambda count: count <= most)


def _number_of_properties(keyword: str, spec: Spec, test: Callable[[int], bool]) -> Rule:
    return Rule(
        lambda value: not isinstance(value, Mapping) or test(len(value)),
        lambda value: {
            "operatorName": keyword,
            "specifiedAs": {keyword: spec[keyword]},
            "reason": "specified number of properties was not satisfied",
            "numberOfProperties": len(value),
        },
    )


def check_dependency(name: str, operand: list[Any]) -> None:
    """Whether the properties that one depends on are named as they must be.

    Raises:
        MongoError: they are not.
    """
    where = "in $jsonSchema keyword 'dependencies'"
    if not operand:
        raise MongoError(Code.FailedToParse, f"property '{name}' {where} cannot be an empty array")
    if not all(is_string(other) for other in operand):
        raise MongoError(Code.TypeMismatch, f"array '{name}' {where} can only contain strings")
    if len(set(operand)) != len(operand):
        raise MongoError(Code.FailedToParse, f"array '{name}' {where} contains duplicate elements")


def enum(spec: Spec) -> Rule:
    """`enum`."""
    operand = spec["enum"]
    if not isinstance(operand, list):
        raise _wrong(
            "enum", f"must be an array, but found an element of type {type_alias(operand)}"
        )
    if not operand:
        raise _wrong("enum", "cannot be an empty array", Code.FailedToParse)
    values = {_identity(item) for item in operand}
    if len(values) != len(operand):
        raise _wrong("enum", "array cannot contain duplicate values.", Code.FailedToParse)
    return _rule(
        {"enum": operand},
        lambda _: True,
        lambda value: _identity(value) in values,
        "value was not found in enum",
    )


_JSON_TYPES: Final[Mapping[str, frozenset[int]]] = {
    "array": frozenset({4}),
    "boolean": frozenset({8}),
    "null": frozenset({10}),
    "number": NUMERIC_TYPES,
    "object": frozenset({3}),
    "string": frozenset({2}),
}


def json_type(spec: Spec) -> Rule:
    """`type`."""
    found: set[int] = set()
    for name in _type_names(spec, "type"):
        if name not in _JSON_TYPES:
            raise MongoError(Code.BadValue, f"Unknown type name alias: {name}")
        found |= _JSON_TYPES[name]
    return _of_types("type", spec, frozenset(found))


def bson_types(spec: Spec) -> Rule:
    """`bsonType`."""
    names = _type_names(spec, "bsonType")
    return _of_types("bsonType", spec, types_of(names, "bsonType"))


def _type_names(spec: Spec, keyword: str) -> list[str]:
    operand = spec[keyword]
    names = [operand] if is_string(operand) else operand
    if not isinstance(names, list):
        raise _wrong(keyword, "must be either a string or an array of strings")
    if not all(is_string(name) for name in names):
        raise _wrong(keyword, "array elements must be strings")
    if not names:
        raise _wrong(keyword, "must name at least one type", Code.FailedToParse)
    if "integer" in names:
        raise MongoError(
            Code.FailedToParse, "$jsonSchema type 'integer' is not currently supported."
        )
    if len(set(names)) != len(names):
        raise _wrong(keyword, "has a duplicate value", Code.FailedToParse)
    return names


def _of_types(keyword: str, spec: Spec, numbers: frozenset[int]) -> Rule:
    return _rule(
        {keyword: spec[keyword]},
        lambda _: True,
        lambda value: bson_type(value) in numbers,
        "type did not match",
        lambda value: {"consideredType": type_alias(value)},
    )
