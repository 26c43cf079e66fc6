"""PostgreSQL: a statement fails because of others, and the server itself says so.

The server gets a statement that raises the error, so that its transaction is what it would be
after a real one: failed, until the client rolls it back.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Noted, Send
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import DOWN, UP, MessageFault
from stend.tap.disturb.refusing import RefusingFault
from stend.wire.decoding import Role, Unit

_DATA = re.compile(r"\s*(select|insert|update|delete|merge|with|values)\b", re.IGNORECASE)
_RAISE = (
    "DO $stend$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{message}', "
    "DETAIL = '{detail}', HINT = '{hint}'; END $stend$"
)
# Of a cycle of the extended query protocol. A statement that is closed has to be closed.
_SWALLOWED = frozenset(("Parse", "Bind", "Describe", "Execute", "Sync"))


class _Error(NamedTuple):
    code: str
    message: str
    detail: str
    hint: str


class _SqlError(MessageFault):
    """Strikes whole cycles: a Query, or all from Parse or Bind up to Sync (§54.2.3)."""

    def __init__(self, error: _Error, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._query = _message(b"Q", _RAISE.format(**error._asdict()).encode() + b"\0")
        self._cycle: list[tuple[Unit, Send]] = []
        # A cycle that has gone on in part, or at all.
        self._gone_on = next(reversed(self.decoder.awaited()), None)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        is_held = unit.role is Role.REQUEST and unit.exchange not in (None, self._gone_on)
        if unit.direction is DOWN:
            yield send
        elif self.is_over or not is_held or unit.name == "Flush":
            self._gone_on = unit.exchange or self._gone_on
            yield from self._go_on()
            yield send
        else:
            self._cycle.append((unit, send))
            if unit.is_last:
                self._gone_on = unit.exchange
                yield from self._whole(send.due_s)
            elif unit.name == "Query":
                # The rows of COPY follow, once the server has asked for them.
                self._gone_on = unit.exchange
                yield from self._go_on()

    def begun(self, unit: Unit, send: Send) -> Iterator[Action]:
        self._gone_on = unit.exchange
        yield send

    def kept_back(self, due_s: float) -> Iterator[Action]:
        if self._cycle:
            self._gone_on = self._cycle[0][0].exchange
        yield from self._go_on()

    def _whole(self, due_s: float) -> Iterator[Action]:
        if self._is_one_statement() and self.is_struck():
            (last, _) = self._cycle[-1]
            self._cycle.clear()
            yield Noted(f"answered by the fault: {last.facts.get('sql', last.name)}")
            yield Send(UP, self._query, due_s)
        else:
            yield from self._go_on()

    def _is_one_statement(self) -> bool:
        units = [unit for unit, _ in self._cycle]
        if [one.name for one in units] == ["Query"]:
            running = units
        elif {one.name for one in units} <= _SWALLOWED:
            running = [one for one in units if one.name == "Execute"]
        else:
            running = []
        return len(running) == 1 and _DATA.match(running[0].facts.get("sql", "")) is not None

    def _go_on(self) -> Iterator[Action]:
        sends = [send for _, send in self._cycle]
        self._cycle.clear()
        yield from sends


def _message(kind: bytes, payload: bytes) -> bytes:
    return kind + (len(payload) + 4).to_bytes(4, "big") + payload


class _TooManyConnections(RefusingFault):
    opening = "StartupMessage"
    refusal = _message(
        b"E", b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0Fproc.c\0\0"
    )


SQL_DEADLOCK = message_kind(
    "sql_deadlock",
    Text(ru="Взаимная блокировка SQL", en="SQL deadlock"),
    Text(
        ru="Оператор с данными не проходит с ошибкой 40P01; транзакция на сервере сорвана, её "
        "остаётся откатить и повторить.",
        en="A statement on data fails with 40P01; the transaction has failed at the server, and "
        "is to be rolled back and repeated.",
    ),
    partial(
        _SqlError,
        _Error(
            "40P01",
            "deadlock detected",
            "Process 4711 waits for ShareLock on transaction 815; blocked by process 4712.",
            "See server log for query details.",
        ),
    ),
    "postgresql",
)

SQL_SERIALIZATION_FAILURE = message_kind(
    "sql_serialization_failure",
    Text(ru="Сбой сериализации SQL", en="SQL serialization failure"),
    Text(
        ru="Оператор с данными не проходит с ошибкой 40001, как на уровне REPEATABLE READ и выше: "
        "транзакцию надо повторить.",
        en="A statement on data fails with 40001, as at REPEATABLE READ and above: the "
        "transaction is to be repeated.",
    ),
    partial(
        _SqlError,
        _Error(
            "40001",
            "could not serialize access due to concurrent update",
            "A fault of the stand has raised this.",
            "The transaction might succeed if retried.",
        ),
    ),
    "postgresql",
)

SQL_TOO_MANY_CONNECTIONS = message_kind(
    "sql_too_many_connections",
    Text(ru="Нет свободных соединений SQL", en="SQL has too many connections"),
    Text(
        ru="Новое соединение получает FATAL 53300 и закрывается; открытые работают.",
        en="A new connection gets FATAL 53300 and is closed; open ones go on.",
    ),
    _TooManyConnections,
    "postgresql",
)
