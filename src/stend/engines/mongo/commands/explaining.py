"""explain: which plan a command would take, and what it costs."""

from collections.abc import Mapping
from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands import aggregating, find_and_modify, finding, writes
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    OBJECT,
    STRING,
    Spec,
    objects,
    read_fields,
    required,
)
from stend.engines.mongo.commands.generic import NAMES
from stend.engines.mongo.commands.reading import check_collation, found_collection, with_let
from stend.engines.mongo.commands.writing import DELETE_SPEC, UPDATE_SPEC
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.state import VERSION
from stend.engines.mongo.store.planner import Plan, Query, plan

Document = dict[str, Any]

_VERBOSITIES: Final = ("queryPlanner", "executionStats", "allPlansExecution")
_NOT_EXECUTED: Final = 51029
_WRAPPERS: Final = {
    "count": "COUNT",
    "update": "UPDATE",
    "delete": "DELETE",
    "findAndModify": "UPDATE",
}
_SPECS: Final[Mapping[str, Spec]] = {
    "find": finding.FIND_SPEC,
    "count": finding.COUNT_SPEC,
    "distinct": finding.DISTINCT_SPEC,
    "aggregate": aggregating.AGGREGATE_SPEC,
    **{
        one.name: one.spec
        for one in (*writes.COMMANDS, *find_and_modify.COMMANDS)
        if one.name != "insert"
    },
}


def explain(call: Call) -> Document:
    told = call.fields["explain"]
    verbosity = call.fields.get("verbosity", "allPlansExecution")
    if verbosity not in _VERBOSITIES:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{verbosity}' for field 'explain.verbosity' is not a valid value.",
        )
    name = next(iter(told), "")
    spec = _SPECS.get(name)
    if spec is None:
        raise MongoError(Code.CommandNotFound, f"Explain failed due to unknown command: {name}")
    own = {key: value for key, value in told.items() if key not in NAMES}
    inner = _inner(call, name, read_fields(name, own, spec))
    if name == "aggregate":
        return explained_pipeline(inner, verbosity)
    planned, query, namespace = _planned(inner)
    told = _told(inner, planned, query, namespace)
    if verbosity != "queryPlanner":
        told["executionStats"] = _executed(inner, planned, list(planned.run()), verbosity)
    return {"explainVersion": "1", **told, **_surroundings(inner)}


def explained_pipeline(call: Call, verbosity: str) -> Document:
    """As a find where an index and a sort do it all, else stage by stage."""
    prepared = aggregating.prepare(call)
    pipeline, planned = prepared.pipeline, prepared.planned
    is_executed = verbosity != "queryPlanner"
    if is_executed and pipeline.output is not None:
        raise MongoError(
            _NOT_EXECUTED, f"explain of $out and $merge is not possible with {verbosity}"
        )
    results = list(prepared.cursor.documents) if is_executed else []
    first: Document = {}
    if planned is not None:
        query = Query(filter=pipeline.leading.match or {})
        first = _told(call, planned, query, prepared.cursor.namespace)
        if is_executed:
            first["executionStats"] = _executed(call, planned, results, verbosity)
    rest = call.fields["pipeline"][pipeline.leading.stages if planned else 0 :]
    if rest or planned is None:
        first = {"stages": [*([{"$cursor": first}] if first else []), *rest]}
    return {"explainVersion": "1", **first, **_surroundings(call)}


def _told(call: Call, planned: Plan, query: Query, namespace: str) -> Document:
    winning = planned.winning()
    if call.name in _WRAPPERS:
        is_removal = call.name == "findAndModify" and call.fields.get("remove")
        stage = "DELETE" if is_removal else _WRAPPERS[call.name]
        winning = {"stage": stage, "inputStage": winning}
    return {
        "queryPlanner": {
            "namespace": namespace,
            "parsedQuery": dict(query.filter),
            "indexFilterSet": False,
            "winningPlan": winning,
            "rejectedPlans": planned.rejected(),
        }
    }


def _executed(call: Call, planned: Plan, results: list[Any], verbosity: str) -> Document:
    elapsed_ms = (call.state.clock() - call.now).total_seconds() * 1000
    told = planned.execution()
    if call.name == "aggregate":
        told["nReturned"] = len(results)
    everything: Document = {"allPlansExecution": []} if verbosity == "allPlansExecution" else {}
    return {
        "executionSuccess": True,
        "nReturned": told["nReturned"],
        "executionTimeMillis": int(elapsed_ms),
        "totalKeysExamined": told["totalKeysExamined"],
        "totalDocsExamined": told["totalDocsExamined"],
        "executionStages": told["executionStages"],
        **everything,
    }


def _surroundings(call: Call) -> Document:
    host, _, port = call.peer.advertised.rpartition(":")
    server = {"host": host, "port": int(port), "version": VERSION, "gitVersion": ""}
    return {"command": {**call.fields, "$db": call.database}, "serverInfo": server}


def aggregate(call: Call) -> Document:
    """A pipeline that runs, or with `explain` one that is explained."""
    if call.fields.get("explain"):
        return explained_pipeline(call, "queryPlanner")
    return aggregating.aggregate(call)


def _inner(call: Call, name: str, fields: Document) -> Call:
    return Call(
        name,
        call.database,
        fields,
        call.state,
        call.peer,
        call.flow,
        call.now,
        deadline=call.deadline,
    )


def _planned(call: Call) -> tuple[Plan, Query, str]:
    check_collation(call.fields)
    name = call.fields[call.name]
    query, context = _query(call), with_let(call, call.context())
    planned = plan(found_collection(call, name), query, view=None, context=context)
    return planned, query, f"{call.database}.{name}"


def _query(call: Call) -> Query:
    fields = call.fields
    hint = fields.get("hint") or None
    if call.name == "find":
        return finding.query_of(fields)
    if call.name == "count":
        limit, skip = abs(fields.get("limit", 0)), fields.get("skip", 0)
        return Query(filter=fields.get("query", {}), skip=skip, limit=limit, hint=hint)
    if call.name == "distinct":
        return Query(filter=fields.get("query", {}), hint=hint)
    if call.name == "findAndModify":
        sort = fields.get("sort") or {}
        return Query(filter=fields.get("query", {}), sort=sort, limit=1, hint=hint)
    entries = objects(call.name, fields[f"{call.name}s"])
    if len(entries) != 1:
        raise MongoError(
            Code.InvalidLength, f"explained write batches must be of size 1, not {len(entries)}"
        )
    spec = UPDATE_SPEC if call.name == "update" else DELETE_SPEC
    entry = read_fields(f"{call.name}.{call.name}s", entries[0], spec)
    is_one = entry.get("limit") == 1 or (call.name == "update" and not entry.get("multi"))
    return Query(
        filter=entry["q"],
        sort=entry.get("sort") or {},
        limit=int(is_one),
        hint=entry.get("hint"),
    )


COMMANDS: Final = (
    Command(
        "aggregate",
        aggregate,
        aggregating.AGGREGATE_SPEC,
        reads=True,
        writes=True,
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "explain",
        explain,
        {"explain": required(OBJECT), "verbosity": STRING},
        reads=True,
        in_api=True,
    ),
)
