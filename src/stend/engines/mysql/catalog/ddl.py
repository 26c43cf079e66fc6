"""Statements that define databases, tables, views and keys: what PostgreSQL is to do for them."""

from collections.abc import Callable
from dataclasses import replace

from stend.engines.mysql.catalog import storing
from stend.engines.mysql.catalog.plans.databases import (
    alter_database,
    create_database,
    drop_database,
)
from stend.engines.mysql.catalog.plans.dropping import drop_tables, drop_views, truncate
from stend.engines.mysql.catalog.plans.plan import DdlPlan, Note
from stend.engines.mysql.catalog.plans.tables import (
    alter_table,
    create_index,
    create_table,
    drop_index,
    full_name,
    read_names,
    rename_tables,
)
from stend.engines.mysql.catalog.plans.views import create_view
from stend.engines.mysql.catalog.syntax.tables import read_name
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.tables.model import Catalog

__all__ = ["DdlPlan", "Note", "is_ddl", "plan"]

# What MySQL can define and this server cannot.
_REFUSED = (
    "EVENT",
    "FULLTEXT",
    "FUNCTION",
    "LOGFILE",
    "PROCEDURE",
    "RESOURCE",
    "ROLE",
    "SERVER",
    "SPATIAL",
    "TABLESPACE",
    "TEMPORARY",
    "TRIGGER",
    "UNDO",
    "USER",
)


def is_ddl(word: str) -> bool:
    """Whether a statement is one of those that `plan` plans, by its first word in upper case."""
    return word in _READERS


def plan(source: Source, catalog: Catalog, facts: Facts) -> DdlPlan:
    """
    Args:
        source: sqlglot keeps too little of DDL, so it is parsed here.
        catalog: as it is now; the caller lets no other DDL in until this one is done.

    Raises:
        MySqlError: as MySQL raises it before anything is done. What PostgreSQL refuses while it
            runs the statements (rows that do not fit) goes through `backend.pg_errors`.
    """
    tokens = Tokens(source)
    word = tokens.next().upper
    done = _READERS[word](tokens, catalog, facts)
    kept = storing.changes(catalog, done.catalog_after)
    return replace(done, statements=(*done.statements, *kept))


def _create(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    if tokens.accept_any("DATABASE", "SCHEMA"):
        return create_database(tokens, catalog)
    if tokens.accept("TABLE"):
        return create_table(tokens, catalog, facts)
    if tokens.accept("UNIQUE"):
        tokens.expect("INDEX")
        return create_index(tokens, catalog, facts, is_unique=True)
    if tokens.accept("INDEX"):
        return create_index(tokens, catalog, facts, is_unique=False)
    _refuse(tokens, "CREATE")
    may_replace = tokens.accept("OR", "REPLACE")
    _read_view_manner(tokens)
    tokens.expect("VIEW")
    return create_view(tokens, catalog, facts, may_replace=may_replace)


def _read_view_manner(tokens: Tokens) -> None:
    if tokens.accept("ALGORITHM"):
        tokens.expect_symbol("=")
        if tokens.expect_any("UNDEFINED", "MERGE", "TEMPTABLE") == "TEMPTABLE":
            raise not_supported("ALGORITHM=TEMPTABLE")
    if tokens.is_word("DEFINER"):
        raise not_supported("DEFINER")
    if tokens.accept("SQL", "SECURITY"):
        # Every user may do everything, so both mean the same.
        tokens.expect_any("DEFINER", "INVOKER")


def _refuse(tokens: Tokens, what: str) -> None:
    for word in _REFUSED:
        if tokens.is_word(word):
            raise not_supported(f"{what} {word}")


def _alter(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    if tokens.accept_any("DATABASE", "SCHEMA"):
        return alter_database(tokens, catalog, facts.database)
    if tokens.accept("TABLE"):
        return alter_table(tokens, catalog, facts)
    _refuse(tokens, "ALTER")
    if any(tokens.is_word(word) for word in ("VIEW", "ALGORITHM", "DEFINER", "SQL")):
        raise not_supported("ALTER VIEW (CREATE OR REPLACE VIEW is)")
    raise tokens.fail()


def _drop(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    if tokens.accept_any("DATABASE", "SCHEMA"):
        return drop_database(tokens, catalog)
    if tokens.accept("INDEX"):
        return drop_index(tokens, catalog, facts)
    _refuse(tokens, "DROP")
    drop = drop_tables if tokens.expect_any("TABLE", "TABLES", "VIEW") != "VIEW" else drop_views
    may_lack = tokens.accept("IF", "EXISTS")
    return drop(read_names(tokens, catalog, facts), catalog, may_lack=may_lack)


def _truncate(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    tokens.accept("TABLE")
    name = full_name(read_name(tokens), catalog, facts.database)
    tokens.expect_end()
    return truncate(name, catalog)


def _rename(tokens: Tokens, catalog: Catalog, facts: Facts) -> DdlPlan:
    if tokens.is_word("USER"):
        raise not_supported("RENAME USER")
    tokens.expect_any("TABLE", "TABLES")
    return rename_tables(tokens, catalog, facts)


_READERS: dict[str, Callable[[Tokens, Catalog, Facts], DdlPlan]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "TRUNCATE": _truncate,
    "RENAME": _rename,
}
