"""insert, update, delete."""

from functools import partial
from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    ARRAY,
    NAME,
    NUMBER,
    OBJECT,
    SWITCH,
    objects,
    read_fields,
    required,
    whole,
)
from stend.engines.mongo.commands.reading import found_collection, with_let
from stend.engines.mongo.commands.writing import (
    DELETE_SPEC,
    UPDATE_SPEC,
    Statement,
    Writer,
    check_size,
    run_batch,
    statement_numbers,
)

Document = dict[str, Any]


def insert(call: Call) -> Document:
    documents = objects("insert.documents", call.fields["documents"])
    writer = _writer(call, len(documents))
    batch = run_batch(
        call,
        [Statement("insert", partial(writer.insert, one)) for one in documents],
        statement_numbers(call, len(documents)),
    )
    return {"n": len(batch.results), **batch.reply()}


def update(call: Call) -> Document:
    entries = _entries(call, "updates", UPDATE_SPEC)
    writer = _writer(call, len(entries))
    batch = run_batch(
        call,
        [Statement("update", partial(writer.update, one)) for one in entries],
        statement_numbers(call, len(entries)),
    )
    upserted = [
        {"index": index, "_id": result["upserted"]}
        for index, result in batch.results
        if "upserted" in result
    ]
    return {
        "n": sum(result["n"] for _, result in batch.results),
        **({"upserted": upserted} if upserted else {}),
        "nModified": sum(result["nModified"] for _, result in batch.results),
        **batch.reply(),
    }


def delete(call: Call) -> Document:
    entries = _entries(call, "deletes", DELETE_SPEC)
    writer = _writer(call, len(entries))
    batch = run_batch(
        call,
        [Statement("delete", partial(writer.delete, one)) for one in entries],
        statement_numbers(call, len(entries)),
    )
    return {"n": sum(result["n"] for _, result in batch.results), **batch.reply()}


def _entries(call: Call, name: str, spec: Any) -> list[Document]:
    path = f"{call.name}.{name}"
    return [read_fields(path, one, spec) for one in objects(path, call.fields[name])]


def _writer(call: Call, count: int) -> Writer:
    check_size(count)
    if "stmtIds" in call.fields:
        call.fields["stmtIds"] = [whole("stmtIds", one) for one in call.fields["stmtIds"]]
    name = call.fields[call.name]
    # Its name is checked once for all.
    found_collection(call, name)
    return Writer(
        call,
        call.database,
        name,
        with_let(call, call.context()),
        is_checked=not call.fields.get("bypassDocumentValidation"),
    )


_OF_ALL: Final = {"ordered": SWITCH, "stmtId": NUMBER, "stmtIds": ARRAY, "let": OBJECT}

COMMANDS: Final = (
    Command(
        "insert",
        insert,
        {
            "insert": NAME,
            "documents": required(ARRAY),
            "bypassDocumentValidation": SWITCH,
            **{name: field for name, field in _OF_ALL.items() if name != "let"},
        },
        writes=True,
        is_retryable=True,
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "update",
        update,
        {
            "update": NAME,
            "updates": required(ARRAY),
            "bypassDocumentValidation": SWITCH,
            **_OF_ALL,
        },
        writes=True,
        is_retryable=True,
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "delete",
        delete,
        {"delete": NAME, "deletes": required(ARRAY), **_OF_ALL},
        writes=True,
        is_retryable=True,
        in_transaction=True,
        in_api=True,
    ),
)
