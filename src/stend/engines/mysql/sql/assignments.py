"""SET column = expression, …: from left to right, each seeing those before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.expressions.translating import translate_expression
from stend.engines.mysql.sql.lexing import syntax_error
from stend.engines.mysql.sql.scope import ColumnRef, Scope
from stend.engines.mysql.sql.targets import (
    Target,
    cast,
    column_of,
    default_sql,
    generated_refusal,
    is_default,
    now_sql,
)
from stend.engines.mysql.sql.typed import pg_type, quoted_text
from stend.engines.mysql.sql.work import Work
from stend.engines.mysql.tables.model import Column, TableName
from stend.engines.mysql.tables.naming import counter, quoted

# Asked twice, they would give two values.
_VOLATILE = frozenset(f"{MARK}{name}".upper() for name in ("RAND", "UUID", "UUID_SHORT", "SLEEP"))
_LAST_INSERT_ID = f"{MARK}LAST_INSERT_ID".upper()


@dataclass(frozen=True, slots=True)
class Assignments:
    """
    Attributes:
        values: what is kept, by column; of the type of the column in PostgreSQL.
        tells_id: `id = LAST_INSERT_ID(id)` was among them, for the AUTO_INCREMENT column.
    """

    target: Target
    values: dict[str, str]
    tells_id: bool = False

    @property
    def columns(self) -> list[Column]:
        return [column_of(self.target.table, name) for name in self.values]

    def sql(self, work: Work) -> str:
        """`SET` of PostgreSQL, with what ON UPDATE CURRENT_TIMESTAMP adds."""
        parts = [f"{quoted(name)} = {value}" for name, value in self.values.items()]
        differs = " OR ".join(
            f"{self.target.sql(column)} IS DISTINCT FROM {self.values[column.pg_name]}"
            for column in self.columns
        )
        return self._with_moments(parts, differs, work)

    def _with_moments(self, parts: list[str], differs: str, work: Work) -> str:
        parts += [
            f"{quoted(column.pg_name)} = CASE WHEN {differs} THEN {now_sql(column, work)} "
            f"ELSE {self.target.sql(column)} END"
            for column in self.target.table.columns
            if column.on_update_now and column.pg_name not in self.values and differs
        ]
        if not parts:
            # Nothing but LAST_INSERT_ID(id): some column stays what it is.
            name = self.target.table.columns[0]
            parts.append(f"{quoted(name.pg_name)} = {self.target.sql(name)}")
        return ", ".join(parts)


class Assigner:
    """
    Args:
        targets: tables whose columns may be set.
        scope: in which the expressions are read.
    """

    def __init__(self, targets: Sequence[Target], scope: Scope, work: Work) -> None:
        self._targets = targets
        self._scope = scope
        self._work = work
        self._values: dict[str, dict[str, str]] = {one.pg_alias: {} for one in targets}
        self._volatile: set[str] = set()
        self._tells_id = False

    def run(self, nodes: Sequence[exp.Expression]) -> list[Assignments]:
        """
        Returns:
            Of each target, in their order.

        Raises:
            MySqlError: a column is unknown, a value does not fit.
        """
        for node in nodes:
            self._assign(self._left(node), node.args["expression"])
        return [
            Assignments(target, self._values[target.pg_alias], self._tells_id)
            for target in self._targets
        ]

    def tables(self, nodes: Sequence[exp.Expression]) -> frozenset[TableName]:
        """The tables whose columns are set.

        Raises:
            MySqlError: a column is unknown; one table is set under two names.
        """
        if not nodes:
            raise syntax_error(self._work.text, len(self._work.text))
        targets = {
            target.pg_alias: target for target, _ in map(self._place, map(self._left, nodes))
        }
        names = [target.table.name for target in targets.values()]
        if len(set(names)) < len(names):
            raise not_supported("UPDATE of one table under two names")
        return frozenset(names)

    def _left(self, node: exp.Expression) -> exp.Column:
        left = node.args.get("this")
        if not isinstance(node, exp.EQ) or not isinstance(left, exp.Column):
            raise syntax_error(self._work.text, len(self._work.text))
        return left

    def _assign(self, left: exp.Column, right: exp.Expression) -> None:
        target, column = self._place(left)
        values = self._values[target.pg_alias]
        if column.generated_sql is not None:
            if is_default(right):
                return
            raise generated_refusal(column, target.table)
        if is_default(right):
            value = default_sql(column, self._work)
        elif self._tells(right, column):
            self._tells_id = True
            return
        else:
            value = self._value(right, column, target)
        values.pop(column.pg_name, None)
        values[column.pg_name] = value
        self._see(target, column, value)

    def _value(self, right: exp.Expression, column: Column, target: Target) -> str:
        own = target.sql(column)
        if self._volatile and any(
            one.name.lower() in self._volatile for one in right.find_all(exp.Column)
        ):
            raise not_supported("A column that was set to a value by chance in the same SET")
        if any(str(one.this).upper() in _VOLATILE for one in right.find_all(exp.Anonymous)):
            self._volatile.add(column.pg_name)
        typed = translate_expression(right, self._scope)
        is_same = typed.is_column and typed.sql == own
        sql = assigned(typed, column, self._work.facts, is_same_column=is_same)
        if typed.constant is not None and "my." in sql:
            # PostgreSQL looks at constants before it has found a row: none may be wrong then.
            late = f"my.late(({typed.sql})::{pg_type(typed.type)})"
            sql = assigned(replace(typed, sql=late), column, self._work.facts)
        if column.auto_increment and not is_same:
            name = quoted_text(counter(target.table.name))
            sql = f"my.kept_ahead({name}, ({sql})::numeric)"
        return cast(sql, column)

    def _tells(self, right: exp.Expression, column: Column) -> bool:
        """LAST_INSERT_ID(id), where id is the very AUTO_INCREMENT column that is set."""
        if not isinstance(right, exp.Anonymous) or str(right.this).upper() != _LAST_INSERT_ID:
            return False
        if len(right.expressions) != 1 or not column.auto_increment:
            return False
        inner = right.expressions[0]
        return isinstance(inner, exp.Column) and inner.name.lower() == column.pg_name

    def _place(self, left: exp.Column) -> tuple[Target, Column]:
        found: list[tuple[Target, Column]] = []
        for target in self._targets:
            if left.table and left.table != target.alias:
                continue
            if left.db and left.db != target.table.name.database:
                continue
            column = target.table.column(left.name)
            if column is not None:
                found.append((target, column))
        full = f"{left.table}.{left.name}" if left.table else left.name
        if len(found) > 1:
            raise MySqlError(
                MyError.ER_NON_UNIQ_ERROR, f"Column '{full}' in field list is ambiguous"
            )
        if not found:
            raise MySqlError(MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{full}' in 'field list'")
        return found[0]

    def _see(self, target: Target, column: Column, value: str) -> None:
        """From now on the column is what it was set to."""
        own = target.sql(column)

        def _changed(columns: Mapping[str, ColumnRef]) -> dict[str, ColumnRef]:
            return {
                name: replace(ref, sql=value, output=None) if ref.sql == own else ref
                for name, ref in columns.items()
            }

        self._scope = replace(
            self._scope,
            sources=tuple(
                replace(source, columns=_changed(source.columns))
                if column.pg_name in source.columns
                else source
                for source in self._scope.sources
            ),
        )
