"""Puts a command into its session: transactions begin, go on and end; writes may be repeated."""

from typing import Any, Final

from bson import Binary, Int64
from bson.binary import UUID_SUBTYPE

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.generic import Generic
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.sessions import TRANSIENT, LogicalSession

Document = dict[str, Any]

_ENDINGS: Final = frozenset({"commitTransaction", "abortTransaction"})
_OTHER_WAYS: Final = {
    "count": "Cannot run 'count' in a multi-document transaction. Please see "
    "http://dochub.mongodb.org/core/transaction-count for a recommended alternative."
}
_TRANSIENT_CODES: Final = frozenset({Code.WriteConflict, Code.NoSuchTransaction})
_NO_DATABASES: Final = ("admin", "config", "local")


def enter(command: Command, call: Call, generic: Generic) -> LogicalSession | None:
    """Finds the session, and the transaction or the number of a retryable write.

    Raises:
        MongoError: the session is in another state than the command takes it for.
    """
    if generic.session_id is None:
        return None
    session = call.state.sessions.use(generic.session_id, call.now.timestamp())
    call.session = session
    call.number = generic.number
    if generic.number is None:
        return session
    if session.is_busy:
        # mongod lets the second command wait for the first; a client sends none before its reply.
        _wait_for(session, call)
    if generic.in_transaction:
        _enter_transaction(command, call, generic, session, generic.number)
    else:
        _enter_retryable(command, call, session, generic.number)
    session.is_busy = True
    return session


def leave(session: LogicalSession | None, call: Call, error: MongoError | None) -> MongoError:
    """
    Args:
        error: what the command failed with; it ends its transaction.

    Returns:
        The same error, with the labels that it has in a transaction.
    """
    if session is None or call.number is None:
        return error or _NO_ERROR
    session.is_busy = False
    if error is None or not call.in_transaction or call.name in _ENDINGS:
        return error or _NO_ERROR
    call.state.sessions.abort(session)
    if error.code in _TRANSIENT_CODES and TRANSIENT not in error.labels:
        error.labels = (*error.labels, TRANSIENT)
    return error


_NO_ERROR: Final = MongoError(0, "")


def _wait_for(session: LogicalSession, call: Call) -> None:
    while session.is_busy:
        # Looked at again and again: this happens to no driver.
        call.flow.wait(lambda _: None, call.flow.now() + 0.01)
        call.tick()


def _enter_transaction(
    command: Command, call: Call, generic: Generic, session: LogicalSession, number: int
) -> None:
    if not command.in_transaction:
        told = f"Cannot run '{command.name}' in a multi-document transaction."
        raise MongoError(
            Code.OperationNotSupportedInTransaction, _OTHER_WAYS.get(command.name, told)
        )
    # bulkWrite is one of admin, and writes elsewhere.
    if not command.is_admin:
        _check_place(command, call)
    if generic.starts_transaction:
        session.check_may_begin(number)
        call.state.sessions.abort(session)
        session.begin(number, call.state.store.begin(_told(session, number)), call.now.timestamp())
    else:
        session.check_goes_on(number)
        if command.name not in _ENDINGS:
            session.check_uncommitted(number)
    call.in_transaction = True


def _check_place(command: Command, call: Call) -> None:
    if call.database in _NO_DATABASES:
        raise MongoError(
            Code.OperationNotSupportedInTransaction,
            f"Cannot run command {command.name} against the '{call.database}' database in a "
            "transaction.",
        )


def _told(session: LogicalSession, number: int) -> Document:
    return {"lsid": {"id": Binary(session.id, UUID_SUBTYPE)}, "txnNumber": Int64(number)}


def _enter_retryable(command: Command, call: Call, session: LogicalSession, number: int) -> None:
    if command.name in _ENDINGS:
        raise MongoError(
            Code.InvalidOptions, f"Command {command.name} must be run with autocommit: false"
        )
    if not command.is_retryable:
        raise MongoError(
            Code.NotARetryableWriteCommand,
            "txnNumber may only be provided for multi-document transactions and retryable write "
            f"commands. autocommit:false was not provided, and {command.name} is not a "
            "retryable write command.",
        )
    if number > session.number:
        call.state.sessions.abort(session)
    session.begin_retryable(number)
