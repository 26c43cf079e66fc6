"""Calls of functions: by name from the table, or with a syntax of their own."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.aggregating import (
    AGGREGATES,
    aggregate,
    aggregate_context,
    any_value,
)
from stend.engines.mysql.sql.expressions.casting import typed_literal
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.control import if_function
from stend.engines.mysql.sql.expressions.conversions import to_datetime, to_double
from stend.engines.mysql.sql.expressions.functions import json, strings
from stend.engines.mysql.sql.expressions.functions.call import Call, gives_integer
from stend.engines.mysql.sql.expressions.functions.dates import part_of_time
from stend.engines.mysql.sql.expressions.functions.names import NOT_DONE, SPATIAL_PREFIX
from stend.engines.mysql.sql.expressions.functions.table import FUNCTIONS
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.expressions.intervals import (
    MICROSECONDS,
    MONTHS,
    added,
    added_interval,
    amount,
    unit_name,
)
from stend.engines.mysql.sql.expressions.literals import value_literal
from stend.engines.mysql.sql.expressions.marks import MARK, TYPED
from stend.engines.mysql.sql.expressions.matching import matched
from stend.engines.mysql.sql.expressions.windowing import WINDOW_FUNCTIONS
from stend.engines.mysql.sql.typed import Typed
from stend.engines.mysql.tables.types import Kind

Nodes = Sequence[exp.Expression]
_TYPED = TYPED.upper()


def call(node: exp.Expression, context: Context) -> Typed:
    """A call that went through `calls.with_marked_calls`.

    Raises:
        MySqlError: ER_SP_DOES_NOT_EXIST, ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, a refusal.
    """
    written = node.this
    nodes = node.expressions
    if not isinstance(written, str):
        raise unknown_function(written.name, context)
    name = written.removeprefix(MARK).upper()
    if name == "VALUES":
        return _inserted(nodes, context)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(name, nodes, context)
    if name in AGGREGATES:
        return aggregate(name, nodes, aggregate_context(context))
    return plain_call(name, nodes, context, written.removeprefix(MARK))


def plain_call(name: str, nodes: Nodes, context: Context, written: str = "") -> Typed:
    """A call of a function from the table."""
    function = FUNCTIONS.get(name)
    if function is None:
        if name in NOT_DONE or name.startswith(SPATIAL_PREFIX):
            raise not_supported(f"The function {name}")
        raise unknown_function(written or name, context)
    if len(nodes) < function.least or (function.most is not None and len(nodes) > function.most):
        raise wrong_count(name)
    values = [context.translate(one) for one in nodes]
    return function.build(Call(name, values, context.facts))


def wrong_count(name: str) -> MySqlError:
    return MySqlError(
        MyError.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
        f"Incorrect parameter count in the call to native function '{name}'",
    )


def unknown_function(name: str, context: Context) -> MySqlError:
    database = context.facts.database
    if database is None:
        return MySqlError(MyError.ER_SP_DOES_NOT_EXIST, f"FUNCTION {name} does not exist")
    return MySqlError(MyError.ER_SP_DOES_NOT_EXIST, f"FUNCTION {database}.{name} does not exist")


def stored_function(node: exp.Expression, context: Context) -> Typed:
    """`database.function(…)`: there are no stored functions."""
    called = node.args["expression"]
    if isinstance(called, exp.Anonymous):
        name = called.this if isinstance(called.this, str) else called.this.name
        full = f"{node.this.name}.{name.removeprefix(MARK)}"
        raise MySqlError(MyError.ER_SP_DOES_NOT_EXIST, f"FUNCTION {full} does not exist")
    del context
    raise not_supported("A name of so many parts")


def _inserted(nodes: Nodes, context: Context) -> Typed:
    name = nodes[0].name if nodes else ""
    if context.scope.inserted is None:
        return value_literal(None)
    ref = context.scope.inserted.get(name.lower())
    if ref is None:
        raise MySqlError(
            MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{name}' in '{context.scope.clause}'"
        )
    return Typed(ref.sql, ref.type, ref.nullable, is_column=True)


def _if(name: str, nodes: Nodes, context: Context) -> Typed:
    if len(nodes) != 3:
        raise syntax_error(name)
    return if_function(nodes, context)


def _date_add(name: str, nodes: Nodes, context: Context) -> Typed:
    sign = 1 if name in ("DATE_ADD", "ADDDATE") else -1
    if len(nodes) != 2:
        raise syntax_error(")")
    value = context.translate(nodes[0])
    if isinstance(nodes[1], exp.Interval):
        return added_interval(value, nodes[1], context, sign)
    if name.startswith("DATE"):
        raise syntax_error(")")
    return added(value, amount(context.translate(nodes[1]), "DAY", context), context, sign)


def _timestampadd(name: str, nodes: Nodes, context: Context) -> Typed:
    if len(nodes) != 3:
        raise syntax_error(name)
    unit = _simple_unit(nodes[0])
    much = amount(context.translate(nodes[1]), unit, context)
    return added(context.translate(nodes[2]), much, context, 1)


def _simple_unit(node: exp.Expression) -> str:
    unit = unit_name(node)
    if unit not in MONTHS and unit not in MICROSECONDS:
        raise syntax_error(unit)
    return unit


def _timestampdiff(name: str, nodes: Nodes, context: Context) -> Typed:
    if len(nodes) != 3:
        raise syntax_error(name)
    unit = _simple_unit(nodes[0])
    one, two = (to_datetime(context.translate(node), context.facts) for node in nodes[1:])
    if unit in MONTHS:
        return gives_integer(f"(my.months_between({one}, {two}) / {MONTHS[unit]})")
    count = f"(extract(epoch FROM {two} - {one}) * 1000000)"
    return gives_integer(f"div({count}, {MICROSECONDS[unit]})::bigint")


def _any_value(name: str, nodes: Nodes, context: Context) -> Typed:
    del name
    return any_value(nodes, context)


def _row(name: str, nodes: Nodes, context: Context) -> Typed:
    del name, nodes, context
    raise MySqlError(MyError.ER_OPERAND_COLUMNS, "Operand should contain 1 column(s)")


def _needs_over(name: str, nodes: Nodes, context: Context) -> Typed:
    del name, nodes, context
    raise syntax_error(")")


def _typed_literal(name: str, nodes: Nodes, context: Context) -> Typed:
    kind = Kind.DATETIME if name.startswith("TIMESTAMP") else Kind[name.removesuffix(_TYPED)]
    return typed_literal(context.translate(nodes[0]), kind)


def _regexp_like(name: str, nodes: Nodes, context: Context) -> Typed:
    if not 2 <= len(nodes) <= 3:
        raise wrong_count(name)
    values = [context.translate(one) for one in nodes]
    match_type = ""
    if len(values) == 3:
        constant = values[2].constant.value if values[2].constant else None
        if not isinstance(constant, str):
            raise not_supported("A match type that is no literal")
        match_type = constant
    return matched(values[0], values[1], context, match_type)


_SPECIAL: dict[str, Callable[[str, Nodes, Context], Typed]] = {
    **dict.fromkeys((f"{name}{_TYPED}" for name in ("DATE", "TIME", "TIMESTAMP")), _typed_literal),
    "ADDDATE": _date_add,
    "ANY_VALUE": _any_value,
    "DATE_ADD": _date_add,
    "DATE_SUB": _date_add,
    "IF": _if,
    "REGEXP_LIKE": _regexp_like,
    "ROW": _row,
    "SUBDATE": _date_add,
    "TIMESTAMPADD": _timestampadd,
    "TIMESTAMPDIFF": _timestampdiff,
    **dict.fromkeys(WINDOW_FUNCTIONS, _needs_over),
}


def no_parentheses(name: str) -> Callable[[exp.Expression, Context], Typed]:
    """CURRENT_DATE and others that are written without parentheses."""

    def build(node: exp.Expression, context: Context) -> Typed:
        argument = node.args.get("this")
        return plain_call(name, [argument] if argument is not None else [], context)

    return build


def trim(node: exp.Expression, context: Context) -> Typed:
    value = context.argument(node, "this")
    asked = node.args.get("expression")
    part = context.translate(asked) if asked is not None else None
    if node.args.get("collation") is not None:
        raise not_supported("COLLATE in TRIM")
    position = str(node.args.get("position") or "BOTH").upper()
    return strings.trim(Call("TRIM", [value], context.facts), part, position)


def substring(node: exp.Expression, context: Context) -> Typed:
    nodes = [node.this, node.args.get("start"), node.args.get("length")]
    given = [one for one in nodes if one is not None]
    return plain_call("SUBSTRING", given, context)


def position(node: exp.Expression, context: Context) -> Typed:
    nodes = [node.args["substr"], node.this]
    return plain_call("LOCATE", nodes, context)


def extract(node: exp.Expression, context: Context) -> Typed:
    """`EXTRACT(unit FROM moment)`."""
    unit = unit_name(node.this)
    value = node.args["expression"]
    if unit in _PARTS_OF_TIME:
        return part_of_time(Call(unit, [context.translate(value)], context.facts))
    if unit in _PARTS_OF_DATE:
        return plain_call(unit, [value], context)
    if unit == "YEAR_MONTH":
        year = plain_call("YEAR", [value], context)
        month = plain_call("MONTH", [value], context)
        return gives_integer(f"({year.sql} * 100 + {month.sql})")
    raise not_supported(f"EXTRACT of {unit}")


_PARTS_OF_TIME = frozenset({"HOUR", "MICROSECOND", "MINUTE", "SECOND"})
_PARTS_OF_DATE = frozenset({"DAY", "MONTH", "QUARTER", "WEEK", "YEAR"})


def char(node: exp.Expression, context: Context) -> Typed:
    """`CHAR(65, … [USING utf8mb4])`."""
    if not node.expressions:
        raise syntax_error(")")
    values = [context.translate(one) for one in node.expressions]
    charset = node.args.get("charset")
    name = charset.name if isinstance(charset, exp.Expression) else ""
    return strings.char(Call("CHAR", values, context.facts), name)


def interval(node: exp.Expression, context: Context) -> Typed:
    """`INTERVAL(n, a, b, …)`: how many of the rest are not greater than the first."""
    if node.args.get("unit") is not None or not isinstance(node.this, exp.Tuple):
        raise not_supported("An INTERVAL here")
    values = [context.translate(one) for one in node.this.expressions]
    keys = [to_double(one, context.facts) for one in values]
    tests = " ".join(f"WHEN {keys[0]} < {key} THEN {place}" for place, key in enumerate(keys[1:]))
    sql = f"(CASE WHEN {keys[0]} IS NULL THEN -1 {tests} ELSE {len(keys) - 1} END)"
    return gives_integer(f"{sql}::bigint", nullable=False)


def member_of(node: exp.Expression, context: Context) -> Typed:
    values = [context.argument(node, "this"), context.argument(node, "expression")]
    if values[0].type.kind is Kind.NULL:
        return value_literal(None)
    return json.member_of(Call("MEMBER OF", values, context.facts))
