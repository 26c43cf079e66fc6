"""$fill: values for nulls and missing fields."""

from collections.abc import Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.compiling import split_path
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Documents,
    Stage,
    expecting_object,
    required_field,
    unknown_field,
)
from stend.engines.mongo.aggregate.stages.projecting import ADD, Node
from stend.engines.mongo.aggregate.stages.windowing import Windowing
from stend.engines.mongo.aggregate.windows.functions import compile_window_function
from stend.engines.mongo.errors import Code, MongoError

_METHODS: Final = {"locf": "$locf", "linear": "$linearFill"}


def fill(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, Code.FailedToParse)
    unknown_field(name, given, ("partitionBy", "partitionByFields", "sortBy", "output"))
    output = required_field(name, given, "output")
    if not isinstance(output, Mapping) or not output:
        raise MongoError(6050203, "$fill needs at least one field in 'output'")
    if "partitionBy" in given and "partitionByFields" in given:
        raise MongoError(
            6050204,
            "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'",
        )
    methods: dict[str, str] = {}
    constants = Node(ADD)
    for field, value in output.items():
        _read_output(field, value, methods, constants, building)
    return _stages(given, methods, constants, building)


def _read_output(
    field: str, value: Any, methods: dict[str, str], constants: Node, building: Building
) -> None:
    parts = split_path(field)
    if not isinstance(value, Mapping) or len(value) != 1:
        raise MongoError(
            40415 if isinstance(value, Mapping) else int(Code.TypeMismatch),
            f"each field of $fill.output must be an object of one field, '{field}' is not",
        )
    ((key, argument),) = value.items()
    if key == "value":
        filled = building.expression({"$ifNull": [f"${field}", argument]})
        constants.place(parts, filled, field)
    elif key == "method":
        if argument not in _METHODS:
            raise MongoError(6050202, "Method must be either locf or linear")
        methods[field] = argument
    else:
        raise MongoError(40415, f"BSON field '$fill.output.{key}' is an unknown field.")


def _stages(
    given: Mapping[str, Any], methods: Mapping[str, str], constants: Node, building: Building
) -> Stage:
    sort_fields = given.get("sortBy")
    if "linear" in methods.values() and sort_fields is None:
        raise MongoError(605001, "$linearFill must be specified with a top level sortBy expression")
    windowing = None
    if methods:
        functions = [
            (
                field,
                compile_window_function(
                    {_METHODS[method]: f"${field}"}, building.scope, sort_fields
                ),
            )
            for field, method in methods.items()
        ]
        windowing = Windowing(_partition(given), sort_fields, functions, building)
    environment = building.environment()

    def run(documents: Documents) -> Documents:
        for document in windowing.run(documents) if windowing is not None else documents:
            yield constants.apply(document, environment(document))

    return run


def _partition(given: Mapping[str, Any]) -> Any:
    if "partitionByFields" not in given:
        return given.get("partitionBy")
    fields = given["partitionByFields"]
    if not isinstance(fields, list) or not all(type(field) is str for field in fields):
        raise MongoError(
            Code.TypeMismatch, "BSON field '$fill.partitionByFields' must be an array of strings"
        )
    return {field: f"${field}" for field in fields} or None
