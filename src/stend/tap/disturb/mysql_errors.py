"""MySQL: a statement fails because of others, or nobody gets in.

Statements are those of COM_QUERY. Prepared ones pass: a client may tell the types of parameters
with the first execution only, and the server has to hear them.
"""

import re
from functools import partial
from typing import NamedTuple, cast

from stend.kit.languages import Text
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import AnsweringFault, Instead
from stend.tap.disturb.refusing import RefusingFault
from stend.wire.decoding import Direction, Unit
from stend.wire.mysql.decoder import MysqlDecoder
from stend.wire.mysql.numbers import Command
from stend.wire.mysql.packets import HEADER_BYTES, MAX_PAYLOAD, packets
from stend.wire.mysql.replies import early_err, err

_COMMENT = re.compile(rb"(?:\s|/\*(?!!).*?\*/)*", re.DOTALL)
_DATA = re.compile(rb"(select|insert|update|delete|replace|with)\b", re.IGNORECASE)
_QUERY = bytes((Command.QUERY,))
# How many, and in how many sets (COM_QUERY).
_NO_ATTRIBUTES = b"\0\1"


class _Error(NamedTuple):
    """
    Attributes:
        ends_transaction: the server has rolled it back; else the statement only.
    """

    number: int
    state: str
    message: str
    ends_transaction: bool


class _MysqlError(AnsweringFault):
    def __init__(self, error: _Error, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._ends_transaction = error.ends_transaction
        # The answer to a command is numbered on from its packet.
        self._answer, _ = packets(err(error.number, error.state, error.message), 1)

    def answer(self, unit: Unit, data: bytes) -> bytes | Instead | None:
        decoder = cast(MysqlDecoder, self.decoder)
        is_whole = len(data) < HEADER_BYTES + MAX_PAYLOAD
        if unit.name != "COM_QUERY" or not is_whole or not _is_on_data(decoder.sql_of(data)):
            return None
        if not self.is_struck():
            return None
        if not self._ends_transaction:
            return self._answer
        before = _NO_ATTRIBUTES if decoder.has_query_attributes else b""
        rollback, _ = packets(_QUERY + before + b"ROLLBACK", 0)
        return Instead(rollback, self._answer)


def _is_on_data(sql: bytes) -> bool:
    begins = _COMMENT.match(sql)
    return begins is not None and _DATA.match(sql, begins.end()) is not None


class _TooManyConnections(RefusingFault):
    holds = frozenset(Direction)
    opening = "HandshakeV10"
    refusal = packets(early_err(1040, "Too many connections"), 0)[0]


MYSQL_DEADLOCK = message_kind(
    "mysql_deadlock",
    Text(ru="Взаимная блокировка MySQL", en="MySQL deadlock"),
    Text(
        ru="Оператор с данными не проходит с ошибкой 1213; транзакция на сервере откачена, её надо "
        "повторить целиком. Подготовленные операторы проходят.",
        en="A statement on data fails with 1213; the transaction is rolled back at the server and "
        "is to be repeated as a whole. Prepared statements pass.",
    ),
    partial(
        _MysqlError,
        _Error(
            1213,
            "40001",
            "Deadlock found when trying to get lock; try restarting transaction",
            ends_transaction=True,
        ),
    ),
    "mysql",
)

MYSQL_LOCK_WAIT_TIMEOUT = message_kind(
    "mysql_lock_wait_timeout",
    Text(ru="Ожидание блокировки MySQL вышло", en="MySQL lock wait timeout"),
    Text(
        ru="Оператор с данными не проходит с ошибкой 1205; транзакция открыта, отменён только "
        "оператор. Подготовленные операторы проходят.",
        en="A statement on data fails with 1205; the transaction stays open, the statement alone "
        "is undone. Prepared statements pass.",
    ),
    partial(
        _MysqlError,
        _Error(
            1205,
            "HY000",
            "Lock wait timeout exceeded; try restarting transaction",
            ends_transaction=False,
        ),
    ),
    "mysql",
)

MYSQL_TOO_MANY_CONNECTIONS = message_kind(
    "mysql_too_many_connections",
    Text(ru="Нет свободных соединений MySQL", en="MySQL has too many connections"),
    Text(
        ru="Новое соединение получает ошибку 1040 вместо приветствия и закрывается; открытые "
        "работают.",
        en="A new connection gets error 1040 in the place of the greeting and is closed; open "
        "ones go on.",
    ),
    _TooManyConnections,
    "mysql",
)
