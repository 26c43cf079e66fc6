"""ORDER BY and LIMIT."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.joins import Relation
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.parsing import NUMBER
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed, ordered
from stend.engines.mysql.sql.work import Output, Work, understood
from stend.engines.mysql.tables.naming import quoted, weighed

# LIMIT of PostgreSQL is a bigint; no table has more rows.
_MAX_LIMIT = 2**63 - 1
_MAX_VALUE = 2**64 - 1
ScopeOf = Callable[[int], Scope]


def order_by(
    order: exp.Expression | None,
    outputs: Sequence[Output],
    scope_of: ScopeOf,
    work: Work,
) -> str:
    """`ORDER BY …` of PostgreSQL with a space before it; "" for none.

    Args:
        outputs: the items of SELECT.
        scope_of: of the expression with this number, from 1.
    """
    if order is None:
        return ""
    understood(order, "expressions")
    parts = [
        part
        for number, one in enumerate(order.expressions, 1)
        if (part := _part(one, outputs, scope_of(number), work))
    ]
    return f" ORDER BY {', '.join(parts)}" if parts else ""


def order_of_storage(relation: Relation) -> str:
    """` ORDER BY …` as InnoDB reads a table from start to end; "" where several are read."""
    if len(relation.sources) != 1 or len(relation.base_tables) != 1:
        return ""
    base = relation.base_tables[0]
    key = base.table.primary_key
    if key is None or any(key.prefixes):
        return ""
    columns = [base.table.column(name) for name in key.columns]
    keys = [
        weighed(f"{base.pg_alias}.{quoted(column.pg_name)}", column.type)
        for column in columns
        if column is not None
    ]
    return f" ORDER BY {', '.join(keys)}"


def _part(one: exp.Expression, outputs: Sequence[Output], scope: Scope, work: Work) -> str | None:
    node, is_descending = direction(one, work)
    typed = _target(node, outputs, scope)
    if typed.constant is not None:
        return None
    return f"{ordered(typed)} {'DESC NULLS LAST' if is_descending else 'ASC NULLS FIRST'}"


def direction(one: exp.Expression, work: Work) -> tuple[exp.Expression, bool]:
    """What is sorted by, and whether downwards.

    Raises:
        MySqlError: NULLS FIRST and the like, which MySQL does not have.
    """
    if not isinstance(one, exp.Ordered):
        return one, False
    understood(one, "this", "desc", "nulls_first")
    is_descending = bool(one.args.get("desc"))
    if bool(one.args.get("nulls_first")) is is_descending:
        raise syntax_error(work.text, len(work.text))
    return one.this, is_descending


def _target(node: exp.Expression, outputs: Sequence[Output], scope: Scope) -> Typed:
    """A whole item is a place or an alias before it is a column; inside of one it is not."""
    scope = replace(scope, clause="order clause")
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdecimal():
        place = int(str(node.this))
        if not 1 <= place <= len(outputs):
            raise MySqlError(
                MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{place}' in 'order clause'"
            )
        return outputs[place - 1].typed
    if isinstance(node, exp.Column) and not node.args.get("table"):
        found = output_named(node.name, outputs, "order clause")
        if found is not None:
            return found.typed
    return translate_expression(node, with_aliases_behind(scope, outputs))


def output_named(name: str, outputs: Sequence[Output], clause: str) -> Output | None:
    """The item of SELECT of this name.

    Raises:
        MySqlError: ER_NON_UNIQ_ERROR: two different items have it.
    """
    wanted = name.lower()
    found = [output for output in outputs if output.name.lower() == wanted]
    if len({output.typed.sql for output in found}) > 1:
        raise MySqlError(MyError.ER_NON_UNIQ_ERROR, f"Column '{name}' in {clause} is ambiguous")
    return found[0] if found else None


def with_aliases_behind(scope: Scope, outputs: Sequence[Output]) -> Scope:
    """A scope where an alias of SELECT stands for what is no column of a table."""
    before = scope.replacement

    def replaced(node: exp.Expression, inner: Scope) -> Typed | None:
        found = before(node, inner) if before is not None else None
        if found is not None or not isinstance(node, exp.Column) or node.args.get("table"):
            return found
        if inner.find(None, node.name.lower(), None) is not None:
            return None
        output = output_named(node.name, outputs, scope.clause)
        return output.typed if output is not None else None

    return replace(scope, replacement=replaced)


def limited(node: exp.Expression, work: Work) -> str:
    """`LIMIT … OFFSET …` of PostgreSQL with a space before it; "" for none."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if limit is None and offset is None:
        return ""
    if not isinstance(limit, exp.Limit):
        raise syntax_error(work.text, len(work.text))
    understood(limit, "expression")
    sql = f" LIMIT {count(limit.expression, work)}"
    if offset is not None:
        understood(offset, "expression")
        sql += f" OFFSET {count(offset.expression, work)}"
    return sql


def count(node: exp.Expression, work: Work) -> int:
    """A number of rows: a literal or a parameter.

    Raises:
        MySqlError: it is neither, or is negative.
    """
    if isinstance(node, exp.Placeholder) and NUMBER in node.meta:
        value = work.parameters[node.meta[NUMBER]]
        if isinstance(value, int) and 0 <= value <= _MAX_VALUE:
            return min(value, _MAX_LIMIT)
        raise MySqlError(MyError.ER_WRONG_ARGUMENTS, "Incorrect arguments to LIMIT")
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdecimal():
        value = int(str(node.this))
        if value <= _MAX_VALUE:
            return min(value, _MAX_LIMIT)
    raise syntax_error(work.text, max(work.text.lower().rfind("limit"), 0) + len("limit "))
