"""`$jsonSchema`: what each keyword accepts, how it explains a failure, what is no schema."""

from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.schema import compile_schema

# A schema of the field a, values it accepts, values it does not.
ACCEPTED: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({}, [1, None, [], {}], []),
    ({"bsonType": "int"}, [1], [Int64(1), 1.0, "1", True]),
    ({"bsonType": ["int", "null"]}, [1, None], ["x"]),
    ({"bsonType": "number"}, [1, Int64(1), 1.5, Decimal128("1")], ["1"]),
    ({"bsonType": "objectId"}, [ObjectId()], ["0" * 24]),
    ({"type": "number"}, [1, Int64(1), 1.5], [True]),
    ({"type": ["boolean", "string"]}, [True, "x"], [1]),
    ({"type": "object"}, [{}], [[]]),
    ({"type": "null"}, [None], [0]),
    ({"minimum": 1}, [1, 1.0, 2, "x", None, []], [0, 0.99, Decimal128("0.9"), float("nan")]),
    ({"minimum": 1, "exclusiveMinimum": True}, [1.5], [1]),
    ({"maximum": 1}, [1, Int64(0)], [2]),
    ({"maximum": 1, "exclusiveMaximum": True}, [0], [1.0]),
    ({"maximum": 1, "exclusiveMaximum": False}, [1], [2]),
    ({"multipleOf": 2}, [4, 0, -2, "x", Decimal128("6.00")], [3, 2.5, float("inf")]),
    ({"multipleOf": 0.1}, [1.1, 0.3], [0.15]),
    ({"minLength": 2}, ["жж", "ab", 1], ["ж", ""]),
    ({"maxLength": 2}, ["жж"], ["abc"]),
    ({"pattern": "^a.c$"}, ["abc", 5], ["ABC", "ac"]),
    ({"enum": [1, "x", {"b": 1, "c": 2}]}, [1.0, "x", {"c": 2, "b": 1}], [2, [1], {"b": 1}]),
    ({"minItems": 1}, [[1], "x"], [[]]),
    ({"maxItems": 1}, [[], [1]], [[1, 2]]),
    ({"uniqueItems": True}, [[1, 2], [{"a": 1}, {"a": 2}], "xx"], [[1, 1.0]]),
    ({"uniqueItems": True}, [[]], [[{"a": 1, "b": 2}, {"b": 2, "a": 1}]]),
    ({"uniqueItems": False}, [[1, 1]], []),
    ({"items": {"bsonType": "int"}}, [[], [1], "x"], [["x"], [1, 1.5]]),
    ({"items": [{"bsonType": "int"}]}, [[], [1, "x"]], [["x"]]),
    ({"items": [{}], "additionalItems": False}, [[1]], [[1, 2]]),
    ({"items": [{}], "additionalItems": {"bsonType": "int"}}, [["x", 1]], [["x", "y"]]),
    ({"items": {}, "additionalItems": False}, [[1, 2]], []),
    ({"items": [{}], "additionalItems": True}, [[1, 2]], []),
    ({"properties": {"b": {"bsonType": "int"}}}, [{"b": 1}, {}, 5, []], [{"b": "x"}]),
    ({"required": ["b", "c"]}, [{"b": 1, "c": None}, 5], [{"b": 1}, {}]),
    ({"additionalProperties": False, "properties": {"b": {}}}, [{"b": 1}, {}], [{"c": 1}]),
    ({"additionalProperties": {"bsonType": "int"}}, [{"b": 1}], [{"b": "x"}]),
    ({"additionalProperties": True}, [{"b": 1}], []),
    ({"patternProperties": {"^n": {"bsonType": "int"}}}, [{"n1": 1, "x": "y"}], [{"n1": "x"}]),
    (
        {"patternProperties": {"^n": {}}, "additionalProperties": False},
        [{"n": 1}],
        [{"n": 1, "x": 1}],
    ),
    ({"minProperties": 1}, [{"b": 1}, 5], [{}]),
    ({"maxProperties": 1}, [{"b": 1}], [{"b": 1, "c": 1}]),
    ({"dependencies": {"b": ["c"]}}, [{"b": 1, "c": 1}, {}, {"c": 1}], [{"b": 1}]),
    ({"dependencies": {"b": {"required": ["c"]}}}, [{"b": 1, "c": 1}, {}], [{"b": 1}]),
    ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, [2], [0, 4]),
    ({"anyOf": [{"bsonType": "int"}, {"minLength": 2}]}, [1, "xx"], ["x"]),
    ({"oneOf": [{"minimum": 1}, {"maximum": 3}]}, [0, 4], [2]),
    ({"not": {"bsonType": "int"}}, ["x"], [1]),
    ({"title": "T", "description": "D"}, [1], []),
]


@pytest.mark.parametrize(
    ("spec", "accepted", "refused"), ACCEPTED, ids=[str(spec) for spec, _, _ in ACCEPTED]
)
def test_a_schema_accepts(spec: dict[str, Any], accepted: list[Any], refused: list[Any]) -> None:
    validator = compile_schema({"properties": {"a": spec}})
    assert validator.accepts({})
    assert [value for value in accepted if not validator.accepts({"a": value})] == []
    for value in refused:
        assert not validator.accepts({"a": value}), value
        assert validator.details({"a": value})["schemaRulesNotSatisfied"]


