"""FROM with its joins: what PostgreSQL reads from, and which columns can be named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.lexing import Source as Text
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.scope import ColumnRef, Scope, Source
from stend.engines.mysql.sql.tables import (
    alias_of,
    find_table,
    named,
    relation,
    source_of,
    with_cte,
)
from stend.engines.mysql.sql.tokens import EXPLICIT_JOIN
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.sql.typed import Typed, as_condition
from stend.engines.mysql.sql.work import (
    HIDDEN,
    Cte,
    Env,
    Output,
    Selected,
    column_name,
    understood,
)
from stend.engines.mysql.tables.model import Table

# Translates an inner query, within the scope that it may see.
Translator = Callable[[exp.Expression, Env, Scope | None], Selected]


@dataclass(frozen=True, slots=True)
class BaseTable:
    """A table of the catalogue in FROM."""

    table: Table
    alias: str
    pg_alias: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A part of FROM.

    Attributes:
        star: what `*` gives, by name.
        conditions: of inner joins.
        outer_joins: their conditions, with the aliases in PostgreSQL of the optional side.
    """

    sql: str
    sources: tuple[Source, ...]
    star: tuple[tuple[str, ColumnRef], ...]
    merged: Mapping[str, ColumnRef] = field(default_factory=dict)
    base_tables: tuple[BaseTable, ...] = ()
    conditions: tuple[exp.Expression, ...] = ()
    outer_joins: tuple["OuterJoin", ...] = ()


@dataclass(frozen=True, slots=True)
class OuterJoin:
    """
    Attributes:
        optional: the columns of the side whose rows may be missing, as PostgreSQL names them.
    """

    condition: exp.Expression
    optional: frozenset[str]


NOTHING = Relation("", (), ())


