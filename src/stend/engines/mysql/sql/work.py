"""What the parts of one statement's translation share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.sql.typed import Coercibility, Typed
from stend.engines.mysql.tables.model import Catalog, TableName
from stend.engines.mysql.tables.types import SqlType

# Before the names of columns that the statement does not know of.
HIDDEN = "\0"


@dataclass(frozen=True, slots=True)
class Output:
    """One column of a query's rows, which PostgreSQL names by its place.

    Attributes:
        name: as MySQL names it.
        typed: what it is; its `sql` is of the query itself.
        definition: what its column definition tells.
    """

    name: str
    typed: Typed
    definition: OutputColumn

    @property
    def type(self) -> SqlType:
        return self.typed.type


@dataclass(frozen=True, slots=True)
class Selected:
    """A query for PostgreSQL, without parentheses; its columns are c0, c1, …"""

    sql: str
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Cte:
    """
    Attributes:
        pg_name: in quotes.
    """

    pg_name: str
    outputs: tuple[Output, ...]


@dataclass(slots=True)
class Work:
    """Of one statement: what is collected while it is translated.

    Attributes:
        root: the query whose rows come out in the order that it gives them.
    """

    catalog: Catalog
    facts: Facts
    text: str = ""
    parameters: tuple[Value, ...] = ()
    reads: set[TableName] = field(default_factory=set)
    is_locking: bool = False
    root: exp.Expression | None = None
    _aliases: int = 0

    def alias(self) -> str:
        """A name for a table in PostgreSQL, in quotes: short, and no other's."""
        self._aliases += 1
        return f'"t{self._aliases}"'


@dataclass(frozen=True, slots=True)
class Env:
    """Where a query stands.

    Attributes:
        ctes: that it may name, by their names.
        views: that are being read, the outermost first.
        forbidden: tables that the statement changes, which no subquery may read.
    """

    work: Work
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    views: tuple[TableName, ...] = ()
    forbidden: frozenset[TableName] = frozenset()

    @property
    def facts(self) -> Facts:
        return self.work.facts


def column_name(index: int) -> str:
    """The name of a query's column in PostgreSQL."""
    return f"c{index}"


def understood(node: exp.Expression, *allowed: str) -> None:
    """
    Args:
        allowed: the arguments of the node that the caller handles.

    Raises:
        MySqlError: the node has another one.
    """
    for key, value in node.args.items():
        if key not in allowed and (value or isinstance(value, exp.Expression)):
            raise not_supported(f"{key.strip('_').upper()} in {node.key.upper()}")


def column_output(name: str, typed: Typed) -> Output:
    """A column that is an expression."""
    return Output(name, typed, OutputColumn(name, typed.type, nullable=typed.nullable))


def from_outside(sql: str, output: Output) -> Typed:
    """A query's column as the query around it sees it."""
    coercibility = output.typed.coercibility
    if coercibility in (Coercibility.LITERAL, Coercibility.EXPLICIT):
        coercibility = Coercibility.IMPLICIT
    return Typed(
        sql,
        output.type,
        nullable=output.typed.nullable,
        is_column=True,
        coercibility=coercibility,
    )


def once(names: list[str], error: MyError, message: Callable[[str], str]) -> None:
    """
    Raises:
        MySqlError: `error`: a name is there twice.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise MySqlError(error, message(name))
        seen.add(name)
