"""findAndModify: changes or deletes one document and gives it back, as it was or as it is."""

from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    ARRAY,
    HINT,
    NAME,
    NUMBER,
    OBJECT,
    SWITCH,
    UPDATE,
    objects,
)
from stend.engines.mongo.commands.reading import check_collation, found_collection, with_let
from stend.engines.mongo.commands.writing import Writer, answered_before
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.projection import compile_projection
from stend.engines.mongo.update.compiling import compile_update

Document = dict[str, Any]


def find_and_modify(call: Call) -> Document:
    fields = call.fields
    _check(fields)
    check_collation(fields)
    name = fields[call.name]
    found_collection(call, name)
    number = fields.get("stmtId", 0)
    session = call.session if call.has_numbered_statements else None
    answered = answered_before(call, "findAndModify", number)
    if answered is not None:
        return {**answered, "retriedStmtId": number}
    context = with_let(call, call.context())
    is_checked = not fields.get("bypassDocumentValidation")
    writer = Writer(call, call.database, name, context, is_checked=is_checked)
    reply = _remove(writer, fields) if fields.get("remove") else _update(writer, fields)
    if session:
        session.keep(number, reply)
        call.save_answers()
    return reply


def _check(fields: Document) -> None:
    is_removal, update = fields.get("remove", False), fields.get("update")
    problem = None
    if is_removal and update is not None:
        problem = "Cannot specify both an update and remove=true"
    elif is_removal and fields.get("upsert"):
        problem = "Cannot specify both upsert=true and remove=true"
    elif is_removal and fields.get("new"):
        problem = (
            "Cannot specify both new=true and remove=true; 'remove' always returns the deleted "
            "document"
        )
    elif is_removal and fields.get("arrayFilters"):
        problem = "Cannot specify arrayFilters and remove=true"
    elif not is_removal and update is None:
        problem = "Either an update or remove=true must be specified"
    if problem:
        raise MongoError(Code.FailedToParse, problem)


def _entry(fields: Document) -> Document:
    found = {"q": fields.get("query", {}), "sort": fields.get("sort"), "hint": fields.get("hint")}
    return {**found, "u": fields.get("update"), "upsert": fields.get("upsert", False)}


def _remove(writer: Writer, fields: Document) -> Document:
    change = writer.delete_one(_entry(fields))
    value = None if change is None else _shown(writer.context, fields, change.before)
    return {"lastErrorObject": {"n": int(change is not None)}, "value": value}


def _update(writer: Writer, fields: Document) -> Document:
    entry = _entry(fields)
    updater = compile_update(
        entry["u"],
        array_filters=objects("arrayFilters", fields.get("arrayFilters", [])),
        context=writer.context,
    )
    # A wrong projection is told before anything is written.
    _shown(writer.context, fields, None)
    is_new = fields.get("new", False)
    change = writer.update_one(entry, updater, writer.context)
    if change is not None:
        shown = change.after if is_new else change.before
        return {
            "lastErrorObject": {"n": 1, "updatedExisting": True},
            "value": _shown(writer.context, fields, shown),
        }
    if not entry["upsert"]:
        return {"lastErrorObject": {"n": 0, "updatedExisting": False}, "value": None}
    made = writer.upsert(entry["q"], updater)
    return {
        "lastErrorObject": {"n": 1, "updatedExisting": False, "upserted": made["_id"]},
        "value": _shown(writer.context, fields, made) if is_new else None,
    }


def _shown(context: Context, fields: Document, document: Document | None) -> Document | None:
    spec = fields.get("fields")
    if not spec:
        return document
    matcher = compile_filter(fields.get("query", {}), context=context)
    project = compile_projection(spec, context=context, match=matcher)
    return None if document is None else project(document)


SPEC: Final = {
    "query": OBJECT,
    "sort": OBJECT,
    "remove": SWITCH,
    "update": UPDATE,
    "new": SWITCH,
    "fields": OBJECT,
    "upsert": SWITCH,
    "bypassDocumentValidation": SWITCH,
    "collation": OBJECT,
    "arrayFilters": ARRAY,
    "hint": HINT,
    "let": OBJECT,
    "stmtId": NUMBER,
}
COMMANDS: Final = (
    Command(
        "findAndModify",
        find_and_modify,
        {"findAndModify": NAME, **SPEC},
        aliases=("findandmodify",),
        writes=True,
        is_retryable=True,
        in_transaction=True,
        in_api=True,
    ),
)
