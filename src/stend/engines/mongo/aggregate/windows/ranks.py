"""$rank $denseRank $documentNumber $shift."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.compiling import Constant, compile_in
from stend.engines.mongo.aggregate.expressions.scope import Scope
from stend.engines.mongo.aggregate.numbers import int_or_long, is_integral, to_long
from stend.engines.mongo.aggregate.windows.partition import Partition, WindowFunction
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, order_key

RANKS: Final = frozenset({"$rank", "$denseRank", "$documentNumber"})


def _check_rank(
    name: str, argument: Any, sort_fields: Mapping[str, Any] | None, *, single: bool
) -> None:
    if sort_fields is None or (single and len(sort_fields) != 1):
        wanted = " with exactly one element" if single else ""
        raise MongoError(
            5371602, f"{name} must be specified with a top level sortBy expression{wanted}"
        )
    if argument != {} or not isinstance(argument, Mapping):
        raise MongoError(5371603, f"{name} must be specified with '{{}}' as the value")


def document_number(
    name: str, argument: Any, sort_fields: Mapping[str, Any] | None
) -> WindowFunction:
    _check_rank(name, argument, sort_fields, single=False)
    return lambda partition: [int_or_long(at) for at in range(1, len(partition.envs) + 1)]


def rank(name: str, argument: Any, sort_fields: Mapping[str, Any] | None) -> WindowFunction:
    """Equal values share a rank, and as many ranks are left out after them."""
    _check_rank(name, argument, sort_fields, single=True)

    def values(partition: Partition) -> Sequence[Any]:
        ranks: list[Any] = []
        previous: Any = None
        for position, value in enumerate(partition.sort_values, 1):
            key = order_key(value)
            ranks.append(ranks[-1] if key == previous else int_or_long(position))
            previous = key
        return ranks

    return values


def dense_rank(name: str, argument: Any, sort_fields: Mapping[str, Any] | None) -> WindowFunction:
    """Equal values share a rank, and no rank is left out."""
    _check_rank(name, argument, sort_fields, single=True)

    def values(partition: Partition) -> Sequence[Any]:
        ranks: list[Any] = []
        previous: Any = None
        number = 0
        for value in partition.sort_values:
            key = order_key(value)
            number += key != previous
            ranks.append(int_or_long(number))
            previous = key
        return ranks

    return values


def shift(
    name: str, argument: Any, scope: Scope, sort_fields: Mapping[str, Any] | None
) -> WindowFunction:
    """A value of the document so many positions away."""
    if sort_fields is None:
        raise MongoError(Code.FailedToParse, "'$shift' requires a sortBy")
    if not isinstance(argument, Mapping):
        raise MongoError(Code.FailedToParse, "Argument to $shift must be an object")
    for key in argument:
        if key not in ("output", "by", "default"):
            raise MongoError(Code.FailedToParse, f"Unknown argument in $shift: {key}")
    if "output" not in argument or "by" not in argument:
        raise MongoError(Code.FailedToParse, "$shift requires an 'output' and a 'by' expression.")
    if not is_integral(argument["by"]):
        raise MongoError(Code.FailedToParse, "'$shift:by' field must be an integer")
    distance = to_long(argument["by"])
    default = compile_in(argument.get("default"), scope)
    if not isinstance(default, Constant):
        raise MongoError(
            Code.FailedToParse, "'$shift:default' expression must yield a constant value."
        )
    output, absent = compile_in(argument["output"], scope), default.value

    def values(partition: Partition) -> Sequence[Any]:
        found = [output(env) for env in partition.envs]
        count = len(found)
        shifted = []
        for position in range(count):
            at = position + distance
            value = found[at] if 0 <= at < count else absent
            shifted.append(None if value is MISSING else value)
        return shifted

    return values
