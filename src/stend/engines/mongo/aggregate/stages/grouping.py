"""$group, $sortByCount, $bucket and $bucketAuto."""

import bisect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from stend.engines.mongo.aggregate.accumulating import Accumulation, compile_field
from stend.engines.mongo.aggregate.accumulators import Accumulator
from stend.engines.mongo.aggregate.expressions.compiling import Constant
from stend.engines.mongo.aggregate.expressions.scope import Env, Expression
from stend.engines.mongo.aggregate.memory import Holding, weight
from stend.engines.mongo.aggregate.numbers import is_number, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
)
from stend.engines.mongo.aggregate.stages.granularity import rounders
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING, OrderKey, order_class, type_alias


class Groups:
    """Groups in the order in which their first document came.

    Args:
        fields: the accumulators by field.
        holding: counts what the groups hold.
    """

    def __init__(self, fields: Sequence[tuple[str, Accumulation]], holding: Holding) -> None:
        self.fields = fields
        self.holding = holding
        self.groups: dict[OrderKey, tuple[Any, list[Accumulator]]] = {}

    def add(self, identity: Any, env: Env) -> None:
        key = value_key(identity)
        group = self.groups.get(key)
        if group is None:
            group = self._new(key, identity, env)
        for (_, field), accumulator in zip(self.fields, group[1], strict=True):
            before = accumulator.held_bytes
            accumulator.add(field.input(env))
            grown = accumulator.held_bytes - before
            if grown:
                self.holding.add(grown)

    def _new(self, key: OrderKey, identity: Any, env: Env) -> tuple[Any, list[Accumulator]]:
        self.holding.add(weight(identity) + 64 * (len(self.fields) + 1))
        document = identity if isinstance(identity, Mapping) else {"_id": identity}
        own = {**env, "ROOT": document, "CURRENT": document}
        group = (identity, [field.start(own) for _, field in self.fields])
        self.groups[key] = group
        return group

    def results(self) -> Iterator[Document]:
        for identity, accumulators in self.groups.values():
            document = {"_id": identity}
            for (name, _), accumulator in zip(self.fields, accumulators, strict=True):
                document[name] = accumulator.result
            yield document


def group(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 15947)
    if "_id" not in given:
        raise MongoError(15955, "a group specification must include an _id")
    identity = building.expression(given["_id"])
    fields = [
        (field, compile_field(field, value, building.scope))
        for field, value in given.items()
        if field != "_id"
    ]
    return _grouping(identity, fields, building)


def _grouping(
    identity: Expression, fields: Sequence[tuple[str, Accumulation]], building: Building
) -> Stage:
    environment = building.environment()

    def run(documents: Documents) -> Documents:
        groups = Groups(fields, Holding("$group"))
        for document in building.ticking(documents):
            env = environment(document)
            value = identity(env)
            groups.add(None if value is MISSING else value, env)
        yield from groups.results()

    return run


def sort_by_count(name: str, spec: Any, building: Building) -> Stage:
    if isinstance(spec, Mapping):
        if next(iter(spec), "")[:1] != "$":
            raise MongoError(
                40147,
                "the sortByCount field must be defined as a $-prefixed path or "
                "an expression inside an object",
            )
    elif type(spec) is not str:
        raise MongoError(
            40149, "the sortByCount field must be specified as a string or as an object"
        )
    elif spec[:1] != "$":
        raise MongoError(
            40148,
            "the sortByCount field must be defined as a $-prefixed path or an "
            "expression inside an object",
        )
    grouped = _grouping(
        building.expression(spec),
        [("count", compile_field("count", {"$sum": 1}, building.scope))],
        building,
    )

    def run(documents: Documents) -> Documents:
        yield from sorted(grouped(documents), key=lambda document: -document["count"])

    return run


_COUNTED: Final[Mapping[str, Any]] = {"count": {"$sum": 1}}


