"""Updates: documents of modifiers, replacements and pipelines, ready to run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bson import Regex, Timestamp

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context, Document
from stend.engines.mongo.query.matching import Match
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.values import equal, type_alias
from stend.engines.mongo.update.array_filters import compile_array_filters
from stend.engines.mongo.update.modifiers import copied, timestamp_now
from stend.engines.mongo.update.parsing import parse_modifiers
from stend.engines.mongo.update.tree import Place, Run
from stend.engines.mongo.update.upserting import equalities, with_equalities


class Kind(Enum):
    """What an update is made of."""

    MODIFIERS = "modifiers"
    REPLACEMENT = "replacement"
    PIPELINE = "pipeline"


_Apply = Callable[[Document, Match | None, bool], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Updater:
    """A compiled update.

    Attributes:
        kind: a replacement must not be one of many documents, which the command checks.
    """

    kind: Kind
    _apply: _Apply

    def apply(self, document: Document, match: Match | None, is_insert: bool) -> dict[str, Any]:
        """The document as it is to be, with `_id` first.

        Args:
            document: it is not changed itself.
            match: how the filter matched it, which `$` needs.
            is_insert: whether an upsert makes it.

        Raises:
            MongoError: the update cannot be done to this document.
        """
        found = self._apply(document, match, is_insert)
        _check_id(document, found)
        return _id_first(found)


def compile_update(
    spec: Document | Sequence[Any], *, array_filters: Sequence[Any] = (), context: Context
) -> Updater:
    """An update ready to run.

    Raises:
        MongoError: it is none.
    """
    if not isinstance(spec, Mapping):
        if array_filters:
            raise MongoError(
                Code.FailedToParse, "arrayFilters may not be specified for pipeline-style updates"
            )
        return Updater(Kind.PIPELINE, _pipeline(spec, context))
    if next(iter(spec), "").startswith("$"):
        filters = compile_array_filters(array_filters, context)
        tree = parse_modifiers(spec, filters, context)
        return Updater(Kind.MODIFIERS, lambda *how: _modified(tree.apply, *how))
    if array_filters:
        raise MongoError(
            Code.FailedToParse, "arrayFilters may not be specified for replacement-style updates"
        )
    return Updater(Kind.REPLACEMENT, _replacement(spec, context))


def document_for_upsert(filter_spec: Document, updater: Updater) -> dict[str, Any]:
    """The document that an upsert inserts where its filter found none.

    Returns:
        the equalities of the filter, then updated; without `_id` where neither gives one.

    Raises:
        MongoError: the filter says two things of one field, or the update cannot be done.
    """
    only_id = updater.kind is Kind.REPLACEMENT
    found = with_equalities(equalities(filter_spec, only_id=only_id))
    return updater.apply(found, None, True)


def _modified(
    apply: Callable[[Place, Run], None], document: Document, match: Match | None, is_insert: bool
) -> dict[str, Any]:
    root = copied(document)
    index = match.array_index if match is not None else None
    matched = None if index is None else str(index)
    apply(Place(None, None, root, (), ()), Run(root, matched, is_insert))
    return dict(root)


def _replacement(spec: Document, context: Context) -> _Apply:
    for name in spec:
        if name.startswith("$"):
            raise MongoError(
                Code.DollarPrefixedFieldName,
                f"The dollar ($) prefixed field '{name}' in '{name}' is not allowed in the context "
                "of an update's replacement document. Consider using an aggregation pipeline with "
                "$replaceWith.",
            )
    stamped = {name: _stamped(value, context) for name, value in spec.items()}
    return lambda document, _match, _is_insert: _keeping_id(document, copied(stamped))


def _stamped(value: Any, context: Context) -> Any:
    # An empty timestamp at the top of a document stands for the moment of the write.
    empty = isinstance(value, Timestamp) and value.time == value.inc == 0
    return timestamp_now(context) if empty else value


def _keeping_id(document: Document, found: dict[str, Any]) -> dict[str, Any]:
    if "_id" in document and "_id" not in found:
        return {"_id": document["_id"], **found}
    return found


def _pipeline(stages: Sequence[Any], context: Context) -> _Apply:
    if context.compile_pipeline is None:
        raise MongoError(Code.FailedToParse, "a pipeline is not allowed in this update")
    run = context.compile_pipeline(list(stages), context)
    return lambda document, _match, _is_insert: _keeping_id(document, dict(run(document)))


def _check_id(before: Document, after: Document) -> None:
    if "_id" not in after:
        return
    found = after["_id"]
    if "_id" in before and not equal(before["_id"], found):
        raise MongoError(
            Code.ImmutableField,
            "After applying the update, the (immutable) field '_id' was found to have been altered "
            f"to _id: {shown(found)}",
        )
    if isinstance(found, list | Regex):
        raise MongoError(
            Code.InvalidIdField, f"The '_id' value cannot be of type {type_alias(found)}"
        )
    if isinstance(found, Mapping):
        _check_id_fields(found)


def _check_id_fields(found: Document) -> None:
    for name in found:
        if name.startswith("$") and not ("$ref" in found and "$id" in found):
            raise MongoError(
                Code.DollarPrefixedFieldName,
                f"_id fields may not contain '$'-prefixed fields: {name} is not valid for storage.",
            )


def _id_first(document: dict[str, Any]) -> dict[str, Any]:
    if "_id" not in document or next(iter(document)) == "_id":
        return document
    return {"_id": document["_id"], **document}
