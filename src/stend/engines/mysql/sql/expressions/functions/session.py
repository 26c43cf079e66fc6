"""Functions that tell of the session, and those that hash."""

from dataclasses import replace

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.expressions.conversions import constant_integer
from stend.engines.mysql.sql.expressions.functions.call import (
    Call,
    Function,
    gives_ascii,
    gives_integer,
)
from stend.engines.mysql.sql.expressions.literals import integer_literal, value_literal
from stend.engines.mysql.sql.typed import UNSIGNED, Coercibility, Typed


def _said(value: str | None) -> Typed:
    typed = value_literal(value)
    return replace(typed, coercibility=Coercibility.SYSTEM, constant=None)


def _database(call: Call) -> Typed:
    return _said(call.facts.database)


def _user(call: Call) -> Typed:
    return _said(call.facts.user)


def _version(call: Call) -> Typed:
    return _said(call.facts.version)


def _connection_id(call: Call) -> Typed:
    return _unsigned(call.facts.connection_id)


def _unsigned(value: int) -> Typed:
    return Typed(f"{value}::numeric", UNSIGNED, False, coercibility=Coercibility.NUMBER)


def _last_insert_id(call: Call) -> Typed:
    if len(call):
        raise not_supported("LAST_INSERT_ID with an argument")
    return _unsigned(call.facts.last_insert_id)


def _row_count(call: Call) -> Typed:
    return replace(integer_literal(call.facts.row_count), constant=None)


def _sleep(call: Call) -> Typed:
    seconds = call.double(0)
    return gives_integer(
        f"(CASE WHEN pg_sleep({seconds}) IS NULL THEN 1 ELSE 0 END)::bigint", nullable=False
    )


def _uuid(call: Call) -> Typed:
    del call
    return gives_ascii("my.uuid()", 36, nullable=False)


def _md5(call: Call) -> Typed:
    return gives_ascii(f"md5({call.bytes_(0)})", 32, nullable=call.nullable)


_SHA2 = {0: 256, 224: 224, 256: 256, 384: 384, 512: 512}


def _sha2(call: Call) -> Typed:
    size = constant_integer(call[1])
    if size is None:
        raise not_supported("SHA2 with a length that is no literal")
    bits = _SHA2.get(size)
    if bits is None:
        return value_literal(None)
    sql = f"encode(sha{bits}({call.bytes_(0)}), 'hex')"
    return gives_ascii(sql, bits // 4, nullable=call.nullable)


TABLE = {
    "CONNECTION_ID": Function(0, 0, _connection_id),
    "CURRENT_USER": Function(0, 0, _user),
    "DATABASE": Function(0, 0, _database),
    "LAST_INSERT_ID": Function(0, 1, _last_insert_id),
    "MD5": Function(1, 1, _md5),
    "ROW_COUNT": Function(0, 0, _row_count),
    "SCHEMA": Function(0, 0, _database),
    "SESSION_USER": Function(0, 0, _user),
    "SHA2": Function(2, 2, _sha2),
    "SLEEP": Function(1, 1, _sleep),
    "SYSTEM_USER": Function(0, 0, _user),
    "USER": Function(0, 0, _user),
    "UUID": Function(0, 0, _uuid),
    "VERSION": Function(0, 0, _version),
}
