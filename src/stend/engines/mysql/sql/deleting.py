"""DELETE: from one table, with ORDER BY and LIMIT, and from joined tables."""

from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.changes import NOTHING_GENERATED, changing
from stend.engines.mysql.sql.ctes import with_ctes
from stend.engines.mysql.sql.joins import BaseTable, Relation
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.selecting import select_query
from stend.engines.mysql.sql.targets import kept_by_itself, keys_to_itself, target_of
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.typed import quoted_text
from stend.engines.mysql.sql.updating import (
    all_changed,
    condition,
    found,
    identity,
    joined,
    keys_found,
    one_target,
    places,
    scope_over,
)
from stend.engines.mysql.sql.work import Env, understood
from stend.engines.mysql.tables.naming import relation as relation_of


def delete(node: exp.Delete, env: Env) -> Translated:
    """
    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    understood(node, "this", "tables", "using", "where", "order", "limit", "with_")
    prefix = ""
    if node.args.get("with_") is not None:
        env, prefix = with_ctes(node.args["with_"], env, None, select_query)
    if not isinstance(node.this, exp.Expression):
        raise syntax_error(env.work.text, len(env.work.text))
    if node.args.get("tables") or node.args.get("using"):
        return _from_several(node, env, prefix)
    if not isinstance(node.this, exp.Table) or node.this.args.get("joins"):
        raise not_supported("DELETE of anything but a table")
    return _from_one(node, env, prefix)


def _from_one(node: exp.Delete, env: Env, prefix: str) -> Translated:
    target, scope, env = one_target(node.this, env, "DELETE")
    change = f"DELETE FROM {target.relation} AS {target.pg_alias}"  # noqa: S608
    if node.args.get("limit") is not None or keys_to_itself(target.table):
        if prefix:
            raise not_supported("DELETE row by row (LIMIT, a key of the table itself) with WITH")
        each = quoted_text(
            f"{change} WHERE {target.pg_alias}.ctid = $1 RETURNING {kept_by_itself(target)}"
        )
        rows = places(node, target, scope, env)
        sql = f"SELECT *, {NOTHING_GENERATED} FROM my.change_each({rows}, {each})"  # noqa: S608
    else:
        # Without LIMIT the order changes nothing, but its columns must be there.
        places(node, target, scope, env)
        lead = f"{prefix.rstrip()}, " if prefix else "WITH "
        sql = (
            f"{lead}changes AS ({change}{condition(node, scope)} RETURNING 1) "  # noqa: S608
            f"SELECT count(*), count(*), {NOTHING_GENERATED} FROM changes"
        )
    return changing(StatementKind.DELETE, sql, [target.table], env.work)


def _from_several(node: exp.Delete, env: Env, prefix: str) -> Translated:
    if node.args.get("order") is not None or node.args.get("limit") is not None:
        raise syntax_error(env.work.text, len(env.work.text))
    if node.args.get("using"):
        named, tables = [node.this], node.args["using"]
        if len(tables) != 1 or node.this.args.get("joins"):
            raise not_supported("DELETE … USING with a list of tables")
        first = tables[0]
    else:
        named, first = node.args["tables"], node.this
    relation = joined(first, env)
    targets = [_named(one, relation, env) for one in named]
    if any(keys_to_itself(one.table) for one in targets):
        raise not_supported("DELETE of joined tables from one that refers to itself")
    forbidden = frozenset(one.table.name for one in targets)
    if len(forbidden) < len(targets):
        raise not_supported("DELETE of one table's rows under two names")
    scope = scope_over(relation, replace(env, forbidden=forbidden))
    lead = found(keys_found(targets), relation, targets, condition(node, scope), prefix)
    changes = [_change(one, number) for number, one in enumerate(targets)]
    counts = " UNION ALL ".join(f"SELECT 1 FROM changes{one}" for one in range(len(targets)))  # noqa: S608
    sql = (
        f"{lead}{', '.join(changes)} SELECT count(*), count(*), {NOTHING_GENERATED} "  # noqa: S608
        f"FROM ({counts}) AS changes{all_changed(targets)}"
    )
    return changing(StatementKind.DELETE, sql, [one.table for one in targets], env.work)


def _named(node: exp.Expression, relation: Relation, env: Env) -> BaseTable:
    """One of the tables that the rows are deleted from: named by its alias, `.*` may follow."""
    if not isinstance(node, exp.Table):
        raise not_supported("DELETE of anything but a table")
    understood(node, "this", "db")
    for base in relation.base_tables:
        database = base.table.name.database
        if base.alias == node.name and (not node.db or node.db == database):
            return base
    if any(source.alias == node.name for source in relation.sources):
        target_of(node, env.work, "DELETE")
    raise MySqlError(MyError.ER_UNKNOWN_TABLE, f"Unknown table '{node.name}' in MULTI DELETE")


def _change(base: BaseTable, number: int) -> str:
    target = base.pg_alias
    names = identity(base)
    keys = ", ".join(f"{target}.{name}" for name in names)
    wanted = ", ".join(f"k{number}_{place}" for place in range(len(names)))
    from_ = f"{relation_of(base.table.name)} AS {target}"
    return (
        f"changes{number} AS (DELETE FROM {from_} "  # noqa: S608
        f"WHERE ({keys}) IN (SELECT {wanted} FROM found) RETURNING 1)"
    )
