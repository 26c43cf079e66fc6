"""UPDATE: of one table, with ORDER BY and LIMIT, and of joined tables."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.assignments import Assigner, Assignments
from stend.engines.mysql.sql.changes import NOTHING_GENERATED, changing
from stend.engines.mysql.sql.ctes import with_ctes
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.grouping import has_aggregate
from stend.engines.mysql.sql.joins import BaseTable, Joiner, Relation
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.ordering import limited, order_by, order_of_storage
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.selecting import base_scope, select_query
from stend.engines.mysql.sql.tables import alias_of, source_of
from stend.engines.mysql.sql.targets import Target, changed, key_columns, target_of, unique_keys
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.typed import as_condition, quoted_text
from stend.engines.mysql.sql.work import Env, Work, understood
from stend.engines.mysql.tables.naming import quoted


def update(node: exp.Update, env: Env) -> Translated:
    """
    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    understood(node, "this", "expressions", "where", "order", "limit", "with_")
    if not isinstance(node.this, exp.Expression):
        raise syntax_error(env.work.text, len(env.work.text))
    prefix = ""
    if node.args.get("with_") is not None:
        env, prefix = with_ctes(node.args["with_"], env, None, select_query)
    if node.this.args.get("joins") or not isinstance(node.this, exp.Table):
        return _of_several(node, env, prefix)
    return _of_one(node, env, prefix)


def one_target(node: exp.Table, env: Env, verb: str) -> tuple[Target, Scope, Env]:
    """The table of UPDATE or DELETE without joins, and the scope of its expressions."""
    understood(node, "this", "db", "alias", "hints")
    table = target_of(node, env.work, verb)
    target = Target(table, alias_of(node) or node.name, env.work.alias())
    env = replace(env, forbidden=frozenset((table.name,)))
    source = source_of(table, target.alias, target.pg_alias)
    return target, replace(base_scope(env, None), sources=(source,)), env


def condition(node: exp.Expression, scope: Scope) -> str:
    """WHERE of a change, with a space before it; "" for none."""
    where = node.args.get("where")
    if where is None:
        return ""
    understood(where, "this")
    if has_aggregate(where.this):
        raise MySqlError(MyError.ER_INVALID_GROUP_FUNC_USE, "Invalid use of group function")
    scope = replace(scope, clause="where clause")
    return f" WHERE {as_condition(translate_expression(where.this, scope))}"


def places(node: exp.Expression, target: Target, scope: Scope, env: Env) -> str:
    """The rows of one table that WHERE, ORDER BY and LIMIT choose: an array of their places."""
    order = order_by(node.args.get("order"), (), lambda _: scope, env.work)
    source = BaseTable(target.table, target.alias, target.pg_alias)
    order = order or order_of_storage(Relation("", scope.sources, (), base_tables=(source,)))
    return (
        f"ARRAY(SELECT {target.pg_alias}.ctid FROM {target.relation} AS {target.pg_alias}"  # noqa: S608
        f"{condition(node, scope)}{order}{limited(node, env.work)} FOR UPDATE)"
    )


def _of_one(node: exp.Update, env: Env, prefix: str) -> Translated:
    target, scope, env = one_target(node.this, env, "UPDATE")
    (assignments,) = Assigner([target], scope, env.work).run(node.expressions)
    change = f"UPDATE {target.relation} AS {target.pg_alias} SET {assignments.sql(env.work)}"  # noqa: S608
    returning = f"RETURNING ({changed(assignments.columns)}) AS is_changed"
    is_ordered = node.args.get("order") is not None or node.args.get("limit") is not None
    if is_ordered or _may_collide(node, target):
        each = quoted_text(f"{change} WHERE {target.pg_alias}.ctid = $1 {returning}")
        _check_alone(prefix)
        rows = places(node, target, scope, env)
        sql = f"{prefix}SELECT *, {NOTHING_GENERATED} FROM my.change_each({rows}, {each})"  # noqa: S608
    else:
        lead = f"{prefix.rstrip()}, " if prefix else "WITH "
        sql = (
            f"{lead}changes AS ({change}{condition(node, scope)} {returning}) SELECT count(*), "  # noqa: S608
            f"count(*) FILTER (WHERE is_changed), {NOTHING_GENERATED} FROM changes"
        )
    return changing(StatementKind.UPDATE, sql, [target.table], env.work)


def _may_collide(node: exp.Update, target: Target) -> bool:
    """Whether the order of the rows decides if a unique key is given twice: id = id + 1."""
    names = {name.lower() for key in unique_keys(target.table) for name in key.columns}
    return any(
        one.this.name.lower() in names and one.expression.find(exp.Column) is not None
        for one in node.expressions
    )


def _check_alone(prefix: str) -> None:
    """What runs row by row sees no WITH."""
    if prefix:
        raise not_supported("UPDATE row by row (a unique key, ORDER BY, LIMIT) with WITH")


