"""What the filter of an upsert says of the document that is inserted."""

from collections.abc import Mapping
from typing import Any

from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Document
from stend.engines.mongo.query.matching import is_operators
from stend.engines.mongo.query.paths import check_length, split
from stend.engines.mongo.update.modifiers import copied
from stend.engines.mongo.update.tree import Place, make, step


def equalities(spec: Document, *, only_id: bool) -> dict[str, Any]:
    """By path, the values that the filter demands exactly.

    Args:
        spec: the filter.
        only_id: whether nothing but `_id` is asked for, as for a replacement.

    Raises:
        MongoError: a path is demanded twice, or `_id` in parts only.
    """
    found: dict[str, Any] = {}
    for path, value in _demanded(spec):
        if only_id and split(path)[0] != "_id":
            continue
        if only_id and path != "_id":
            raise MongoError(
                Code.NotExactValueField,
                f"field at '_id' must be exactly specified, field at sub-path '{path}'found",
            )
        _check_once(path, found)
        found[path] = value
    return found


def _demanded(spec: Document) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, operand in spec.items():
        if name == "$expr":
            raise MongoError(
                Code.QueryFeatureNotAllowed,
                "$expr is not allowed in the query predicate for an upsert",
            )
        if name == "$and" or (name == "$or" and len(operand) == 1):
            for item in operand:
                found += _demanded(item)
        elif not name.startswith("$"):
            found += [(name, value) for value in _exact_values(operand)]
    return found


def _exact_values(operand: Any) -> list[Any]:
    if isinstance(operand, Regex):
        return []
    if not is_operators(operand):
        return [operand]
    values: list[Any] = []
    for name, value in operand.items():
        if name == "$eq":
            values.append(value)
        elif name == "$all" or (name == "$in" and len(value) == 1):
            values += [one for one in value if not (isinstance(one, Regex) or is_operators(one))]
    return values


def _check_once(path: str, found: Mapping[str, Any]) -> None:
    parts = split(path)
    check_length(parts)
    for other in found:
        names = split(other)
        shorter = min(len(parts), len(names))
        if parts[:shorter] != names[:shorter]:
            continue
        message = (
            f"path '{path}' is matched twice"
            if parts == names
            else f"both paths '{path}' and '{other}' are matched"
        )
        raise MongoError(Code.NotSingleValueField, f"cannot infer query fields to set, {message}")


def with_equalities(found: Mapping[str, Any]) -> dict[str, Any]:
    """A document that has these values under these paths."""
    document: dict[str, Any] = {}
    for path in sorted(found):
        place = Place(None, None, document, (), ())
        for name in split(path):
            place = step(place, name)
        # The immutability of `_id` begins when it is there.
        make(place._replace(taken=()), copied(found[path]))
    return document