def explained(spec: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    document = {"a": value}
    rules = compile_schema({"properties": {"a": spec}}).details(document)["schemaRulesNotSatisfied"]
    (rule,) = rules
    assert rule["operatorName"] == "properties"
    ((of_a),) = rule["propertiesNotSatisfied"]
    assert of_a["propertyName"] == "a"
    details: list[dict[str, Any]] = of_a["details"]
    return details


def leaf(specified: dict[str, Any], reason: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "operatorName": next(iter(specified)),
        "specifiedAs": specified,
        "reason": reason,
        "consideredValue": value,
        **more,
    }


INT = {"bsonType": "int"}
NOT_INT = leaf(INT, "type did not match", "x", consideredType="string")

# As doc_validation_error_json_schema_test.cpp of MongoDB expects them.
EXPLAINED: list[tuple[dict[str, Any], Any, list[dict[str, Any]]]] = [
    (INT, "x", [NOT_INT]),
    ({"minimum": 1}, 0, [leaf({"minimum": 1}, "comparison failed", 0)]),
    (
        {"exclusiveMaximum": True, "maximum": 1},
        1,
        [leaf({"maximum": 1, "exclusiveMaximum": True}, "comparison failed", 1)],
    ),
    (
        {"multipleOf": 2.1},
        1.1,
        [
            leaf(
                {"multipleOf": 2.1},
                "considered value is not a multiple of the specified value",
                1.1,
            )
        ],
    ),
    (
        {"minLength": 4},
        "foo",
        [leaf({"minLength": 4}, "specified string length was not satisfied", "foo")],
    ),
    (
        {"pattern": "^S"},
        "slow",
        [leaf({"pattern": "^S"}, "regular expression did not match", "slow")],
    ),
    ({"enum": [1, 2]}, 3, [leaf({"enum": [1, 2]}, "value was not found in enum", 3)]),
    (
        {"minItems": 2},
        [1],
        [leaf({"minItems": 2}, "array did not match specified length", [1], numberOfItems=1)],
    ),
    (
        {"uniqueItems": True},
        [1, 2, 2],
        [leaf({"uniqueItems": True}, "found a duplicate item", [1, 2, 2], duplicatedValue=2)],
    ),
    (
        {"items": INT},
        [1, "x"],
        [
            {
                "operatorName": "items",
                "reason": "At least one item did not match the sub-schema",
                "itemIndex": 1,
                "details": [NOT_INT],
            }
        ],
    ),
    (
        {"items": [{}, INT]},
        [1, "x"],
        [{"operatorName": "items", "details": [{"itemIndex": 1, "details": [NOT_INT]}]}],
    ),
    (
        {"items": [{}], "additionalItems": False},
        [1, 2, 3],
        [
            {
                "operatorName": "additionalItems",
                "specifiedAs": {"additionalItems": False},
                "reason": "found additional items",
                "additionalItems": [2, 3],
            }
        ],
    ),
    (
        {"required": ["c", "b"]},
        {},
        [
            {
                "operatorName": "required",
                "specifiedAs": {"required": ["c", "b"]},
                "missingProperties": ["b", "c"],
            }
        ],
    ),
    (
        {"maxProperties": 0},
        {"b": 1},
        [
            {
                "operatorName": "maxProperties",
                "specifiedAs": {"maxProperties": 0},
                "reason": "specified number of properties was not satisfied",
                "numberOfProperties": 1,
            }
        ],
    ),
    (
        {"additionalProperties": False},
        {"b": 1},
        [
            {
                "operatorName": "additionalProperties",
                "specifiedAs": {"additionalProperties": False},
                "additionalProperties": ["b"],
            }
        ],
    ),
    (
        {"additionalProperties": INT},
        {"b": 1, "c": "x"},
        [
            {
                "operatorName": "additionalProperties",
                "reason": "at least one additional property did not match the subschema",
                "failingProperty": "c",
                "details": [NOT_INT],
            }
        ],
    ),
    (
        {"patternProperties": {"^c": INT}},
        {"c1": "x"},
        [
            {
                "operatorName": "patternProperties",
                "details": [{"propertyName": "c1", "regexMatched": "^c", "details": [NOT_INT]}],
            }
        ],
    ),
    (
        {"dependencies": {"b": ["c", "d"], "e": INT}},
        {"b": 1, "d": 1},
        [
            {
                "operatorName": "dependencies",
                "failingDependencies": [{"conditionalProperty": "b", "missingProperties": ["c"]}],
            }
        ],
    ),
    (
        {"allOf": [{}, INT]},
        "x",
        [{"operatorName": "allOf", "schemasNotSatisfied": [{"index": 1, "details": [NOT_INT]}]}],
    ),
    (
        {"oneOf": [{}, {}, INT]},
        "x",
        [
            {
                "operatorName": "oneOf",
                "reason": "more than one subschema matched",
                "matchingSchemaIndexes": [0, 1],
            }
        ],
    ),
    (
        {"oneOf": [INT]},
        "x",
        [{"operatorName": "oneOf", "schemasNotSatisfied": [{"index": 0, "details": [NOT_INT]}]}],
    ),
    ({"not": {}}, 1, [{"operatorName": "not", "reason": "child expression matched"}]),
    (
        {"description": "d", "title": "t", **INT},
        "x",
        [NOT_INT],
    ),
]


@pytest.mark.parametrize(
    ("spec", "value", "details"), EXPLAINED, ids=[str(spec) for spec, _, _ in EXPLAINED]
)
def test_a_failure_is_explained(
    spec: dict[str, Any], value: Any, details: list[dict[str, Any]]
) -> None:
    assert explained(spec, value) == details


def test_the_words_of_the_author_are_repeated() -> None:
    spec = {"title": "Student", "properties": {"a": {"description": "a number", **INT}}}
    details = compile_schema(spec).details({"a": "x"})
    assert list(details) == ["operatorName", "title", "schemaRulesNotSatisfied"]
    assert details["operatorName"] == "$jsonSchema"
    (rule,) = details["schemaRulesNotSatisfied"]
    assert rule["propertiesNotSatisfied"][0]["description"] == "a number"


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"nothing": 1}, 9, r"Unknown \$jsonSchema keyword: nothing"),
    ({"format": "date"}, 9, "'format' is not currently supported"),
    ({"$ref": "x"}, 9, r"'\$ref' is not currently supported"),
    ({"encrypt": {}}, 9, "'encrypt' is not currently supported"),
    ({"title": 1}, 14, "'title' must be of type string"),
    ({"type": "int", "bsonType": "int"}, 9, "Cannot specify both"),
    ({"type": "integer"}, 9, "'integer' is not currently supported"),
    ({"type": "int"}, 2, "Unknown type name alias: int"),
    ({"type": 1}, 14, "must be either a string or an array of strings"),
    ({"bsonType": [1]}, 14, "array elements must be strings"),
    ({"bsonType": []}, 9, "must name at least one type"),
    ({"bsonType": ["int", "int"]}, 9, "duplicate value"),
    ({"bsonType": "nothing"}, 2, "Unknown type name alias"),
    ({"minimum": "x"}, 14, "'minimum' must be a number"),
    ({"exclusiveMinimum": True}, 9, "'minimum' must be a present"),
    ({"maximum": 1, "exclusiveMaximum": 1}, 14, "must be a boolean"),
    ({"multipleOf": 0}, 9, "must have a positive value"),
    ({"multipleOf": "x"}, 14, "'multipleOf' must be a number"),
    ({"minLength": -1}, 9, "Expected a non-negative number"),
    ({"maxLength": 1.5}, 9, "Expected an integer"),
    ({"pattern": 1}, 14, "'pattern' must be a string"),
    ({"pattern": "("}, 51091, "Regular expression is invalid"),
    ({"enum": []}, 9, "cannot be an empty array"),
    ({"enum": [1, 1.0]}, 9, "cannot contain duplicate values"),
    ({"enum": 1}, 14, "must be an array"),
    ({"uniqueItems": 1}, 14, "must be a boolean"),
    ({"items": 1}, 14, "must be an array or an object"),
    ({"items": [1]}, 14, "each element of the array is an object"),
    ({"additionalItems": 1}, 14, "either an object or a boolean"),
    ({"properties": 1}, 14, "'properties' must be an object"),
    ({"properties": {"b": 1}}, 14, "property 'b' must be an object"),
    ({"patternProperties": {"b": 1}}, 14, "has property 'b' which is not an object"),
    ({"patternProperties": 1}, 14, "'patternProperties' must be an object"),
    ({"additionalProperties": 1}, 14, "must be an object or a boolean"),
    ({"required": []}, 9, "cannot be an empty array"),
    ({"required": ["b", "b"]}, 9, "duplicate values"),
    ({"required": [1]}, 14, "array of strings"),
    ({"required": True}, 14, "must be an array"),
    ({"dependencies": 1}, 14, "'dependencies' must be an object"),
    ({"dependencies": {"b": []}}, 9, "cannot be an empty array"),
    ({"dependencies": {"b": [1]}}, 14, "can only contain strings"),
    ({"dependencies": {"b": ["c", "c"]}}, 9, "duplicate"),
    ({"dependencies": {"b": 1}}, 14, "either an object or an array"),
    ({"allOf": []}, 2, "non-empty array"),
    ({"anyOf": 1}, 14, "must be an array"),
    ({"oneOf": [1]}, 14, "array of objects"),
    ({"not": 1}, 14, "'not' must be an object"),
]


@pytest.mark.parametrize(("spec", "code", "message"), WRONG, ids=[str(row[0]) for row in WRONG])
def test_what_is_no_schema_is_refused(spec: dict[str, Any], code: int, message: str) -> None:
    for schema in (spec, {"properties": {"a": spec}}):
        with pytest.raises(MongoError, match=message) as refused:
            compile_schema(schema)
        assert refused.value.code == code
