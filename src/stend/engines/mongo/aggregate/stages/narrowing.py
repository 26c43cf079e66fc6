"""What the $match at the head of an inner pipeline needs of its collection, for an index."""

from collections.abc import Iterator, Mapping
from typing import Any

from stend.engines.mongo.query.values import MISSING


class Narrowing:
    """Conditions that all documents satisfy which the first stage of a pipeline lets through.

    Args:
        pipeline: a valid one.
    """

    def __init__(self, pipeline: list[Mapping[str, Any]]) -> None:
        match = pipeline[0].get("$match", {}) if pipeline else {}
        self._fixed = {path: told for path, told in match.items() if not path.startswith("$")}
        self._equal = tuple(_equalities(match.get("$expr")))

    def criteria(self, variables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """
        Args:
            variables: as they are for one document.
        """
        found: list[Mapping[str, Any]] = [self._fixed] if self._fixed else []
        for path, variable in self._equal:
            value = variables.get(variable, MISSING)
            # In a filter an array is equal to an element also, and nothing is equal to no value.
            if value is not MISSING and not isinstance(value, list):
                found.append({path: {"$eq": value}})
        return found


def _equalities(expression: Any) -> Iterator[tuple[str, str]]:
    """The fields that must be equal to a variable, each with the name of that."""
    if not isinstance(expression, Mapping):
        return
    operands = expression.get("$and")
    for operand in operands if isinstance(operands, list) else ():
        yield from _equalities(operand)
    pair = expression.get("$eq")
    if isinstance(pair, list):
        for one, other in (pair, reversed(pair)):
            if _is_field(one) and isinstance(other, str) and other.startswith("$$"):
                yield one[1:], other[2:]


def _is_field(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")
