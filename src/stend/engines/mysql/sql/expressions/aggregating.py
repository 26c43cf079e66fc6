"""Aggregate functions (section 14.19 of the manual)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.collations import combined
from stend.engines.mysql.sql.expressions.arithmetic import (
    QUOTIENT_DIGITS,
    decimal,
    digits_of,
    double_type,
    precision_of,
    quotient_digits,
    quotient_sql,
    scale_of,
    shown_digits,
)
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import (
    to_double,
    to_json,
    to_number,
    to_numeric,
    to_text,
)
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.expressions.literals import MAX_SCALE
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import (
    BIGINT,
    BIN_COLLATION,
    JSON,
    UNSIGNED,
    Coercibility,
    Typed,
    as_value,
    compared,
    ordered,
    quoted_text,
)
from stend.engines.mysql.tables.types import BYTES, Kind, SqlType

# What a sum of exact numbers gains in digits.
_SUM_DIGITS = 22


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One call of an aggregate function.

    Attributes:
        over: ` OVER (…)` of a window function, or "".
    """

    name: str
    arguments: Sequence[Typed]
    is_distinct: bool
    facts: Facts
    over: str = ""

    def called(self, function: str, *arguments: str) -> str:
        """A call of PostgreSQL's aggregate."""
        distinct = "DISTINCT " if self.is_distinct else ""
        return f"{function}({distinct}{', '.join(arguments)}){self.over}"

    @property
    def value(self) -> Typed:
        return self.arguments[0]


def count_rows(over: str) -> Typed:
    """`COUNT(*)`."""
    return Typed(f"count(*){over}", BIGINT, False, coercibility=Coercibility.NUMBER)


def _count(call: Aggregation) -> Typed:
    keys = [compared(one) for one in call.arguments]
    if len(keys) == 1:
        sql = call.called("count", keys[0] if call.is_distinct else call.value.sql)
    else:
        given = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        sql = f"count(DISTINCT ROW({', '.join(keys)})) FILTER (WHERE {given})"
    return Typed(sql, BIGINT, False, coercibility=Coercibility.NUMBER)


def _sum(call: Aggregation) -> Typed:
    number = to_number(call.value, call.facts)
    if number.type.kind in (Kind.DOUBLE, Kind.FLOAT):
        sql = call.called("sum", to_double(number, call.facts))
        return _double(sql, shown_digits(number))
    sql = call.called("sum", f"({number.sql})::numeric")
    scale = scale_of(number)
    return decimal(sql, precision_of(number) + _SUM_DIGITS, scale, True, digits_of(number))


def _average(call: Aggregation) -> Typed:
    number = to_number(call.value, call.facts)
    if number.type.kind in (Kind.DOUBLE, Kind.FLOAT):
        shown = shown_digits(number)
        sql = call.called("avg", to_double(number, call.facts))
        return _double(sql, None if shown is None else shown + QUOTIENT_DIGITS)
    total = call.called("sum", f"({number.sql})::numeric")
    count = call.called("count", f"({number.sql})::numeric")
    scale = min(scale_of(number) + QUOTIENT_DIGITS, MAX_SCALE)
    digits = quotient_digits(digits_of(number), 0)
    sql = quotient_sql(total, f"NULLIF({count}, 0)::numeric", digits)
    return decimal(sql, precision_of(number) + QUOTIENT_DIGITS, scale, True, digits)


def _double(sql: str, shown: int | None = None) -> Typed:
    return Typed(sql, double_type(shown), True, coercibility=Coercibility.NUMBER)


