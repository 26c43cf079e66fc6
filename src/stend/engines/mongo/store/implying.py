"""Whether a filter matches only documents that a partial index has."""

from collections.abc import Mapping
from typing import Any

from stend.engines.mongo.query.bounds import Bounds, Intervals, PathBounds, bounds_of
from stend.engines.mongo.query.values import equal

Filter = Mapping[str, Any]


def implies(filter_spec: Filter, bounds: Bounds, partial: Filter) -> bool:
    """
    Args:
        bounds: of the filter.
        partial: the partialFilterExpression of an index.

    Returns:
        True where it is sure.
    """
    for name, operand in partial.items():
        if name in filter_spec and equal(filter_spec[name], operand):
            continue
        if name == "$and":
            is_sure = all(implies(filter_spec, bounds, part) for part in operand)
        elif name == "$or":
            is_sure = any(implies(filter_spec, bounds, part) for part in operand)
        else:
            is_sure = name in bounds and _implies_path(name, operand, bounds[name])
        if not is_sure:
            return False
    return True


def _implies_path(path: str, operand: Any, own: PathBounds) -> bool:
    is_operators = isinstance(operand, Mapping) and next(iter(operand), "").startswith("$")
    operators = operand if is_operators else {"$eq": operand}
    return all(_implies_one(path, name, value, own) for name, value in operators.items())


def _implies_one(path: str, operator: str, value: Any, own: PathBounds) -> bool:
    if operator == "$exists":
        return own.excludes_missing
    wanted = bounds_of({path: {operator: value}})[path]
    if not wanted.is_exact:
        return False
    return any(_are_within(intervals, wanted.predicates[0]) for intervals in own.predicates)


def _are_within(inner: Intervals, outer: Intervals) -> bool:
    return all(any(one.is_within(other) for other in outer) for one in inner)
