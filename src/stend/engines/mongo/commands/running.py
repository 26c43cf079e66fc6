"""Runs one command: finds it, checks what is generic, puts it into its session, makes the reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp

from stend.engines.mongo.call import Call, Flow, Peer
from stend.engines.mongo.commands.absent import ABSENT
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import read_fields
from stend.engines.mongo.commands.generic import NAMES, Generic, read_generic
from stend.engines.mongo.commands.handshake import cluster_fields
from stend.engines.mongo.commands.numbering import enter, leave
from stend.engines.mongo.commands.serving import SERVED
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.state import State
from stend.engines.mongo.store.names import check_database

Document = dict[str, Any]


@dataclass(slots=True)
class Reply:
    """
    Attributes:
        is_wanted: False where the client said that it waits for none.
        is_durable: it is to be sent when what was written before it is on the disk.
    """

    document: Document
    is_wanted: bool = True
    is_durable: bool = False


def run(document: Document, state: State, peer: Peer, flow: Flow) -> Reply:
    """Never fails: what is wrong with the command is in the reply."""
    name = next(iter(document), "")
    state.counters.requests += 1
    try:
        command = _find(name, document)
        counted = state.counters.by_command
        counted[command.name] = counted.get(command.name, 0) + 1
        return _run_found(command, document, state, peer, flow)
    except MongoError as error:
        failed = state.counters.failed_by_command
        if name in SERVED:
            failed[SERVED[name].name] = failed.get(SERVED[name].name, 0) + 1
        return Reply(error_reply(error, state.cluster_time))


def error_reply(error: MongoError, time: Timestamp) -> Document:
    """What a command that fails is answered."""
    labels: Document = {"errorLabels": list(error.labels)} if error.labels else {}
    return {
        **labels,
        "ok": 0.0,
        "errmsg": error.message,
        "code": error.code,
        "codeName": error.code_name,
        **error.details,
        **cluster_fields(time),
    }


def _find(name: str, document: Mapping[str, Any]) -> Command:
    if not document:
        raise MongoError(Code.CommandNotFound, "no such command: ''")
    if (command := SERVED.get(name)) is not None:
        return command
    if name in ABSENT:
        raise MongoError(
            Code.CommandNotSupported, f"Command '{name}' is not supported by this server"
        )
    raise MongoError(Code.CommandNotFound, f"no such command: '{name}'")


def _run_found(command: Command, document: Document, state: State, peer: Peer, flow: Flow) -> Reply:
    generic = read_generic(command, document, state.cluster_time)
    check_database(generic.database)
    if command.is_admin and generic.database != "admin":
        raise MongoError(
            Code.Unauthorized, f"{command.name} may only be run against the admin database."
        )
    own = {name: value for name, value in document.items() if name not in NAMES}
    first = next(iter(own))
    if first != command.name:
        # An alias; messages and handlers know the proper name only.
        own = {command.name if name == first else name: value for name, value in own.items()}
    call = Call(
        command.name,
        generic.database,
        read_fields(command.name, own, command.spec),
        state,
        peer,
        flow,
        state.clock(),
    )
    call.is_strict = bool(generic.given.get("apiStrict"))
    call.is_majority = generic.level in ("majority", "linearizable")
    if generic.max_time_ms:
        call.deadline = flow.now() + generic.max_time_ms / 1000
    return _run_in_session(command, call, generic)


def _run_in_session(command: Command, call: Call, generic: Generic) -> Reply:
    session = enter(command, call, generic)
    state = call.state
    state.last_call += 1
    call.id = state.last_call
    state.running[call.id] = call
    try:
        reply = command.handle(call)
    except MongoError as error:
        raise leave(session, call, error) from None
    except BaseException:
        # A bug, or the client is gone: half of a transaction must not go on.
        leave(session, call, MongoError(Code.Interrupted, "operation was interrupted"))
        raise
    finally:
        del state.running[call.id]
    leave(session, call, None)
    concern = generic.write_concern
    if concern.problem:
        reply["writeConcernError"] = concern.problem
    return Reply(
        {**reply, "ok": 1.0, **cluster_fields(call.state.cluster_time)},
        concern.is_acknowledged,
        (command.writes and concern.is_durable) or call.is_majority,
    )
