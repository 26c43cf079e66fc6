"""$unwind: a document for each element of an array."""

from collections.abc import Mapping
from typing import Any

from bson import Int64

from stend.engines.mongo.aggregate.expressions.compiling import split_path
from stend.engines.mongo.aggregate.stages.building import Building, Document, Documents, Stage
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING


def unwind(name: str, spec: Any, building: Building) -> Stage:
    path, index, keep_empty = _options(spec)
    parts = split_path(path[1:])
    index_parts = split_path(index) if index is not None else None

    def run(documents: Documents) -> Documents:
        for document in documents:
            yield from _unwound(document, parts, index_parts, keep_empty=keep_empty)

    return run


def _options(spec: Any) -> tuple[str, str | None, bool]:
    if isinstance(spec, Mapping):
        return _long_options(spec)
    if type(spec) is not str:
        raise MongoError(
            15981, "expected either a string or an object as specification for $unwind stage"
        )
    return _checked_path(spec), None, False


def _long_options(spec: Mapping[str, Any]) -> tuple[str, str | None, bool]:
    for key, value in spec.items():
        if key == "path":
            if type(value) is not str:
                raise MongoError(28808, "expected a string as the path for $unwind stage")
        elif key == "preserveNullAndEmptyArrays":
            if not isinstance(value, bool):
                raise MongoError(
                    28809, "expected a boolean for the preserveNullAndEmptyArrays option to $unwind"
                )
        elif key == "includeArrayIndex":
            _check_index(value)
        else:
            raise MongoError(28811, f"unrecognized option to $unwind stage: {key}")
    if "path" not in spec:
        raise MongoError(28812, "no path specified to $unwind stage")
    keep = bool(spec.get("preserveNullAndEmptyArrays", False))
    return _checked_path(spec["path"]), spec.get("includeArrayIndex"), keep


def _check_index(value: Any) -> None:
    if type(value) is not str or not value:
        raise MongoError(
            28810, "expected a non-empty string for the includeArrayIndex  option to $unwind stage"
        )
    if value[0] == "$":
        raise MongoError(
            28822, "includeArrayIndex option to $unwind stage should not be prefixed with a '$'"
        )


def _checked_path(path: str) -> str:
    if path[:1] != "$":
        raise MongoError(
            28818, f"path option to $unwind stage should be prefixed with a '$': {path}"
        )
    return path


def _value_at(document: Any, parts: tuple[str, ...]) -> Any:
    for part in parts:
        if not isinstance(document, Mapping):
            return MISSING
        document = document.get(part, MISSING)
    return document


def _unwound(
    document: Document,
    parts: tuple[str, ...],
    index_parts: tuple[str, ...] | None,
    *,
    keep_empty: bool,
) -> Documents:
    value = _value_at(document, parts)
    if isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield _with_index(with_value(document, parts, item), index_parts, Int64(position))
    elif isinstance(value, list) or value is None or value is MISSING:
        if keep_empty:
            kept = without_value(document, parts) if isinstance(value, list) else document
            yield _with_index(kept, index_parts, None)
    else:
        yield _with_index(document, index_parts, None)


def _with_index(document: Document, parts: tuple[str, ...] | None, position: Any) -> Document:
    return document if parts is None else with_value(document, parts, position)


def with_value(document: Any, parts: tuple[str, ...], value: Any) -> Document:
    """A copy of the document with a value at a path; what is no document on the way is replaced."""
    copy = dict(document) if isinstance(document, Mapping) else {}
    name, rest = parts[0], parts[1:]
    copy[name] = with_value(copy.get(name), rest, value) if rest else value
    return copy


def without_value(document: Document, parts: tuple[str, ...]) -> Document:
    """A copy of the document without the value at a path."""
    copy = dict(document)
    name, rest = parts[0], parts[1:]
    if not rest:
        copy.pop(name, None)
    elif isinstance(copy.get(name), Mapping):
        copy[name] = without_value(copy[name], rest)
    return copy