def bucket(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 40201)
    for key in given:
        if key not in ("groupBy", "boundaries", "default", "output"):
            raise MongoError(40197, f"Unrecognized option to $bucket: {key}.")
    if "groupBy" not in given or "boundaries" not in given:
        raise MongoError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.")
    by = _grouped_by(name, given["groupBy"], building, 40202)
    bounds = _boundaries(given["boundaries"], building)
    has_default = "default" in given
    default = _default(given["default"], bounds, building) if has_default else None
    fields = _output(name, given, building, 40196)
    keys = [value_key(bound) for bound in bounds]

    def bucket_of(value: Any) -> Any:
        key = value_key(value)
        index = bisect.bisect_right(keys, key)
        if 0 < index < len(keys):
            return bounds[index - 1]
        if not has_default:
            raise MongoError(
                40066,
                "$switch could not find a matching branch for an input, and no default was "
                "specified.",
            )
        return default

    grouped = _grouping(lambda env: bucket_of(by(env)), fields, building)

    def run(documents: Documents) -> Documents:
        yield from sorted(grouped(documents), key=lambda document: value_key(document["_id"]))

    return run


def _grouped_by(name: str, spec: Any, building: Building, code: int) -> Expression:
    is_path = type(spec) is str and spec[:1] == "$"
    is_expression = isinstance(spec, Mapping) and next(iter(spec), "")[:1] == "$"
    if not is_path and not is_expression:
        raise MongoError(
            code,
            f"The {name} 'groupBy' field must be defined as a $-prefixed path or an expression, "
            f"but found: {spec!r}.",
        )
    return building.expression(spec)


def _constant(spec: Any, building: Building, code: int, what: str) -> Any:
    compiled = building.expression(spec)
    if isinstance(compiled, Constant):
        return compiled.value
    value = compiled(building.environment()({}))
    if value is MISSING or _reads_documents(spec):
        raise MongoError(code, f"{what} must be a constant, but found {spec!r}")
    return value


def _reads_documents(spec: Any) -> bool:
    """Whether a field path stands anywhere in an expression."""
    if type(spec) is str:
        return spec[:1] == "$" and spec[:2] != "$$"
    if isinstance(spec, Mapping):
        if "$literal" in spec:
            return False
        return any(_reads_documents(item) for item in spec.values())
    return isinstance(spec, list) and any(_reads_documents(item) for item in spec)


def _boundaries(spec: Any, building: Building) -> list[Any]:
    if not isinstance(spec, list):
        raise MongoError(40200, "The $bucket 'boundaries' field must be an array")
    if len(spec) < 2:
        raise MongoError(
            40192,
            "The $bucket 'boundaries' field must have at least 2 values, "
            f"but found {len(spec)} value(s).",
        )
    bounds = [_constant(item, building, 40191, "The $bucket 'boundaries'") for item in spec]
    for lower, upper in itertools.pairwise(bounds):
        if order_class(lower) != order_class(upper):
            raise MongoError(
                40193,
                "All values in the 'boundaries' option to $bucket must have the same type. Found "
                f"conflicting types {type_alias(lower)} and {type_alias(upper)}.",
            )
        if value_key(lower) >= value_key(upper):
            raise MongoError(
                40194,
                "The 'boundaries' option to $bucket must be sorted, but elements "
                f"{lower} and {upper} are not in ascending order.",
            )
    return bounds


def _default(spec: Any, bounds: Sequence[Any], building: Building) -> Any:
    value = _constant(spec, building, 40195, "The $bucket 'default' field")
    if order_class(value) == order_class(bounds[0]) and (
        value_key(bounds[0]) <= value_key(value) < value_key(bounds[-1])
    ):
        raise MongoError(
            40199,
            "The $bucket 'default' field must be less than the lowest boundary or greater than "
            "or equal to the highest boundary.",
        )
    return value


def _output(
    name: str, given: Mapping[str, Any], building: Building, code: int
) -> list[tuple[str, Accumulation]]:
    output = given.get("output", _COUNTED)
    if not isinstance(output, Mapping):
        raise MongoError(code, f"The {name} 'output' field must be an object")
    return [(field, compile_field(field, value, building.scope)) for field, value in output.items()]


