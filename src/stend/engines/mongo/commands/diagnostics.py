"""How the server is: figures of its process, its set of one node, parameters, its log."""

from typing import Any, Final

from bson import Int64

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import ANY, BOOL, NUMBER, Field, Kind, Lenient
from stend.engines.mongo.commands.operations import COMMANDS as OPERATIONS
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.sessions import LIFETIME_S
from stend.engines.mongo.state import SET_NAME, VERSION

Document = dict[str, Any]

_MEBIBYTE: Final = 1024 * 1024
_PRIMARY: Final = 1
_LOGS: Final = ("global", "startupWarnings")
# Those of setParameter that tell of what is fixed here.
PARAMETERS: Final[dict[str, Any]] = {
    "authenticationMechanisms": [],
    "cursorTimeoutMillis": Int64(600_000),
    "enableTestCommands": False,
    "featureCompatibilityVersion": {"version": "8.0"},
    "localLogicalSessionTimeoutMinutes": 30,
    "maxSessions": 100_000,
    "requireApiVersion": False,
    "transactionLifetimeLimitSeconds": LIFETIME_S,
    "ttlMonitorEnabled": True,
    "ttlMonitorSleepSecs": 1,
}


def server_status(call: Call) -> Document:
    state, facts = call.state, call.state.facts
    uptime_s = (call.now - facts.started_at).total_seconds()
    counters = state.counters
    memory = state.memory_bytes() // _MEBIBYTE
    running = list(state.sessions)
    open_now = sum(one.transaction is not None for one in running)
    by_command = {
        name: {
            "failed": Int64(counters.failed_by_command.get(name, 0)),
            "total": Int64(total),
        }
        for name, total in sorted(counters.by_command.items())
    }
    return {
        "host": call.peer.advertised,
        "version": VERSION,
        "process": "stend",
        "pid": Int64(facts.pid),
        "uptime": uptime_s,
        "uptimeMillis": Int64(int(uptime_s * 1000)),
        "uptimeEstimate": Int64(int(uptime_s)),
        "localTime": call.now,
        "connections": {
            "current": counters.connections_open,
            "totalCreated": counters.connections_created,
            "active": len(state.running),
        },
        "logicalSessionRecordCache": {"activeSessionsCount": len(running)},
        "mem": {"bits": 64, "resident": memory, "supported": True},
        "metrics": {
            "commands": by_command,
            "cursor": {
                "timedOut": Int64(state.cursors.timed_out),
                "totalOpened": Int64(state.cursors.opened),
                "open": {"total": Int64(len(state.cursors))},
            },
        },
        "network": {
            "bytesIn": Int64(counters.bytes_in),
            "bytesOut": Int64(counters.bytes_out),
            "numRequests": Int64(counters.requests),
        },
        "opcounters": _opcounters(counters.by_command),
        "repl": _set(call),
        "storageEngine": {
            "name": "stend",
            "persistent": True,
            "supportsCommittedReads": True,
            "readOnly": False,
        },
        "transactions": {"currentOpen": Int64(open_now)},
    }


def _opcounters(by_command: dict[str, int]) -> Document:
    names = {"insert": "insert", "update": "update", "delete": "delete"}
    told = {shown: Int64(by_command.get(name, 0)) for shown, name in names.items()}
    queries = by_command.get("find", 0)
    more = by_command.get("getMore", 0)
    others = sum(by_command.values()) - sum(map(int, told.values())) - queries - more
    return {
        **told,
        "query": Int64(queries),
        "getmore": Int64(more),
        "command": Int64(others),
    }


def _set(call: Call) -> Document:
    return {
        "hosts": [call.peer.advertised],
        "setName": SET_NAME,
        "setVersion": 1,
        "isWritablePrimary": True,
        "secondary": False,
        "primary": call.peer.advertised,
        "me": call.peer.advertised,
    }


def replica_status(call: Call) -> Document:
    time = call.state.cluster_time
    op_time = {"ts": time, "t": Int64(1)}
    uptime_s = int((call.now - call.state.facts.started_at).total_seconds())
    return {
        "set": SET_NAME,
        "date": call.now,
        "myState": _PRIMARY,
        "term": Int64(1),
        "syncSourceHost": "",
        "syncSourceId": -1,
        "heartbeatIntervalMillis": Int64(2000),
        "majorityVoteCount": 1,
        "writeMajorityCount": 1,
        "votingMembersCount": 1,
        "writableVotingMembersCount": 1,
        "optimes": {
            "lastCommittedOpTime": op_time,
            "appliedOpTime": op_time,
            "durableOpTime": op_time,
        },
        "members": [
            {
                "_id": 0,
                "name": call.peer.advertised,
                "health": 1.0,
                "state": _PRIMARY,
                "stateStr": "PRIMARY",
                "uptime": uptime_s,
                "optime": op_time,
                "optimeDate": time.as_datetime(),
                "configVersion": 1,
                "configTerm": 1,
                "self": True,
            }
        ],
    }


