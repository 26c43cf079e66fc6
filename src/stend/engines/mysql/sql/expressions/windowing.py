"""Window functions: OVER, its frame, and the functions that have no meaning without it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.aggregating import (
    AGGREGATES,
    aggregate,
    order_by,
)
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import constant_integer, to_integer
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.expressions.intervals import amount_of
from stend.engines.mysql.sql.expressions.literals import value_literal
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.unifying import converted, unified
from stend.engines.mysql.sql.typed import DOUBLE, UNSIGNED, Coercibility, Typed, compared
from stend.engines.mysql.tables.types import TEMPORAL, Kind


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    nodes: Sequence[exp.Expression]
    context: Context
    over: str

    def value(self, index: int) -> Typed:
        return self.context.translate(self.nodes[index])


def _rank(call: _Call) -> Typed:
    return Typed(
        f"({call.name.lower()}(){call.over})::numeric",
        UNSIGNED,
        False,
        coercibility=Coercibility.NUMBER,
    )


def _share(call: _Call) -> Typed:
    sql = f"{call.name.lower()}(){call.over}"
    return Typed(sql, DOUBLE, False, coercibility=Coercibility.NUMBER)


def _ntile(call: _Call) -> Typed:
    count = call.value(0)
    number = constant_integer(count)
    if number is None or number < 1:
        raise MySqlError(MyError.ER_WRONG_ARGUMENTS, "Incorrect arguments to ntile")
    sql = f"(ntile({number}){call.over})::numeric"
    return Typed(sql, UNSIGNED, True, coercibility=Coercibility.NUMBER)


def _neighbour(call: _Call) -> Typed:
    value = call.value(0)
    offset = call.value(1) if len(call.nodes) > 1 else value_literal(1)
    if (constant_integer(offset, -1) or 0) < 0:
        raise MySqlError(MyError.ER_WRONG_ARGUMENTS, f"Incorrect arguments to {call.name.lower()}")
    default = call.value(2) if len(call.nodes) > 2 else value_literal(None)
    type_ = unified([value, default])
    facts = call.context.facts
    given = converted(value, type_, facts).sql, converted(default, type_, facts).sql
    if type_.kind is Kind.NULL:
        given = "NULL::text", "NULL::text"
    count = f"{to_integer(offset, facts)}::int"
    sql = f"{call.name.lower()}({given[0]}, {count}, {given[1]}){call.over}"
    return Typed(sql, type_, True, coercibility=value.coercibility)


def _edge(call: _Call) -> Typed:
    value = call.value(0)
    arguments = given = "NULL::text" if value.type.kind is Kind.NULL else value.sql
    if call.name == "NTH_VALUE":
        number = constant_integer(call.value(1))
        if number is None or number < 1:
            raise MySqlError(MyError.ER_WRONG_ARGUMENTS, "Incorrect arguments to nth_value")
        arguments = f"{given}, {number}"
    sql = f"{call.name.lower()}({arguments}){call.over}"
    return replace(value, sql=sql, nullable=True, constant=None, is_column=False)


_ONLY_WINDOWS: dict[str, tuple[int, int, Callable[[_Call], Typed]]] = {
    "CUME_DIST": (0, 0, _share),
    "DENSE_RANK": (0, 0, _rank),
    "FIRST_VALUE": (1, 1, _edge),
    "LAG": (1, 3, _neighbour),
    "LAST_VALUE": (1, 1, _edge),
    "LEAD": (1, 3, _neighbour),
    "NTH_VALUE": (2, 2, _edge),
    "NTILE": (1, 1, _ntile),
    "PERCENT_RANK": (0, 0, _share),
    "RANK": (0, 0, _rank),
    "ROW_NUMBER": (0, 0, _rank),
}
WINDOW_FUNCTIONS = frozenset(_ONLY_WINDOWS)


def window(node: exp.Expression, context: Context) -> Typed:
    """`f(…) OVER …`.

    Raises:
        MySqlError: a place where no window function may stand, a function that is none.
    """
    called = node.this
    if isinstance(called, exp.RespectNulls):
        called = called.this
    if not isinstance(called, exp.Anonymous) or not isinstance(called.this, str):
        raise not_supported("This function with OVER")
    name = called.this.removeprefix(MARK).upper()
    if not context.scope.allows_windows:
        raise MySqlError(
            MyError.ER_WINDOW_INVALID_WINDOW_FUNC_USE,
            f"You cannot use the window function '{name.lower()}' in this context.",
        )
    inner = Context(replace(context.scope, allows_windows=False), context.whole)
    over = f" OVER ({_specification(node, inner, name)})"
    if name in AGGREGATES:
        return aggregate(name, called.expressions, inner, over)
    if name not in _ONLY_WINDOWS:
        raise syntax_error("OVER")
    least, most, build = _ONLY_WINDOWS[name]
    if not least <= len(called.expressions) <= most:
        raise syntax_error(")")
    return build(_Call(name, called.expressions, inner, over))


def _specification(node: exp.Expression, context: Context, name: str) -> str:
    partition, order, frame = _merged(node, context, set())
    parts = []
    if partition:
        keys = ", ".join(compared(context.translate(one)) for one in partition)
        parts.append(f"PARTITION BY {keys}")
    parts.append(order_by(order, context).strip())
    if frame is not None and (name in AGGREGATES or name.endswith("_VALUE")):
        # Others take no notice of the frame in MySQL, and PostgreSQL's do not either.
        parts.append(_frame(frame, order, context))
    return " ".join(part for part in parts if part)


_Parts = tuple[list[exp.Expression], list[exp.Expression], exp.Expression | None]


def _merged(node: exp.Expression, context: Context, seen: set[str]) -> _Parts:
    """The parts of a window, with those of the window that it names."""
    partition = list(node.args.get("partition_by") or [])
    order_node = node.args.get("order")
    order = list(order_node.expressions) if order_node is not None else []
    frame = node.args.get("spec")
    base = _base_name(node)
    if not base:
        return partition, order, frame
    named = context.scope.named_windows.get(base.lower())
    if named is None or base.lower() in seen:
        raise MySqlError(MyError.ER_WINDOW_NO_SUCH_WINDOW, f"Window name '{base}' is not defined.")
    first, second, third = _merged(named, context, seen | {base.lower()})
    if partition or (order and second):
        raise not_supported("A window that replaces a part of the one it names")
    return first, order or second, frame or third


def _base_name(node: exp.Expression) -> str:
    alias = node.args.get("alias")
    return alias.name if isinstance(alias, exp.Expression) else str(alias or "")


def _frame(frame: exp.Expression, order: Sequence[exp.Expression], context: Context) -> str:
    kind = str(frame.args["kind"]).upper()
    if kind not in ("ROWS", "RANGE") or frame.args.get("exclude") is not None:
        raise not_supported("A frame with GROUPS or EXCLUDE")
    start = _bound(frame, "start", kind, order, context)
    if frame.args.get("end") is None:
        return f"{kind} {start}"
    return f"{kind} BETWEEN {start} AND {_bound(frame, 'end', kind, order, context)}"


def _bound(
    frame: exp.Expression,
    name: str,
    kind: str,
    order: Sequence[exp.Expression],
    context: Context,
) -> str:
    asked, side = frame.args[name], str(frame.args.get(f"{name}_side") or "").upper()
    if isinstance(asked, str):
        return f"{asked.upper()} {side}".strip()
    if isinstance(asked, exp.Interval):
        if kind == "ROWS":
            raise syntax_error("INTERVAL")
        much = amount_of(asked, context)
        months = f"make_interval(months => ({much.months})::int)"
        return f"({months} + {much.microseconds} * interval '1 microsecond') {side}"
    number = constant_integer(context.translate(asked))
    if number is None or number < 0:
        raise not_supported("A bound of a frame that is no integer")
    if kind == "RANGE":
        key = context.translate(order[0].this) if len(order) == 1 else None
        if key is None or not key.type.is_number or key.type.kind in TEMPORAL:
            raise not_supported("A RANGE with a number where ORDER BY has no number")
        return f"{number}::{_offset_type(key)} {side}"
    return f"{number} {side}"


def _offset_type(key: Typed) -> str:
    if key.type.kind in (Kind.DOUBLE, Kind.FLOAT):
        return "double precision"
    is_numeric = key.type.kind is Kind.DECIMAL or (
        key.type.kind is Kind.BIGINT and key.type.unsigned
    )
    return "numeric" if is_numeric else "bigint"
