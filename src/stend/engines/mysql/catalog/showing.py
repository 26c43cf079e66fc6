"""SHOW and DESCRIBE, as SELECTs that PostgreSQL answers: so LIKE and WHERE mean what they mean."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from stend.engines.mysql.catalog.shown import server, tables
from stend.engines.mysql.catalog.shown.server import Process, Surroundings
from stend.engines.mysql.catalog.shown.table import Shown, read_filter, selected
from stend.engines.mysql.catalog.syntax.tokens import TokenKind, Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.sql.translated import Translated
from stend.engines.mysql.tables.model import Catalog, Table
from stend.engines.mysql.variables import Variables

__all__ = ["Process", "Surroundings", "is_show", "show"]

_DESCRIBE = ("DESCRIBE", "DESC", "EXPLAIN")
# What stands behind them is a query, or how its plan is to be told.
_EXPLAINED = frozenset(
    {
        *("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "TABLE", "VALUES"),
        *("FORMAT", "ANALYZE", "EXTENDED", "PARTITIONS", "FOR", "INTO"),
    }
)


_WITH_FULL = {("TABLES",), ("COLUMNS",), ("FIELDS",), ("PROCESSLIST",)}
_WITH_SCOPE = {("VARIABLES",), ("STATUS",)}


def is_show(source: Source) -> bool:
    """Whether `show` answers a statement: SHOW, or DESCRIBE, DESC and EXPLAIN of a table."""
    tokens = Tokens(source)
    if tokens.is_word("SHOW"):
        return True
    if not any(tokens.is_word(word) for word in _DESCRIBE):
        return False
    following = tokens.ahead(1)
    if following.kind is TokenKind.QUOTED:
        return True
    return following.kind is TokenKind.WORD and following.upper not in _EXPLAINED


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everything that an answer may need."""

    tokens: Tokens
    catalog: Catalog
    facts: Facts
    variables: Variables
    around: Surroundings
    is_full: bool = False
    is_global: bool = False

    def table(self) -> Table:
        """`FROM table`."""
        self.tokens.expect_any("FROM", "IN")
        return tables.read_table(self.tokens, self.catalog, self.facts.database)

    def named_table(self) -> Table:
        return tables.read_table(self.tokens, self.catalog, self.facts.database)

    def database(self) -> str:
        return tables.read_database(self.tokens, self.catalog, self.facts.database)


def show(
    source: Source, catalog: Catalog, facts: Facts, variables: Variables, around: Surroundings
) -> Translated:
    """
    Args:
        source: of one statement.

    Returns:
        A SELECT; `reads` is empty.

    Raises:
        MySqlError: as MySQL raises it.
    """
    tokens = Tokens(source)
    asked = _Asked(tokens, catalog, facts, variables, around)
    if tokens.accept_any(*_DESCRIBE):
        shown, condition = _describe(asked)
    else:
        tokens.expect("SHOW")
        shown = _shown(asked)
        condition = read_filter(tokens, shown)
    return selected(shown, condition, facts)


def _describe(asked: _Asked) -> tuple[Shown, str | None]:
    tokens = asked.tokens
    table = tables.read_table(tokens, asked.catalog, asked.facts.database)
    condition = None
    if tokens.is_string:
        condition = f"`Field` LIKE {tokens.next().text}"
    elif not tokens.at_end:
        name = tokens.name().replace("\\", "\\\\").replace("'", "''")
        condition = f"`Field` = '{name}'"
    tokens.expect_end()
    return tables.columns(table, is_full=False), condition


def _shown(asked: _Asked) -> Shown:
    tokens = asked.tokens
    if tokens.is_word("EXTENDED"):
        raise not_supported("SHOW EXTENDED")
    is_full = tokens.accept("FULL")
    scope = tokens.accept_any("GLOBAL", "SESSION", "LOCAL")
    asked = replace(asked, is_full=is_full, is_global=scope == "GLOBAL")
    for words, answer in _ANSWERS.items():
        if tokens.is_word(*words):
            if (is_full and words not in _WITH_FULL) or (scope and words not in _WITH_SCOPE):
                raise tokens.fail()
            tokens.accept(*words)
            return answer(asked)
    if tokens.at_end:
        raise tokens.fail()
    if tokens.accept("COUNT"):
        return _count(asked)
    raise not_supported(f"SHOW {tokens.peek.upper}")


def _count(asked: _Asked) -> Shown:
    for symbol in "(*)":
        asked.tokens.expect_symbol(symbol)
    word = asked.tokens.expect_any("WARNINGS", "ERRORS")
    return server.counted(asked.around, errors_only=word == "ERRORS")


def _create_database(asked: _Asked) -> Shown:
    may_lack = asked.tokens.accept("IF", "NOT", "EXISTS")
    name = asked.tokens.name()
    if name not in asked.catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{name}'")
    return tables.create_database(name, may_lack=may_lack)


def _list_tables(asked: _Asked) -> Shown:
    catalog, default = asked.catalog, asked.facts.database
    return tables.tables(asked.tokens, catalog, default, is_full=asked.is_full)


_ANSWERS: dict[tuple[str, ...], Callable[[_Asked], Shown]] = {
    ("DATABASES",): lambda asked: tables.databases(asked.tokens, asked.catalog),
    ("SCHEMAS",): lambda asked: tables.databases(asked.tokens, asked.catalog),
    ("TABLES",): _list_tables,
    ("TABLE", "STATUS"): lambda asked: tables.table_status(asked.database(), asked.catalog),
    ("COLUMNS",): lambda asked: tables.columns(asked.table(), is_full=asked.is_full),
    ("FIELDS",): lambda asked: tables.columns(asked.table(), is_full=asked.is_full),
    ("INDEX",): lambda asked: tables.indexes(asked.table()),
    ("INDEXES",): lambda asked: tables.indexes(asked.table()),
    ("KEYS",): lambda asked: tables.indexes(asked.table()),
    ("CREATE", "TABLE"): lambda asked: tables.create_table(asked.named_table()),
    ("CREATE", "VIEW"): lambda asked: tables.create_view(asked.named_table()),
    ("CREATE", "DATABASE"): _create_database,
    ("CREATE", "SCHEMA"): _create_database,
    ("VARIABLES",): lambda asked: server.variables(asked.variables, is_global=asked.is_global),
    ("STATUS",): lambda asked: server.status(asked.around),
    ("ENGINES",): lambda _asked: server.engines(),
    ("STORAGE", "ENGINES"): lambda _asked: server.engines(),
    ("CHARACTER", "SET"): lambda _asked: server.charsets(),
    ("CHARSET",): lambda _asked: server.charsets(),
    ("COLLATION",): lambda _asked: server.collations(),
    ("WARNINGS",): lambda asked: server.warnings(asked.tokens, asked.around, errors_only=False),
    ("ERRORS",): lambda asked: server.warnings(asked.tokens, asked.around, errors_only=True),
    ("PROCESSLIST",): lambda asked: server.processes(asked.around, is_full=asked.is_full),
    ("GRANTS",): lambda asked: server.grants(asked.tokens, asked.facts.user),
}
