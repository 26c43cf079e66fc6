"""Stages that a pipeline may begin with and that tell of the server itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Binary
from bson.binary import UUID_SUBTYPE

from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Documents,
    Stage,
    StageBuilder,
)
from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.fields import ANY, BOOL, NUMBER, OBJECT, read_fields, wrong_type
from stend.engines.mongo.commands.operations import operations
from stend.engines.mongo.commands.reading import found_collection
from stend.engines.mongo.commands.sizes import collection_sizes
from stend.engines.mongo.errors import Code, MongoError

Document = dict[str, Any]

_COLL_STATS: Final = {
    "count": OBJECT,
    "storageStats": OBJECT,
    "latencyStats": OBJECT,
    "queryExecStats": OBJECT,
}
_CURRENT_OP: Final = {
    "allUsers": BOOL,
    "idleConnections": BOOL,
    "idleCursors": BOOL,
    "idleSessions": BOOL,
    "localOps": BOOL,
    "targetAllNodes": BOOL,
    "backtrace": BOOL,
}
# mongod has them, and they would tell what this server does not count or keep.
_REFUSED: Final = (
    "$indexStats",
    "$planCacheStats",
    "$listSessions",
    "$listClusterCatalog",
    "$queryStats",
    "$querySettings",
    "$search",
    "$searchMeta",
    "$vectorSearch",
    "$listSearchIndexes",
    "$listSampledQueries",
    "$shardedDataDistribution",
    "$changeStreamSplitLargeEvent",
)


def sources_of(call: Call, collection: str | None) -> Mapping[str, StageBuilder]:
    """The stages of an aggregation of this collection, or of the database."""

    def giving(make: Callable[[Mapping[str, Any]], list[Document]]) -> StageBuilder:
        def build(name: str, spec: Any, _: Building) -> Stage:
            if not isinstance(spec, Mapping):
                raise wrong_type(name, spec, "'object'")
            found = make(spec)

            def stage(_: Documents) -> Documents:
                return iter(found)

            return stage

        return build

    def refuse(name: str, _spec: Any, _building: Building) -> Stage:
        raise MongoError(
            Code.CommandNotSupported, f"The stage {name} is not supported by this server"
        )

    return {
        "$collStats": giving(lambda spec: _coll_stats(call, collection, spec)),
        "$currentOp": giving(lambda spec: _current_op(call, collection, spec)),
        "$listLocalSessions": giving(lambda spec: _local_sessions(call, spec)),
        **dict.fromkeys(_REFUSED, refuse),
    }


def _coll_stats(call: Call, name: str | None, spec: Mapping[str, Any]) -> list[Document]:
    fields = read_fields("$collStats", spec, _COLL_STATS)
    collection = found_collection(call, name or "")
    namespace = f"{call.database}.{name}"
    if collection is None:
        raise MongoError(
            Code.NamespaceNotFound,
            f"$collStats: Collection [{namespace}] not found.",
        )
    for refused in ("latencyStats", "queryExecStats"):
        if refused in fields:
            raise MongoError(
                Code.CommandNotSupported, f"{refused} of $collStats: not kept by this server"
            )
    told: Document = {
        "ns": namespace,
        "host": call.peer.advertised,
        "localTime": call.now,
    }
    if "storageStats" in fields:
        scale = read_fields("storageStats", fields["storageStats"], {"scale": NUMBER})
        told["storageStats"] = collection_sizes(collection, call.view, scale.get("scale", 1))
    if "count" in fields:
        told["count"] = collection.count(call.view)
    return [told]


def _current_op(call: Call, name: str | None, spec: Mapping[str, Any]) -> list[Document]:
    read_fields("$currentOp", spec, _CURRENT_OP)
    if name is not None or call.database != "admin":
        raise MongoError(
            Code.InvalidNamespace,
            "$currentOp must be run against the 'admin' database with {aggregate: 1}",
        )
    return operations(call)


def _local_sessions(call: Call, spec: Mapping[str, Any]) -> list[Document]:
    read_fields("$listLocalSessions", spec, {"allUsers": BOOL, "users": ANY})
    return [
        {
            "_id": {"id": Binary(session.id, UUID_SUBTYPE)},
            "lastUse": call.state.moment(session.used_at),
        }
        for session in call.state.sessions
    ]
