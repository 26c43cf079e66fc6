"""GROUP BY and aggregates, under ONLY_FULL_GROUP_BY (section 14.19.3 of MySQL's manual)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.dependencies import determined
from stend.engines.mysql.sql.expressions.aggregating import AGGREGATES
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.joins import Relation
from stend.engines.mysql.sql.scope import ColumnRef, Scope
from stend.engines.mysql.sql.typed import Typed, compared
from stend.engines.mysql.sql.work import understood

_NAMES = frozenset(f"{MARK}{name}".upper() for name in AGGREGATES)


def is_aggregate(node: exp.Expression) -> bool:
    """Whether a node is a call of an aggregate function."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper() in _NAMES
    return isinstance(node, exp.GroupConcat)


def has_aggregate(node: exp.Expression) -> bool:
    """Whether an expression has an aggregate of its own query in it."""
    return next(_aggregates(node), None) is not None


def _aggregates(node: exp.Expression) -> Iterator[exp.Expression]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, exp.Column | exp.Literal | exp.Query):
            continue
        if isinstance(one, exp.Window):
            # The function before OVER is none; what it takes may be one.
            waiting += [
                *_children(one.this),
                *(part for part in _children(one) if part is not one.this),
            ]
        elif is_aggregate(one):
            yield one
        else:
            waiting += _children(one)


def _children(node: exp.Expression) -> Iterator[exp.Expression]:
    for value in node.args.values():
        if isinstance(value, exp.Expression):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, exp.Expression))


@dataclass(frozen=True, slots=True)
class Key:
    """One of GROUP BY."""

    node: exp.Expression
    typed: Typed

    @property
    def sql(self) -> str:
        """For GROUP BY of PostgreSQL, where a literal would be a place in the list of columns."""
        key = compared(self.typed)
        return f"(SELECT {key})" if self.typed.constant else key

    @property
    def shown(self) -> str:
        """What stands for it in the group: any of the values that are the same by their weights."""
        if self.typed.constant or compared(self.typed) == self.typed.sql:
            return self.typed.sql
        return f"any_value({self.typed.sql})"


@dataclass(frozen=True, slots=True)
class Grouping:
    """
    Attributes:
        is_implicit: aggregates without GROUP BY: one row in any case.
        columns: of the tables, by their names in PostgreSQL, that are keys.
        determined: columns that have one value in each group.
    """

    keys: tuple[Key, ...]
    is_implicit: bool
    columns: frozenset[str]
    determined: frozenset[str]

    def within(self, scope: Scope, place: str) -> Scope:
        """The scope of an expression over groups.

        Args:
            place: as errors name it: `Expression #1 of SELECT list`.
        """

        def replaced(node: exp.Expression, _: Scope) -> Typed | None:
            return None if isinstance(node, exp.Column) else self._key_of(node, scope)

        return replace(
            scope,
            allows_aggregates=True,
            is_grouped=True,
            replacement=replaced,
            seen_column=lambda ref: self._seen(ref, place),
        )

    def _key_of(self, node: exp.Expression, scope: Scope) -> Typed | None:
        """The key that an expression is, if it is one."""
        for key in self.keys:
            if type(key.node) is type(node) and (key.node == node or _is(key, node, scope)):
                return replace(key.typed, sql=key.shown)
        return None

    def _seen(self, ref: ColumnRef, place: str) -> ColumnRef:
        if ref.sql in self.columns:
            is_text = ref.type.is_text
            return replace(ref, sql=f"any_value({ref.sql})") if is_text else ref
        if ref.sql in self.determined:
            return replace(ref, sql=f"any_value({ref.sql})")
        raise self._refusal(ref, place)

    def _refusal(self, ref: ColumnRef, place: str) -> MySqlError:
        name = _full_name(ref)
        if self.is_implicit:
            return MySqlError(
                MyError.ER_MIX_OF_GROUP_FUNC_AND_FIELDS,
                f"In aggregated query without GROUP BY, {place[0].lower()}{place[1:]} contains "
                f"nonaggregated column '{name}'; this is incompatible with "
                "sql_mode=only_full_group_by",
            )
        return MySqlError(
            MyError.ER_WRONG_FIELD_WITH_GROUP,
            f"{place} is not in GROUP BY clause and contains nonaggregated column '{name}' which "
            "is not functionally dependent on columns in GROUP BY clause; this is incompatible "
            "with sql_mode=only_full_group_by",
        )


