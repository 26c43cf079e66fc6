"""Which columns an expression may name, and what they are. Built by the statements' translation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.sql.typed import Typed
from stend.engines.mysql.tables.types import SqlType


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column that an expression can name.

    Attributes:
        sql: as PostgreSQL names it here, such as `"t"."name"`.
        output: what its column definition tells when it is selected as it is.
    """

    sql: str
    type: SqlType
    nullable: bool = True
    output: OutputColumn | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One table of FROM.

    Attributes:
        alias: by which it is named; upper and lower case differ.
        columns: by name in lower case, in the order of `*`.
        database: where a column may be named `database.table.column`.
    """

    alias: str
    columns: Mapping[str, ColumnRef]
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A subquery for PostgreSQL, without parentheses; the `sql` of its columns means nothing."""

    sql: str
    columns: tuple[Typed, ...]


SubqueryTranslator = Callable[[exp.Expression, "Scope"], Query]


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Attributes:
        sources: of FROM, in their order.
        outer: the scope around a subquery.
        clause: as MySQL names it in errors: `field list`, `where clause`, `on clause`,
            `order clause`, `group statement`, `having clause`.
        merged: columns of JOIN … USING and NATURAL JOIN, by name in lower case: what an
            unqualified name means before any source is asked.
        inserted: what VALUES(column) means in ON DUPLICATE KEY UPDATE, by name in lower case.
        named_windows: of WINDOW, by name in lower case.
        allows_aggregates: where SUM() and the others may stand.
        is_grouped: rows of a group are made one here, for ANY_VALUE().
        allows_windows: where functions with OVER may stand.
        subquery: translates one; gets the expression and the scope around it.
        replacement: asked for every node outside of aggregates before it is translated; what it
            gives stands for the node: keys of GROUP BY, aliases in HAVING and ORDER BY.
        seen_column: asked for every column found in `sources` or `merged` outside of aggregates,
            from subqueries too; it may give another or raise, for ONLY_FULL_GROUP_BY.
        placeholder: what stands for `?`.
    """

    facts: Facts
    sources: tuple[Source, ...] = ()
    outer: "Scope | None" = None
    clause: str = "field list"
    merged: Mapping[str, ColumnRef] = field(default_factory=dict)
    inserted: Mapping[str, ColumnRef] | None = None
    named_windows: Mapping[str, exp.Window] = field(default_factory=dict)
    allows_aggregates: bool = False
    is_grouped: bool = False
    allows_windows: bool = False
    subquery: SubqueryTranslator | None = None
    replacement: "Callable[[exp.Expression, Scope], Typed | None] | None" = None
    seen_column: "Callable[[ColumnRef], ColumnRef] | None" = None
    placeholder: Callable[[exp.Placeholder], Typed] | None = None

    def resolve(self, table: str | None, column: str, database: str | None = None) -> ColumnRef:
        """Finds a column here or in the scopes around.

        Raises:
            MySqlError: ER_BAD_FIELD_ERROR or ER_NON_UNIQ_ERROR.
        """
        scope: Scope | None = self
        while scope is not None:
            found = scope.find(table, column.lower(), database)
            if found is not None:
                return found if scope.seen_column is None else scope.seen_column(found)
            scope = scope.outer
        full = ".".join(part for part in (database, table, column) if part)
        raise MySqlError(MyError.ER_BAD_FIELD_ERROR, f"Unknown column '{full}' in '{self.clause}'")

    def find(self, table: str | None, column: str, database: str | None) -> ColumnRef | None:
        """The column among this scope's own, by its name in lower case.

        Raises:
            MySqlError: ER_NON_UNIQ_ERROR.
        """
        if table is None and column in self.merged:
            return self.merged[column]
        found = [
            source.columns[column]
            for source in self.sources
            if column in source.columns and _is_named(source, table, database)
        ]
        if len(found) > 1:
            full = f"{table}.{column}" if table else column
            raise MySqlError(
                MyError.ER_NON_UNIQ_ERROR, f"Column '{full}' in {self.clause} is ambiguous"
            )
        return found[0] if found else None

    def inside_aggregate(self) -> "Scope":
        """The scope of an aggregate's arguments: rows are seen as they are, nothing is nested."""
        return replace(
            self,
            allows_aggregates=False,
            is_grouped=False,
            allows_windows=False,
            replacement=None,
            seen_column=None,
        )

    def translated_subquery(self, node: exp.Expression) -> Query:
        """
        Raises:
            MySqlError: no subquery may stand here, or what its translation raises.
        """
        if self.subquery is None:
            raise not_supported(f"A subquery in the {self.clause}")
        return self.subquery(node, self)


def _is_named(source: Source, table: str | None, database: str | None) -> bool:
    if table is not None and source.alias != table:
        return False
    return database is None or source.database == database
