"""Keys of a document for an index or a sort: one for each element of an array on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.paths import array_index
from stend.engines.mongo.query.values import MISSING, UNDEFINED

_AMBIGUOUS: Final = 16746

Parts = tuple[str, ...]


@dataclass(slots=True)
class _Positional:
    """An element of an array that a path names by its position.

    Attributes:
        value: where the path goes from the array on, up to the next array.
        rest: what of the path is left there.
        nested: whether the element is itself an array, which is then a value and not expanded.
    """

    value: Any
    rest: Parts
    nested: bool


def index_keys(document: Mapping[str, Any], paths: Sequence[Parts]) -> list[tuple[Any, ...]]:
    """The values of a document under all paths of an index.

    Returns:
        a tuple for each key, in no order and with repetitions: MISSING for a missing field, which
        is null in the order, UNDEFINED for an empty array.

    Raises:
        MongoError: two of the paths lead through different arrays; or a name is a field and a
            position at once.
    """
    out: list[tuple[Any, ...]] = []
    _expand(document, list(paths), [None] * len(paths), [None] * len(paths), out)
    return out


def _expand(
    document: Mapping[str, Any],
    rests: list[Parts],
    fixed: list[Any],
    positional: list[_Positional | None],
    out: list[tuple[Any, ...]],
) -> None:
    array: list[Any] | None = None
    through: list[int] = []
    unembedded = True
    for at, rest in enumerate(rests):
        if not rest:
            continue
        value, left, nested = _next_value(document, rest, positional[at])
        rests[at] = left
        if not isinstance(value, list):
            fixed[at] = value
            rests[at] = ()
            continue
        through.append(at)
        unembedded = unembedded and not nested
        if array is not None and value is not array:
            raise MongoError(Code.CannotIndexParallelArrays, "cannot index parallel arrays")
        array = value
    if array is None:
        out.append(tuple(fixed))
        return
    positions = [_positional(array, rest) if rest else None for rest in rests]
    for item in array or [UNDEFINED]:
        values = list(fixed)
        for at in through:
            if not rests[at]:
                values[at] = item if unembedded or not array else array
        inside = item if isinstance(item, Mapping) else {}
        _expand(inside, list(rests), values, positions, out)


def _next_value(
    document: Mapping[str, Any], rest: Parts, positional: _Positional | None
) -> tuple[Any, Parts, bool]:
    if rest[0] in document:
        if positional is not None:
            raise MongoError(
                _AMBIGUOUS,
                "Ambiguous field name found in array (do not use numeric field names in embedded "
                f"elements in an array), field: '{rest[0]}'",
            )
        return (*_follow(document, rest), False)
    if positional is not None:
        return positional.value, positional.rest, positional.nested
    return MISSING, (), False


def _follow(value: Any, rest: Parts) -> tuple[Any, Parts]:
    """The value at the end of a path, or the first array on its way and what is left of it."""
    for depth, name in enumerate(rest):
        if isinstance(value, list):
            return value, rest[depth:]
        if not isinstance(value, Mapping) or name not in value:
            return MISSING, ()
        value = value[name]
    return value, ()


def _positional(array: list[Any], rest: Parts) -> _Positional | None:
    index = array_index(rest[0])
    if index is None or index >= len(array):
        return None
    element = array[index]
    value, left = _follow(element, rest[1:])
    return _Positional(value, left, isinstance(element, list))
