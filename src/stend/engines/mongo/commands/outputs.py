"""$out and $merge: the results of a pipeline become documents of a collection."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from stend.engines.mongo.aggregate.compiling import update_pipeline_compiler
from stend.engines.mongo.aggregate.expressions.table import scope_of
from stend.engines.mongo.aggregate.stages.writing import MergeStage, OutStage
from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.reading import held, with_let
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, order_key
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.names import check_collection
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.planner import Query, plan

Document = dict[str, Any]

_NOT_UNIQUE: Final = 51183
_NO_ON_FIELD: Final = 51132
_FORBIDDEN: Final = frozenset({"admin", "config", "local"})
_MATCH_FAILED: Final = 13113


def write_output(call: Call, output: OutStage | MergeStage, documents: Iterator[Document]) -> None:
    """Computes the results and writes them.

    Raises:
        MongoError: one of them cannot be written; those before it are (of $out none is).
    """
    if output.database in _FORBIDDEN:
        raise MongoError(
            Code.InvalidNamespace,
            f"writing results of a pipeline into the database '{output.database}' is not allowed",
        )
    check_collection(output.database, output.collection)
    if isinstance(output, OutStage):
        _replace_all(call, output, documents)
    else:
        _Merge(call, output).run(documents)


def _replace_all(call: Call, output: OutStage, documents: Iterator[Document]) -> None:
    """The collection is another one at once: it is filled under a name of its own before."""
    catalogue = call.state.store.catalogue
    scratch_name = f"tmp.agg_out.{call.state.new_id()}"
    target = catalogue.find(output.database, output.collection)
    options = target.options if target else CollectionOptions()
    scratch = catalogue.create(output.database, scratch_name, options)
    is_done = False
    try:
        if target:
            catalogue.create_indexes(
                scratch, [one.spec for one in target.indexes.values() if not one.spec.is_id]
            )
        for document in documents:
            scratch.insert(_with_id(call, document), is_checked=_is_checked(call))
            call.tick()
        held(
            call,
            lambda: catalogue.rename(
                scratch, output.database, output.collection, drops_target=True
            ),
        )
        is_done = True
    finally:
        if not is_done:
            catalogue.drop(scratch)


def _with_id(call: Call, document: Document) -> Document:
    if "_id" in document:
        return {"_id": document["_id"], **document}
    return {"_id": call.state.new_id(), **document}


def _is_checked(call: Call) -> bool:
    return not call.fields.get("bypassDocumentValidation")


class _Merge:
    """Puts results into a collection one by one."""

    def __init__(self, call: Call, stage: MergeStage) -> None:
        self._call = call
        self._stage = stage
        self._context = with_let(call, call.context())
        self._check_unique()

    def run(self, documents: Iterator[Document]) -> None:
        # All of them first: what is written must not be read again.
        for document in list(documents):
            held(self._call, partial(self._put, self._keyed(document)))
            self._call.tick()

    def _collection(self) -> Collection:
        catalogue = self._call.state.store.catalogue
        place = (self._stage.database, self._stage.collection)
        return catalogue.find(*place) or catalogue.create(*place, CollectionOptions())

    def _check_unique(self) -> None:
        wanted = set(self._stage.on)
        if wanted == {"_id"}:
            return
        found = self._call.state.store.catalogue.find(self._stage.database, self._stage.collection)
        indexes = found.indexes.values() if found else ()
        if not any(
            one.spec.unique and one.spec.partial is None and set(one.spec.paths) == wanted
            for one in indexes
        ):
            raise MongoError(
                _NOT_UNIQUE,
                "Cannot find index to verify that join fields will be unique",
            )

    def _keyed(self, document: Document) -> Document:
        """With an _id, unless that is not what it is known by and the target gives one."""
        if "_id" in self._stage.on:
            document = _with_id(self._call, document)
        for path in self._stage.on:
            value: Any = document
            for name in path.split("."):
                value = value.get(name, MISSING) if isinstance(value, Mapping) else MISSING
            if value is MISSING or value is None or isinstance(value, list):
                raise MongoError(
                    _NO_ON_FIELD,
                    "$merge write error: 'on' field cannot be missing, null, undefined or an array",
                )
        return document

    def _put(self, document: Document) -> None:
        collection = self._collection()
        found = self._found(collection, document)
        if found is None:
            self._not_matched(collection, document)
            return
        record, there = found
        after = self._matched(there, document)
        if after is not None:
            collection.replace(record, after, is_checked=_is_checked(self._call))

    def _found(self, collection: Collection, document: Document) -> tuple[int, Document] | None:
        criteria: Document = {}
        for path in self._stage.on:
            value: Any = document
            for name in path.split("."):
                value = value[name]
            criteria[path] = {"$eq": value}
        query = Query(filter=criteria, limit=1)
        # Others may not run between this and the write.
        planned = plan(collection, query, view=None, context=replace(self._context, tick=_no_tick))
        found = next(planned.run(), None)
        return None if found is None else (found.record, found.document)

    def _not_matched(self, collection: Collection, document: Document) -> None:
        if self._stage.when_not_matched == "discard":
            return
        if self._stage.when_not_matched == "fail":
            raise MongoError(
                _MATCH_FAILED,
                "$merge could not find a matching document in the target collection for at least "
                "one document in the source collection",
            )
        collection.insert(_with_id(self._call, document), is_checked=_is_checked(self._call))

    def _matched(self, there: Document, document: Document) -> Document | None:
        """What the document there becomes; None for no change."""
        kinds: Mapping[str, Callable[[], Document | None]] = {
            "keepExisting": lambda: None,
            "replace": lambda: {"_id": there["_id"], **document},
            "merge": lambda: {**there, **document},
            "pipeline": lambda: self._piped(there, document),
        }
        kind = self._stage.when_matched
        if kind == "fail":
            raise MongoError(
                Code.DuplicateKey,
                "$merge with whenMatched: fail found an existing document with the same values "
                "for the 'on' fields",
            )
        after = kinds[kind]()
        if after is not None and order_key(after["_id"]) != order_key(there["_id"]):
            raise MongoError(
                Code.ImmutableField,
                "$merge failed to update the matching document, did you attempt to modify the _id "
                "or the shard key?",
            )
        return after

    def _piped(self, there: Document, document: Document) -> Document:
        env = scope_of(self._context).environment()(document)
        variables = {name: value(env) for name, value in self._stage.variables.items()}
        context = replace(self._context, variables={**self._context.variables, **variables})
        return dict(update_pipeline_compiler(list(self._stage.pipeline or ()), context)(there))


def _no_tick() -> None:
    return None
