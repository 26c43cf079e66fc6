"""CREATE DATABASE and DROP DATABASE."""

from stend.engines.mysql.catalog.plans.dropping import referrer_outside
from stend.engines.mysql.catalog.plans.plan import DdlPlan, Note
from stend.engines.mysql.catalog.syntax.charsets import DEFAULT_COLLATION
from stend.engines.mysql.catalog.syntax.tables import is_charset_next, read_table_charset
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.model import Catalog
from stend.engines.mysql.tables.naming import (
    INFORMATION_SCHEMA,
    check_name,
    quoted,
    schema_of,
)

# Databases of a real server that this one has not.
_SYSTEM = frozenset({"mysql", "performance_schema", "sys"})


def check_not_system(database: str) -> None:
    """
    Raises:
        MySqlError: nothing may be made or changed in such a database.
    """
    if database.lower() in {INFORMATION_SCHEMA, *_SYSTEM}:
        raise MySqlError(
            MyError.ER_DBACCESS_DENIED_ERROR,
            f"Access denied for user 'root'@'%' to database '{database}'",
        )


def create_database(tokens: Tokens, catalog: Catalog) -> DdlPlan:
    """From the name on, or IF NOT EXISTS."""
    may_exist = tokens.accept("IF", "NOT", "EXISTS")
    name = tokens.name()
    _read_options(tokens)
    check_not_system(name)
    check_name(name, "database", len(schema_of("")))
    if name in catalog.databases:
        message = f"Can't create database '{name}'; database exists"
        if not may_exist:
            raise MySqlError(MyError.ER_DB_CREATE_EXISTS, message)
        note = Note("Note", MyError.ER_DB_CREATE_EXISTS.number, message)
        return DdlPlan((), catalog, affected=1, notes=(note,))
    statement = f"CREATE SCHEMA {quoted(schema_of(name))}"
    return DdlPlan((statement,), catalog.with_database(name), affected=1)


def _read_options(tokens: Tokens) -> None:
    while not tokens.at_end:
        if is_charset_next(tokens):
            if read_table_charset(tokens) != DEFAULT_COLLATION:
                raise not_supported("A database with another collation than utf8mb4_general_ci")
        else:
            tokens.accept("DEFAULT")
            tokens.expect("ENCRYPTION")
            tokens.accept_symbol("=")
            if tokens.string().upper() != "N":
                raise not_supported("ENCRYPTION")


def alter_database(tokens: Tokens, catalog: Catalog, default: str | None) -> DdlPlan:
    """The one collation that a database may have changes nothing."""
    is_named = tokens.is_name and not is_charset_next(tokens)
    name = tokens.name() if is_named else default
    if name is None:
        raise MySqlError(MyError.ER_NO_DB_ERROR, "No database selected")
    _read_options(tokens)
    check_not_system(name)
    if name not in catalog.databases:
        raise MySqlError(MyError.ER_BAD_DB_ERROR, f"Unknown database '{name}'")
    return DdlPlan((), catalog, affected=1)


def drop_database(tokens: Tokens, catalog: Catalog) -> DdlPlan:
    """From the name on, or IF EXISTS."""
    may_lack = tokens.accept("IF", "EXISTS")
    name = tokens.name()
    tokens.expect_end()
    check_not_system(name)
    if name not in catalog.databases:
        message = f"Can't drop database '{name}'; database doesn't exist"
        if not may_lack:
            raise MySqlError(MyError.ER_DB_DROP_EXISTS, message)
        note = Note("Note", MyError.ER_DB_DROP_EXISTS.number, message)
        return DdlPlan((), catalog, notes=(note,))
    tables = catalog.databases[name]
    error = referrer_outside(catalog, [one.name for one in tables.values()])
    if error is not None:
        raise error
    return DdlPlan(
        (f"DROP SCHEMA {quoted(schema_of(name))} CASCADE",),
        catalog.without_database(name),
        affected=len(tables),
        dropped_database=name,
    )
