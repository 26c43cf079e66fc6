"""The fields that every command may have: sessions, concerns, limits of time, the Stable API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bson import Binary, Timestamp

from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.fields import (
    ANY,
    BOOL,
    NUMBER,
    OBJECT,
    STRING,
    SWITCH,
    Field,
    Kind,
    read_fields,
    required,
    wrong_type,
)
from stend.engines.mongo.errors import Code, MongoError

Document = dict[str, Any]

_MAX_TIME_MS: Final = 2**31 - 1
_LSID: Final = 4
_SPEC: Final = {
    "$db": Field(Kind.STRING, is_required=True),
    "$clusterTime": OBJECT,
    "$readPreference": OBJECT,
    "lsid": OBJECT,
    "txnNumber": Field(Kind.LONG, least=0),
    "autocommit": BOOL,
    "startTransaction": BOOL,
    "readConcern": OBJECT,
    "writeConcern": OBJECT,
    "maxTimeMS": Field(Kind.NUMBER, least=0, most=_MAX_TIME_MS),
    "maxTimeMSOpOnly": Field(Kind.NUMBER, least=0, most=_MAX_TIME_MS),
    "comment": ANY,
    "apiVersion": STRING,
    "apiStrict": BOOL,
    "apiDeprecationErrors": BOOL,
}
NAMES: Final = frozenset(_SPEC)
_LSID_SPEC: Final = {"id": required(ANY)}
_CLUSTER_TIME_SPEC: Final = {
    "clusterTime": required(Field(Kind.TIMESTAMP)),
    "signature": OBJECT,
}
_READ_CONCERN_SPEC: Final = {
    "level": STRING,
    "afterClusterTime": Field(Kind.TIMESTAMP),
    "atClusterTime": Field(Kind.TIMESTAMP),
    "provenance": STRING,
}
_WRITE_CONCERN_SPEC: Final = {
    "w": ANY,
    "j": SWITCH,
    "fsync": SWITCH,
    "wtimeout": NUMBER,
    "provenance": STRING,
}
_LEVELS: Final = frozenset({"local", "available", "majority", "linearizable", "snapshot"})
_IN_TRANSACTIONS: Final = frozenset({"local", "majority", "snapshot"})
_READ_PREFERENCE_SPEC: Final = {
    "mode": required(STRING),
    "tags": ANY,
    "maxStalenessSeconds": NUMBER,
    "hedge": OBJECT,
}
_MODES: Final = frozenset(
    {"primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"}
)
_MOST_NODES: Final = 50


@dataclass(frozen=True, slots=True)
class WriteConcern:
    """
    Attributes:
        is_acknowledged: the client waits for a reply.
        is_durable: what is acknowledged must be on the disk.
        problem: why it cannot be fulfilled, though the write is done: as writeConcernError.
    """

    is_acknowledged: bool = True
    is_durable: bool = True
    problem: Document | None = None


@dataclass(frozen=True, slots=True)
class Generic:
    """
    Attributes:
        database: `$db`.
        session_id: 16 bytes, or None.
        number: txnNumber.
        autocommit: False in a transaction, else None.
        given: the fields as they were sent and checked.
    """

    database: str
    session_id: bytes | None
    number: int | None
    autocommit: bool | None
    starts_transaction: bool
    write_concern: WriteConcern
    level: str | None
    max_time_ms: int | None
    given: Document = field(default_factory=dict)

    @property
    def in_transaction(self) -> bool:
        return self.autocommit is False


def read_generic(command: Command, document: Mapping[str, Any], cluster_time: Timestamp) -> Generic:
    """
    Args:
        document: the whole command.
        cluster_time: of the newest change.

    Raises:
        MongoError: a field is wrong, or not allowed for this command.
    """
    told = {name: value for name, value in document.items() if name in NAMES}
    given = read_fields(command.name, told, _SPEC)
    _check_api(command, given)
    _check_read_preference(given)
    if "$clusterTime" in given:
        read_fields("$clusterTime", given["$clusterTime"], _CLUSTER_TIME_SPEC)
    session_id = _session_id(given)
    _check_numbers(given)
    in_transaction = "autocommit" in given
    return Generic(
        given["$db"],
        session_id,
        given.get("txnNumber"),
        given.get("autocommit"),
        "startTransaction" in given,
        _write_concern(command, given, in_transaction=in_transaction),
        _read_concern(command, given, cluster_time, in_transaction=in_transaction),
        given.get("maxTimeMS") or None,
        given,
    )


def _check_api(command: Command, given: Document) -> None:
    version = given.get("apiVersion")
    if version is None:
        for name in ("apiStrict", "apiDeprecationErrors"):
            if name in given:
                raise MongoError(
                    Code.APIVersionError,
                    f"Provided {name} without passing apiVersion. To use the Stable API, a "
                    "client must specify the apiVersion",
                )
    elif version != "1":
        raise MongoError(Code.APIVersionError, 'API version must be "1"')
    elif given.get("apiStrict") and not command.in_api:
        raise MongoError(
            Code.APIStrictError,
            f"Provided apiStrict:true, but the command {command.name} is not in API Version 1. "
            "Information on supported commands and migrations in API Version 1 can be found at "
            "https://dochub.mongodb.org/core/manual-versioned-api",
        )


def _check_read_preference(given: Document) -> None:
    preference = given.get("$readPreference")
    if preference is None:
        return
    fields = read_fields("$readPreference", preference, _READ_PREFERENCE_SPEC)
    if fields["mode"] not in _MODES:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{fields['mode']}' for field '$readPreference.mode' is not a "
            "valid value.",
        )


def _session_id(given: Document) -> bytes | None:
    lsid = given.get("lsid")
    return None if lsid is None else session_id_of("lsid", lsid)


def session_id_of(path: str, lsid: Mapping[str, Any]) -> bytes:
    """The 16 bytes of a session's UUID.

    Raises:
        MongoError: it is no id of a session.
    """
    fields = read_fields(path, lsid, _LSID_SPEC)
    value = fields["id"]
    if not isinstance(value, Binary) or value.subtype != _LSID:
        raise wrong_type(f"{path}.id", value, "'UUID'")
    if len(value) != 16:
        raise MongoError(Code.InvalidLength, "uuid must be a 16-byte binary field with UUID")
    return bytes(value)


def _check_numbers(given: Document) -> None:
    if "txnNumber" in given and "lsid" not in given:
        raise _invalid("Transaction number requires a session ID to also be specified")
    if "autocommit" in given:
        if "txnNumber" not in given:
            raise _invalid("'autocommit' field requires a transaction number to also be specified")
        if given["autocommit"]:
            raise _invalid("Specifying autocommit=true is not allowed.")
    if "startTransaction" in given:
        if "autocommit" not in given:
            raise _invalid("'startTransaction' field requires 'autocommit' field")
        if not given["startTransaction"]:
            raise _invalid("Specifying startTransaction=false is not allowed.")


def _read_concern(
    command: Command, given: Document, cluster_time: Timestamp, *, in_transaction: bool
) -> str | None:
    if "readConcern" not in given:
        return None
    fields = read_fields("readConcern", given["readConcern"], _READ_CONCERN_SPEC)
    if in_transaction and "startTransaction" not in given:
        raise _invalid(
            "Only the first command in a transaction may specify a readConcern, and readConcern "
            "cannot be specified on later ones"
        )
    level: str | None = fields.get("level")
    if level is not None and level not in _LEVELS:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{level}' for field 'readConcern.level' is not a valid value.",
        )
    _check_level(command, level, in_transaction=in_transaction)
    _check_times(fields, cluster_time)
    return level


def _check_level(command: Command, level: str | None, *, in_transaction: bool) -> None:
    if in_transaction:
        if level is not None and level not in _IN_TRANSACTIONS:
            raise _invalid(
                "The readConcern level must be either 'local' (default), 'majority' or "
                "'snapshot' in order to run in a transaction"
            )
    elif level == "snapshot":
        raise MongoError(
            Code.SnapshotUnavailable,
            "Unable to read from a snapshot: readConcern level 'snapshot' outside of a "
            "transaction is not supported by this server",
        )
    elif level not in (None, "local", "available") and not command.reads:
        raise _invalid(f"Command {command.name} does not support readConcern level '{level}'")


def _check_times(fields: Document, cluster_time: Timestamp) -> None:
    if "atClusterTime" in fields:
        raise MongoError(
            Code.SnapshotUnavailable,
            "Unable to read from a snapshot: readConcern atClusterTime is not supported by this "
            "server",
        )
    after = fields.get("afterClusterTime")
    if after is not None and after > cluster_time:
        raise _invalid(
            "readConcern afterClusterTime value must not be greater than the current "
            f"clusterTime. Requested clusterTime: {after}; current clusterTime: {cluster_time}"
        )


def _write_concern(command: Command, given: Document, *, in_transaction: bool) -> WriteConcern:
    if "writeConcern" not in given:
        return WriteConcern()
    if not command.writes:
        raise _invalid("Command does not support writeConcern")
    if in_transaction and command.name not in ("commitTransaction", "abortTransaction"):
        raise _invalid("writeConcern is not allowed within a multi-statement transaction")
    fields = read_fields("writeConcern", given["writeConcern"], _WRITE_CONCERN_SPEC)
    nodes = fields.get("w", "majority")
    is_journaled = fields.get("j") or fields.get("fsync")
    if isinstance(nodes, str):
        return WriteConcern(problem=None if nodes == "majority" else _no_such_mode(nodes, given))
    if isinstance(nodes, bool) or not isinstance(nodes, int | float):
        raise MongoError(
            Code.FailedToParse, "w has to be a number, string, or object; found: " + repr(nodes)
        )
    if not 0 <= nodes <= _MOST_NODES:
        raise MongoError(
            Code.FailedToParse, "w has to be a non-negative number and not greater than 50"
        )
    if nodes > 1:
        return WriteConcern(problem=_unsatisfiable(given))
    is_durable = bool(nodes) and fields.get("j") is not False
    return WriteConcern(bool(nodes), bool(is_durable or is_journaled))


def _unsatisfiable(given: Document) -> Document:
    return {
        "code": int(Code.UnsatisfiableWriteConcern),
        "codeName": Code.UnsatisfiableWriteConcern.name,
        "errmsg": "Not enough data-bearing nodes",
        "errInfo": {"writeConcern": {**given["writeConcern"], "provenance": "clientSupplied"}},
    }


def _no_such_mode(mode: str, given: Document) -> Document:
    return {
        "code": int(Code.UnknownReplWriteConcern),
        "codeName": Code.UnknownReplWriteConcern.name,
        "errmsg": f'No write concern mode named "{mode}" found in replica set configuration',
        "errInfo": {"writeConcern": {**given["writeConcern"], "provenance": "clientSupplied"}},
    }


def _invalid(message: str) -> MongoError:
    return MongoError(Code.InvalidOptions, message)
