"""Stages of a line or two: $match $limit $skip $sort $count $sample $replaceRoot $documents …"""

import heapq
from collections.abc import Mapping
from itertools import islice
from typing import Any

from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Env
from stend.engines.mongo.aggregate.memory import Holding, weight
from stend.engines.mongo.aggregate.numbers import (
    int_or_long,
    is_integral_long,
    is_number,
    to_long,
)
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import MISSING, type_alias


def match(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 15959)
    matcher = compile_filter(given, context=building.context)

    def run(documents: Documents) -> Documents:
        return (item for item in building.ticking(documents) if matcher.matches(item))

    return run


def limit_of(name: str, spec: Any) -> int:
    """The number of a $limit.

    Raises:
        MongoError: 2107201 or 15958 when it is no positive 64-bit integer.
    """
    if not is_integral_long(spec):
        raise MongoError(
            2107201, f"invalid argument to $limit stage: Expected an integer: {name}: {spec!r}"
        )
    count = to_long(spec)
    if count < 0:
        raise MongoError(
            2107201,
            f"invalid argument to $limit stage: Expected a non-negative number in: $limit: {count}",
        )
    if count == 0:
        raise MongoError(15958, "the limit must be positive")
    return count


def limit(name: str, spec: Any, building: Building) -> Stage:
    count = limit_of(name, spec)
    return lambda documents: islice(documents, count)


def skip(name: str, spec: Any, building: Building) -> Stage:
    if not is_integral_long(spec) or to_long(spec) < 0:
        raise MongoError(
            5107200,
            f"invalid argument to $skip stage: Expected a non-negative integer in: $skip: {spec!r}",
        )
    count = to_long(spec)
    return lambda documents: islice(documents, count, None)


def sort(name: str, spec: Any, building: Building) -> Stage:
    return sorting(spec, building, None)


def check_sort(spec: Any) -> Mapping[str, Any]:
    """The specification of a $sort.

    Raises:
        MongoError: 15973 or 15976 when it is none.
    """
    given = expecting_object("$sort", spec, 15973)
    if not given:
        raise MongoError(15976, "$sort stage must have at least one sort key")
    return given


def sorting(spec: Any, building: Building, count: int | None) -> Stage:
    """The stage $sort, with the number of a $limit that follows it."""
    key = sort_key(check_sort(spec))

    def run(documents: Documents) -> Documents:
        if count is not None and count <= 10_000:
            yield from heapq.nsmallest(count, building.ticking(documents), key=key)
            return
        holding = Holding("$sort")
        held = []
        for document in building.ticking(documents):
            holding.add(weight(document))
            held.append(document)
        held.sort(key=key)
        yield from held[:count]

    return run


def count(name: str, spec: Any, building: Building) -> Stage:
    if type(spec) is not str:
        raise MongoError(40156, "the count field must be a non-empty string")
    if not spec:
        raise MongoError(40157, "the count field must be a non-empty string")
    for wrong, code, why in (
        ("$" if spec[0] == "$" else None, 40158, "cannot be a $-prefixed path"),
        ("\0", 40159, "cannot contain a null byte"),
        (".", 40160, "cannot contain '.'"),
    ):
        if wrong is not None and wrong in spec:
            raise MongoError(code, f"the count field {why}")
    if spec == "_id":
        raise MongoError(9039800, "the count field cannot be '_id'")

    def run(documents: Documents) -> Documents:
        number = sum(1 for _ in building.ticking(documents))
        if number:
            yield {spec: int_or_long(number)}

    return run


def sample(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 28745)
    for key in given:
        if key != "size":
            raise MongoError(28748, f"unrecognized option to $sample: {key}")
    if "size" not in given:
        raise MongoError(28749, "$sample stage must specify a size")
    if not is_number(given["size"]):
        raise MongoError(28746, "size argument to $sample must be a number")
    size = to_long(given["size"])
    if size <= 0:
        raise MongoError(28747, "size argument to $sample must be a positive integer")
    random = building.context.random

    def run(documents: Documents) -> Documents:
        # Every document gets a random number; the smallest are the sample, in their order.
        holding = Holding("$sample")
        chosen: list[tuple[float, int, Document]] = []
        for number, document in enumerate(building.ticking(documents)):
            entry = (-random(), number, document)
            if len(chosen) < size:
                holding.add(weight(document))
                heapq.heappush(chosen, entry)
            else:
                heapq.heappushpop(chosen, entry)
        yield from (document for _, _, document in sorted(chosen, reverse=True))

    return run


