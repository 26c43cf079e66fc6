"""SELECT: a query becomes one of PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.ctes import with_ctes
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.grouping import Grouping, grouping_of, has_aggregate
from stend.engines.mysql.sql.items import Items
from stend.engines.mysql.sql.joins import Joiner, Relation
from stend.engines.mysql.sql.locking import locks
from stend.engines.mysql.sql.ordering import limited, order_by, order_of_storage, output_named
from stend.engines.mysql.sql.parameters import placeholder_of
from stend.engines.mysql.sql.scope import Query, Scope
from stend.engines.mysql.sql.typed import Typed, as_condition
from stend.engines.mysql.sql.unions import set_operation, values_query
from stend.engines.mysql.sql.windows import named_windows
from stend.engines.mysql.sql.work import Env, Output, Selected, column_name, understood
from stend.engines.mysql.sql.wrapping import around, first_of_each, listed

_SELECT_ARGS = (
    "distinct",
    "expressions",
    "limit",
    "operation_modifiers",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "order",
    "offset",
    "windows",
    "locks",
    "with_",
)
# They say how MySQL is to find the same rows.
_HARMLESS = frozenset(
    {
        "HIGH_PRIORITY",
        "STRAIGHT_JOIN",
        "SQL_SMALL_RESULT",
        "SQL_BIG_RESULT",
        "SQL_BUFFER_RESULT",
        "SQL_NO_CACHE",
    }
)


def select_query(node: exp.Expression, env: Env, outer: Scope | None) -> Selected:
    """Any query: SELECT, UNION, VALUES, one in parentheses.

    Args:
        outer: what a subquery sees of the query around it.

    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    with_ = node.args.get("with_")
    if with_ is None:
        return _bare(node, env, outer)
    inner, prefix = with_ctes(with_, env, outer, select_query)
    selected = _bare(node, inner, outer)
    return replace(selected, sql=f"{prefix}{selected.sql}")


def _bare(node: exp.Expression, env: Env, outer: Scope | None) -> Selected:
    if isinstance(node, exp.Select):
        return _Selecting(node, env, outer).run()
    if isinstance(node, exp.SetOperation):
        return set_operation(node, env, outer, select_query)
    if isinstance(node, exp.Values):
        return values_query(node, env, base_scope(env, outer))
    if isinstance(node, exp.Subquery):
        return _in_parentheses(node, env, outer)
    raise not_supported(f"{node.key.upper()} as a query")


def _in_parentheses(node: exp.Subquery, env: Env, outer: Scope | None) -> Selected:
    understood(node, "this", "order", "limit", "offset", "with_")
    return around(select_query(node.this, env, outer), node, env)


