"""aggregate: a pipeline over a collection or a database; its results to the client or elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.aggregate.pipeline import Pipeline, compile_pipeline
from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.cursors import first_batch
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    BOOL,
    COUNT,
    HINT,
    OBJECT,
    SWITCH,
    objects,
    read_fields,
    required,
    wrong_type,
)
from stend.engines.mongo.commands.outputs import write_output
from stend.engines.mongo.commands.reading import check_collation, found_collection, with_let
from stend.engines.mongo.commands.sources import sources_of
from stend.engines.mongo.commands.streaming import CHANGE_STREAM, open_stream
from stend.engines.mongo.cursors import Cursor, Pulse
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.values import is_number, type_alias
from stend.engines.mongo.store.planner import Plan, Query, plan
from stend.engines.mongo.store.transactions import View

Document = dict[str, Any]

# Stages that are not of the Stable API.
_NOT_IN_API: Final = frozenset({"$currentOp", "$indexStats", "$listSessions", "$listLocalSessions"})
NO_COLLECTION: Final = "$cmd.aggregate"


@dataclass(frozen=True, slots=True)
class Others:
    """Other collections, as `$lookup` and its like read them."""

    call: Call
    view: View

    def scan(
        self, database: str, collection: str, criteria: Mapping[str, Any], context: Context
    ) -> Iterator[Document]:
        found = self.call.state.store.catalogue.find(database, collection, self.view)
        query = Query(filter=criteria)
        planned = plan(found, query, view=self.view, context=context)
        return (one.document for one in planned.run())


@dataclass(slots=True)
class Prepared:
    """
    Attributes:
        planned: how the documents of the collection are found; None where they are not asked for.
        collection: the name, or `$cmd.aggregate`.
    """

    pipeline: Pipeline
    planned: Plan | None
    cursor: Cursor


def aggregate(call: Call) -> Document:
    fields = call.fields
    size = _batch_size(call)
    stages = fields["pipeline"]
    if stages and isinstance(stages[0], Mapping) and CHANGE_STREAM in stages[0]:
        return first_batch(call, open_stream(call, stages, Others(call, None)), size)
    prepared = prepare(call)
    output = prepared.pipeline.output
    if output is None:
        return first_batch(call, prepared.cursor, size)
    if call.in_transaction:
        raise MongoError(
            Code.OperationNotSupportedInTransaction,
            "$out and $merge cannot be used in a transaction",
        )
    write_output(call, output, prepared.cursor.documents)
    prepared.cursor.documents = iter(())
    return first_batch(call, prepared.cursor, size)


def prepare(call: Call) -> Prepared:
    """Compiles the pipeline and plans what it reads."""
    fields = call.fields
    check_collation(fields)
    name = _collection_name(call)
    stages = objects("pipeline", fields["pipeline"])
    _check_api(call, stages)
    pulse = Pulse(call.tick)
    context = with_let(call, call.context(pulse=pulse))
    pipeline = compile_pipeline(
        stages,
        context=context,
        source=Others(call, call.view),
        database=call.database,
        collection=name,
        extra=sources_of(call, name),
    )
    planned = None
    documents: Iterator[Document] = iter(())
    done = 0
    if name is not None and pipeline.reads_collection:
        planned = _planned(call, name, pipeline, context)
        documents = (found.document for found in planned.run())
        done = pipeline.leading.stages
    cursor = Cursor(
        pipeline.run(documents, done=done), f"{call.database}.{name or NO_COLLECTION}", pulse
    )
    return Prepared(pipeline, planned, cursor)


def _planned(call: Call, name: str, pipeline: Pipeline, context: Context) -> Plan:
    leading = pipeline.leading
    query = Query(
        filter=leading.match or {},
        sort=leading.sort or {},
        skip=leading.skip or 0,
        limit=leading.limit or 0,
        hint=call.fields.get("hint") or None,
        may_spill=call.fields.get("allowDiskUse", True),
    )
    return plan(found_collection(call, name), query, view=call.view, context=context)


def _collection_name(call: Call) -> str | None:
    told = call.fields["aggregate"]
    if type_alias(told) == "string":
        # Checked here, so that a wrong name is told before what is wrong with the pipeline.
        found_collection(call, told)
        return str(told)
    if is_number(told) and told == 1:
        return None
    if is_number(told):
        raise MongoError(
            Code.FailedToParse,
            "Invalid command format: the 'aggregate' field must specify a collection name or 1",
        )
    raise wrong_type("aggregate.aggregate", told, "'string'")


def _batch_size(call: Call) -> int | None:
    cursor = call.fields.get("cursor")
    if cursor is None:
        raise MongoError(
            Code.FailedToParse,
            "The 'cursor' option is required, except for aggregate with the explain argument",
        )
    size: int | None = read_fields("cursor", cursor, {"batchSize": COUNT}).get("batchSize")
    return size


def _check_api(call: Call, stages: list[Document]) -> None:
    if call.is_strict and (found := {name for one in stages for name in one} & _NOT_IN_API):
        raise MongoError(
            Code.APIStrictError,
            f"stage {min(found)} is not allowed with 'apiStrict: true' in API Version 1",
        )


AGGREGATE_SPEC: Final = {
    "aggregate": required(ANY),
    "pipeline": required(ARRAY),
    "cursor": OBJECT,
    "explain": BOOL,
    "allowDiskUse": BOOL,
    "bypassDocumentValidation": SWITCH,
    "collation": OBJECT,
    "hint": HINT,
    "let": OBJECT,
}
