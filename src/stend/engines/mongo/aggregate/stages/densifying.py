"""$densify: documents for the steps of a range that have none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import DatetimeMS

from stend.engines.mongo.aggregate.date_units import add, check_unit
from stend.engines.mongo.aggregate.expressions.arithmetic import plus
from stend.engines.mongo.aggregate.expressions.compiling import split_path, walk
from stend.engines.mongo.aggregate.memory import Holding, weight
from stend.engines.mongo.aggregate.numbers import is_integral_long, is_number, to_double, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
    required_field,
    unknown_field,
)
from stend.engines.mongo.aggregate.stages.unwinding import with_value
from stend.engines.mongo.aggregate.timezones import UTC
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, OrderKey, type_alias

# MongoDB's internalQueryMaxAllowedDensifyDocs.
MAX_GENERATED: Final = 500_000


@dataclass(frozen=True, slots=True)
class Range:
    """The steps.

    Attributes:
        step: a positive number.
        unit: of time, None for numbers.
        bounds: "full", "partition", or a pair: from the first, up to but not at the second.
    """

    step: Any
    unit: str | None
    bounds: Any

    def following(self, start: Any, value: Any, count: int) -> Any:
        """The value of step `count` from the start, when `value` is that of the one before."""
        if self.unit is None:
            return plus(value, self.step)
        return DatetimeMS(add(int(start), self.unit, to_long(self.step) * count, UTC))


def densify(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 5733201)
    unknown_field(name, given, ("field", "partitionByFields", "range"))
    field = required_field(name, given, "field")
    if type(field) is not str:
        raise MongoError(
            Code.TypeMismatch, "BSON field '$densify.field' is the wrong type, expected string"
        )
    partition = given.get("partitionByFields", [])
    if not isinstance(partition, list) or not all(type(item) is str for item in partition):
        raise MongoError(
            Code.TypeMismatch, "BSON field '$densify.partitionByFields' must be an array of strings"
        )
    steps = _range(required_field(name, given, "range"), bool(partition))
    return _Densifying(
        split_path(field), [split_path(item) for item in partition], steps, building
    ).run


def _range(spec: Any, partitioned: bool) -> Range:
    given = expecting_object("$densify.range", spec, Code.TypeMismatch)
    unknown_field("$densify.range", given, ("step", "unit", "bounds"))
    step, unit = required_field("$densify.range", given, "step"), given.get("unit")
    bounds = required_field("$densify.range", given, "bounds")
    if not is_number(step):
        raise MongoError(Code.TypeMismatch, "BSON field '$densify.range.step' is the wrong type")
    if not to_double(step) > 0:
        raise MongoError(
            5733401,
            "The step parameter in a range statement must be a strictly positive numeric value",
        )
    if unit is not None:
        if type(unit) is not str:
            raise MongoError(
                Code.TypeMismatch, "BSON field '$densify.range.unit' is the wrong type"
            )
        check_unit(unit)
        if not is_integral_long(step):
            raise MongoError(
                6586400,
                "The step parameter in a range satement must be a whole "
                "number when densifying a date range",
            )
    return Range(step, unit, _bounds(bounds, step, unit, partitioned=partitioned))


def _bounds(bounds: Any, step: Any, unit: str | None, *, partitioned: bool) -> Any:
    if bounds == "partition" and not partitioned:
        raise MongoError(
            5733408,
            "One may not specify the bounds as 'partition' without specifying a non-empty array "
            "of partitionByFields. You may have meant to specify 'full' bounds.",
        )
    if bounds in ("full", "partition"):
        return bounds
    if not isinstance(bounds, list):
        raise MongoError(5946802, "Bounds string must either be 'full' or 'partition'")
    if len(bounds) != 2:
        raise MongoError(
            5733403, "A bounding array in a range statement must have exactly two elements"
        )
    if value_key(bounds[0]) > value_key(bounds[1]):
        raise MongoError(
            5733402,
            "A bounding array must be an ascending array of either two dates or two numbers",
        )
    _check_pair(bounds, step, unit)
    return tuple(bounds)


def _check_pair(bounds: list[Any], step: Any, unit: str | None) -> None:
    mixed = "A bounding array must contain either both dates or both numeric types"
    if is_number(bounds[0]):
        if unit is not None:
            raise MongoError(5733409, "Numeric bounds may not have unit parameter")
        if not is_number(bounds[1]):
            raise MongoError(5733406, mixed)
        if len({type(bounds[0]), type(bounds[1]), type(step)}) != 1:
            raise MongoError(
                5876900, "Upper bound, lower bound, and step must all have the same type"
            )
        return
    if not isinstance(bounds[0], DatetimeMS):
        raise MongoError(5946800, "Explicit bounds must be numeric or dates")
    if not isinstance(bounds[1], DatetimeMS):
        raise MongoError(5733405, mixed)
    if unit is None:
        raise MongoError(5733410, "A bounding array of dates must specify a unit")


class _Densifying:
    """The stage: documents in the order of the field, with the generated ones between."""

    def __init__(
        self,
        field: tuple[str, ...],
        partition: Sequence[tuple[str, ...]],
        steps: Range,
        building: Building,
    ) -> None:
        self.field = field
        self.partition = partition
        self.steps = steps
        self.building = building
        self.generated = 0

    def run(self, documents: Documents) -> Documents:
        self.generated = 0
        holding = Holding("$densify")
        partitions: dict[OrderKey, list[tuple[Any, Document]]] = {}
        absent: list[Document] = []
        for document in self.building.ticking(documents):
            holding.add(weight(document))
            value = walk(document, self.field)
            if value is None or value is MISSING:
                absent.append(document)
                continue
            self._check(value)
            partitions.setdefault(self._identity(document), []).append((value, document))
        yield from absent
        full = self._full_bounds(partitions)
        for key in sorted(partitions):
            rows = sorted(partitions[key], key=lambda row: value_key(row[0]))
            yield from self._filled(rows, full)

    def _identity(self, document: Document) -> OrderKey:
        values = [walk(document, path) for path in self.partition]
        return tuple(value_key(value) for value in values)

    def _check(self, value: Any) -> None:
        if self.steps.unit is not None:
            if not isinstance(value, DatetimeMS):
                raise MongoError(
                    6053600,
                    "Densify field type must be a date for a step with a unit, not "
                    f"{type_alias(value)}",
                )
        elif not is_number(value):
            raise MongoError(
                5733201, f"Densify field type must be numeric, not {type_alias(value)}"
            )

    def _full_bounds(
        self, partitions: Mapping[OrderKey, list[tuple[Any, Document]]]
    ) -> tuple[Any, Any] | None:
        if self.steps.bounds != "full" or not partitions:
            return None
        values = [value for rows in partitions.values() for value, _ in rows]
        return min(values, key=value_key), max(values, key=value_key)

    def _filled(
        self, rows: Sequence[tuple[Any, Document]], full: tuple[Any, Any] | None
    ) -> Documents:
        low, high, inclusive = self._limits(rows, full)
        start, count, value = low, 0, low
        example = {path: walk(rows[0][1], path) for path in self.partition}
        for own, document in rows:
            key = value_key(own)
            while value_key(value) < key and self._within(value, high, inclusive):
                yield self._made(value, example)
                count += 1
                value = self.steps.following(start, value, count)
            # A document on a step stands for it.
            if value_key(value) == key:
                count += 1
                value = self.steps.following(start, value, count)
            yield document
        while self._within(value, high, inclusive):
            yield self._made(value, example)
            count += 1
            value = self.steps.following(start, value, count)

    def _limits(
        self, rows: Sequence[tuple[Any, Document]], full: tuple[Any, Any] | None
    ) -> tuple[Any, Any, bool]:
        if full is not None:
            return *full, True
        if self.steps.bounds == "partition":
            return rows[0][0], rows[-1][0], True
        low, high = self.steps.bounds
        return low, high, False

    @staticmethod
    def _within(value: Any, high: Any, inclusive: bool) -> bool:
        key, limit = value_key(value), value_key(high)
        return key <= limit if inclusive else key < limit

    def _made(self, value: Any, example: Mapping[tuple[str, ...], Any]) -> Document:
        self.generated += 1
        if self.generated > MAX_GENERATED:
            raise MongoError(
                5897900,
                f"Generated {self.generated} documents in $densify, which is over the limit of "
                f"{MAX_GENERATED}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to "
                "allow more generated documents",
            )
        if self.generated % 64 == 0:
            self.building.context.tick()
        document: Document = {}
        for path, part in example.items():
            if part is not MISSING:
                document = with_value(document, path, part)
        return with_value(document, self.field, value)
