"""getMore and killCursors; and how a command answers with a cursor."""

from collections.abc import Callable
from typing import Any, Final

from bson import Int64

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    COUNT,
    NAME,
    NUMBER,
    Field,
    Kind,
    required,
    whole,
)
from stend.engines.mongo.cursors import FIRST_BATCH, Cursor
from stend.engines.mongo.errors import Code, MongoError

Document = dict[str, Any]

# How long a getMore of a tailable cursor waits where no maxTimeMS says it.
_AWAIT_S: Final = 1.0
_OTHER_SESSION: Final = 50738
_OTHER_TRANSACTION: Final = 50740


def first_batch(
    call: Call, cursor: Cursor, size: int | None, *, is_single: bool = False
) -> Document:
    """Answers with the first documents; keeps the cursor where more are left.

    Args:
        size: batchSize; None for the usual one.
        is_single: no cursor is kept even then.
    """
    cursor.session_id = call.session.id if call.session else None
    cursor.number = call.number if call.in_transaction else None
    cursor.is_majority = call.is_majority
    documents = cursor.batch(FIRST_BATCH if size is None else size)
    if call.deadline is not None:
        cursor.left_s = call.deadline - call.flow.now()
    cursor_id = 0
    if not is_single and not cursor.is_exhausted:
        cursor_id = call.state.cursors.keep(cursor, call.now.timestamp())
    elif cursor.close is not None:
        cursor.close()
    return {"cursor": _told(cursor, "firstBatch", documents, cursor_id)}


def get_more(call: Call) -> Document:
    cursor = _cursor_of(call)
    max_time_s = _await_s(call, cursor)
    cursor.is_busy = True
    call.is_majority = cursor.is_majority
    cursor.used_at = call.now.timestamp()
    cursor.pulse.beat = _beat(call, cursor)
    try:
        documents = cursor.batch(call.fields.get("batchSize") or None)
        if not documents and cursor.await_more is not None:
            until = call.flow.now() + max_time_s
            while not documents and not cursor.is_killed and call.flow.now() < until:
                cursor.await_more(call.flow.wait, until)
                documents = cursor.batch(call.fields.get("batchSize") or None)
        is_over = cursor.is_exhausted
    except BaseException:
        # What computes the documents was stopped in the middle, and cannot go on.
        call.state.cursors.kill(cursor)
        raise
    finally:
        cursor.is_busy = False
    if cursor.is_killed:
        raise _not_found(cursor.id)
    if is_over:
        call.state.cursors.kill(cursor)
    elif call.deadline is not None:
        cursor.left_s = call.deadline - call.flow.now()
    return {"cursor": _told(cursor, "nextBatch", documents, 0 if is_over else cursor.id)}


def _beat(call: Call, cursor: Cursor) -> Callable[[], None]:
    def beat() -> None:
        if cursor.is_killed:
            raise _not_found(cursor.id)
        call.tick()

    return beat


def _told(cursor: Cursor, name: str, documents: list[Any], cursor_id: int) -> Document:
    told: Document = {name: documents, "id": Int64(cursor_id), "ns": cursor.namespace}
    if cursor.token is not None:
        told["postBatchResumeToken"] = documents[-1]["_id"] if cursor.has_more else cursor.token()
    return told


def _await_s(call: Call, cursor: Cursor) -> float:
    """How long to wait for more; the deadline of the command is that of its cursor."""
    given_s = None if call.deadline is None else call.deadline - call.flow.now()
    call.deadline = None
    if cursor.await_more is None:
        if given_s is not None:
            raise MongoError(
                Code.BadValue,
                "cannot set maxTimeMS on getMore command for a non-awaitData cursor",
            )
        if cursor.left_s is not None:
            call.deadline = call.flow.now() + cursor.left_s
    return _AWAIT_S if given_s is None else given_s


def _cursor_of(call: Call) -> Cursor:
    cursor_id = call.fields["getMore"]
    cursor = call.state.cursors.find(cursor_id)
    if cursor is None:
        raise _not_found(cursor_id)
    if cursor.is_busy:
        raise MongoError(Code.CursorInUse, f"cursor id {cursor_id} is already in use")
    namespace = f"{call.database}.{call.fields['collection']}"
    if namespace != cursor.namespace:
        raise MongoError(
            Code.Unauthorized,
            f"Requested getMore on namespace '{namespace}', but cursor belongs to a different "
            f"namespace {cursor.namespace}",
        )
    _check_owner(call, cursor)
    return cursor


def _check_owner(call: Call, cursor: Cursor) -> None:
    session_id = call.session.id if call.session else None
    if session_id != cursor.session_id:
        raise MongoError(
            _OTHER_SESSION,
            f"Cannot run getMore on cursor {cursor.id}, which was created in another session",
        )
    number = call.number if call.in_transaction else None
    if number != cursor.number:
        raise MongoError(
            _OTHER_TRANSACTION,
            f"Cannot run getMore on cursor {cursor.id}, which was created in transaction "
            f"{cursor.number}, in transaction {number}",
        )


def _not_found(cursor_id: int) -> MongoError:
    return MongoError(Code.CursorNotFound, f"cursor id {cursor_id} not found")


def kill_cursors(call: Call) -> Document:
    ids = [whole("killCursors.cursors", one) for one in call.fields["cursors"]]
    if not ids:
        raise MongoError(Code.BadValue, "Must specify at least one cursor id in: killCursors")
    namespace = f"{call.database}.{call.fields['killCursors']}"
    killed: list[Int64] = []
    unknown: list[Int64] = []
    for cursor_id in ids:
        cursor = call.state.cursors.find(cursor_id)
        if cursor is None or cursor.namespace != namespace:
            unknown.append(Int64(cursor_id))
        else:
            call.state.cursors.kill(cursor)
            killed.append(Int64(cursor_id))
    return {
        "cursorsKilled": killed,
        "cursorsNotFound": unknown,
        "cursorsAlive": [],
        "cursorsUnknown": [],
    }


COMMANDS: Final = (
    Command(
        "getMore",
        get_more,
        {
            "getMore": required(Field(Kind.LONG)),
            "collection": NAME,
            "batchSize": COUNT,
            "term": NUMBER,
            "lastKnownCommittedOpTime": ANY,
        },
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "killCursors",
        kill_cursors,
        {"killCursors": NAME, "cursors": required(ARRAY)},
        in_transaction=True,
        in_api=True,
    ),
)
