"""COALESCE and the others that choose among their arguments."""

from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.comparing import comparable
from stend.engines.mysql.sql.expressions.conversions import to_number
from stend.engines.mysql.sql.expressions.functions.call import Call, Function
from stend.engines.mysql.sql.expressions.unifying import converted, unified
from stend.engines.mysql.sql.typed import BOOLEAN, Typed
from stend.engines.mysql.tables.types import Kind


def _coalesce(call: Call) -> Typed:
    type_ = unified(call.arguments)
    given = [converted(one, type_, call.facts).sql for one in call.arguments]
    _, coercibility = combined(call.arguments)
    nullable = all(one.nullable for one in call.arguments)
    return Typed(f"coalesce({', '.join(given)})", type_, nullable, coercibility=coercibility)


def _nullif(call: Call) -> Typed:
    one, two = comparable(call[0], call[1], call.facts)
    value = call[0]
    if value.type.kind is Kind.BOOLEAN:
        value = to_number(value, call.facts)
    sql = f"(CASE WHEN {one} = {two} THEN NULL ELSE {value.sql} END)"
    return Typed(sql, value.type, True, coercibility=value.coercibility, digits=value.digits)


def _isnull(call: Call) -> Typed:
    return Typed(f"({call[0].sql} IS NULL)", BOOLEAN, False)


TABLE = {
    "COALESCE": Function(1, None, _coalesce),
    "IFNULL": Function(2, 2, _coalesce),
    "ISNULL": Function(1, 1, _isnull),
    "NULLIF": Function(2, 2, _nullif),
}