def _full_name(ref: ColumnRef) -> str:
    output = ref.output
    if output is None:
        return ref.sql
    database = output.source[0].database if output.source else ""
    return ".".join(part for part in (database, output.table, output.name) if part)


def _is(key: Key, node: exp.Expression, scope: Scope) -> bool:
    """Whether they are the same but for how they are written: `year(t.d)`, `YEAR(d)`."""
    if has_aggregate(node) or node.find(exp.Query, exp.Window) is not None:
        return False
    return translate_expression(node, scope).sql == key.typed.sql


def grouping_of(
    node: exp.Select, scope: Scope, relation: Relation, parts: Iterable[exp.Expression]
) -> Grouping | None:
    """
    Args:
        scope: of FROM.
        parts: the items of SELECT, HAVING and ORDER BY.

    Returns:
        None of a query that has neither GROUP BY nor aggregates.
    """
    group = node.args.get("group")
    aggregates = [found for part in parts for found in _aggregates(part)]
    if scope.outer is not None:
        _check_own(aggregates, scope)
    if group is None:
        if not aggregates:
            return None
        keys: tuple[Key, ...] = ()
    else:
        understood(group, "expressions")
        keys = tuple(_key(one, node, scope) for one in group.expressions)
    columns = frozenset(key.typed.sql for key in keys if key.typed.is_column)
    where = node.args.get("where")
    conditions = [*relation.conditions, *([where.this] if where is not None else [])]
    return Grouping(keys, group is None, columns, determined(columns, conditions, relation, scope))


def _check_own(aggregates: list[exp.Expression], scope: Scope) -> None:
    """An aggregate of columns of a query around is that query's, whose rows it makes one.

    Raises:
        MySqlError: a refusal of such a one.
    """
    for aggregate in aggregates:
        columns = list(aggregate.find_all(exp.Column))
        if columns and not any(_is_own(column, scope) for column in columns):
            raise not_supported("An aggregate of columns of the query around")


def _is_own(column: exp.Column, scope: Scope) -> bool:
    found = scope.find(column.table or None, column.name.lower(), column.db or None)
    outer = scope.outer
    while found is None and outer is not None:
        if outer.find(column.table or None, column.name.lower(), column.db or None) is not None:
            return False
        outer = outer.outer
    return True


def _key(one: exp.Expression, node: exp.Select, scope: Scope) -> Key:
    scope = replace(scope, clause="group statement")
    item = _named_item(one, node, scope)
    if item is not None:
        one = item
    if has_aggregate(one):
        raise MySqlError(MyError.ER_INVALID_GROUP_FUNC_USE, "Invalid use of group function")
    return Key(one, translate_expression(one, scope))


def _named_item(one: exp.Expression, node: exp.Select, scope: Scope) -> exp.Expression | None:
    """The item of SELECT that a key names by its place or its alias."""
    items = node.expressions
    if isinstance(one, exp.Literal) and not one.is_string:
        return _at_place(str(one.this), items, "group statement")
    if not isinstance(one, exp.Column) or one.args.get("table"):
        return None
    wanted = one.name.lower()
    if scope.find(None, wanted, None) is not None:
        return None
    for item in items:
        if isinstance(item, exp.Alias) and item.alias.lower() == wanted:
            if has_aggregate(item.this):
                raise MySqlError(MyError.ER_WRONG_GROUP_FIELD, f"Can't group on '{item.alias}'")
            return _inner(item)
    return None


def _at_place(text: str, items: list[exp.Expression], clause: str) -> exp.Expression:
    if not text.isdecimal() or not 1 <= int(text) <= len(items) or _stars(items):
        raise MySqlError(MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{text}' in '{clause}'")
    item = items[int(text) - 1]
    if has_aggregate(item):
        raise MySqlError(MyError.ER_WRONG_GROUP_FIELD, f"Can't group on '{item.sql('mysql')}'")
    return _inner(item)


def _inner(item: exp.Expression) -> exp.Expression:
    return item.args["this"] if isinstance(item, exp.Alias) else item


def _stars(items: list[exp.Expression]) -> bool:
    return any(isinstance(item, exp.Star) or isinstance(item.this, exp.Star) for item in items)
