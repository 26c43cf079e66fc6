"""Which columns have one value where others have one: functional dependence for GROUP BY."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.joins import BaseTable, OuterJoin, Relation
from stend.engines.mysql.sql.scope import ColumnRef, Scope
from stend.engines.mysql.tables.naming import quoted


@dataclass(frozen=True, slots=True)
class _Rule:
    """Where all of `needed` are determined, so are all of `given`."""

    needed: frozenset[str]
    given: frozenset[str]


def determined(
    columns: frozenset[str],
    conditions: Iterable[exp.Expression],
    relation: Relation,
    scope: Scope,
) -> frozenset[str]:
    """All columns, by their names in PostgreSQL, that follow from `columns`.

    Args:
        conditions: that hold of every row: of WHERE and of inner joins.
    """
    rules = list(_rules(conditions, relation, scope))
    known = set(columns)
    while True:
        size = len(known)
        for rule in rules:
            if rule.needed <= known:
                known |= rule.given
        if len(known) == size:
            return frozenset(known)


def _rules(
    conditions: Iterable[exp.Expression], relation: Relation, scope: Scope
) -> Iterator[_Rule]:
    for condition in conditions:
        for one, other in _equalities(condition, scope):
            yield _Rule(other, one)
            yield _Rule(one, other)
    for table in relation.base_tables:
        yield from _keys(table)
    for join in relation.outer_joins:
        yield from _of_outer_join(join, scope)


def _keys(base: BaseTable) -> Iterator[_Rule]:
    """A row is found by a key that has no NULL in it."""
    table = base.table
    everything = frozenset(f"{base.pg_alias}.{quoted(column.pg_name)}" for column in table.columns)
    for key in table.keys:
        columns = [table.column(name) for name in key.columns]
        if not (key.unique or key.is_primary) or any(key.prefixes):
            continue
        if all(column is not None and not column.nullable for column in columns):
            names = frozenset(
                f"{base.pg_alias}.{quoted(column.pg_name)}" for column in columns if column
            )
            yield _Rule(names, everything)


def _of_outer_join(join: OuterJoin, scope: Scope) -> Iterator[_Rule]:
    """Rows of the optional side that match the same row of the other side are found alike."""
    columns = _columns(join.condition, scope)
    if columns is None:
        return
    needed = columns - join.optional
    for one, other in _equalities(join.condition, scope):
        for target, source in ((one, other), (other, one)):
            if target and target <= join.optional and not source & join.optional:
                yield _Rule(needed | source, target)


def _equalities(
    condition: exp.Expression, scope: Scope
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Pairs of columns that are equal; a column that equals a literal is beside nothing."""
    waiting = [condition]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Paren):
            waiting.append(one.this)
        elif isinstance(one, exp.And):
            waiting += [one.args["this"], one.args["expression"]]
        elif isinstance(one, exp.EQ):
            pair = _pair(one, scope)
            if pair is not None:
                yield pair


def _pair(one: exp.EQ, scope: Scope) -> tuple[frozenset[str], frozenset[str]] | None:
    left, right = _side(one.args["this"], scope), _side(one.args["expression"], scope)
    if left is None or right is None or not _alike(left, right):
        return None
    return _name(left), _name(right)


def _name(side: ColumnRef | str) -> frozenset[str]:
    return frozenset() if isinstance(side, str) else frozenset((side.sql,))


def _side(node: exp.Expression, scope: Scope) -> "ColumnRef | str | None":
    """A column of this query, "" for a literal, None for anything else."""
    if isinstance(node, exp.Literal | exp.Placeholder):
        return ""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    try:
        return scope.find(node.table or None, node.name.lower(), node.db or None)
    except MySqlError:
        return None


def _alike(one: "ColumnRef | str", other: "ColumnRef | str") -> bool:
    """Equal by their weights is not the same: a text does not fix another one."""
    if isinstance(one, str):
        return isinstance(other, ColumnRef) and not other.type.is_text
    if isinstance(other, str):
        return not one.type.is_text
    return not one.type.is_text and one.type.kind is other.type.kind


def _columns(condition: exp.Expression, scope: Scope) -> frozenset[str] | None:
    """The columns of this query in a condition; None where it asks more than columns."""
    if condition.find(exp.Query, exp.Anonymous) is not None:
        return None
    found: set[str] = set()
    for node in condition.find_all(exp.Column):
        ref = scope.find(node.table or None, node.name.lower(), node.db or None)
        if ref is not None:
            found.add(ref.sql)
    return frozenset(found)