def base_scope(env: Env, outer: Scope | None) -> Scope:
    """A scope without sources."""

    def subquery(node: exp.Expression, scope: Scope) -> Query:
        query = node
        while isinstance(query, exp.Subquery) and not query.args.get("alias"):
            if any(query.args.get(one) for one in ("order", "limit", "offset", "with_")):
                break
            query = query.this
        selected = select_query(query, env, scope)
        return Query(selected.sql, tuple(output.typed for output in selected.outputs))

    return Scope(env.facts, outer=outer, subquery=subquery, placeholder=placeholder_of(env.work))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a SELECT has before its rows are ordered.

    Attributes:
        scope: of the items of SELECT and of ORDER BY, as if there were no groups.
    """

    outputs: tuple[Output, ...]
    tail: str
    scope: Scope
    relation: Relation
    grouping: Grouping | None


class _Selecting:
    def __init__(self, node: exp.Select, env: Env, outer: Scope | None) -> None:
        self._node = node
        self._env = env
        self._base = base_scope(env, outer)

    def run(self) -> Selected:
        self._check()
        parts = self._parts()
        if self._node.args.get("distinct") is not None:
            return self._distinct(parts)
        node, work = self._node, self._env.work
        order = order_by(
            node.args.get("order"),
            parts.outputs,
            lambda number: self._scope_of(parts, f"Expression #{number} of ORDER BY clause"),
            work,
        )
        is_plain = parts.grouping is None and node.find(exp.Window) is None
        if not order and is_plain and (node is work.root or node.args.get("limit") is not None):
            order = order_of_storage(parts.relation)
        lock = locks(node, parts.relation, work, is_plain=is_plain)
        sql = f"SELECT {listed(parts.outputs)}{parts.tail}{order}{limited(node, work)}{lock}"
        return Selected(sql, parts.outputs)

    def _check(self) -> None:
        node = self._node
        understood(node, *_SELECT_ARGS)
        for modifier in node.args.get("operation_modifiers") or []:
            if modifier.name.upper() not in _HARMLESS:
                raise not_supported(modifier.name.upper())
        distinct = node.args.get("distinct")
        if distinct is not None:
            understood(distinct)

    def _parts(self) -> _Parts:
        node = self._node
        relation = Joiner(self._env, self._base, select_query).from_clause(
            node.args.get("from_"), node.args.get("joins") or []
        )
        scope = replace(
            self._base,
            sources=relation.sources,
            merged=relation.merged,
            named_windows=named_windows(node),
        )
        where = self._where(scope)
        grouping = grouping_of(node, scope, relation, self._grouped_parts())
        parts = _Parts((), "", replace(scope, allows_windows=True), relation, grouping)
        outputs = Items(
            self._env.work,
            relation,
            lambda number: self._scope_of(parts, f"Expression #{number} of SELECT list"),
            translate_expression,
        ).outputs(node)
        from_sql = f" FROM {relation.sql}" if relation.sql else ""
        having = self._having(outputs, parts)
        if grouping is None:
            conditions = [one for one in (where, having) if one]
            tail = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        else:
            tail = f" WHERE {where}" if where else ""
            if grouping.keys:
                tail += f" GROUP BY {', '.join(key.sql for key in grouping.keys)}"
            tail += f" HAVING {having}" if having else ""
        return replace(parts, outputs=outputs, tail=from_sql + tail)

    def _where(self, scope: Scope) -> str:
        where = self._node.args.get("where")
        if where is None:
            return ""
        understood(where, "this")
        if has_aggregate(where.this):
            raise MySqlError(MyError.ER_INVALID_GROUP_FUNC_USE, "Invalid use of group function")
        return as_condition(translate_expression(where.this, replace(scope, clause="where clause")))

    def _grouped_parts(self) -> list[exp.Expression]:
        having, order = self._node.args.get("having"), self._node.args.get("order")
        parts = list(self._node.expressions)
        parts += [having.this] if having is not None else []
        return parts + (list(order.expressions) if order is not None else [])

    def _scope_of(self, parts: _Parts, place: str) -> Scope:
        grouping = parts.grouping
        return parts.scope if grouping is None else grouping.within(parts.scope, place)

    def _having(self, outputs: tuple[Output, ...], parts: _Parts) -> str:
        having = self._node.args.get("having")
        if having is None:
            return ""
        understood(having, "this")
        scope = replace(
            self._scope_of(parts, "Expression #1 of HAVING clause"),
            clause="having clause",
            allows_windows=False,
        )
        scope = replace(scope, replacement=_having_names(scope, outputs, parts))
        return as_condition(translate_expression(having.this, scope))

    def _distinct(self, parts: _Parts) -> Selected:
        """DISTINCT compares texts by their weights; what is sorted by must be selected."""
        work = self._env.work
        locks(self._node, parts.relation, work, is_plain=False)
        alias = work.alias()
        if any(output.type.is_text for output in parts.outputs):
            rows = f"SELECT {listed(parts.outputs)}{parts.tail}"
            inner = first_of_each(rows, parts.outputs, work)
        else:
            inner = f"SELECT DISTINCT {listed(parts.outputs)}{parts.tail}"
        outputs = tuple(
            replace(output, typed=replace(output.typed, sql=f"{alias}.{column_name(index)}"))
            for index, output in enumerate(parts.outputs)
        )
        order = order_by(
            self._node.args.get("order"),
            outputs,
            lambda number: self._over_distinct(parts, outputs, number),
            work,
        )
        if not order:
            return Selected(inner + limited(self._node, work), parts.outputs)
        sql = f"SELECT {listed(outputs)} FROM ({inner}) AS {alias}{order}"  # noqa: S608
        return Selected(sql + limited(self._node, work), outputs)

    def _over_distinct(self, parts: _Parts, outputs: tuple[Output, ...], number: int) -> Scope:
        inner = self._scope_of(parts, f"Expression #{number} of ORDER BY clause")

        def replaced(node: exp.Expression, _: Scope) -> Typed | None:
            if not isinstance(node, exp.Column | exp.Anonymous | exp.Window):
                return None
            if (
                isinstance(node, exp.Column)
                and inner.find(node.table or None, node.name.lower(), node.db or None) is None
            ):
                return None
            sql = translate_expression(node, inner).sql
            for before, after in zip(parts.outputs, outputs, strict=True):
                if before.typed.sql == sql:
                    return after.typed
            if not isinstance(node, exp.Column):
                return None
            raise MySqlError(
                MyError.ER_WRONG_FIELD_WITH_GROUP_V2,
                f"Expression #{number} of ORDER BY clause is not in SELECT list, references "
                f"column '{node.sql('mysql')}' which is not in SELECT list; this is incompatible "
                "with DISTINCT",
            )

        return replace(inner, replacement=replaced)


def _having_names(
    scope: Scope, outputs: tuple[Output, ...], parts: _Parts
) -> Callable[[exp.Expression, Scope], Typed | None]:
    """A name in HAVING is a key of GROUP BY, else an item of SELECT, else of a query around."""
    before = scope.replacement
    names = {
        key.node.name.lower()
        for key in (parts.grouping.keys if parts.grouping is not None else ())
        if isinstance(key.node, exp.Column)
    }

    def replaced(node: exp.Expression, inner: Scope) -> Typed | None:
        found = before(node, inner) if before is not None else None
        if found is not None or not isinstance(node, exp.Column):
            return found
        name = node.name.lower()
        if name in names:
            return None
        output = None
        if not node.table:
            output = output_named(node.name, outputs, "having clause")
        elif inner.find(node.table, name, node.db or None) is not None:
            ref = inner.find(node.table, name, node.db or None)
            output = next((o for o in outputs if ref and o.typed.sql == ref.sql), None)
        if output is not None:
            return output.typed
        if inner.find(node.table or None, name, node.db or None) is not None:
            raise MySqlError(
                MyError.ER_BAD_FIELD_ERROR,
                f"Unknown column '{node.sql('mysql')}' in 'having clause'",
            )
        return None

    return replaced