class Joiner:
    """
    Args:
        scope: with the outer scope of the query, without sources of its own.
        translate: for derived tables.
    """

    def __init__(self, env: Env, scope: Scope, translate: Translator) -> None:
        self._env = env
        self._scope = scope
        self._translate = translate

    def from_clause(self, from_: exp.Expression | None, joins: list[exp.Join]) -> Relation:
        """
        Raises:
            MySqlError: a table or a column is unknown, or is named twice.
        """
        if from_ is None:
            if joins:
                raise not_supported("JOIN without FROM")
            return NOTHING
        understood(from_, "this")
        if is_dual(from_.this) and not joins:
            return NOTHING
        whole = self._list(from_.this, joins, NOTHING)
        _check_names(whole.sources)
        return whole

    def table_list(self, first: exp.Expression, joins: list[exp.Join]) -> Relation:
        """The tables of UPDATE or DELETE."""
        whole = self._list(first, joins, NOTHING)
        _check_names(whole.sources)
        return whole

    def _list(self, first: exp.Expression, joins: list[exp.Join], before: Relation) -> Relation:
        """A comma binds less than JOIN: what stands between two is joined first."""
        done = before
        current = self._factor(first, done)
        for join in joins:
            if _is_comma(join):
                done = _crossed(done, current)
                current = self._factor(join.this, done)
            else:
                current = self._join(current, join, done)
        return _crossed(done, current)

    def _factor(self, node: exp.Expression, before: Relation) -> Relation:
        if isinstance(node, exp.Table):
            joins = node.args.get("joins") or []
            found = self._table(node)
            for join in joins:
                found = self._join(found, join, before)
            return found
        if isinstance(node, exp.Subquery):
            if isinstance(node.this, exp.Table | exp.Subquery) and not node.args.get("alias"):
                understood(node, "this", "joins")
                return self._nested(node, before)
            return self._derived(node, before)
        if isinstance(node, exp.Lateral):
            return self._lateral(node, before)
        if isinstance(node, exp.Values):
            return self._derived(node, before)
        raise not_supported(f"{node.key.upper()} in FROM")

    def _nested(self, node: exp.Subquery, before: Relation) -> Relation:
        inner = node.this
        if isinstance(inner, exp.Subquery) and _is_query(inner):
            found = self._factor(inner, before)
        elif isinstance(inner, exp.Table):
            found = self._list(_without_joins(inner), inner.args.get("joins") or [], NOTHING)
        else:
            found = self._factor(inner, before)
        for join in node.args.get("joins") or []:
            found = self._join(found, join, before)
        return replace(found, sql=f"({found.sql})")

    def _table(self, node: exp.Table) -> Relation:
        understood(node, "this", "db", "alias", "hints", "joins")
        if with_cte(node, self._env):
            cte = self._env.ctes[node.name]
            return self._named_query(cte.pg_name, cte, alias_of(node) or node.name)
        name = named(node, self._env.work)
        table = find_table(name, self._env.work)
        _check_hints(node, table)
        alias = alias_of(node) or node.name
        if name in self._env.forbidden:
            raise MySqlError(
                MyError.ER_UPDATE_TABLE_USED,
                f"You can't specify target table '{name.table}' for update in FROM clause",
            )
        self._env.work.reads.add(table.name)
        if table.view_sql is not None:
            return self._view(table, alias)
        pg_alias = self._env.work.alias()
        source = source_of(table, alias, pg_alias)
        return Relation(
            f"{relation(table.name)} AS {pg_alias}",
            (source,),
            visible(source),
            base_tables=(BaseTable(table, alias, pg_alias),),
        )

    def _view(self, table: Table, alias: str) -> Relation:
        """A view is a derived table; the names in it are of its own database."""
        work = self._env.work
        if table.name in self._env.views:
            raise MySqlError(
                MyError.ER_VIEW_INVALID,
                f"View '{table.name.database}.{table.name.table}' references itself",
            )
        text = table.view_sql or ""
        query = parse(Text(text, text)).node
        facts = work.facts
        work.facts = replace(facts, database=table.name.database)
        env = Env(work, views=(*self._env.views, table.name))
        selected = self._translate(query, env, None)
        work.facts = facts
        outputs = tuple(
            replace(output, name=column.name)
            for output, column in zip(selected.outputs, table.columns, strict=True)
        )
        return self._named_query(f"({selected.sql})", Cte("", outputs), alias)

    def _named_query(self, pg_name: str, cte: Cte, alias: str) -> Relation:
        pg_alias = self._env.work.alias()
        source = query_source(cte.outputs, alias, pg_alias)
        return Relation(f"{pg_name} AS {pg_alias}", (source,), visible(source))

    def _derived(self, node: exp.Expression, before: Relation, lateral: str = "") -> Relation:
        alias_node = node.args.get("alias")
        if alias_node is None or not alias_node.name:
            raise MySqlError(
                MyError.ER_DERIVED_MUST_HAVE_ALIAS, "Every derived table must have its own alias"
            )
        understood(alias_node, "this", "columns")
        query = node.this if isinstance(node, exp.Subquery) else _bare_values(node)
        if isinstance(node, exp.Subquery):
            understood(node, "this", "alias", "joins")
        around = self._visible(before, "field list") if lateral else self._scope.outer
        # A derived table is made before any row is changed.
        env = replace(self._env, forbidden=frozenset())
        selected = self._translate(query, env, around)
        outputs = renamed(selected.outputs, alias_node.args.get("columns"))
        pg_alias = self._env.work.alias()
        source = query_source(outputs, str(alias_node.name), pg_alias)
        found = Relation(f"{lateral}({selected.sql}) AS {pg_alias}", (source,), visible(source))
        for join in node.args.get("joins") or []:
            found = self._join(found, join, before)
        return found

    def _lateral(self, node: exp.Lateral, before: Relation) -> Relation:
        understood(node, "this", "alias")
        subquery = node.this
        if not isinstance(subquery, exp.Subquery):
            raise not_supported("LATERAL with anything but a query")
        moved = subquery.copy()
        moved.set("alias", node.args.get("alias"))
        return self._derived(moved, before, "LATERAL ")

    def _visible(self, relation_: Relation, clause: str) -> Scope:
        return replace(
            self._scope, sources=relation_.sources, merged=relation_.merged, clause=clause
        )

    def _join(self, left: Relation, join: exp.Join, before: Relation) -> Relation:
        understood(join, "this", "side", "kind", "method", "on", "using")
        side, kind = join.args.get("side"), join.args.get("kind")
        method = join.args.get("method")
        if kind not in (None, "INNER", "CROSS", "OUTER", "STRAIGHT_JOIN") or side == "FULL":
            raise not_supported(f"{side or kind} JOIN")
        if method not in (None, "NATURAL"):
            raise not_supported(f"{method} JOIN")
        right = self._factor(join.this, _crossed(before, left))
        if side and not method and not (join.args.get("on") or join.args.get("using")):
            raise syntax_error(self._env.work.text, len(self._env.work.text))
        return self._joined(left, right, join)

    def _joined(self, left: Relation, right: Relation, join: exp.Join) -> Relation:
        side = join.args.get("side")
        if side == "LEFT":
            right = _optional(right)
        elif side == "RIGHT":
            left = _optional(left)
        common = _common(left, right, join)
        both = _combined(left, right, common, side)
        conditions: list[str] = []
        for name in common:
            pair = _found(left, name), _found(right, name)
            conditions.append(self._equal(*pair))
        on = join.args.get("on")
        if on is not None:
            scope = self._visible(both, "on clause")
            conditions.append(as_condition(translate_expression(on, scope)))
            both = _remembered(both, on, side, left, right)
        word = f"{side} JOIN" if side else "JOIN"
        condition = " AND ".join(conditions)
        if not condition:
            return replace(both, sql=f"{left.sql} CROSS JOIN {_grouped(right)}")
        return replace(both, sql=f"{left.sql} {word} {_grouped(right)} ON {condition}")

    def _equal(self, left: ColumnRef, right: ColumnRef) -> str:
        """What `left = right` means."""
        first, second = exp.column("left"), exp.column("right")
        known = {id(first): typed_column(left), id(second): typed_column(right)}
        scope = replace(self._scope, replacement=lambda node, _: known.get(id(node)))
        node = exp.EQ()
        node.args.update(this=first, expression=second)
        return as_condition(translate_expression(node, scope))


