"""MongoDB: a command fails with an error of the server, which never sees the command.

In a transaction the server gets abortTransaction in its place: with such an error it would have
ended the transaction itself.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import bson

from stend.kit.languages import Text
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import AnsweringFault, Instead
from stend.wire.decoding import Unit
from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import OpCode, framed, read_header
from stend.wire.mongo.messages import KIND_BODY, read_msg

_WRITES = frozenset(("insert", "update", "delete", "findAndModify", "findandmodify", "bulkWrite"))
_READS = frozenset(("find", "aggregate", "distinct", "getMore"))
# What tells the server which transaction is meant.
_OF_TRANSACTION = ("lsid", "txnNumber", "autocommit")
_NO_FLAGS = bytes(4)


class _Error(NamedTuple):
    """
    Attributes:
        label: in a write that the driver may repeat, outside of a transaction.
    """

    code: int
    name: str
    message: str
    label: str = ""


class _MongoError(AnsweringFault):
    def __init__(self, error: _Error, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._error = error

    def answer(self, unit: Unit, data: bytes) -> bytes | Instead | None:
        header = read_header(data)
        if unit.name not in _WRITES | _READS or header.op_code != OpCode.OP_MSG:
            return None
        try:
            command = bson.decode(read_msg(data).body)
        except (WireError, bson.errors.InvalidBSON):
            return None
        in_transaction = command.get("autocommit") is False
        if unit.name not in _WRITES and not in_transaction:
            return None
        if not self.is_struck():
            return None
        reply = _message(0, header.request_id, self._reply(command, in_transaction))
        if not in_transaction:
            return reply
        abort = {"abortTransaction": 1, "$db": "admin"}
        abort |= {name: command[name] for name in _OF_TRANSACTION if name in command}
        return Instead(_message(header.request_id, 0, abort), reply)

    def _reply(self, command: Mapping[str, Any], in_transaction: bool) -> dict[str, object]:
        error = self._error
        reply: dict[str, object] = {
            "ok": 0.0,
            "errmsg": error.message,
            "code": error.code,
            "codeName": error.name,
        }
        if in_transaction:
            reply["errorLabels"] = ["TransientTransactionError"]
        elif error.label and "txnNumber" in command:
            reply["errorLabels"] = [error.label]
        return reply


def _message(request_id: int, response_to: int, document: Mapping[str, Any]) -> bytes:
    parts = _NO_FLAGS, bytes((KIND_BODY,)), bson.encode(document)
    return framed(OpCode.OP_MSG, request_id, response_to, *parts)


MONGO_WRITE_CONFLICT = message_kind(
    "mongo_write_conflict",
    Text(ru="Конфликт записи MongoDB", en="MongoDB write conflict"),
    Text(
        ru="Запись, а в транзакции и чтение, не проходит с ошибкой 112 WriteConflict; транзакция "
        "отменена, метка TransientTransactionError зовёт её повторить.",
        en="A write, in a transaction a read as well, fails with 112 WriteConflict; the "
        "transaction is aborted, and the label TransientTransactionError asks to repeat it.",
    ),
    partial(
        _MongoError,
        _Error(112, "WriteConflict", "Caused by: WriteConflict error: this operation conflicted."),
    ),
    "mongodb",
)

MONGO_NOT_PRIMARY = message_kind(
    "mongo_not_primary",
    Text(ru="MongoDB — не primary", en="MongoDB is not primary"),
    Text(
        ru="Запись не проходит с ошибкой 10107 NotWritablePrimary, как при выборах: драйвер "
        "заново ищет primary и повторяет запись, если ему это разрешено.",
        en="A write fails with 10107 NotWritablePrimary, as in an election: the driver looks for "
        "the primary again and repeats the write where it may.",
    ),
    partial(_MongoError, _Error(10107, "NotWritablePrimary", "not primary", "RetryableWriteError")),
    "mongodb",
)
