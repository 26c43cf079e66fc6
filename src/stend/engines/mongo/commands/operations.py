"""What runs right now: currentOp, killOp."""

from typing import Any, Final

from bson import Int64

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import ANY, NUMBER, Lenient, required
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter

Document = dict[str, Any]

_COUNT_AS_OPTIONS: Final = frozenset({"$all", "$ownOps", "$truncateOps"})


def operations(call: Call) -> list[Document]:
    """Every command that is under way, this one among them."""
    return [_told(call, one) for one in call.state.running.values()]


def _told(asking: Call, call: Any) -> Document:
    running_s = max(0.0, (asking.state.clock() - call.now).total_seconds())
    first = call.fields.get(call.name)
    namespace = f"{call.database}.{first}" if isinstance(first, str) else f"{call.database}.$cmd"
    metadata = call.peer.metadata or {}
    application = metadata.get("application", {})
    named = {"appName": application["name"]} if "name" in application else {}
    return {
        "type": "op",
        "host": call.peer.advertised,
        "desc": f"conn{call.peer.id}",
        "connectionId": call.peer.id,
        "client": call.peer.address,
        **named,
        "active": True,
        "currentOpTime": asking.now.isoformat(timespec="milliseconds"),
        "opid": call.id,
        "secs_running": Int64(int(running_s)),
        "microsecs_running": Int64(int(running_s * 1_000_000)),
        "op": "command",
        "ns": namespace,
        "command": {call.name: first, "$db": call.database},
    }


def current_op(call: Call) -> Document:
    criteria = {name: value for name, value in call.fields.items() if name != call.name}
    for option in _COUNT_AS_OPTIONS & criteria.keys():
        del criteria[option]
    matcher = compile_filter(criteria, context=call.context())
    return {"inprog": [one for one in operations(call) if matcher.matches(one)]}


def kill_op(call: Call) -> Document:
    found = call.state.running.get(call.fields["op"])
    if found is None:
        raise MongoError(Code.NoSuchKey, f"no operation has the id {call.fields['op']}")
    found.is_killed = True
    return {"info": "attempting to kill op"}


COMMANDS: Final = (
    Command("currentOp", current_op, Lenient(), is_admin=True),
    Command("killOp", kill_op, {"killOp": ANY, "op": required(NUMBER)}, is_admin=True),
)
