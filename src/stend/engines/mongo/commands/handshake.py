"""What a client asks first: who is there, and what it can do."""

from typing import Any, Final

from bson import Int64, ObjectId, Timestamp

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    BOOL,
    COUNT,
    NUMBER,
    OBJECT,
    STRING,
    SWITCH,
    Lenient,
    read_fields,
    required,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.sessions import TIMEOUT_MINUTES
from stend.engines.mongo.state import (
    MAX_DOCUMENT_BYTES,
    MAX_WIRE_VERSION,
    MAX_WRITES,
    SET_NAME,
    VERSION,
    VERSION_ARRAY,
)
from stend.wire.mongo.frames import MAX_MESSAGE_BYTES

Document = dict[str, Any]

_TOPOLOGY_SPEC: Final = {"processId": required(ANY), "counter": required(NUMBER)}
_COUNTER: Final = 6
_UNSIGNED: Final[Document] = {"hash": bytes(20), "keyId": Int64(0)}
# Of the only term that this set has.
_ELECTION: Final = ObjectId("7fffffff0000000000000001")
_BOTH_OR_NONE: Final = 31368


def cluster_fields(time: Timestamp) -> Document:
    """What every reply of a replica set ends with; nobody signs where there are no users."""
    return {
        "$clusterTime": {"clusterTime": time, "signature": _UNSIGNED},
        "operationTime": time,
    }


def hello(call: Call) -> Document:
    _keep_metadata(call)
    _await_change(call)
    found: Document = {}
    if call.fields.get("helloOk"):
        found["helloOk"] = True
    found["ismaster" if call.name == "isMaster" else "isWritablePrimary"] = True
    return {**found, **_topology(call), **_limits(call)}


def _keep_metadata(call: Call) -> None:
    client = call.fields.get("client")
    if client is None:
        return
    if call.peer.metadata is not None:
        raise MongoError(
            Code.ClientMetadataCannotBeMutated,
            "The client metadata document may only be sent in the first hello",
        )
    call.peer.metadata = client


def _await_change(call: Call) -> None:
    """Waits for the time that is given: nothing of this set ever changes."""
    told = call.fields.get("topologyVersion")
    wait_ms = call.fields.get("maxAwaitTimeMS")
    if (told is None) != (wait_ms is None):
        raise MongoError(
            _BOTH_OR_NONE,
            "A request with a 'topologyVersion' must include 'maxAwaitTimeMS', and the other way "
            "round",
        )
    if told is None or wait_ms is None:
        return
    fields = read_fields("hello.topologyVersion", told, _TOPOLOGY_SPEC)
    if fields["processId"] == call.state.facts.process and fields["counter"] == _COUNTER:
        call.flow.wait(lambda _: None, call.flow.now() + wait_ms / 1000)
        call.now = call.state.clock()


def _topology(call: Call) -> Document:
    address = call.peer.advertised
    last = call.state.cluster_time
    op_time = {"ts": last, "t": Int64(1)}
    return {
        "topologyVersion": {
            "processId": call.state.facts.process,
            "counter": Int64(_COUNTER),
        },
        "hosts": [address],
        "setName": SET_NAME,
        "setVersion": 1,
        "secondary": False,
        "primary": address,
        "me": address,
        "electionId": _ELECTION,
        "lastWrite": {
            "opTime": op_time,
            "lastWriteDate": last.as_datetime(),
            "majorityOpTime": op_time,
            "majorityWriteDate": last.as_datetime(),
        },
    }


def _limits(call: Call) -> Document:
    return {
        "maxBsonObjectSize": MAX_DOCUMENT_BYTES,
        "maxMessageSizeBytes": MAX_MESSAGE_BYTES,
        "maxWriteBatchSize": MAX_WRITES,
        "localTime": call.now,
        "logicalSessionTimeoutMinutes": TIMEOUT_MINUTES,
        "connectionId": call.peer.id,
        "minWireVersion": 0,
        "maxWireVersion": MAX_WIRE_VERSION,
        "readOnly": False,
    }


def ping(_: Call) -> Document:
    return {}


def build_info(call: Call) -> Document:
    facts = call.state.facts
    return {
        "version": VERSION,
        "gitVersion": "",
        "modules": ["stend"],
        "allocator": "system",
        "javascriptEngine": "none",
        "sysInfo": "deprecated",
        "versionArray": list(VERSION_ARRAY),
        "openssl": {"running": "disabled", "compiled": "disabled"},
        "buildEnvironment": {"python": facts.python_version},
        "bits": 64,
        "debug": False,
        "maxBsonObjectSize": MAX_DOCUMENT_BYTES,
        "storageEngines": ["stend"],
        "stend": facts.product_version,
    }


def connection_status(call: Call) -> Document:
    info: Document = {"authenticatedUsers": [], "authenticatedUserRoles": []}
    if call.fields.get("showPrivileges"):
        info["authenticatedUserPrivileges"] = []
    return {"authInfo": info}


def whats_my_uri(call: Call) -> Document:
    return {"you": call.peer.address}


def refuse_authentication(_: Call) -> Document:
    raise MongoError(
        Code.AuthenticationFailed,
        "Authentication failed: this server has no users, connect without credentials",
    )


def logout(_: Call) -> Document:
    return {}


_HELLO_SPEC: Final = {
    "helloOk": BOOL,
    "client": OBJECT,
    "compression": ARRAY,
    "loadBalanced": BOOL,
    "topologyVersion": OBJECT,
    "maxAwaitTimeMS": COUNT,
    "saslSupportedMechs": STRING,
    "speculativeAuthenticate": OBJECT,
}
_SASL_SPEC: Final = {
    "mechanism": STRING,
    "payload": ANY,
    "options": OBJECT,
    "autoAuthorize": ANY,
    "conversationId": ANY,
    "user": ANY,
    "nonce": ANY,
    "key": ANY,
}

COMMANDS: Final = (
    Command(
        "hello", hello, Lenient({"hello": ANY, **_HELLO_SPEC}), in_api=True, in_transaction=True
    ),
    Command(
        "isMaster",
        hello,
        Lenient({"isMaster": ANY, **_HELLO_SPEC}),
        aliases=("ismaster",),
        in_transaction=True,
    ),
    Command("ping", ping, {"ping": ANY}, in_api=True),
    Command(
        "buildInfo",
        build_info,
        {"buildInfo": ANY, "buildinfo": ANY},
        aliases=("buildinfo",),
    ),
    Command(
        "connectionStatus",
        connection_status,
        {"connectionStatus": ANY, "showPrivileges": SWITCH},
        in_api=True,
    ),
    Command("whatsmyuri", whats_my_uri, {"whatsmyuri": ANY}),
    Command("saslStart", refuse_authentication, {"saslStart": ANY, **_SASL_SPEC}),
    Command("saslContinue", refuse_authentication, {"saslContinue": ANY, **_SASL_SPEC}),
    Command("authenticate", refuse_authentication, {"authenticate": ANY, **_SASL_SPEC}),
    Command("logout", logout, {"logout": ANY}),
)
