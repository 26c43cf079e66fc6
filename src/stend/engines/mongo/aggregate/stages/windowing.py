"""$setWindowFields: partitions, their order, and window functions over them."""

from collections.abc import Mapping, Sequence
from typing import Any

from stend.engines.mongo.aggregate.expressions.compiling import split_path, walk
from stend.engines.mongo.aggregate.memory import Holding, weight
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
    unknown_field,
)
from stend.engines.mongo.aggregate.stages.projecting import ADD, Node
from stend.engines.mongo.aggregate.windows.functions import compile_window_function
from stend.engines.mongo.aggregate.windows.partition import Partition, WindowFunction
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import MISSING, OrderKey

Output = Sequence[tuple[str, WindowFunction]]


def set_window_fields(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, Code.FailedToParse)
    unknown_field(name, given, ("partitionBy", "sortBy", "output"))
    if not isinstance(given.get("output"), Mapping):
        raise MongoError(40414, f"BSON field '{name}.output' is missing but a required field")
    sort_fields = given.get("sortBy")
    if sort_fields is not None and not isinstance(sort_fields, Mapping):
        raise MongoError(
            Code.TypeMismatch, f"BSON field '{name}.sortBy' is the wrong type, expected object"
        )
    output = [
        (field, compile_window_function(value, building.scope, sort_fields or None))
        for field, value in given["output"].items()
    ]
    _check_output([field for field, _ in output])
    return Windowing(given.get("partitionBy"), sort_fields or None, output, building).run


def _check_output(fields: Sequence[str]) -> None:
    node = Node(ADD)
    for field in fields:
        node.place(split_path(field), None, field)


class Windowing:
    """The stage: holds all documents, then gives them partition by partition.

    Args:
        partition_by: an expression, None for one partition.
        sort_fields: the order inside a partition, None for that of the input.
        output: window functions by the path that their value is put at.
        building: of the stage.
    """

    def __init__(
        self,
        partition_by: Any,
        sort_fields: Mapping[str, Any] | None,
        output: Output,
        building: Building,
    ) -> None:
        self.building = building
        self.environment = building.environment()
        self.partition_by = building.expression(partition_by)
        self.sort_key = None if sort_fields is None else sort_key(sort_fields)
        self.sort_path = None if sort_fields is None else split_path(next(iter(sort_fields)))
        self.output = output

    def run(self, documents: Documents) -> Documents:
        holding = Holding("$setWindowFields")
        partitions: dict[OrderKey, list[Document]] = {}
        for document in self.building.ticking(documents):
            value = self.partition_by(self.environment(document))
            if isinstance(value, list):
                raise MongoError(
                    Code.TypeMismatch,
                    "An expression used to partition cannot evaluate to value of type array",
                )
            holding.add(weight(document))
            key = value_key(None if value is MISSING else value)
            partitions.setdefault(key, []).append(document)
        # A partition is a part of one sort, by the partition first.
        for key in sorted(partitions):
            yield from self._partition(partitions.pop(key))

    def _partition(self, documents: list[Document]) -> Documents:
        if self.sort_key is not None:
            documents.sort(key=self.sort_key)
        partition = Partition(
            [self.environment(document) for document in documents],
            [self._sort_value(document) for document in documents],
            self.building.context.tick,
        )
        columns = [(field, function(partition)) for field, function in self.output]
        for position, document in enumerate(documents):
            values = {field: column[position] for field, column in columns}
            yield set_paths(document, values)

    def _sort_value(self, document: Document) -> Any:
        return MISSING if self.sort_path is None else walk(document, self.sort_path)


def set_paths(document: Document, values: Mapping[str, Any]) -> Document:
    """The document with values at paths, as $addFields puts them."""
    node = Node(ADD)
    for path, value in values.items():
        node.place(tuple(path.split(".")), _given(value), path)
    return node.apply(document, {})


def _given(value: Any) -> Any:
    return lambda env: value