def replica_config(call: Call) -> Document:
    member = {
        "_id": 0,
        "host": call.peer.advertised,
        "arbiterOnly": False,
        "buildIndexes": True,
        "hidden": False,
        "priority": 1,
        "tags": {},
        "secondaryDelaySecs": Int64(0),
        "votes": 1,
    }
    return {
        "config": {
            "_id": SET_NAME,
            "version": 1,
            "term": 1,
            "members": [member],
            "protocolVersion": Int64(1),
            "writeConcernMajorityJournalDefault": True,
        }
    }


def host_info(call: Call) -> Document:
    facts = call.state.facts
    return {
        "system": {"currentTime": call.now, "hostname": facts.host, "cpuAddrSize": 64},
        "os": {"type": facts.system, "name": facts.system, "version": ""},
        "extra": {},
    }


def command_line(call: Call) -> Document:
    return {
        "argv": list(call.state.facts.arguments),
        "parsed": {"replication": {"replSet": SET_NAME}},
    }


def get_parameter(call: Call) -> Document:
    told = call.fields[call.name]
    asked = {name for name in call.fields if name != call.name} - {"allParameters"}
    if told == "*" or call.fields.get("allParameters"):
        return dict(PARAMETERS)
    found = {name: value for name, value in PARAMETERS.items() if name in asked}
    if not found:
        raise MongoError(Code.InvalidOptions, "no option found to get")
    return found


def set_parameter(call: Call) -> Document:
    names = ", ".join(name for name in call.fields if name != call.name)
    raise MongoError(
        Code.IllegalOperation, f"the parameter {names} is fixed and cannot be set at run time"
    )


def get_log(call: Call) -> Document:
    told = call.fields["getLog"]
    if told == "*":
        return {"names": list(_LOGS)}
    if told not in _LOGS:
        raise MongoError(Code.OperationFailed, f"No log named '{told}'")
    lines = call.state.log if told == "global" else []
    return {"totalLinesWritten": len(lines), "log": list(lines)}


def list_commands(call: Call) -> Document:
    return {"commands": {name: {} for name in call.state.command_names}}


def default_concerns(call: Call) -> Document:
    """getDefaultRWConcern: nobody has set one."""
    return {
        "defaultReadConcern": {"level": "local"},
        "defaultWriteConcern": {"w": "majority", "wtimeout": 0},
        "defaultWriteConcernSource": "implicit",
        "defaultReadConcernSource": "implicit",
        "localUpdateWallClockTime": call.now,
    }


def file_sync(call: Call) -> Document:
    """Every acknowledged write is on the disk anyway."""
    if call.fields.get("lock"):
        raise MongoError(
            Code.CommandNotSupported, "fsync with lock is not supported by this server"
        )
    return {"numFiles": 1}


COMMANDS: Final = (
    *OPERATIONS,
    Command("serverStatus", server_status, Lenient()),
    Command("replSetGetStatus", replica_status, {"replSetGetStatus": ANY}, is_admin=True),
    Command(
        "replSetGetConfig",
        replica_config,
        {"replSetGetConfig": ANY, "commitmentStatus": BOOL},
        is_admin=True,
    ),
    Command("hostInfo", host_info, {"hostInfo": ANY}, is_admin=True),
    Command("getCmdLineOpts", command_line, {"getCmdLineOpts": ANY}, is_admin=True),
    Command("getParameter", get_parameter, Lenient(), is_admin=True),
    Command("setParameter", set_parameter, Lenient(), is_admin=True),
    Command("getLog", get_log, {"getLog": Field(Kind.STRING, is_required=True)}, is_admin=True),
    Command("listCommands", list_commands, {"listCommands": ANY}),
    Command(
        "getDefaultRWConcern",
        default_concerns,
        {"getDefaultRWConcern": ANY, "inMemory": BOOL},
        is_admin=True,
    ),
    Command(
        "fsync",
        file_sync,
        {"fsync": ANY, "lock": BOOL, "fsyncLockAcquisitionTimeoutMillis": NUMBER},
        is_admin=True,
    ),
)