def _extreme(call: Aggregation) -> Typed:
    value = as_value(call.value) if call.value.type.kind is Kind.BOOLEAN else call.value
    function = call.name.lower()
    kind = value.type.kind
    if kind is Kind.JSON:
        raise not_supported(f"{call.name} of JSON")
    distinct = replace(call, is_distinct=False)
    if value.type.is_text:
        suffix = "_bin" if value.type.collation == BIN_COLLATION else ""
        sql = distinct.called(f"my.{function}{suffix}", f"({value.sql})::text")
        type_ = value.type
        if kind is Kind.ENUM:
            type_ = SqlType(Kind.VARCHAR, length=value.type.length, collation=type_.collation)
        return replace(value, sql=sql, type=type_, nullable=True, constant=None, is_column=False)
    return replace(
        value,
        sql=distinct.called(function, value.sql),
        nullable=True,
        constant=None,
        is_column=False,
    )


def _statistic(function: str) -> Callable[[Aggregation], Typed]:
    def build(call: Aggregation) -> Typed:
        return _double(call.called(function, to_double(call.value, call.facts)))

    return build


def _bits(function: str, empty: int) -> Callable[[Aggregation], Typed]:
    def build(call: Aggregation) -> Typed:
        if call.value.type.kind in BYTES:
            raise not_supported(f"{call.name} of a binary string")
        bits = f"my.bits({to_numeric(call.value, call.facts)})"
        sql = f"my.unbits(coalesce({call.called(function, bits)}, {empty}))"
        return Typed(sql, UNSIGNED, False, coercibility=Coercibility.NUMBER)

    return build


def _json_array(call: Aggregation) -> Typed:
    return Typed(call.called("jsonb_agg", to_json(call.value, call.facts)), JSON, True)


def _json_object(call: Aggregation) -> Typed:
    key = f"my.json_name({to_text(call.arguments[0], call.facts)})"
    value = to_json(call.arguments[1], call.facts)
    return Typed(call.called("jsonb_object_agg", key, value), JSON, True)


_BUILDERS: dict[str, tuple[int, int, Callable[[Aggregation], Typed]]] = {
    "AVG": (1, 1, _average),
    "BIT_AND": (1, 1, _bits("bit_and", -1)),
    "BIT_OR": (1, 1, _bits("bit_or", 0)),
    "BIT_XOR": (1, 1, _bits("bit_xor", 0)),
    "COUNT": (1, 1, _count),
    "JSON_ARRAYAGG": (1, 1, _json_array),
    "JSON_OBJECTAGG": (2, 2, _json_object),
    "MAX": (1, 1, _extreme),
    "MIN": (1, 1, _extreme),
    "STD": (1, 1, _statistic("stddev_pop")),
    "STDDEV": (1, 1, _statistic("stddev_pop")),
    "STDDEV_POP": (1, 1, _statistic("stddev_pop")),
    "STDDEV_SAMP": (1, 1, _statistic("stddev_samp")),
    "SUM": (1, 1, _sum),
    "VARIANCE": (1, 1, _statistic("var_pop")),
    "VAR_POP": (1, 1, _statistic("var_pop")),
    "VAR_SAMP": (1, 1, _statistic("var_samp")),
}
AGGREGATES = frozenset(_BUILDERS)
_DISTINCT = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})


def aggregate(
    name: str, nodes: Sequence[exp.Expression], context: Context, over: str = ""
) -> Typed:
    """An aggregate function, of a group or of a window.

    Args:
        name: one of AGGREGATES.
        context: of the arguments.

    Raises:
        MySqlError: ER_PARSE_ERROR where the number of arguments is wrong.
    """
    is_distinct = len(nodes) == 1 and isinstance(nodes[0], exp.Distinct)
    if is_distinct:
        if name not in _DISTINCT:
            raise syntax_error("DISTINCT")
        nodes = nodes[0].expressions
    if name == "COUNT" and len(nodes) == 1 and isinstance(nodes[0], exp.Star):
        return count_rows(over)
    least, most, build = _BUILDERS[name]
    if len(nodes) < least or (len(nodes) > most and not (name == "COUNT" and is_distinct)):
        raise syntax_error(")")
    if over and is_distinct:
        raise not_supported(f"{name}(DISTINCT …) OVER")
    values = [context.translate(one) for one in nodes]
    return build(Aggregation(name, values, is_distinct, context.facts, over))


