"""The filters that `$[identifier]` of an update stands for."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.paths import split

_IDENTIFIER: Final = re.compile(r"[a-z][a-zA-Z0-9]*")
_LOGICAL: Final = frozenset({"$and", "$or", "$nor"})


def compile_array_filters(
    specs: Sequence[Any], context: Context
) -> dict[str, Callable[[Any], bool]]:
    """By identifier, whether an element passes.

    Raises:
        MongoError: a filter has no identifier, or more than one, or another has the same.
    """
    found: dict[str, Callable[[Any], bool]] = {}
    for spec in specs:
        if not isinstance(spec, Mapping):
            raise MongoError(Code.TypeMismatch, "an array filter must be an object")
        identifier = _identifier(spec)
        if identifier in found:
            raise MongoError(
                Code.FailedToParse,
                f"Found multiple array filters with the same top-level field name {identifier}",
            )
        found[identifier] = _test(identifier, spec, context)
    return found


def _test(identifier: str, spec: Mapping[str, Any], context: Context) -> Callable[[Any], bool]:
    matcher = compile_filter(spec, context=context.without_expressions())
    return lambda item: matcher.matches({identifier: item})


def _identifier(spec: Mapping[str, Any]) -> str:
    names = list(dict.fromkeys(_names(spec)))
    if not names:
        raise MongoError(
            Code.FailedToParse,
            "Cannot use an expression without a top-level field name in arrayFilters",
        )
    if len(names) > 1:
        raise MongoError(
            Code.FailedToParse,
            "Error parsing array filter :: caused by :: Expected a single top-level field name, "
            f"found '{names[0]}' and '{names[1]}'",
        )
    if not _IDENTIFIER.fullmatch(names[0]):
        raise MongoError(
            Code.BadValue,
            "Error parsing array filter :: caused by :: The top-level field name must be an "
            f"alphanumeric string beginning with a lowercase letter, found '{names[0]}'",
        )
    return names[0]


def _names(spec: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name, operand in spec.items():
        if name in _LOGICAL and isinstance(operand, list):
            for item in operand:
                found += _names(item) if isinstance(item, Mapping) else []
        elif not name.startswith("$"):
            found.append(split(name)[0])
    return found


def unused(identifiers: Sequence[str], update: Mapping[str, Any]) -> MongoError:
    """The error of filters that no path of the update names."""
    return MongoError(
        Code.FailedToParse,
        f"The array filter for identifier '{identifiers[0]}' was not used in the update "
        f"{shown(update)}",
    )
