"""An expression of MySQL, as sqlglot parses it, becomes one of PostgreSQL."""

from collections.abc import Callable

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions import (
    aggregating,
    arithmetic,
    calling,
    casting,
    comparisons,
    control,
    literals,
    matching,
    windowing,
)
from stend.engines.mysql.sql.expressions.context import Context, Handler
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed


def translate_expression(node: exp.Expression, scope: Scope) -> Typed:
    """
    Args:
        node: parsed from tokens that went through `calls.with_marked_calls`.

    Raises:
        MySqlError: what MySQL raises, or a refusal of what this server does not do.
    """
    if scope.replacement is not None:
        replaced = scope.replacement(node, scope)
        if replaced is not None:
            return replaced
    if isinstance(node, exp.Paren):
        return translate_expression(node.this, scope)
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise not_supported(f"The expression {type(node).__name__}")
    try:
        return handler(node, Context(scope, translate_expression))
    except RecursionError:
        raise MySqlError(
            MyError.ER_STACK_OVERRUN_NEED_MORE,
            "Thread stack overrun: the expression is nested too deep",
        ) from None


def _refused(what: str) -> Callable[[exp.Expression, Context], Typed]:
    def refuse(node: exp.Expression, context: Context) -> Typed:
        del node, context
        raise not_supported(what)

    return refuse


_HANDLERS: dict[type[exp.Expression], Handler] = {
    exp.Add: arithmetic.operation,
    exp.And: comparisons.logic,
    exp.Anonymous: calling.call,
    exp.Between: comparisons.between,
    exp.BitString: literals.bit_string,
    exp.BitwiseAnd: arithmetic.bitwise,
    exp.BitwiseLeftShift: arithmetic.bitwise,
    exp.BitwiseNot: arithmetic.inverted,
    exp.BitwiseOr: arithmetic.bitwise,
    exp.BitwiseRightShift: arithmetic.bitwise,
    exp.BitwiseXor: arithmetic.bitwise,
    exp.Boolean: literals.boolean,
    exp.Case: control.case,
    exp.Cast: casting.cast,
    exp.Chr: calling.char,
    exp.Collate: casting.collate,
    exp.Column: comparisons.column,
    exp.Concat: literals.adjacent,
    exp.CurrentDate: calling.no_parentheses("CURRENT_DATE"),
    exp.CurrentTime: calling.no_parentheses("CURRENT_TIME"),
    exp.CurrentTimestamp: calling.no_parentheses("CURRENT_TIMESTAMP"),
    exp.CurrentUser: calling.no_parentheses("CURRENT_USER"),
    exp.Div: arithmetic.division,
    exp.Dot: calling.stored_function,
    exp.EQ: comparisons.comparison,
    exp.Escape: matching.like,
    exp.Exists: comparisons.exists,
    exp.Extract: calling.extract,
    exp.GT: comparisons.comparison,
    exp.GTE: comparisons.comparison,
    exp.GroupConcat: aggregating.group_concat,
    exp.HexString: literals.hex_string,
    exp.If: control.if_node,
    exp.In: comparisons.in_list,
    exp.IntDiv: arithmetic.integer_division,
    exp.Interval: calling.interval,
    exp.Introducer: literals.introducer,
    exp.Is: comparisons.is_test,
    exp.JSONArrayContains: calling.member_of,
    exp.JSONTable: _refused("JSON_TABLE"),
    exp.JSONValue: _refused("JSON_VALUE"),
    exp.LT: comparisons.comparison,
    exp.LTE: comparisons.comparison,
    exp.Like: matching.like,
    exp.Literal: literals.literal,
    exp.Localtime: calling.no_parentheses("LOCALTIME"),
    exp.Localtimestamp: calling.no_parentheses("LOCALTIMESTAMP"),
    exp.MatchAgainst: _refused("MATCH … AGAINST"),
    exp.Mod: arithmetic.modulo,
    exp.Mul: arithmetic.operation,
    exp.NEQ: comparisons.comparison,
    exp.National: literals.national,
    exp.Neg: arithmetic.negative,
    exp.Not: comparisons.negation,
    exp.Null: literals.null,
    exp.NullSafeEQ: comparisons.comparison,
    exp.Or: comparisons.logic,
    exp.Parameter: literals.user_variable,
    exp.Placeholder: literals.placeholder,
    exp.PropertyEQ: _refused("An assignment with :="),
    exp.RegexpLike: matching.regexp,
    exp.SessionParameter: literals.system_variable,
    exp.Soundex: _refused("SOUNDS LIKE"),
    exp.StrPosition: calling.position,
    exp.Sub: arithmetic.operation,
    exp.Subquery: comparisons.scalar_subquery,
    exp.Substring: calling.substring,
    exp.Trim: calling.trim,
    exp.WeightString: _refused("WEIGHT_STRING"),
    exp.Window: windowing.window,
    exp.Xor: comparisons.logic,
}
