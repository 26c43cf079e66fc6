"""Documents as they can be stored: their bytes, their size and depth, their `_id`."""

from collections.abc import Mapping
from typing import Any, Final

from bson import Regex
from bson.errors import InvalidDocument

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, encode, type_alias

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
_MAX_DEPTH: Final = 180
# A document with fewer bytes cannot be that deep: each level takes at least so many.
_LEVEL_BYTES: Final = 7

Document = Mapping[str, Any]


def stored(document: Document) -> bytes:
    """The bytes of a document that is to be stored.

    Raises:
        MongoError: it is too large or too deep, or its `_id` cannot be one.
    """
    _check_id(document)
    try:
        data = encode(document)
    except (InvalidDocument, OverflowError, RecursionError) as error:
        raise MongoError(Code.BadValue, f"the document is not valid BSON: {error}") from None
    if len(data) > MAX_DOCUMENT_BYTES:
        raise MongoError(
            Code.BSONObjectTooLarge,
            f"object to insert too large. size in bytes: {len(data)}, max size: "
            f"{MAX_DOCUMENT_BYTES}",
        )
    if len(data) > _LEVEL_BYTES * _MAX_DEPTH and _is_deeper(document, _MAX_DEPTH):
        raise MongoError(
            Code.Overflow,
            f"cannot insert document because it exceeds {_MAX_DEPTH} levels of nesting",
        )
    return data


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(
        _is_deeper(item, levels - 1) for item in inner if isinstance(item, Mapping | list)
    )


def _check_id(document: Document) -> None:
    value = document.get("_id", MISSING)
    if value is MISSING:
        raise MongoError(Code.InvalidIdField, "Document is missing required '_id' field")
    if isinstance(value, list | Regex):
        raise MongoError(
            Code.InvalidIdField, f"The '_id' value cannot be of type {type_alias(value)}"
        )
    if isinstance(value, Mapping):
        for name in value:
            if name.startswith("$"):
                raise MongoError(
                    Code.DollarPrefixedFieldName,
                    f"_id fields may not contain '$'-prefixed fields: '{name}' is not valid for "
                    "storage.",
                )