def _grouped(right: Relation) -> str:
    return f"({right.sql})" if " JOIN " in right.sql and len(right.sources) > 1 else right.sql


def _without_joins(node: exp.Table) -> exp.Table:
    bare = node.copy()
    bare.set("joins", None)
    return bare


def _bare_values(node: exp.Expression) -> exp.Expression:
    bare = node.copy()
    bare.set("alias", None)
    return bare


def _is_query(node: exp.Subquery) -> bool:
    return isinstance(node.this, exp.Select | exp.SetOperation | exp.Values)


def is_dual(node: exp.Expression) -> bool:
    """FROM DUAL: no table at all."""
    if not isinstance(node, exp.Table) or node.db or node.args.get("alias"):
        return False
    name = node.this
    return isinstance(name, exp.Identifier) and not name.quoted and name.name.upper() == "DUAL"


def _is_comma(join: exp.Join) -> bool:
    known = ("side", "kind", "method", "on", "using")
    return join.comments != [EXPLICIT_JOIN] and not any(join.args.get(one) for one in known)


def _check_hints(node: exp.Table, table: Table) -> None:
    """Index hints change no result, but the index must be there."""
    known = {key.name.lower() for key in table.keys}
    for hint in node.args.get("hints") or []:
        if not isinstance(hint, exp.IndexTableHint):
            raise not_supported("A table hint")
        for name in hint.expressions:
            if name.name.lower() not in known:
                raise MySqlError(
                    MyError.ER_KEY_DOES_NOT_EXITS,
                    f"Key '{name.name}' doesn't exist in table '{node.name}'",
                )


def _check_names(sources: tuple[Source, ...]) -> None:
    seen: set[tuple[str | None, str]] = set()
    for source in sources:
        name = source.database, source.alias
        if name in seen:
            raise MySqlError(MyError.ER_NONUNIQ_TABLE, f"Not unique table/alias: '{source.alias}'")
        seen.add(name)


def query_source(outputs: tuple[Output, ...], alias: str, pg_alias: str) -> Source:
    """A derived table or a common table expression as a source.

    Raises:
        MySqlError: ER_DUP_FIELDNAME.
    """
    columns: dict[str, ColumnRef] = {}
    for index, output in enumerate(outputs):
        name = output.name.lower()
        if name in columns:
            raise MySqlError(MyError.ER_DUP_FIELDNAME, f"Duplicate column name '{output.name}'")
        definition = OutputColumn(
            output.name, output.type, table=alias, nullable=output.typed.nullable
        )
        columns[name] = ColumnRef(
            f"{pg_alias}.{column_name(index)}", output.type, output.typed.nullable, definition
        )
    return Source(alias, columns)


