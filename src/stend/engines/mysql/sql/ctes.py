"""WITH: common table expressions, recursive ones too."""

from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.unifying import converted
from stend.engines.mysql.sql.grouping import has_aggregate
from stend.engines.mysql.sql.joins import Translator, renamed
from stend.engines.mysql.sql.parsing import ITEM_TEXTS
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import BIGINT, Typed, pg_type, quoted_text
from stend.engines.mysql.sql.unions import different_counts
from stend.engines.mysql.sql.work import (
    HIDDEN,
    Cte,
    Env,
    Output,
    Selected,
    Work,
    column_name,
    column_output,
    understood,
)
from stend.engines.mysql.sql.wrapping import seen_from_outside
from stend.engines.mysql.tables.types import SqlType

ROUND = f"{HIDDEN}round"
_ROUND_COLUMN = Typed("", BIGINT, nullable=False, is_column=True)
_MAX_ROWS = 100_000
_NOT_IN_STEP = ("order", "limit", "offset", "distinct", "having", "with_", "locks")


def with_ctes(
    with_: exp.Expression, env: Env, outer: Scope | None, translate: Translator
) -> tuple[Env, str]:
    """
    Returns:
        The environment in which their names are known, and `WITH … ` of PostgreSQL.

    Raises:
        MySqlError: ER_NONUNIQ_TABLE: two have one name; what a query in one raises.
    """
    understood(with_, "expressions", "recursive")
    is_recursive = bool(with_.args.get("recursive"))
    names: set[str] = set()
    parts: list[str] = []
    for node in with_.expressions:
        understood(node, "this", "alias")
        name = node.alias
        if name in names:
            raise MySqlError(MyError.ER_NONUNIQ_TABLE, f"Not unique table/alias: '{name}'")
        names.add(name)
        if is_recursive and _names_itself(node.this, name):
            env, part = _recursive(node, env, outer, translate)
        else:
            env, part = _plain(node, env, outer, translate)
        parts.append(part)
    return env, f"WITH {'RECURSIVE ' if is_recursive else ''}{', '.join(parts)} "


def _names_itself(query: exp.Expression, name: str) -> bool:
    return any(not table.db and table.name == name for table in query.find_all(exp.Table))


def _plain(node: exp.CTE, env: Env, outer: Scope | None, translate: Translator) -> tuple[Env, str]:
    selected = translate(node.this, env, outer)
    outputs = _named(selected.outputs, node)
    pg_name = env.work.alias()
    return _knowing(env, node.alias, Cte(pg_name, outputs)), f"{pg_name} AS ({selected.sql})"


def _named(outputs: tuple[Output, ...], node: exp.CTE) -> tuple[Output, ...]:
    return renamed(outputs, node.args["alias"].args.get("columns"))


def _knowing(env: Env, name: str, cte: Cte) -> Env:
    return replace(env, ctes={**env.ctes, name: cte})


def _recursive(
    node: exp.CTE, env: Env, outer: Scope | None, translate: Translator
) -> tuple[Env, str]:
    """The types of the columns are those of the part that does not name the table itself."""
    union, name = node.this, node.alias
    step_node = _checked(union, name)
    seed = translate(union.this, env, outer)
    outputs = tuple(
        replace(output, typed=replace(output.typed, nullable=True, constant=None))
        for output in _named(seed.outputs, node)
    )
    pg_name = env.work.alias()
    is_distinct = bool(union.args.get("distinct"))
    seen = outputs if is_distinct else (*outputs, column_output(ROUND, _ROUND_COLUMN))
    inner = _knowing(env, name, Cte(pg_name, seen))
    step = translate(step_node if is_distinct else _with_round(step_node), inner, outer)
    if len(step.outputs) != len(seen):
        raise different_counts()
    known = _knowing(env, name, Cte(pg_name, outputs))
    if is_distinct:
        return _distinct(seed, step, outputs, known, name, pg_name)
    zero = f", 0::bigint AS {column_name(len(outputs))}"
    limit = f", {_round(step, env.work)} AS {column_name(len(outputs))}"
    bare = Selected(step.sql, step.outputs[:-1])
    sql = f"{_fitted(seed, outputs, env.work, zero)} UNION ALL "
    return known, f"{pg_name} AS ({sql}{_fitted(bare, outputs, env.work, limit)})"


def _checked(union: exp.Expression, name: str) -> exp.Expression:
    """The part that names the table itself.

    Raises:
        MySqlError: the query is not of the form that a recursive one has.
    """
    if not isinstance(union, exp.Union):
        raise MySqlError(
            MyError.ER_CTE_RECURSIVE_REQUIRES_UNION,
            f"Recursive Common Table Expression '{name}' should contain a UNION",
        )
    if _names_itself(union.this, name):
        if isinstance(union.this, exp.Union) and not _names_itself(union.this.this, name):
            raise not_supported("A recursive common table expression with several recursive parts")
        raise MySqlError(
            MyError.ER_CTE_RECURSIVE_REQUIRES_NONRECURSIVE_FIRST,
            f"Recursive Common Table Expression '{name}' should have one or more non-recursive "
            "query blocks followed by one or more recursive ones",
        )
    understood(union, "this", "expression", "distinct")
    step = union.args["expression"]
    if not isinstance(step, exp.Select) or any(step.args.get(one) for one in _NOT_IN_STEP):
        raise not_supported(
            "Anything but SELECT … FROM … WHERE as the recursive part of a common table expression"
        )
    _check_step(step, name)
    return step


