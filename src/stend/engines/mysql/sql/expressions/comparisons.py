"""Operators that compare: =, <=>, <, IN, BETWEEN, IS, ANY, ALL, EXISTS, rows."""

from collections.abc import Sequence

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.comparing import comparable
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.grammar import syntax_error
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.precedence import (
    refuse_after_between,
    with_left_comparison,
)
from stend.engines.mysql.sql.scope import Query
from stend.engines.mysql.sql.typed import BOOLEAN, Coercibility, Typed, as_condition

_OPERATORS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
}
_ORDERS = frozenset({"<", "<=", ">", ">="})


def condition(sql: str, nullable: bool = True) -> Typed:
    """A truth value."""
    return Typed(sql, BOOLEAN, nullable, coercibility=Coercibility.NUMBER)


def comparison(node: exp.Expression, context: Context) -> Typed:
    node = with_left_comparison(node)
    operator = _OPERATORS[type(node)]
    left, right = node.args["this"], node.args["expression"]
    if isinstance(right, (exp.Any, exp.All)):
        return _quantified(node, operator, context)
    rows = _row(left), _row(right)
    if rows[0] is not None or rows[1] is not None:
        return _rows(rows, operator, context, (left, right))
    return compared_values(context.translate(left), context.translate(right), operator, context)


def compared_values(left: Typed, right: Typed, operator: str, context: Context) -> Typed:
    """`left operator right`, with PostgreSQL's operator."""
    one, two = comparable(left, right, context.facts, is_order=operator in _ORDERS)
    nullable = operator != _OPERATORS[exp.NullSafeEQ] and (left.nullable or right.nullable)
    return condition(f"({one} {operator} {two})", nullable)


def _row(node: exp.Expression) -> list[exp.Expression] | None:
    """The members of `(a, b)` or ROW(a, b); None for what is no row."""
    if isinstance(node, exp.Tuple):
        return list(node.expressions)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() == f"{MARK}ROW".upper():
        return list(node.expressions)
    return None


def _columns_error(count: int) -> MySqlError:
    return MySqlError(MyError.ER_OPERAND_COLUMNS, f"Operand should contain {count} column(s)")


def _rows(
    rows: tuple[list[exp.Expression] | None, list[exp.Expression] | None],
    operator: str,
    context: Context,
    nodes: tuple[exp.Expression, exp.Expression],
) -> Typed:
    left, right = rows
    if left is None or right is None:
        return _row_with_query(left or right or [], operator, context, nodes)
    pairs = _pairs(
        [context.translate(one) for one in left],
        [context.translate(one) for one in right],
        operator,
        context,
    )
    one, two = (", ".join(keys) for keys in zip(*pairs, strict=True))
    return condition(f"(ROW({one}) {operator} ROW({two}))")


def _pairs(
    left: Sequence[Typed], right: Sequence[Typed], operator: str, context: Context
) -> list[tuple[str, str]]:
    if len(left) != len(right):
        raise _columns_error(len(left))
    return [
        comparable(one, two, context.facts, is_order=operator in _ORDERS)
        for one, two in zip(left, right, strict=True)
    ]


def _row_with_query(
    row: list[exp.Expression],
    operator: str,
    context: Context,
    nodes: tuple[exp.Expression, exp.Expression],
) -> Typed:
    other = nodes[1] if _row(nodes[0]) is not None else nodes[0]
    if not isinstance(other, exp.Subquery):
        raise _columns_error(1 if _row(nodes[0]) is None else len(row))
    if operator not in ("=", "<>") or _row(nodes[0]) is None:
        raise not_supported("An order of a row and a subquery")
    keys, selected = _keys_of_query(row, context.scope.translated_subquery(other), "=", context)
    return condition(f"(({', '.join(keys)}) {operator} ({selected}))")


def _keys_of_query(
    row: Sequence[exp.Expression], query: Query, operator: str, context: Context
) -> tuple[list[str], str]:
    """The keys of a row, and a query that gives the keys of the subquery's columns."""
    left = [context.translate(one) for one in row]
    names = [f"c{index}" for index in range(len(query.columns))]
    right = [
        Typed(f"q.{name}", column.type, column.nullable, coercibility=column.coercibility)
        for name, column in zip(names, query.columns, strict=True)
    ]
    pairs = _pairs(left, right, operator, context)
    listed = ", ".join(two for _, two in pairs)
    sql = f"SELECT {listed} FROM ({query.sql}) AS q({', '.join(names)})"  # noqa: S608
    return [one for one, _ in pairs], sql


def _quantified(node: exp.Expression, operator: str, context: Context) -> Typed:
    quantifier = node.args["expression"]
    inner = quantifier.this
    row = _row(node.args["this"]) or [node.args["this"]]
    if not isinstance(inner, (exp.Select, exp.SetOperation, exp.Subquery)) or operator.startswith(
        "IS"
    ):
        raise not_supported("ANY or ALL without a subquery")
    query = context.scope.translated_subquery(inner)
    keys, sql = _keys_of_query(row, query, operator, context)
    word = "ANY" if isinstance(quantifier, exp.Any) else "ALL"
    left = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    return condition(f"({left} {operator} {word} ({sql}))")