def replace_root(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 40229)
    for key in given:
        if key != "newRoot":
            raise MongoError(40415, f"BSON field '$replaceRoot.{key}' is an unknown field.")
    if "newRoot" not in given:
        raise MongoError(40231, "no newRoot specified for the $replaceRoot stage")
    return _replacing(given["newRoot"], building, "'newRoot' expression ")


def replace_with(name: str, spec: Any, building: Building) -> Stage:
    return _replacing(spec, building, "'replacement document' ")


def _replacing(spec: Any, building: Building, what: str) -> Stage:
    new_root, environment = building.expression(spec), building.environment()

    def run(documents: Documents) -> Documents:
        for document in documents:
            value = new_root(environment(document))
            if not isinstance(value, Mapping):
                raise MongoError(
                    40228,
                    f"{what}must evaluate to an object, but resulting value was: {value!r}. Type "
                    f"of resulting value: '{type_alias(value)}'.",
                )
            yield dict(value)

    return run


def documents(name: str, spec: Any, building: Building) -> Stage:
    if not building.first:
        raise MongoError(40602, "$documents is only valid as the first stage in a pipeline")
    expression, environment = building.expression(spec), building.environment()

    def run(_: Documents) -> Documents:
        values = expression(environment({}))
        if not isinstance(values, list):
            raise MongoError(5858203, "an array is expected")
        for value in values:
            if not isinstance(value, Mapping):
                raise MongoError(
                    40228,
                    "'newRoot' expression must evaluate to an object, but resulting value was: "
                    f"{value!r}. Type of resulting value: '{type_alias(value)}'.",
                )
            yield dict(value)

    return run


def geo_near(name: str, spec: Any, building: Building) -> Stage:
    """Always refused: this server has no index of places."""
    expecting_object(name, spec, 10065)
    if not building.first:
        raise MongoError(40602, "$geoNear is only valid as the first stage in a pipeline")
    raise MongoError(
        Code.IndexNotFound, "$geoNear requires a 2d or 2dsphere index, but none were found"
    )


_DECISIONS = ("DESCEND", "PRUNE", "KEEP")


class _Redacting:
    """Decides level by level what is kept of a document."""

    def __init__(self, spec: Any, building: Building) -> None:
        # The three variables are objects of their own: no value of a document is mistaken for one.
        self.decisions = {variable: object() for variable in _DECISIONS}
        self.decide = compile_in(spec, building.scope.binding(self.decisions))

    def level(self, document: Document, env: Env) -> Any:
        decision = self.decide({**env, "CURRENT": document, **self.decisions})
        if decision is self.decisions["KEEP"]:
            return document
        if decision is self.decisions["PRUNE"]:
            return MISSING
        if decision is not self.decisions["DESCEND"]:
            raise MongoError(
                17053,
                "$redact's expression should not return anything aside from the variables "
                f"$$KEEP, $$DESCEND, and $$PRUNE, but returned {decision!r}",
            )
        inner = ((key, self.value(item, env)) for key, item in document.items())
        return {key: item for key, item in inner if item is not MISSING}

    def value(self, value: Any, env: Env) -> Any:
        if isinstance(value, dict):
            return self.level(value, env)
        if isinstance(value, list):
            kept = (self.value(item, env) for item in value)
            return [item for item in kept if item is not MISSING]
        return value


def redact(name: str, spec: Any, building: Building) -> Stage:
    redacting, environment = _Redacting(spec, building), building.environment()

    def run(documents: Documents) -> Documents:
        for document in building.ticking(documents):
            kept = redacting.level(document, environment(document))
            if kept is not MISSING:
                yield kept

    return run