def _check_step(step: exp.Select, name: str) -> None:
    is_aggregate = step.args.get("group") or any(has_aggregate(one) for one in step.expressions)
    if is_aggregate or step.find(exp.Window):
        raise MySqlError(
            MyError.ER_CTE_RECURSIVE_FORBIDS_AGGREGATION,
            f"Recursive Common Table Expression '{name}' can contain neither aggregation nor "
            "window functions in recursive query block",
        )
    named = [one for one in step.find_all(exp.Table) if not one.db and one.name == name]
    joins = step.args.get("joins") or []
    tables = [step.args["from_"].this] if step.args.get("from_") else []
    tables += [join.this for join in joins]
    if len(named) != 1 or not any(one is named[0] for one in tables):
        raise MySqlError(
            MyError.ER_CTE_RECURSIVE_REQUIRES_SINGLE_REFERENCE,
            f"In recursive query block of Recursive Common Table Expression '{name}', the "
            "recursive table must be referenced only once, and not in any subquery",
        )
    if any(join.args.get("side") for join in joins):
        raise not_supported("An outer join in the recursive part of a common table expression")


def _with_round(step: exp.Expression) -> exp.Expression:
    """One more item: the round in which the row is made."""
    counted = step.copy()
    counted.append("expressions", exp.Add(this=exp.column(ROUND), expression=exp.Literal.number(1)))
    counted.meta[ITEM_TEXTS] = (*step.meta[ITEM_TEXTS], ROUND)
    return counted


def _round(step: Selected, work: Work) -> str:
    limit = work.facts.system_variables.get("cte_max_recursion_depth", 1000)
    limit = limit if isinstance(limit, int) else 1000
    name = column_name(len(step.outputs) - 1)
    message = (
        f"Recursive query aborted after {limit + 1} iterations. Try increasing "
        "@@cte_max_recursion_depth to a larger value."
    )
    fail = f"{_failing(3636, message, name)}::bigint"
    return f"CASE WHEN {name} > {limit} THEN {fail} ELSE {name} END"


def _fitted(selected: Selected, outputs: tuple[Output, ...], work: Work, more: str = "") -> str:
    """A part of the union as the first one is typed; its texts are no longer than those."""
    alias = work.alias()
    columns = []
    for index, (seen, output) in enumerate(
        zip(seen_from_outside(selected.outputs, alias), outputs, strict=True)
    ):
        sql = converted(seen.typed, output.type, work.facts).sql
        bounded = _bounded(sql, seen.type, output)
        # Both parts have to be of one type in PostgreSQL too, to the width of integers.
        columns.append(f"({bounded})::{pg_type(output.type)} AS {column_name(index)}")
    return f"SELECT {', '.join(columns)}{more} FROM ({selected.sql}) AS {alias}"  # noqa: S608


def _bounded(sql: str, given: SqlType, output: Output) -> str:
    length = output.type.length
    if not output.type.is_text or length is None or given == output.type:
        return sql
    message = f"Data too long for column '{output.name}' at row 1"
    fail = _failing(1406, message, sql)
    return f"CASE WHEN char_length({sql}) > {length} THEN {fail} ELSE {sql} END"


def _failing(number: int, message: str, sql: str) -> str:
    """An error; it names a value of the row, or PostgreSQL would raise it while it plans."""
    return f"my.fail({number}, {quoted_text(message)} || left(({sql})::text, 0))"


def _distinct(
    seed: Selected,
    step: Selected,
    outputs: tuple[Output, ...],
    env: Env,
    name: str,
    pg_name: str,
) -> tuple[Env, str]:
    """Rounds cannot be counted in rows that are to be told apart; the rows themselves are."""
    if any(output.type.is_text for output in outputs):
        raise not_supported("UNION DISTINCT of texts in a recursive common table expression")
    work = env.work
    names = ", ".join(column_name(index) for index in range(len(outputs)))
    counted, rows = work.alias(), work.alias()
    message = f"A recursive query of more than {_MAX_ROWS} rows is not supported by this server"
    sql = f"{_fitted(seed, outputs, work)} UNION {_fitted(step, outputs, work)}"
    bounded = (
        f"SELECT {names} FROM (SELECT *, row_number() OVER () AS n FROM {pg_name}) AS {rows} "  # noqa: S608
        f"WHERE CASE WHEN n > {_MAX_ROWS} THEN {_failing(1235, message, 'n')} IS NULL "
        "ELSE true END"
    )
    known = _knowing(env, name, Cte(counted, outputs))
    return known, f"{pg_name} AS ({sql}), {counted} AS ({bounded})"