def bucket_auto(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 40240)
    for key in given:
        if key not in ("groupBy", "buckets", "output", "granularity"):
            raise MongoError(40245, f"Unrecognized option to $bucketAuto: {key}.")
    if "groupBy" not in given or "buckets" not in given:
        raise MongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.")
    by = _grouped_by(name, given["groupBy"], building, 40239)
    count = _bucket_count(given["buckets"])
    fields = _output(name, given, building, 40244)
    rounding = rounders(given["granularity"]) if "granularity" in given else None
    environment = building.environment()

    def run(documents: Documents) -> Documents:
        holding = Holding("$bucketAuto")
        rows: list[tuple[OrderKey, Any, Document]] = []
        for document in building.ticking(documents):
            value = by(environment(document))
            value = None if value is MISSING else value
            if rounding is not None:
                _check_granular(value)
            holding.add(weight(document))
            rows.append((value_key(value), value, document))
        rows.sort(key=lambda row: row[0])
        yield from _auto_buckets(rows, count, fields, rounding, environment)

    return run


def _bucket_count(value: Any) -> int:
    if not is_number(value):
        raise MongoError(
            40241,
            "The $bucketAuto 'buckets' field must be a numeric value, but found type: "
            f"{type_alias(value)}.",
        )
    if to_long(value) != value or abs(to_long(value)) > 2**31 - 1:
        raise MongoError(
            40242, "The $bucketAuto 'buckets' field must be representable as a 32-bit integer"
        )
    if value <= 0:
        raise MongoError(
            40243, f"The $bucketAuto 'buckets' field must be greater than 0, but found: {value}."
        )
    return int(value)


def _check_granular(value: Any) -> None:
    if not is_number(value):
        raise MongoError(
            40258,
            "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a "
            f"value with type: {type_alias(value)}",
        )
    if value != value:
        raise MongoError(
            40259,
            "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN",
        )
    if value_key(value) < value_key(0):
        raise MongoError(
            40260,
            "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a "
            "negative number",
        )


Rows = Sequence[tuple[OrderKey, Any, Document]]
Rounding = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _auto_buckets(
    rows: Rows,
    count: int,
    fields: Sequence[tuple[str, Accumulation]],
    rounding: Rounding | None,
    environment: Callable[[Any], Env],
) -> Iterator[Document]:
    """As MongoDB fills buckets: each of about the same size, equal values never parted."""
    size = max(1, int(len(rows) / count + 0.5))
    at, made = 0, 0
    previous: Any = MISSING
    while at < len(rows):
        made += 1
        start = at
        at = len(rows) if made == count else min(at + size, len(rows))
        low: Any = rows[start][1]
        if rounding is None:
            while at < len(rows) and rows[at][0] == rows[at - 1][0]:
                at += 1
            high = rows[at][1] if at < len(rows) else rows[-1][1]
        else:
            low = rounding[1](low) if previous is MISSING else previous
            high = rounding[0](rows[at - 1][1])
            while at < len(rows) and rows[at][0] < value_key(high):
                at += 1
            if high == 0 and at < len(rows):
                high = rounding[1](rows[at][1])
        previous = high
        yield _auto_bucket(rows[start:at], low, high, fields, environment)


def _auto_bucket(
    rows: Rows,
    low: Any,
    high: Any,
    fields: Sequence[tuple[str, Accumulation]],
    environment: Callable[[Any], Env],
) -> Document:
    bounds = {"min": low, "max": high}
    env = environment({"_id": bounds})
    accumulators = [field.start(env) for _, field in fields]
    for _, _, document in rows:
        own = environment(document)
        for (_, field), accumulator in zip(fields, accumulators, strict=True):
            accumulator.add(field.input(own))
    document = {"_id": bounds}
    for (name, _), accumulator in zip(fields, accumulators, strict=True):
        document[name] = accumulator.result
    return document
