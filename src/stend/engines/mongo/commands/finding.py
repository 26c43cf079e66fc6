"""find, count, distinct: reads of one collection without a pipeline."""

from collections.abc import Iterator
from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.cursors import first_batch
from stend.engines.mongo.commands.fields import (
    BOOL,
    COUNT,
    HINT,
    NAME,
    NUMBER,
    OBJECT,
    STRING,
    required,
)
from stend.engines.mongo.commands.reading import check_collation, found_collection, with_let
from stend.engines.mongo.cursors import Cursor, Pulse
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.projection import compile_projection
from stend.engines.mongo.query.values import order_key
from stend.engines.mongo.store.planner import Plan, Query, plan

Document = dict[str, Any]

# What mongod can do with a find and this server refuses: other than false or empty.
_REFUSED: Final = {
    "min": "min and max bounds of an index",
    "max": "min and max bounds of an index",
    "returnKey": "returnKey",
    "showRecordId": "showRecordId",
    "tailable": "tailable cursors: there are no capped collections",
    "awaitData": "tailable cursors: there are no capped collections",
}


def find(call: Call) -> Document:
    _, cursor = opened(call)
    is_single = bool(call.fields.get("singleBatch"))
    return first_batch(call, cursor, call.fields.get("batchSize"), is_single=is_single)


def opened(call: Call) -> tuple[Plan, Cursor]:
    """The plan of a find, and a cursor over what it finds."""
    fields = call.fields
    _check(call)
    pulse = Pulse(call.tick)
    context = with_let(call, call.context(pulse=pulse))
    collection = found_collection(call, fields["find"])
    query = query_of(fields)
    planned = plan(collection, query, view=call.view, context=context)
    documents = _projected(planned, query, context)
    namespace = f"{call.database}.{fields['find']}"
    is_timeless = bool(fields.get("noCursorTimeout"))
    return planned, Cursor(documents, namespace, pulse, is_timeless=is_timeless)


def query_of(fields: Document) -> Query:
    """What a find command asks for."""
    limit = fields.get("limit", 0)
    return Query(
        filter=fields.get("filter", {}),
        sort=fields.get("sort", {}),
        skip=fields.get("skip", 0),
        limit=limit,
        hint=fields.get("hint") or None,
        projection=fields.get("projection") or None,
        may_spill=fields.get("allowDiskUse", True),
    )


def _check(call: Call) -> None:
    check_collation(call.fields)
    for name, told in _REFUSED.items():
        if call.fields.get(name):
            raise MongoError(Code.NotImplemented, f"{told}: not supported by this server")


def _projected(planned: Plan, query: Query, context: Context) -> Iterator[Document]:
    documents = (found.document for found in planned.run())
    if query.projection is None:
        return documents
    matcher = compile_filter(query.filter, context=context)
    project = compile_projection(query.projection, context=context, match=matcher)
    return map(project, documents)


def count(call: Call) -> Document:
    """The number of documents; `limit` may be negative, which is the same."""
    fields = call.fields
    check_collation(fields)
    collection = found_collection(call, fields["count"])
    criteria = fields.get("query", {})
    limit, skip = abs(fields.get("limit", 0)), fields.get("skip", 0)
    if collection is not None and not criteria and not fields.get("hint"):
        found = max(0, collection.count(call.view) - skip)
        return {"n": min(found, limit) if limit else found}
    query = Query(filter=criteria, skip=skip, limit=limit, hint=fields.get("hint") or None)
    planned = plan(collection, query, view=call.view, context=call.context())
    return {"n": sum(1 for _ in planned.run())}


def distinct(call: Call) -> Document:
    """The different values of a field, elements of arrays for themselves."""
    fields = call.fields
    check_collation(fields)
    collection = found_collection(call, fields["distinct"])
    key = fields["key"]
    if not key or "\0" in key:
        raise MongoError(Code.InvalidNamespace, "FieldPath cannot be constructed with empty string")
    query = Query(filter=fields.get("query", {}), hint=fields.get("hint") or None)
    planned = plan(collection, query, view=call.view, context=call.context())
    found: dict[Any, Any] = {}
    parts = tuple(key.split("."))
    for one in planned.run():
        for value in _values(one.document, parts):
            found.setdefault(order_key(value), value)
    return {"values": [found[one] for one in sorted(found)]}


def _values(value: Any, parts: tuple[str, ...]) -> Iterator[Any]:
    """Values under a path; an array at its end gives its elements, not itself."""
    if not parts:
        yield from value if isinstance(value, list) else (value,)
    elif isinstance(value, dict):
        if parts[0] in value:
            yield from _values(value[parts[0]], parts[1:])
    elif isinstance(value, list):
        if parts[0].isdigit():
            for element in value[int(parts[0]) : int(parts[0]) + 1]:
                yield from _values(element, parts[1:])
            return
        for element in value:
            if isinstance(element, dict):
                yield from _values(element, parts)


FIND_SPEC: Final = {
    "find": NAME,
    "filter": OBJECT,
    "sort": OBJECT,
    "projection": OBJECT,
    "hint": HINT,
    "skip": COUNT,
    "limit": COUNT,
    "batchSize": COUNT,
    "singleBatch": BOOL,
    "allowDiskUse": BOOL,
    "allowPartialResults": BOOL,
    "noCursorTimeout": BOOL,
    "oplogReplay": BOOL,
    "let": OBJECT,
    "collation": OBJECT,
    "min": OBJECT,
    "max": OBJECT,
    "returnKey": BOOL,
    "showRecordId": BOOL,
    "tailable": BOOL,
    "awaitData": BOOL,
}
COUNT_SPEC: Final = {
    "count": NAME,
    "query": OBJECT,
    "limit": NUMBER,
    "skip": COUNT,
    "hint": HINT,
    "collation": OBJECT,
    "fields": OBJECT,
}
DISTINCT_SPEC: Final = {
    "distinct": NAME,
    "key": required(STRING),
    "query": OBJECT,
    "hint": HINT,
    "collation": OBJECT,
}

COMMANDS: Final = (
    Command("find", find, FIND_SPEC, reads=True, in_transaction=True, in_api=True),
    Command("count", count, COUNT_SPEC, reads=True, in_api=True),
    Command("distinct", distinct, DISTINCT_SPEC, reads=True, in_transaction=True),
)