def group_concat(node: exp.Expression, context: Context) -> Typed:
    """`GROUP_CONCAT([DISTINCT] … [ORDER BY …] [SEPARATOR '…'])`."""
    inner = aggregate_context(context)
    body, order = node.this, []
    if isinstance(body, exp.Order):
        body, order = body.this, body.expressions
    is_distinct = isinstance(body, exp.Distinct)
    nodes = body.expressions if is_distinct else [body]
    if not nodes or nodes[0] is None:
        raise syntax_error(")")
    if len(nodes) == 1 and isinstance(nodes[0], exp.Concat):
        nodes = nodes[0].expressions
    if isinstance(body, exp.Limit) or node.args.get("on_overflow") is not None:
        raise syntax_error("LIMIT")
    separator = node.args.get("separator")
    between = inner.translate(separator) if separator is not None else None
    given = between.constant.value if between and between.constant else ","
    if not isinstance(given, str):
        raise syntax_error("SEPARATOR")
    return _joined([inner.translate(one) for one in nodes], is_distinct, order, given, inner)


def _joined(
    values: Sequence[Typed],
    is_distinct: bool,
    order: Sequence[exp.Expression],
    separator: str,
    context: Context,
) -> Typed:
    facts = context.facts
    if any(one.type.kind in BYTES for one in values):
        raise not_supported("GROUP_CONCAT of a binary string")
    text = " || ".join(to_text(one, facts) for one in values)
    text = f"({text})"
    sorting = order_by(order, context)
    quoted = f"{quoted_text(separator)}::text"
    if is_distinct:
        key = " || ".join(f"({compared(one)})::text" for one in values)
        joined = (
            f"my.joined_once(array_agg({text}{sorting}), array_agg(({key}){sorting}), {quoted})"
        )
    else:
        joined = f"string_agg({text}, {quoted}{sorting})"
    collation, coercibility = combined(values)
    type_ = SqlType(Kind.LONGTEXT, collation=collation)
    sql = f"my.first_bytes({joined}, {facts.group_concat_max_len}::bigint)"
    return Typed(sql, type_, True, coercibility=coercibility)


def order_by(nodes: Sequence[exp.Expression], context: Context) -> str:
    """` ORDER BY …` with MySQL's place of NULL: before all others; "" for nothing."""
    if not nodes:
        return ""
    keys = []
    for node in nodes:
        asked = node.this if isinstance(node, exp.Ordered) else node
        is_descending = bool(node.args.get("desc"))
        if isinstance(asked, exp.Literal) and not asked.is_string:
            raise not_supported("A number of a column in ORDER BY of a function")
        key = ordered(context.translate(asked))
        keys.append(f"{key} {'DESC NULLS LAST' if is_descending else 'ASC NULLS FIRST'}")
    return f" ORDER BY {', '.join(keys)}"


def aggregate_context(context: Context) -> Context:
    """The context of an aggregate's arguments.

    Raises:
        MySqlError: ER_INVALID_GROUP_FUNC_USE: no aggregate may stand here.
    """
    if not context.scope.allows_aggregates:
        raise MySqlError(MyError.ER_INVALID_GROUP_FUNC_USE, "Invalid use of group function")
    return Context(context.scope.inside_aggregate(), context.whole)


def any_value(nodes: Sequence[exp.Expression], context: Context) -> Typed:
    """`ANY_VALUE(x)`: no aggregate by itself, but of a group it takes any row."""
    if len(nodes) != 1:
        raise MySqlError(
            MyError.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
            "Incorrect parameter count in the call to native function 'ANY_VALUE'",
        )
    if not context.scope.is_grouped:
        return context.translate(nodes[0])
    inner = Context(context.scope.inside_aggregate(), context.whole)
    value = inner.translate(nodes[0])
    return replace(
        value, sql=f"any_value({value.sql})", nullable=True, constant=None, is_column=False
    )
