"""bulkWrite: inserts, updates and deletes of several collections in one command."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.cursors import first_batch
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    COUNT,
    HINT,
    NUMBER,
    OBJECT,
    STRING,
    SWITCH,
    UPDATE,
    objects,
    read_fields,
    required,
    whole,
)
from stend.engines.mongo.commands.reading import found_collection, with_let
from stend.engines.mongo.commands.writing import (
    Batch,
    Statement,
    Writer,
    check_size,
    run_batch,
    statement_numbers,
)
from stend.engines.mongo.cursors import Cursor, Pulse
from stend.engines.mongo.errors import Code, MongoError

Document = dict[str, Any]

_INSERT: Final = {"insert": required(NUMBER), "document": required(OBJECT)}
_UPDATE: Final = {
    "update": required(NUMBER),
    "filter": required(OBJECT),
    "updateMods": required(UPDATE),
    "multi": SWITCH,
    "upsert": SWITCH,
    "arrayFilters": ARRAY,
    "hint": HINT,
    "collation": OBJECT,
    "constants": OBJECT,
    "sort": OBJECT,
}
_DELETE: Final = {
    "delete": required(NUMBER),
    "filter": required(OBJECT),
    "multi": SWITCH,
    "hint": HINT,
    "collation": OBJECT,
}
_NAMESPACE: Final = "admin.$cmd.bulkWrite"


def bulk_write(call: Call) -> Document:
    fields = call.fields
    writers = _writers(call)
    told = objects("bulkWrite.ops", fields["ops"])
    check_size(len(told))
    if "stmtIds" in fields:
        fields["stmtIds"] = [whole("stmtIds", one) for one in fields["stmtIds"]]
    operations = [_operation(one, writers) for one in told]
    batch = run_batch(
        call,
        operations,
        statement_numbers(call, len(operations)),
    )
    results = _results(batch, operations, errors_only=bool(fields.get("errorsOnly")))
    size = read_fields("bulkWrite.cursor", fields.get("cursor", {}), {"batchSize": COUNT})
    cursor = Cursor(iter(results), _NAMESPACE, Pulse(call.tick))
    reply = first_batch(call, cursor, size.get("batchSize", len(results) or None))
    if batch.retried:
        reply["retriedStmtIds"] = batch.retried
    return {**reply, **_counts(batch, operations)}


def _writers(call: Call) -> list[Writer]:
    context = with_let(call, call.context())
    is_checked = not call.fields.get("bypassDocumentValidation")
    found: list[Writer] = []
    for one in objects("bulkWrite.nsInfo", call.fields["nsInfo"]):
        namespace = read_fields("bulkWrite.nsInfo", one, {"ns": required(STRING)})["ns"]
        database, _, name = namespace.partition(".")
        found_collection(call, name, database)
        found.append(Writer(call, database, name, context, is_checked=is_checked))
    return found


def _operation(told: Document, writers: list[Writer]) -> Statement:
    kind = next(iter(told), "")
    spec = {"insert": _INSERT, "update": _UPDATE, "delete": _DELETE}.get(kind)
    if spec is None:
        raise MongoError(
            Code.FailedToParse,
            f"Unrecognized bulkWrite operation '{kind}': insert, update or delete is expected",
        )
    fields = read_fields(f"bulkWrite.ops.{kind}", told, spec)
    place = fields[kind]
    if not 0 <= place < len(writers):
        raise MongoError(Code.BadValue, f"BulkWrite ops entry has an invalid nsInfo index: {place}")
    return Statement(kind, _runner(kind, fields, writers[place]))


def _runner(kind: str, fields: Document, writer: Writer) -> Callable[[], Document]:
    if kind == "insert":
        return partial(writer.insert, fields["document"])
    shared: Document = {
        name: fields[name]
        for name in ("hint", "collation", "arrayFilters", "sort", "upsert")
        if name in fields
    }
    is_multi = fields.get("multi", False)
    if kind == "delete":
        return partial(
            writer.delete, {**shared, "q": fields["filter"], "limit": 0 if is_multi else 1}
        )
    entry = {**shared, "q": fields["filter"], "u": fields["updateMods"], "multi": is_multi}
    if "constants" in fields:
        entry["c"] = fields["constants"]
    return partial(writer.update, entry)


def _results(batch: Batch, operations: list[Statement], *, errors_only: bool) -> list[Document]:
    found: list[tuple[int, Document]] = []
    for index, error in batch.errors:
        told = {"code": error.code, **error.details, "errmsg": error.message}
        found.append((index, {"ok": 0.0, "idx": index, **told, "n": 0}))
        if operations[index].kind == "update":
            found[-1][1]["nModified"] = 0
    if not errors_only:
        found += [(index, _result(index, one)) for index, one in batch.results]
    return [one for _, one in sorted(found, key=lambda one: one[0])]


def _result(index: int, result: Document) -> Document:
    told: Document = {"ok": 1.0, "idx": index, "n": result.get("n", 1)}
    if "nModified" in result:
        told["nModified"] = result["nModified"]
    if "upserted" in result:
        told["upserted"] = {"_id": result["upserted"]}
    return told


def _counts(batch: Batch, operations: list[Statement]) -> Document:
    counts = dict.fromkeys(
        ("nErrors", "nInserted", "nMatched", "nModified", "nUpserted", "nDeleted"), 0
    )
    counts["nErrors"] = len(batch.errors)
    for index, result in batch.results:
        kind = operations[index].kind
        if kind == "insert":
            counts["nInserted"] += 1
        elif kind == "delete":
            counts["nDeleted"] += result["n"]
        elif "upserted" in result:
            counts["nUpserted"] += 1
        else:
            counts["nMatched"] += result["n"]
            counts["nModified"] += result["nModified"]
    return dict(counts)


COMMANDS: Final = (
    Command(
        "bulkWrite",
        bulk_write,
        {
            "bulkWrite": ANY,
            "ops": required(ARRAY),
            "nsInfo": required(ARRAY),
            "ordered": SWITCH,
            "errorsOnly": SWITCH,
            "bypassDocumentValidation": SWITCH,
            "let": OBJECT,
            "cursor": OBJECT,
            "stmtId": NUMBER,
            "stmtIds": ARRAY,
        },
        is_admin=True,
        writes=True,
        is_retryable=True,
        in_transaction=True,
        in_api=True,
    ),
)