def _of_several(node: exp.Update, env: Env, prefix: str) -> Translated:
    for key, word in (("order", "ORDER BY"), ("limit", "LIMIT")):
        if node.args.get(key) is not None:
            raise MySqlError(MyError.ER_WRONG_USAGE, f"Incorrect usage of UPDATE and {word}")
    relation = joined(node.this, env)
    scope = scope_over(relation, env)
    targets = [Target(one.table, one.alias, one.pg_alias) for one in relation.base_tables]
    names = Assigner(targets, scope, env.work).tables(node.expressions)
    scope = scope_over(relation, replace(env, forbidden=names))
    done = Assigner(targets, scope, env.work).run(node.expressions)
    set_ = [one for one in done if one.values]
    by_alias = {one.pg_alias: one for one in relation.base_tables}
    bases = [by_alias[one.target.pg_alias] for one in set_]
    values = ", ".join(
        f"{value} AS v{number}_{place}"
        for number, one in enumerate(set_)
        for place, value in enumerate(one.values.values())
    )
    sql = found(f"{keys_found(bases)}, {values}", relation, bases, condition(node, scope), prefix)
    sql += ", ".join(
        _change(base, one, index, env.work)
        for index, (base, one) in enumerate(zip(bases, set_, strict=True))
    )
    counts = [f"SELECT is_changed FROM changes{index}" for index in range(len(set_))]  # noqa: S608
    sql += (
        f" SELECT count(*), count(*) FILTER (WHERE is_changed), {NOTHING_GENERATED} "  # noqa: S608
        f"FROM ({' UNION ALL '.join(counts)}) AS changes{all_changed(bases)}"
    )
    return changing(StatementKind.UPDATE, sql, [one.target.table for one in set_], env.work)


def joined(node: exp.Expression, env: Env) -> Relation:
    """The joined tables of a change."""
    joins = node.args.get("joins") or []
    first = node.copy()
    first.set("joins", None)
    return Joiner(env, base_scope(env, None), select_query).table_list(first, joins)


def scope_over(relation: Relation, env: Env) -> Scope:
    """The scope of the expressions of a change."""
    return replace(base_scope(env, None), sources=relation.sources, merged=relation.merged)


def identity(base: BaseTable) -> list[str]:
    """The columns by which a row is found again: the primary key, or its place.

    A row that may be missing in an outer join is not locked: by its place, it is not found again
    once somebody has changed it.
    """
    key = base.table.primary_key
    if key is None or base.is_optional:
        return ["ctid"]
    return [quoted(column.pg_name) for column in key_columns(base.table, key)]


def keys_found(bases: Sequence[BaseTable]) -> str:
    """What `found` has of each table: by what its row is found again."""
    return ", ".join(
        f"{base.pg_alias}.{name} AS k{number}_{place}"
        for number, base in enumerate(bases)
        for place, name in enumerate(identity(base))
    )


def found(
    items: str, relation: Relation, bases: Sequence[BaseTable], where: str, prefix: str
) -> str:
    """`WITH found AS (…), `: the joined rows, those of the tables that are changed locked."""
    sql = f"SELECT {items} FROM {relation.sql}{where}"  # noqa: S608
    # A row that is waited for is looked at again, as it is then.
    if locked := [one.pg_alias for one in bases if not one.is_optional]:
        sql += f" FOR UPDATE OF {', '.join(locked)}"
    lead = f"{prefix.rstrip()}, " if prefix else "WITH "
    return f"{lead}found AS MATERIALIZED ({sql}), "


def all_changed(bases: Sequence[BaseTable]) -> str:
    """HAVING that fails where a row was found and has not been changed: it is another by then."""
    checks: list[str] = []
    for number, base in enumerate(bases):
        keys = ", ".join(f"k{number}_{place}" for place in range(len(identity(base))))
        checks.append(
            f"my.all_changed((SELECT count(DISTINCT ({keys})) FROM found), "  # noqa: S608
            f"(SELECT count(*) FROM changes{number}), {quoted_text(base.table.name.table)})"
        )
    return f" HAVING {' AND '.join(checks)}"


def _change(base: BaseTable, one: Assignments, number: int, work: Work) -> str:
    target = one.target
    values = {name: f"found.v{number}_{place}" for place, name in enumerate(one.values)}
    keys = " AND ".join(
        f"{target.pg_alias}.{name} = found.k{number}_{place}"
        for place, name in enumerate(identity(base))
    )
    new = replace(one, values=values)
    return (
        f"changes{number} AS (UPDATE {target.relation} AS {target.pg_alias} "  # noqa: S608
        f"SET {new.sql(work)} FROM found WHERE {keys} "
        f"RETURNING ({changed(one.columns)}) AS is_changed)"
    )
