"""$changeStream: opens a cursor that waits for changes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from stend.engines.mongo.aggregate.pipeline import compile_pipeline
from stend.engines.mongo.aggregate.stages.building import Source
from stend.engines.mongo.call import Call
from stend.engines.mongo.changes import (
    Options,
    Stream,
    Transform,
    Watched,
    behind,
    position_of,
)
from stend.engines.mongo.commands.fields import (
    BOOL,
    OBJECT,
    STRING,
    Field,
    Kind,
    objects,
    read_fields,
    wrong_type,
)
from stend.engines.mongo.commands.reading import check_collation, found_collection, with_let
from stend.engines.mongo.cursors import Cursor, Pulse, Register
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import type_alias
from stend.engines.mongo.store.oplog import Position
from stend.engines.mongo.store.planner import Query, plan

Document = dict[str, Any]

CHANGE_STREAM: Final = "$changeStream"
_ALLOWED: Final = frozenset(
    {
        "$match",
        "$project",
        "$addFields",
        "$set",
        "$unset",
        "$replaceRoot",
        "$replaceWith",
        "$redact",
    }
)
_SPEC: Final = {
    "fullDocument": STRING,
    "fullDocumentBeforeChange": STRING,
    "resumeAfter": OBJECT,
    "startAfter": OBJECT,
    "startAtOperationTime": Field(Kind.TIMESTAMP),
    "allChangesForCluster": BOOL,
    "showExpandedEvents": BOOL,
}
_FULL: Final = ("default", "updateLookup", "whenAvailable", "required")
_BEFORE: Final = ("off", "whenAvailable", "required")
_STARTS: Final = ("resumeAfter", "startAfter", "startAtOperationTime")
_ONE_START: Final = 40674
NO_COLLECTION: Final = "$cmd.aggregate"


def open_stream(call: Call, stages: Sequence[Any], source: Source) -> Cursor:
    """
    Raises:
        MongoError: the stream cannot be, or its history is lost.
    """
    if call.in_transaction:
        raise MongoError(
            Code.OperationNotSupportedInTransaction,
            "$changeStream cannot be used in a transaction",
        )
    check_collation(call.fields)
    spec, *rest = objects("pipeline", list(stages))
    if not isinstance(spec[CHANGE_STREAM], dict):
        raise wrong_type(CHANGE_STREAM, spec[CHANGE_STREAM], "'object'")
    fields = read_fields(CHANGE_STREAM, spec[CHANGE_STREAM], _SPEC)
    pulse = Pulse(call.tick)
    watched, namespace = _watched(call, fields)
    stream = Stream(
        call.state.store.oplog,
        _start(call, fields),
        watched,
        _options(fields),
        _lookup(call),
        _transform(call, rest, source, pulse),
    )
    return Cursor(
        stream,
        namespace,
        pulse,
        await_more=_awaiting(stream),
        is_over=lambda: stream.is_over,
        token=lambda: stream.token,
    )


def _awaiting(
    stream: Stream,
) -> Callable[[Callable[[Register, float | None], bool], float], object]:
    def await_more(wait: Callable[[Register, float | None], bool], until: float) -> None:
        ended: list[Callable[[], None]] = []
        wait(lambda wake: ended.append(stream.listen(wake)), until)
        for end in ended:
            end()

    return await_more


def _watched(call: Call, fields: Document) -> tuple[Watched, str]:
    # Code is a str to Python.
    name = call.fields["aggregate"]
    if fields.get("allChangesForCluster"):
        if call.database != "admin" or type_alias(name) == "string":
            raise MongoError(
                Code.InvalidOptions,
                "A $changeStream with 'allChangesForCluster:true' may only be opened on the "
                "'admin' database, and with no collection name",
            )
        return Watched(None, None), f"admin.{NO_COLLECTION}"
    if call.database in ("admin", "config", "local"):
        raise MongoError(
            Code.InvalidNamespace,
            f"$changeStream may not be opened on the internal {call.database} database",
        )
    if type_alias(name) == "string":
        found_collection(call, name)
        return Watched(call.database, name), f"{call.database}.{name}"
    return Watched(call.database, None), f"{call.database}.{NO_COLLECTION}"


def _start(call: Call, fields: Document) -> Position:
    given = [name for name in _STARTS if name in fields]
    if len(given) > 1:
        raise MongoError(
            _ONE_START,
            "Only one type of resume option is allowed, but multiple were found: "
            + ", ".join(given),
        )
    if "startAtOperationTime" in fields:
        time = fields["startAtOperationTime"]
        # Before the first entry of that moment.
        return Position(time.time, time.inc, -1)
    for name in given:
        return position_of(fields[name], may_be_invalidate=name == "startAfter")
    return behind(*call.state.store.cluster_time)


def _options(fields: Document) -> Options:
    return Options(
        _one_of("fullDocument", fields.get("fullDocument", "default"), _FULL),
        _one_of("fullDocumentBeforeChange", fields.get("fullDocumentBeforeChange", "off"), _BEFORE),
        bool(fields.get("showExpandedEvents")),
    )


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{value}' for field '{CHANGE_STREAM}.{name}' is not a valid value.",
        )
    return value


def _lookup(call: Call) -> Callable[[str, str, Document], Document | None]:
    store, context = call.state.store, call.context(pulse=Pulse(lambda: None))

    def lookup(database: str, collection: str, key: Document) -> Document | None:
        found = store.catalogue.find(database, collection)
        planned = plan(found, Query(filter=key, limit=1), view=None, context=context)
        one = next(planned.run(), None)
        return one.document if one else None

    return lookup


def _transform(call: Call, stages: list[Document], source: Source, pulse: Pulse) -> Transform:
    for stage in stages:
        for name in stage:
            if name.startswith("$") and name not in _ALLOWED:
                raise _not_permitted(name)
    context = with_let(call, call.context(pulse=pulse))
    pipeline = compile_pipeline(
        stages,
        context=context,
        source=source,
        database=call.database,
        collection=NO_COLLECTION,
    )

    def transform(events: Iterator[Document]) -> Iterator[Document]:
        return pipeline.run(events)

    return transform


def _not_permitted(name: str) -> MongoError:
    if name == "$changeStreamSplitLargeEvent":
        return MongoError(
            Code.CommandNotSupported, f"The stage {name} is not supported by this server"
        )
    return MongoError(
        Code.IllegalOperation, f"{name} is not permitted in a {CHANGE_STREAM} pipeline"
    )
