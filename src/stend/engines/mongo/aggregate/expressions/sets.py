"""Arrays as sets: unions, intersections, subsets."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.arguments import fixed, variadic
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.logic import truth
from stend.engines.mongo.aggregate.expressions.scope import Builder, Expression, Scope
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import OrderKey, type_alias


def _distinct(array: list[Any]) -> dict[OrderKey, Any]:
    found: dict[OrderKey, Any] = {}
    for item in array:
        found.setdefault(value_key(item), item)
    return found


def _in_order(found: Mapping[OrderKey, Any]) -> list[Any]:
    return [found[key] for key in sorted(found)]


def _union(values: Iterator[Any]) -> Any:
    joined: dict[OrderKey, Any] = {}
    for value in values:
        if nullish(value):
            return None
        if not isinstance(value, list):
            raise MongoError(
                17043,
                "All operands of $setUnion must be arrays. One argument is of type: "
                f"{type_alias(value)}",
            )
        for item in value:
            joined.setdefault(value_key(item), item)
    return _in_order(joined)


def _intersection(values: Iterator[Any]) -> Any:
    common: dict[OrderKey, Any] | None = None
    for value in values:
        if nullish(value):
            return None
        if not isinstance(value, list):
            raise MongoError(
                17047,
                "All operands of $setIntersection must be arrays. One argument is of type: "
                f"{type_alias(value)}",
            )
        found = _distinct(value)
        if common is None:
            common = found
        elif len(common) > len(found):
            common = {key: item for key, item in found.items() if key in common}
        else:
            common = {key: item for key, item in common.items() if key in found}
    return _in_order(common or {})


def _difference(left: Any, right: Any) -> Any:
    if nullish(left) or nullish(right):
        return None
    for value, code, which in ((left, 17048, "First"), (right, 17049, "Second")):
        if not isinstance(value, list):
            raise MongoError(
                code,
                f"both operands of $setDifference must be arrays. {which} argument is of type: "
                f"{type_alias(value)}",
            )
    without = set(_distinct(right))
    return [item for key, item in _distinct(left).items() if key not in without]


def _equals(values: Iterator[Any]) -> bool:
    first: set[OrderKey] | None = None
    for number, value in enumerate(values, 1):
        if not isinstance(value, list):
            raise MongoError(
                17044,
                f"All operands of $setEquals must be arrays. {number}-th argument is of type: "
                f"{type_alias(value)}",
            )
        found = set(_distinct(value))
        if first is None:
            first = found
        elif first != found:
            return False
    return True


def _set_equals(name: str, argument: Any, scope: Scope) -> Expression:
    given = len(argument) if isinstance(argument, list) else 1
    if given < 2:
        raise MongoError(17045, f"$setEquals needs at least two arguments had: {given}")
    return variadic(_equals)(name, argument, scope)


def _is_subset(left: Any, right: Any) -> bool:
    for value, code, which in ((left, 17046, "First"), (right, 17042, "Second")):
        if not isinstance(value, list):
            raise MongoError(
                code,
                f"both operands of $setIsSubset must be arrays. {which} argument is of type: "
                f"{type_alias(value)}",
            )
    return set(_distinct(left)) <= set(_distinct(right))


def _any_true(array: Any) -> bool:
    if not isinstance(array, list):
        raise MongoError(
            17041, f"$anyElementTrue's argument must be an array, but is {type_alias(array)}"
        )
    return any(truth(item) for item in array)


def _all_true(array: Any) -> bool:
    if not isinstance(array, list):
        raise MongoError(
            17040, f"$allElementsTrue's argument must be an array, but is {type_alias(array)}"
        )
    return all(truth(item) for item in array)


OPERATORS: Final[Mapping[str, Builder]] = {
    "$setUnion": variadic(_union),
    "$setIntersection": variadic(_intersection),
    "$setDifference": fixed(_difference, 2),
    "$setEquals": _set_equals,
    "$setIsSubset": fixed(_is_subset, 2),
    "$anyElementTrue": fixed(_any_true, 1),
    "$allElementsTrue": fixed(_all_true, 1),
}