def visible(source: Source) -> tuple[tuple[str, ColumnRef], ...]:
    """The columns that `*` gives."""
    return tuple((name, ref) for name, ref in source.columns.items() if name[:1] != HIDDEN)


def renamed(outputs: tuple[Output, ...], names: list[exp.Expression] | None) -> tuple[Output, ...]:
    """The columns with the names that a list after the alias gives them.

    Raises:
        MySqlError: ER_VIEW_WRONG_LIST.
    """
    if not names:
        return outputs
    if len(names) != len(outputs):
        raise MySqlError(
            MyError.ER_VIEW_WRONG_LIST,
            "In definition of view, derived table or common table expression, SELECT list and "
            "column names list have different column counts",
        )
    return tuple(
        replace(output, name=node.name) for output, node in zip(outputs, names, strict=True)
    )


def typed_column(ref: ColumnRef) -> Typed:
    """A column as an expression."""
    return Typed(ref.sql, ref.type, nullable=ref.nullable, is_column=True)


def _crossed(left: Relation, right: Relation) -> Relation:
    if not left.sources:
        return right
    return Relation(
        f"{left.sql} CROSS JOIN {_grouped(right)}",
        left.sources + right.sources,
        left.star + right.star,
        {**_unshared(left, right), **_unshared(right, left)},
        left.base_tables + right.base_tables,
        left.conditions + right.conditions,
        left.outer_joins + right.outer_joins,
    )


def _unshared(side: Relation, other: Relation) -> dict[str, ColumnRef]:
    """The merged columns whose name the other side does not have too."""
    return {
        name: ref
        for name, ref in side.merged.items()
        if not any(name in source.columns for source in other.sources)
    }


def _optional(side: Relation) -> Relation:
    def ref(one: ColumnRef) -> ColumnRef:
        output = replace(one.output, nullable=True) if one.output else None
        return replace(one, nullable=True, output=output)

    return replace(
        side,
        sources=tuple(
            replace(source, columns={name: ref(one) for name, one in source.columns.items()})
            for source in side.sources
        ),
        star=tuple((name, ref(one)) for name, one in side.star),
        merged={name: ref(one) for name, one in side.merged.items()},
        base_tables=tuple(replace(one, is_optional=True) for one in side.base_tables),
    )


def _common(left: Relation, right: Relation, join: exp.Join) -> list[str]:
    using = join.args.get("using")
    if using:
        return [one.name.lower() for one in using]
    if join.args.get("method") != "NATURAL":
        return []
    names = {name for name, _ in right.star}
    return [name for name, _ in left.star if name in names]


def _found(side: Relation, name: str) -> ColumnRef:
    if name in side.merged:
        return side.merged[name]
    found = [source.columns[name] for source in side.sources if name in source.columns]
    if not found:
        raise MySqlError(MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{name}' in 'from clause'")
    if len(found) > 1:
        raise MySqlError(MyError.ER_NON_UNIQ_ERROR, f"Column '{name}' in from clause is ambiguous")
    return found[0]


def _combined(left: Relation, right: Relation, common: list[str], side: str | None) -> Relation:
    both = _crossed(left, right)
    # A RIGHT JOIN is a LEFT JOIN of the sides in the other order.
    first, second = (right, left) if side == "RIGHT" else (left, right)
    merged = {**both.merged, **{name: _found(first, name) for name in common}}
    shared = set(common)
    star = [(name, merged[name]) for name, _ in first.star if name in shared]
    star += [one for one in first.star if one[0] not in shared]
    star += [one for one in second.star if one[0] not in shared]
    return replace(both, merged=merged, star=tuple(star) if common else both.star)


def _remembered(
    both: Relation, on: exp.Expression, side: str | None, left: Relation, right: Relation
) -> Relation:
    if side is None:
        return replace(both, conditions=(*both.conditions, on))
    optional = left if side == "RIGHT" else right
    columns = frozenset(ref.sql for source in optional.sources for ref in source.columns.values())
    return replace(both, outer_joins=(*both.outer_joins, OuterJoin(on, columns)))