def in_list(node: exp.Expression, context: Context) -> Typed:
    """`IN (…)`, with values or with a subquery."""
    refuse_after_between(node)
    query = node.args.get("query")
    if query is not None:
        return _in_query(node, query, context)
    if node.args.get("unnest") is not None or node.args.get("field") is not None:
        raise not_supported("IN without a list")
    if not node.expressions:
        raise syntax_error(")")
    row = _row(node.this)
    if row is not None:
        return _row_in(row, node, context)
    left = context.translate(node.this)
    pairs = [comparable(left, context.translate(one), context.facts) for one in node.expressions]
    return condition(_any_of(pairs))


def _any_of(pairs: Sequence[tuple[str, str]]) -> str:
    groups: dict[str, list[str]] = {}
    for one, two in pairs:
        groups.setdefault(one, []).append(two)
    tests = [f"({one} IN ({', '.join(many)}))" for one, many in groups.items()]
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _row_in(row: list[exp.Expression], node: exp.Expression, context: Context) -> Typed:
    left = [context.translate(one) for one in row]
    tests = []
    for one in node.expressions:
        members = _row(one)
        if members is None:
            raise _columns_error(len(row))
        pairs = _pairs(left, [context.translate(member) for member in members], "=", context)
        first, second = (", ".join(keys) for keys in zip(*pairs, strict=True))
        tests.append(f"(ROW({first}) = ROW({second}))")
    return condition(f"({' OR '.join(tests)})")


def _in_query(node: exp.Expression, query: exp.Expression, context: Context) -> Typed:
    row = _row(node.this) or [node.this]
    keys, sql = _keys_of_query(row, context.scope.translated_subquery(query), "=", context)
    left = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    return condition(f"({left} IN ({sql}))")


def between(node: exp.Expression, context: Context) -> Typed:
    """`BETWEEN`: both ends belong to it."""
    refuse_after_between(node)
    value = context.translate(node.this)
    low, high = context.translate(node.args["low"]), context.translate(node.args["high"])
    if value.type.is_text and low.type.is_text != high.type.is_text:
        raise not_supported("BETWEEN of texts and numbers together")
    first = compared_values(value, low, ">=", context)
    second = compared_values(value, high, "<=", context)
    return condition(f"({first.sql} AND {second.sql})", first.nullable or second.nullable)


def is_test(node: exp.Expression, context: Context) -> Typed:
    """`IS NULL`, `IS TRUE`, `IS FALSE`."""
    value = context.translate(node.this)
    asked = node.args["expression"]
    if isinstance(asked, exp.Null):
        return condition(f"({value.sql} IS NULL)", nullable=False)
    if isinstance(asked, exp.Boolean):
        word = "TRUE" if asked.this else "FALSE"
        return condition(f"({as_condition(value)} IS {word})", nullable=False)
    raise not_supported("This test with IS")


def exists(node: exp.Expression, context: Context) -> Typed:
    query = context.scope.translated_subquery(node.this)
    return condition(f"(EXISTS ({query.sql}))", nullable=False)


def scalar_subquery(node: exp.Expression, context: Context) -> Typed:
    """A subquery in a value's place.

    Raises:
        MySqlError: ER_OPERAND_COLUMNS.
    """
    query = context.scope.translated_subquery(node)
    if len(query.columns) != 1:
        raise _columns_error(1)
    column = query.columns[0]
    return Typed(f"({query.sql})", column.type, True, coercibility=column.coercibility)


def logic(node: exp.Expression, context: Context) -> Typed:
    """AND, OR, XOR; a chain of one operator is one level deep."""
    kind = type(node)
    operands = [context.translate(one) for one in _chain(node, kind)]
    nullable = any(one.nullable for one in operands)
    conditions = [as_condition(one) for one in operands]
    if kind is exp.Xor:
        sql = conditions[0]
        for one in conditions[1:]:
            sql = f"({sql} <> {one})"
        return condition(sql, nullable)
    word = " AND " if kind is exp.And else " OR "
    return condition(f"({word.join(conditions)})", nullable)


def _chain(node: exp.Expression, kind: type[exp.Expression]) -> list[exp.Expression]:
    chained: list[exp.Expression] = []
    while type(node) is kind:
        chained.append(node.args["expression"])
        node = node.args["this"]
    return [node, *reversed(chained)]


def negation(node: exp.Expression, context: Context) -> Typed:
    value = context.translate(node.this)
    return condition(f"(NOT {as_condition(value)})", value.nullable)


def column(node: exp.Expression, context: Context) -> Typed:
    """A name."""
    if (
        not isinstance(node, exp.Column)
        or isinstance(node.this, exp.Star)
        or node.args.get("catalog")
    ):
        raise not_supported("A star here")
    ref = context.scope.resolve(node.table or None, node.name, node.db or None)
    return Typed(ref.sql, ref.type, ref.nullable, is_column=True)
