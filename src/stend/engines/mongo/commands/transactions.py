"""commitTransaction and abortTransaction, and the commands of sessions."""

from typing import Any, Final

from bson import Binary
from bson.binary import UUID_SUBTYPE

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import ANY, ARRAY, OBJECT, objects, required
from stend.engines.mongo.commands.generic import session_id_of
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.sessions import TIMEOUT_MINUTES, TIMEOUT_S, LogicalSession

Document = dict[str, Any]


def commit(call: Call) -> Document:
    """Once more is the same: a client that heard no answer asks again."""
    session, _ = _transaction(call)
    call.state.sessions.commit(session, call.now.timestamp() + TIMEOUT_S)
    return {}


def abort(call: Call) -> Document:
    session, number = _transaction(call)
    session.check_uncommitted(number)
    call.state.sessions.abort(session)
    return {}


def _transaction(call: Call) -> tuple[LogicalSession, int]:
    if call.session is None or call.number is None or not call.in_transaction:
        raise MongoError(Code.InvalidOptions, f"{call.name} must be run within a transaction")
    return call.session, call.number


def start_session(call: Call) -> Document:
    """Clients make ids of sessions themselves; this command gives them one."""
    session_id = call.state.draw_bits(128).to_bytes(16, "big")
    # Of version 4, as RFC 9562 lays it out.
    session_id = (
        session_id[:6]
        + bytes((session_id[6] & 0x0F | 0x40,))
        + session_id[7:8]
        + bytes((session_id[8] & 0x3F | 0x80,))
        + session_id[9:]
    )
    call.state.sessions.use(session_id, call.now.timestamp())
    return {
        "id": {"id": Binary(session_id, UUID_SUBTYPE)},
        "timeoutMinutes": TIMEOUT_MINUTES,
    }


def end_sessions(call: Call) -> Document:
    call.state.sessions.end(_ids(call))
    return {}


def refresh_sessions(call: Call) -> Document:
    call.state.sessions.refresh(_ids(call), call.now.timestamp())
    return {}


def kill_sessions(call: Call) -> Document:
    """Transactions and cursors of them end; none given means all."""
    ids = set(_ids(call)) or {one.id for one in call.state.sessions}
    _kill(call, ids)
    return {}


def kill_all_sessions(call: Call) -> Document:
    if call.fields[call.name]:
        raise MongoError(
            Code.CommandNotSupported,
            f"{call.name} with patterns is not supported by this server: there are no users",
        )
    _kill(call, {one.id for one in call.state.sessions})
    return {}


def _kill(call: Call, ids: set[bytes]) -> None:
    for running in tuple(call.state.running.values()):
        if running.session and running.session.id in ids and running is not call:
            running.is_killed = True
    for session in call.state.sessions:
        if session.id in ids and not session.is_busy:
            call.state.sessions.abort(session)
    call.state.cursors.kill_where(lambda one: one.session_id in ids)


def _ids(call: Call) -> list[bytes]:
    told = objects(call.name, call.fields[call.name])
    return [session_id_of(call.name, one) for one in told]


_ENDING: Final = {"recoveryToken": OBJECT}
COMMANDS: Final = (
    Command(
        "commitTransaction",
        commit,
        {"commitTransaction": ANY, **_ENDING},
        is_admin=True,
        writes=True,
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "abortTransaction",
        abort,
        {"abortTransaction": ANY, **_ENDING},
        is_admin=True,
        writes=True,
        in_transaction=True,
        in_api=True,
    ),
    Command("startSession", start_session, {"startSession": ANY}),
    Command("endSessions", end_sessions, {"endSessions": required(ARRAY)}, in_api=True),
    Command("refreshSessions", refresh_sessions, {"refreshSessions": required(ARRAY)}, in_api=True),
    Command("killSessions", kill_sessions, {"killSessions": required(ARRAY)}, in_api=True),
    Command("killAllSessions", kill_all_sessions, {"killAllSessions": required(ARRAY)}),
    Command(
        "killAllSessionsByPattern",
        kill_all_sessions,
        {"killAllSessionsByPattern": required(ARRAY)},
    ),
)
