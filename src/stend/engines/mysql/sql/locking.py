"""FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE."""

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.joins import BaseTable, Relation
from stend.engines.mysql.sql.work import Work, understood


def locks(node: exp.Expression, relation: Relation, work: Work, *, is_plain: bool) -> str:
    """The locking clauses of PostgreSQL with a space before them; "" for none.

    Args:
        is_plain: each row of the result is one of the tables' rows.

    Raises:
        MySqlError: PostgreSQL cannot lock what is asked for.
    """
    asked = node.args.get("locks") or []
    if not asked:
        return ""
    work.is_locking = True
    if not is_plain:
        raise not_supported("Locking rows under GROUP BY, DISTINCT, UNION or aggregates")
    clauses: list[str] = []
    locked: set[str] = set()
    for lock in asked:
        tables = _tables(lock, relation)
        names = [table.pg_alias for table in tables]
        if locked & set(names):
            raise MySqlError(
                MyError.ER_DUPLICATE_TABLE_LOCK,
                f"Table {tables[0].alias} appears in multiple locking clauses.",
            )
        locked |= set(names)
        if names:
            clauses.append(_clause(lock, names))
    return "".join(clauses)


def _tables(lock: exp.Expression, relation: Relation) -> list[BaseTable]:
    understood(lock, "update", "expressions", "wait")
    if not lock.expressions:
        found = list(relation.base_tables)
    else:
        found = [_named(one, relation) for one in lock.expressions]
    for table in found:
        if table.is_optional:
            raise not_supported(
                f"Locking '{table.alias}', whose rows may be missing in an outer join,"
            )
    return found


def _named(node: exp.Expression, relation: Relation) -> BaseTable:
    for table in relation.base_tables:
        if table.alias == node.name:
            return table
    raise MySqlError(
        MyError.ER_UNRESOLVED_TABLE_LOCK,
        f"Unresolved table name `{node.name}` in locking clause.",
    )


def _clause(lock: exp.Expression, names: list[str]) -> str:
    strength = "UPDATE" if lock.args.get("update") else "SHARE"
    wait = lock.args.get("wait")
    if wait not in (None, True, False):
        raise not_supported("FOR UPDATE with a time to wait")
    waiting = "" if wait is None else " NOWAIT" if wait is True else " SKIP LOCKED"
    return f" FOR {strength} OF {', '.join(names)}{waiting}"
